"""Posting and editing comments. Everything is a plain form; the page's script only saves a reload."""

from typing import Any

from litestar import MediaType, Request, Response, Router, get, post
from markupsafe import Markup

from portal.comments import actions, mentions, queries
from portal.comments.markup import markup, own
from portal.comments.models import Comment, CommentDraft, CommentForm, DraftForm, EditForm
from portal.comments.threads import spot_of
from portal.db import Session
from portal.files import actions as files
from portal.files.queries import of_comment, waiting
from portal.networks.models import Membership
from portal.networks.wrong import shown_in
from portal.records import queries as records
from portal.records.models import Record
from portal.web import Forbidden, Form, _, _l, fields_of, identity, page, read, redirect

AnyRequest = Request[Any, Any, Any]


@post("/records/{number:str}/comments")
async def post_comment(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """A new comment or reply; a page that asks for a fragment gets the comment alone."""
    record_id = identity(number)
    form = await read(request, CommentForm)
    if form.ok:
        with shown_in(form):
            comment = await actions.post(session, record_id, by=membership, form=form.data)
    if not form.ok:
        record = await records.get(session, membership, record_id)
        if not queries.may_comment(membership):
            raise Forbidden
        await files.describe(session, record, by=membership, form=(await read(request, DraftForm)).validated or DraftForm())
        unsent = await waiting(session, membership, record)
        return page(request, "comments/refused.html", status=422, record=record, form=form, unposted=unsent)
    untold = await mentions.untold(session, record_id, form.data.body, by=membership)
    if request.headers.get("x-fragment"):
        (html,) = markup([comment], base=f"/{membership.network.slug}")
        html = own(html) + Markup("<p data-untold>{}</p>").format(untold) if untold else own(html)
        return Response(html.encode(), status_code=201, media_type=MediaType.HTML)
    held = _("Kommentaren väntar på godkännande. Tills dess ser bara du och samordnaren den.") if comment.is_held else None
    record = await records.get(session, membership, record_id)
    return redirect(request, f"/{membership.network.slug}{record.path}#c{comment.id}", flash=held or untold or None)


@post("/records/{number:str}/draft")
async def keep_draft(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """Keep what is being written in the composer; without its script the page for adding files comes next."""
    record = await records.get(session, membership, identity(number))
    if not queries.may_comment(membership):
        raise Forbidden
    form = await read(request, DraftForm)
    if not form.ok:
        return Response(b"", status_code=422)
    await actions.keep_draft(session, record, by=membership, body=form.data.body, parent_id=form.data.parent_id or 0)
    await files.describe(session, record, by=membership, form=form.data)
    if "attach" in await fields_of(request):
        tail = f"?reply={form.data.parent_id}" if form.data.parent_id else ""
        return redirect(request, f"/{membership.network.slug}/records/{record.id}/files{tail}")
    return Response(b"", status_code=204)


@get("/comments/{number:str}")
async def show(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """To the comment in its thread: an address that holds however long the thread grows."""
    comment, record = await queries.comment(session, membership, identity(number))
    spot = await spot_of(session, comment)
    where = f"around={spot.around}" if spot.around is not None else "end=1"
    return redirect(request, f"/{membership.network.slug}{record.path}?{where}#c{comment.id}")


@get("/comments/{number:str}/edit")
async def edit_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """With what its author has begun to make of it. If it has been changed since, she is shown both when she saves."""
    comment, record = await _editable(session, membership, number)
    draft = await session.get(CommentDraft, (membership.person_id, record.id, -comment.id))
    is_older = draft is not None and comment.edited_at is not None and comment.edited_at > draft.saved_at
    form = Form.of(EditForm(body=draft.body if draft else comment.body, version=comment.version - is_older))
    return page(request, "comments/edit.html", comment=comment, record=record, form=form, draft=draft)


@post("/comments/{number:str}/draft")
async def keep_edit(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """Keep what is being made of a comment, or throw it away."""
    comment, record = await _editable(session, membership, number)
    form = await read(request, DraftForm)
    if not form.ok:
        return Response(b"", status_code=422)
    await actions.keep_edit(session, comment, record, by=membership, body=form.data.body)
    if "discard" in await fields_of(request):
        return redirect(
            request,
            f"/{membership.network.slug}/comments/{comment.id}/edit",
            flash=_("Det du hade börjat skriva är borta. Här står kommentaren som den är."),
        )
    return Response(b"", status_code=204)


@post("/comments/{number:str}")
async def edit(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    comment, record = await _editable(session, membership, number)
    form = await read(request, EditForm)
    if form.ok:
        with shown_in(form):
            await actions.edit(session, comment, record, by=membership, form=form.data)
    if not form.ok:
        return page(request, "comments/edit.html", status=form.status, comment=comment, record=record, form=form, draft=None)
    done, untold = _("Kommentaren är ändrad."), await mentions.untold(session, record.id, form.data.body, by=membership)
    flash = f"{done} {untold}".strip()
    return redirect(request, f"/{membership.network.slug}{record.path}#c{comment.id}", flash=flash)


async def _editable(session: Session, membership: Membership, number: str) -> tuple[Comment, Record]:
    comment, record = await queries.comment(session, membership, identity(number))
    actions.refuse_edit(comment, by=membership)
    return comment, record


@get("/comments/{number:str}/versions")
async def versions(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    comment, record = await queries.comment(session, membership, identity(number))
    if not queries.may_read_words(comment, membership):
        raise Forbidden(_l("Kommentaren är dold."))
    attached, kept = await of_comment(session, comment.id), await queries.versions(session, comment)
    return page(request, "comments/versions.html", comment=comment, record=record, versions=kept, files=attached)


router = Router(
    path="/{network:str}",
    route_handlers=[post_comment, keep_draft, show, edit_form, keep_edit, edit, versions],
)

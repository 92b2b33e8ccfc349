"""Posting, editing and moderating comments. Everything is a plain form; the page's script only saves a reload."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal.comments import actions, mentions, queries
from portal.comments.models import CommentForm, DraftForm, EditForm, HideForm, HideReason
from portal.db import Session
from portal.networks.models import Membership
from portal.records import queries as records
from portal.web import Forbidden, Form, _, _l, identity, page, read, redirect

AnyRequest = Request[Any, Any, Any]
NOT_YOURS = _l("Bara den som skrev kommentaren kan ändra den.")
REASONS = {
    HideReason.personal_data: _l("Personuppgifter"),
    HideReason.insult: _l("Kränkande"),
    HideReason.off_topic: _l("Hör inte hit"),
    HideReason.secrecy: _l("Sekretess"),
    HideReason.other: _l("Annat"),
}


@post("/records/{number:str}/comments")
async def post_comment(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """A new comment or reply; a page that asks for a fragment gets the comment alone."""
    record = await records.get(session, membership, identity(number))
    if not queries.may_comment(membership):
        raise Forbidden
    form = await read(request, CommentForm)
    if not form.ok:
        return page(request, "comments/refused.html", status=422, record=record, form=form)
    comment = await actions.post(session, record, by=membership, form=form.data)
    untold = await mentions.untold(session, record, comment, by=membership)
    if request.headers.get("x-fragment"):
        stored = (await queries.comments_by_id(session, [comment.id]))[comment.id]
        return page(request, "comments/_posted.html", status=201, comment=stored, me=membership.person_id, untold=untold)
    return redirect(request, f"/{membership.network.slug}{record.path}#c{comment.id}", flash=untold or None)


@post("/records/{number:str}/draft")
async def keep_draft(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """Keep what is being written in the composer."""
    record = await records.get(session, membership, identity(number))
    if not queries.may_comment(membership):
        raise Forbidden
    form = await read(request, DraftForm)
    if not form.ok:
        return Response(b"", status_code=422)
    await actions.keep_draft(session, record, by=membership, body=form.data.body, parent_id=form.data.parent_id or 0)
    return Response(b"", status_code=204)


@get("/comments/{number:str}/edit")
async def edit_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    comment, record = await queries.comment(session, membership, identity(number))
    if comment.author_id != membership.person_id:
        raise Forbidden(NOT_YOURS)
    return page(request, "comments/edit.html", comment=comment, record=record, form=Form.of(EditForm(body=comment.body, version=comment.version)))


@post("/comments/{number:str}")
async def edit(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    comment, record = await queries.comment(session, membership, identity(number))
    if comment.author_id != membership.person_id:
        raise Forbidden(NOT_YOURS)
    form = await read(request, EditForm)
    if not form.ok:
        return page(request, "comments/edit.html", status=422, comment=comment, record=record, form=form)
    await actions.edit(session, comment, record, by=membership, form=form.data)
    flash = f"{_('Kommentaren är ändrad.')} {await mentions.untold(session, record, comment, by=membership)}".strip()
    return redirect(request, f"/{membership.network.slug}{record.path}#c{comment.id}", flash=flash)


@get("/comments/{number:str}/versions")
async def versions(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    comment, record = await queries.comment(session, membership, identity(number))
    if not queries.may_read_words(comment, membership):
        raise Forbidden(_l("Kommentaren är dold."))
    return page(request, "comments/versions.html", comment=comment, record=record, versions=await queries.versions(session, comment))


@get("/comments/{number:str}/hiding")
async def hide_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    comment, record = await queries.comment(session, membership, identity(number))
    if not membership.can("comment:hide"):
        raise Forbidden
    return page(request, "comments/hide.html", comment=comment, record=record, form=Form(), reasons=REASONS)


@post("/comments/{number:str}/hiding")
async def hide(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    comment, record = await queries.comment(session, membership, identity(number))
    if not membership.can("comment:hide"):
        raise Forbidden
    form = await read(request, HideForm)
    if not form.ok:
        return page(request, "comments/hide.html", status=422, comment=comment, record=record, form=form, reasons=REASONS)
    await actions.hide(session, comment, record, by=membership, form=form.data)
    return redirect(request, f"/{membership.network.slug}{record.path}#c{comment.id}", flash=_("Kommentaren är dold. Du kan visa den igen."))


@post("/comments/{number:str}/restoration")
async def restore(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    comment, record = await queries.comment(session, membership, identity(number))
    await actions.restore(session, comment, record, by=membership)
    return redirect(request, f"/{membership.network.slug}{record.path}#c{comment.id}", flash=_("Kommentaren visas igen."))


@post("/records/{number:str}/lock")
async def lock(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    record = await records.get(session, membership, identity(number))
    await actions.lock(session, record, by=membership, locked=True)
    return redirect(request, f"/{membership.network.slug}{record.path}#thread", flash=_("Tråden är låst."))


@post("/records/{number:str}/unlocking")
async def unlock(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    record = await records.get(session, membership, identity(number))
    await actions.lock(session, record, by=membership, locked=False)
    return redirect(request, f"/{membership.network.slug}{record.path}#thread", flash=_("Tråden är öppen igen."))


router = Router(
    path="/{network:str}",
    route_handlers=[post_comment, keep_draft, edit_form, edit, versions, hide_form, hide, restore, lock, unlock],
)

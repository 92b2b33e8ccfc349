"""Writing in a text, section by section: a form with a version check that shows both texts."""

import asyncio
import base64
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, Router, get, post

from portal import clock
from portal.comments.conclusions import conclusion
from portal.db import Session
from portal.drafting import actions, compare, conclusions, document, queries, undoing
from portal.drafting.history import history
from portal.drafting.models import HeadingForm, Section, SectionDraftForm, SectionForm, UndoingForm, VersionForm
from portal.drafting.queries import TextView
from portal.networks.models import Membership
from portal.web import Form, NotFound, _, identity, page, read, read_fields, redirect, way_back
from portal.web.forms import number_in

AnyRequest = Request[Any, Any, Any]


@get("/texts/{number:str}")
async def show(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """The text alone, as the record's page shows it: refetched when somebody saves."""
    view = await queries.text(session, membership, identity(number))
    return page(request, "drafting/_text.html", text=view, record=view.record, to_html=document.to_html)


@get("/sections/{number:str}/edit")
async def edit_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    section, view = await queries.section(session, membership, identity(number))
    await actions.require_author(session, view.text, by=membership)
    draft = await queries.own_draft(session, membership, section)
    values = {
        "heading": section.heading,
        "body": draft.body if draft else document.to_markdown(section.body),
        "version": draft.version if draft else section.version,
    }
    back = await way_back(request)
    return page(
        request, "drafting/edit.html", section=section, text=view, record=view.record, form=Form(values=values), draft=draft, back=back
    )


@post("/sections/{number:str}")
async def save(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    section, view = await queries.section(session, membership, identity(number))
    await actions.require_author(session, view.text, by=membership)
    form, back = await read(request, SectionForm), await way_back(request)
    if not form.ok:
        return page(
            request, "drafting/edit.html", status=422, section=section, text=view, record=view.record, form=form, draft=None, back=back
        )
    try:
        await actions.save(session, section, view, by=membership, form=form.data)
    except actions.SectionChanged as changed:
        return await _both(request, changed.section, view, form)
    await actions.forget_draft(session, section, by=membership)  # what else is put into the section leaves what she is writing
    return redirect(request, back or f"/{membership.network.slug}{view.record.path}#s{section.id}", flash=_("Avsnittet är sparat."))


async def _both(request: AnyRequest, section: Section, view: TextView, form: Form[SectionForm]) -> Response[bytes]:
    """Avsnittet har ändrats: what stands there now beside what was typed; nothing is lost."""
    theirs = document.to_markdown(section.body)
    return page(
        request,
        "drafting/changed.html",
        status=409,
        section=section,
        text=view,
        record=view.record,
        form=Form(values=form.values | {"version": section.version}),
        theirs=document.to_html(section.body),
        changes=await asyncio.to_thread(compare.words, theirs, form.data.body),
        back=await way_back(request),
    )


@post("/sections/{number:str}/document")
async def open_document(number: str, membership: Membership, session: Session) -> Response[dict[str, Any]]:
    """What the editor begins with, or begins anew with: where the section's changes come, and all there is so far (Yjs, in Base64)."""
    section, view = await queries.section(session, membership, identity(number))
    opened = await actions.open_document(session, section, view.text, by=membership)
    state = base64.b64encode(opened.state).decode()
    return Response({"stream": opened.stream, "mark": opened.mark, "cursor": opened.cursor, "state": state}, status_code=200)


@post("/sections/{number:str}/draft")
async def keep_draft(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """Keep what is being written."""
    section, view = await queries.section(session, membership, identity(number))
    await actions.require_author(session, view.text, by=membership)
    form = await read(request, SectionDraftForm)
    if not form.ok:
        return Response(b"", status_code=422)
    await actions.keep_draft(session, section, by=membership, body=form.data.body, version=form.data.version)
    return Response(b"", status_code=204)


@post("/sections/{number:str}/draft/discarding")
async def discard_draft(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    section, view = await queries.section(session, membership, identity(number))
    await actions.discard_draft(session, section, by=membership)
    return redirect(request, await way_back(request, f"/{membership.network.slug}{view.record.path}#s{section.id}"))


@get("/sections/{number:str}/versions")
async def versions(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """Who wrote what and when, and what each change added and took away, the newest first or, with ?before=40, from there on; or, with
    ?from=2&to=5, what lies between two of them."""
    section, view = await queries.section(session, membership, identity(number))
    return await _versions(request, membership, session, section, view, form=Form())


async def _versions(
    request: AnyRequest,
    membership: Membership,
    session: Session,
    section: Section,
    view: TextView,
    *,
    status: int = 200,
    **forms: Form[Any],
) -> Response[bytes]:
    asked = request.query_params
    found = await history(session, section, before=number_in(asked, "before"), pair=(asked.get("from", ""), asked.get("to", "")))
    shown: dict[str, Any] = {"history": found, "now": clock.local(clock.now())}
    shown |= {
        "undoable": await undoing.undoable(session, section, by=membership) if view.may_write else None,
        "form": Form(),
        "undo": Form(),
        **forms,
    }
    return page(request, "drafting/versions.html", status=status, section=section, text=view, record=view.record, **shown)


@post("/sections/{number:str}/versions")
async def keep_version(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """Keep the section as it is now under a name."""
    section, view = await queries.section(session, membership, identity(number))
    await actions.require_author(session, view.text, by=membership)
    form = await read(request, VersionForm)
    if not form.ok:
        return await _versions(request, membership, session, section, view, form=form, status=422)
    await actions.name_version(session, section, view, by=membership, name=form.data.name)
    return redirect(request, f"/{membership.network.slug}/sections/{section.id}/versions", flash=_("Versionen är sparad."))


@post("/sections/{number:str}/undoing")
async def undo(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """Take away what one person wrote between two moments, and bring back what she took away."""
    section, view = await queries.section(session, membership, identity(number))
    await actions.require_author(session, view.text, by=membership)
    form = await read(request, UndoingForm)
    if not form.ok:
        return await _versions(request, membership, session, section, view, undo=form, status=422)
    await undoing.undo(session, section, view, by=membership, form=form.data)
    return redirect(
        request,
        f"/{membership.network.slug}/sections/{section.id}/versions",
        flash=_("Det som skrevs då är borttaget. Texten som den var finns bland versionerna."),
    )


@post("/sections/{number:str}/versions/{version:str}/restoring")
async def restore(number: str, version: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """Have the section say again what it said then, as a change of its own."""
    section, view = await queries.section(session, membership, identity(number))
    await actions.require_author(session, view.text, by=membership)
    kept = await queries.version(session, section, identity(version))
    await actions.restore(session, section, view, kept, by=membership)
    return redirect(request, f"/{membership.network.slug}/sections/{section.id}/versions", flash=_("Avsnittet har fått tillbaka texten."))


@post("/sections/{number:str}/heading")
async def rename(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    section, view = await queries.section(session, membership, identity(number))
    await actions.require_author(session, view.text, by=membership)
    form, back = await read(request, HeadingForm), await way_back(request)
    if not form.ok:
        return page(request, "drafting/rename.html", status=422, section=section, text=view, record=view.record, form=form, back=back)
    await actions.rename(session, section, view, by=membership, heading=form.data.heading)
    onwards = f"?next={quote(back)}" if back else ""
    return redirect(request, f"/{membership.network.slug}/sections/{section.id}/edit{onwards}", flash=_("Rubriken är ändrad."))


@post("/texts/{number:str}/sections")
async def add_section(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """A new section at the end of the text."""
    view = await queries.text(session, membership, identity(number))
    await actions.require_author(session, view.text, by=membership)
    form = await read(request, HeadingForm)
    if not form.ok:
        return page(request, "drafting/add.html", status=422, text=view, record=view.record, form=form)
    section = await actions.add_section(session, view.text, by=membership, heading=form.data.heading)
    return redirect(request, f"/{membership.network.slug}/sections/{section.id}/edit")


@post("/texts/{number:str}/conclusion")
async def take_in_conclusion(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """What the record's thread came to, at the end of the section that is chosen."""
    view = await queries.text(session, membership, identity(number))
    await actions.require_author(session, view.text, by=membership)
    chosen = identity((await read_fields(request)).get("section", ""))
    section = next((each for each in view.sections if each.id == chosen), None)
    concluded = await conclusion(session, view.record.id)
    if section is None or concluded is None:
        raise NotFound
    is_new = await conclusions.take_in(session, section, view, concluded, by=membership)
    flash = _("Slutsatsen står nu sist i avsnittet ”%(heading)s”.") if is_new else _("Slutsatsen står redan i avsnittet ”%(heading)s”.")
    return redirect(request, f"/{membership.network.slug}{view.record.path}#s{section.id}", flash=flash % {"heading": section.heading})


router = Router(
    path="/{network:str}",
    route_handlers=[
        show,
        edit_form,
        save,
        open_document,
        keep_draft,
        discard_draft,
        versions,
        keep_version,
        undo,
        restore,
        rename,
        add_section,
        take_in_conclusion,
    ],
)

"""The agenda of a meeting: items added, changed, moved and removed one form at a time."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal.db import Session
from portal.meetings import actions, agenda, queries
from portal.meetings.models import AgendaForm
from portal.networks.models import Membership
from portal.networks.wrong import shown_in
from portal.web import Form, _, held_in, identity, page, read, redirect

AnyRequest = Request[Any, Any, Any]


@post("/meetings/{number:str}/agenda")
async def add(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await queries.meeting(session, membership, identity(number))
    actions.require(membership, "meeting:plan")
    form = await read(request, AgendaForm)
    if not form.ok:
        return page(request, "meetings/item.html", status=422, form=form, meeting=meeting, item=None)
    await agenda.add(session, meeting, by=membership, form=form.data)
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}#agenda", flash=_("Punkten är tillagd."))


@get("/meetings/{number:str}/agenda/{item:str}")
async def edit_form(number: str, item: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    meeting = await queries.meeting(session, membership, identity(number))
    actions.require(membership, "meeting:plan")
    found = await queries.agenda_item(session, meeting, identity(item))
    return page(request, "meetings/item.html", form=Form.filled(held_in(found, AgendaForm)), meeting=meeting, item=found)


@post("/meetings/{number:str}/agenda/{item:str}")
async def change(number: str, item: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await queries.meeting(session, membership, identity(number))
    actions.require(membership, "meeting:plan")
    found = await queries.agenda_item(session, meeting, identity(item))
    form = await read(request, AgendaForm)
    with shown_in(form):
        if form.ok:
            await agenda.change(session, meeting, found, by=membership, form=form.data, version=form.version)
    if not form.ok:
        return page(request, "meetings/item.html", status=form.status, form=form, meeting=meeting, item=found)
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}#agenda", flash=_("Punkten är ändrad."))


@post("/meetings/{number:str}/agenda/{item:str}/removal")
async def remove(number: str, item: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await queries.meeting(session, membership, identity(number))
    actions.require(membership, "meeting:plan")
    await agenda.remove(session, meeting, await queries.agenda_item(session, meeting, identity(item)), by=membership)
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}#agenda", flash=_("Punkten är borttagen."))


@post(["/meetings/{number:str}/agenda/{item:str}/rise", "/meetings/{number:str}/agenda/{item:str}/fall"])
async def move(number: str, item: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await queries.meeting(session, membership, identity(number))
    actions.require(membership, "meeting:plan")
    found = await queries.agenda_item(session, meeting, identity(item))
    await agenda.move(session, meeting, found, by=membership, earlier=request.url.path.endswith("/rise"))
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}#agenda")


router = Router(path="/{network:str}", route_handlers=[add, edit_form, change, remove, move])

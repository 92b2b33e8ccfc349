"""In the room: a page for the screen, run from the keyboard."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal import clock
from portal.db import Session, Table
from portal.drafting import document
from portal.drafting.queries import text_of
from portal.fields import RowNumber
from portal.meetings import agenda, queries, record_page, rights, room
from portal.meetings.models import Meeting
from portal.meetings.record_models import DecisionForm, VisitorForm
from portal.networks.models import Membership
from portal.networks.wrong import shown_in
from portal.web import Form, _, held_in, identity, page, read, redirect

AnyRequest = Request[Any, Any, Any]


class FloorForm(Table):
    item_id: RowNumber


class PresenceForm(Table):
    membership_id: RowNumber
    present: bool


@get("/meetings/{number:str}/room")
async def show(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """Where the meeting is, what comes, who is there."""
    meeting = await queries.meeting(session, membership, identity(number))
    return await _room(request, session, membership, meeting)


@post("/meetings/{number:str}/room/floor")
async def go_to(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await queries.meeting(session, membership, identity(number))
    form = await read(request, FloorForm)
    item = await queries.agenda_item(session, meeting, form.data.item_id)
    await room.go_to(session, meeting, item, by=membership)
    return _back(request, membership, meeting)


@post("/meetings/{number:str}/room/presence")
async def mark(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await rights.meeting_to(session, membership, "attendance:record", number)
    form = await read(request, PresenceForm)
    await room.mark(session, meeting, form.data.membership_id, by=membership, present=form.data.present)
    return _back(request, membership, meeting, f"#seat-{form.data.membership_id}")


@post("/meetings/{number:str}/visitors")
async def welcome(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await rights.meeting_to(session, membership, "attendance:record", number)
    form = await read(request, VisitorForm)
    if not form.ok:
        return await _room(request, session, membership, meeting, visitor=form)
    await room.welcome(session, meeting, by=membership, form=form.data)
    return _back(request, membership, meeting, "#visitors")


@post("/meetings/{number:str}/visitors/{visitor:str}/removal")
async def strike(number: str, visitor: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await rights.meeting_to(session, membership, "attendance:record", number)
    await room.strike(session, meeting, identity(visitor), by=membership)
    return _back(request, membership, meeting, "#visitors")


@post("/meetings/{number:str}/agenda/{item:str}/decision")
async def decide(number: str, item: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """What the meeting decided on the item."""
    meeting = await queries.meeting(session, membership, identity(number))
    found = await queries.agenda_item(session, meeting, identity(item))
    form = await read(request, DecisionForm)
    with shown_in(form):
        if form.ok:
            await agenda.decide(session, meeting, found, by=membership, form=form.data, version=form.version)
    if not form.ok:
        return await _room(request, session, membership, meeting, decision=form)
    return _back(request, membership, meeting, flash=_("Beslutet är sparat."))


async def _room(
    request: AnyRequest,
    session: Session,
    membership: Membership,
    meeting: Meeting,
    *,
    decision: Form[Any] | None = None,
    visitor: Form[Any] | None = None,
) -> Response[bytes]:
    notes, items = await text_of(session, membership, meeting.record, "notes"), await queries.agenda(session, meeting)
    place = await room.place(session, meeting, items)
    refused = decision or visitor
    return page(
        request,
        "meetings/room.html",
        status=refused.status if refused else 200,
        meeting=meeting,
        record=meeting.record,
        items=items,
        place=place,
        section=next((each for each in notes.sections if place.item and each.id == place.item.section_id), None) if notes else None,
        to_html=document.to_html,
        form=decision or (Form.filled(held_in(place.item, DecisionForm)) if place.item else Form()),
        visitor=visitor or Form(),
        seats=room.by_unit(await queries.seats(session, meeting)) if membership.can("attendance:read") else [],
        moment=clock.now(),
        **await record_page.around(session, membership, meeting, notes, items),
    )


def _back(request: AnyRequest, membership: Membership, meeting: Meeting, place: str = "", *, flash: str | None = None) -> Response[Any]:
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}/room{place}", flash=flash)


router = Router(path="/{network:str}", route_handlers=[show, go_to, mark, welcome, strike, decide])

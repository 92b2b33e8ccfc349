"""The agenda of a meeting: items added, changed, moved, copied and removed one form at a time."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal.db import Session
from portal.meetings import agenda, queries, rights, timetable
from portal.meetings.agenda_models import CopyForm, ItemRecordForm, OrderForm
from portal.meetings.models import AgendaForm, AgendaItem, Meeting
from portal.meetings.record_page import GOALS
from portal.networks.models import Membership
from portal.networks.wrong import shown_in
from portal.records import queries as records
from portal.web import Form, _, _l, held_in, identity, ngettext, page, read, redirect

AnyRequest = Request[Any, Any, Any]
KINDS = {"consultation": _l("Samråd"), "finding": _l("Spaningar"), "call": _l("Utlysningar"), "meeting": _l("Träffar")}


@post("/meetings/{number:str}/agenda")
async def add(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    form = await read(request, AgendaForm)
    if not form.ok:
        return await _item(request, session, membership, meeting, None, form)
    await agenda.add(session, meeting, by=membership, form=form.data)
    return redirect(
        request, f"/{membership.network.slug}{meeting.record.path}#new-item", flash=_("Punkten är tillagd.")
    )  # an agenda has several


@get("/meetings/{number:str}/agenda/{item:str}")
async def edit_form(number: str, item: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    found = await queries.agenda_item(session, meeting, identity(item))
    return await _item(request, session, membership, meeting, found, Form.filled(held_in(found, AgendaForm)))


@post("/meetings/{number:str}/agenda/{item:str}")
async def change(number: str, item: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    found = await queries.agenda_item(session, meeting, identity(item))
    form = await read(request, AgendaForm)
    with shown_in(form):
        if form.ok:
            await agenda.change(session, meeting, found, by=membership, form=form.data, version=form.version)
    if not form.ok:
        return await _item(request, session, membership, meeting, found, form)
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}#agenda", flash=_("Punkten är ändrad."))


@post("/meetings/{number:str}/agenda/{item:str}/removal")
async def remove(number: str, item: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    await agenda.remove(session, meeting, await queries.agenda_item(session, meeting, identity(item)), by=membership)
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}#agenda", flash=_("Punkten är borttagen."))


@post(["/meetings/{number:str}/agenda/{item:str}/rise", "/meetings/{number:str}/agenda/{item:str}/fall"])
async def move(number: str, item: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    found = await queries.agenda_item(session, meeting, identity(item))
    await agenda.move(session, meeting, found, by=membership, earlier=request.url.path.endswith("/rise"))
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}#item-{found.id}")  # so that the keyboard goes on from there


@post("/meetings/{number:str}/agenda/order")
async def arrange(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """All items at once, as they have been dragged."""
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    form = await read(request, OrderForm)
    await agenda.arrange(session, meeting, by=membership, form=form.data)
    return _back(request, membership, meeting, _("Ordningen är ändrad."))


@get("/meetings/{number:str}/agenda/copy")
async def copy_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    return page(request, "meetings/copy.html", form=Form(), meeting=meeting, earlier=await timetable.earlier(session, membership, meeting))


@post("/meetings/{number:str}/agenda/copy")
async def copy(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    form = await read(request, CopyForm)
    if not form.ok:
        earlier = await timetable.earlier(session, membership, meeting)
        return page(request, "meetings/copy.html", status=form.status, form=form, meeting=meeting, earlier=earlier)
    source = await queries.meeting(session, membership, form.data.meeting_id)
    count = await agenda.copy(session, meeting, source, by=membership)
    return _back(request, membership, meeting, ngettext("%(n)d punkt är kopierad.", "%(n)d punkter är kopierade.", count) % {"n": count})


@post("/meetings/{number:str}/agenda/{item:str}/records")
async def attach(number: str, item: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """What the item is about."""
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    found = await queries.agenda_item(session, meeting, identity(item))
    form = await read(request, ItemRecordForm)
    record = await records.get(session, membership, form.data.record_id)
    await agenda.attach(session, meeting, found, by=membership, record=record)
    return redirect(
        request, f"/{membership.network.slug}{meeting.record.path}/agenda/{found.id}", flash=_("Punkten handlar nu om det också.")
    )


@post("/meetings/{number:str}/agenda/{item:str}/records/{record:str}/removal")
async def detach(number: str, item: str, record: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    found = await queries.agenda_item(session, meeting, identity(item))
    await agenda.detach(session, meeting, found, by=membership, record_id=identity(record))
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}/agenda/{found.id}", flash=_("Länken är borttagen."))


def _back(request: AnyRequest, membership: Membership, meeting: Meeting, flash: str) -> Response[Any]:
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}#agenda", flash=flash)


async def _item(
    request: AnyRequest, session: Session, membership: Membership, meeting: Meeting, item: AgendaItem | None, form: Form[Any]
) -> Response[bytes]:
    is_first = item is not None and await agenda.is_first(session, meeting, item)
    attached = (await timetable.records_of(session, membership, meeting)).get(item.id, []) if item else []
    offered = [each for each in await timetable.offered(session, membership, meeting) if each not in attached] if item else []
    return page(
        request,
        "meetings/item.html",
        status=form.status,
        form=form,
        meeting=meeting,
        item=item,
        is_first=is_first,
        goals=GOALS,
        attached=attached,
        offered=offered,
        kinds=KINDS,
        days=await timetable.days_of(session, offered),
    )


router = Router(
    path="/{network:str}",
    route_handlers=[add, edit_form, change, remove, move, arrange, copy_form, copy, attach, detach],
)

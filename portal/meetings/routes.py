"""The room of meetings."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal import clock
from portal.comments.threads import spot_in, thread
from portal.db import Session
from portal.drafting import actions as drafting
from portal.drafting import document
from portal.drafting.queries import co_authors, text_of
from portal.meetings import actions, agenda, answers, queries, record_page, rights
from portal.meetings.models import AgendaForm, AnswerForm, CancelForm, ForWhomForm, Meeting, State
from portal.meetings.series import known_of
from portal.meetings.series_models import MeetingSeries, PlanForm
from portal.meetings.series_routes import plan_form, preview
from portal.meetings.words import STATES
from portal.networks import groups
from portal.networks.models import Membership
from portal.networks.queries import member, members
from portal.networks.wrong import shown_in
from portal.web import Forbidden, Form, _, fields_of, identities, identity, is_seen, ngettext, page, read, read_fields, redirect, way_back
from portal.web.forms import number_in

AnyRequest = Request[Any, Any, Any]


@get("/meetings")
async def index(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """What is coming and what has been."""
    year = clock.today().year
    return page(
        request,
        "meetings/index.html",
        coming=await queries.coming(session, membership),
        past=await queries.past(session, membership),
        year=year,
        count=await queries.count_in_year(session, membership, year),
        states=STATES,
    )


@get("/meetings/new")
async def new(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    values = {"starts": "13:00", "ends": "15:30", "group_id": number_in(request.query_params, "group_id") or ""}
    return await plan_form(request, membership, session, Form(values=values))


@post("/meetings")
async def plan(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """One meeting; of a series the days are shown first, with a way back to the form (`stay`)."""
    await rights.groups_to_plan_for(session, membership)
    form = await read(request, PlanForm)
    with shown_in(form):
        if form.ok and form.data.repeats is not None:
            is_back = "stay" in await fields_of(request)
            return await (
                plan_form(request, membership, session, form) if is_back else preview(request, membership, session, form, form.data)
            )
        if form.ok:
            group = await groups.open_group(session, membership, form.data.group_id)
            known = await known_of(session, by=membership, form=form.data)
            meeting = await actions.plan(session, by=membership, form=form.data, group=group)
            await agenda.add(session, meeting, by=membership, form=AgendaForm(title=_("Föregående träff"), minutes=10))
            return _back(request, membership, meeting, " ".join([_("Träffen är planerad. Ingen har fått mejl ännu."), *known]))
    return await plan_form(request, membership, session, form)


@get("/meetings/{number:str}")
async def show(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    meeting = await queries.meeting(session, membership, identity(number))
    notes = await text_of(session, membership, meeting.record, "notes")
    seats = await queries.seats(session, meeting) if membership.can("attendance:read") else []
    series = await session.get(MeetingSeries, meeting.series_id) if meeting.series_id is not None and not membership.is_guest else None
    is_asked = await queries.is_asked(session, membership, meeting)
    items = await queries.agenda(session, meeting)
    return page(
        request,
        "meetings/show.html",
        meeting=meeting,
        record=meeting.record,
        agenda=items,
        text=notes,
        to_html=document.to_html,
        mine=await queries.attendance(session, membership, meeting),
        seats=seats,
        tally=queries.tally(seats),
        states=STATES,
        answers=answers.WORDS,
        is_asked=is_asked,
        series=series,
        may_answer=is_asked and answers.is_welcome(meeting),
        thread=await thread(session, membership, meeting.record, at=spot_in(request.query_params), seen=is_seen(request)),
        **await record_page.around(session, membership, meeting, notes, items),
    )


@get("/meetings/{number:str}/edit")
async def edit_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    return await _edit(request, membership, session, Form.filled(meeting.values()), meeting)


async def _edit(request: AnyRequest, membership: Membership, session: Session, form: Form[Any], meeting: Meeting) -> Response[bytes]:
    """The form for changing a meeting; whom it is for is the coordinator's to change, while nobody is summoned."""
    may_give = membership.can("meeting:plan") and meeting.state == State.planned
    found = await groups.groups(session, membership.network_id) if may_give else []
    others = [meeting.group] if found and meeting.group and meeting.group.ended_on else []
    return page(request, "meetings/form.html", status=form.status, form=form, meeting=meeting, groups=[*found, *others])


@post("/meetings/{number:str}")
async def change(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    form, known = await read(request, ForWhomForm), list[str]()
    with shown_in(form):
        if form.ok:
            is_moved = form.data.day != clock.local(meeting.starts_at).date()
            known = await known_of(session, by=membership, form=form.data) if is_moved else []
            await actions.change(session, meeting, by=membership, form=form.data, version=form.version)
    if not form.ok:
        return await _edit(request, membership, session, form, meeting)
    return _back(request, membership, meeting, " ".join([_("Träffen är ändrad."), *known]))


@post("/meetings/{number:str}/answer")
async def answer(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """Back to the page where the buttons stood: Home, or the meeting's own."""
    meeting = await queries.meeting(session, membership, identity(number))
    form = await read(request, AnswerForm)
    await answers.answer(session, meeting, by=membership, answer=form.data.answer)
    back = await way_back(request, f"/{membership.network.slug}{meeting.record.path}")
    return redirect(request, back, flash=_("Ditt svar är sparat: %(answer)s.", answer=str(answers.WORDS[form.data.answer])))


@post("/meetings/{number:str}/attendance")
async def record_presence(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await queries.meeting(session, membership, identity(number))
    present, shown = await identities(request, "present"), await identities(request, "shown")
    await actions.record_presence(session, meeting, by=membership, present=present, shown=shown)
    return _back(request, membership, meeting, _("Närvaron är sparad."))


@post("/meetings/{number:str}/summons")
async def summon(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await queries.meeting(session, membership, identity(number))
    count = await actions.summon(session, meeting, by=membership)
    return _back(
        request,
        membership,
        meeting,
        ngettext("Kallelsen är på väg till en medlem.", "Kallelsen är på väg till %(num)d medlemmar.", count) % {"num": count},
    )


@post("/meetings/{number:str}/holding")
async def hold(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await queries.meeting(session, membership, identity(number))
    await actions.hold(session, meeting, by=membership)
    return _back(request, membership, meeting, _("Träffen är hållen. Nu återstår anteckningarna."))


@get("/meetings/{number:str}/cancellation")
async def cancel_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    return page(request, "meetings/cancel.html", form=Form(), meeting=meeting)


@post("/meetings/{number:str}/cancellation")
async def cancel(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    form = await read(request, CancelForm)
    if not form.ok:
        return page(request, "meetings/cancel.html", status=422, form=form, meeting=meeting)
    await actions.cancel(session, meeting, by=membership, form=form.data)
    return _back(request, membership, meeting, _("Träffen är inställd."))


@get("/meetings/{number:str}/note-takers")
async def note_takers_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """Who writes the notes besides the coordinator."""
    meeting = await rights.meeting_to(session, membership, "minutes:write", number)
    notes = await text_of(session, membership, meeting.record, "notes")
    asked = {each.membership_id for each in await co_authors(session, notes.text)} if notes else set()
    people = [
        each for each in await members(session, membership.network_id) if each.can("minutes:write_asked") and not each.can("minutes:write")
    ]
    return page(request, "meetings/note_takers.html", meeting=meeting, people=people, asked=asked)


@post("/meetings/{number:str}/note-takers")
async def ask_note_taker(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await queries.meeting(session, membership, identity(number))
    await rights.authorise(session, membership, "minutes:write", meeting)
    fields = await read_fields(request)
    person = await member(session, membership, identity(fields.get("member", "")))
    notes = await text_of(session, membership, meeting.record, "notes")
    if notes is None or not person.can("minutes:write_asked"):
        raise Forbidden
    change = drafting.unask if fields.get("ending") else drafting.ask
    await change(session, notes.text, memberships=[person.id])
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}/note-takers", flash=_("Sparat."))


def _back(request: AnyRequest, membership: Membership, meeting: Meeting, flash: str) -> Response[Any]:
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}", flash=flash)


router = Router(
    path="/{network:str}",
    route_handlers=[
        index, new, plan, show, edit_form, change, answer, record_presence, summon, hold,
        cancel_form, cancel, note_takers_form, ask_note_taker,
    ],
)  # fmt: skip

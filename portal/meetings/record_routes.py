"""Notes on their way to a record: correction, approval, registration, and what is corrected afterwards."""

from datetime import timedelta
from typing import Any

from litestar import Request, Response, Router, get, post

from portal import clock
from portal.db import Session
from portal.drafting import document as texts
from portal.drafting.queries import TextView, text_of
from portal.meetings import corrections, minutes, queries
from portal.meetings.models import Meeting, State
from portal.meetings.record_models import (
    AmendmentForm,
    ApprovalForm,
    CirculationForm,
    CorrectionForm,
    RegistrationForm,
    RulingForm,
)
from portal.networks.models import Membership
from portal.networks.queries import require
from portal.networks.wrong import shown_in
from portal.web import Form, NotFound, _, identity, ngettext, page, read, redirect

AnyRequest = Request[Any, Any, Any]
USUAL_REVIEW = timedelta(days=10)


@get("/meetings/{number:str}/minutes/circulation")
async def circulation_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """Until when, and who approves beside the coordinator."""
    meeting = await queries.meeting(session, membership, identity(number))
    require(membership, "minutes:finalise")
    way = await minutes.of(session, meeting)
    values = {"respond_by": way.respond_by, "adjuster_id": way.adjuster_id} if way else {"respond_by": clock.today() + USUAL_REVIEW}
    return await _circulation(request, session, membership, meeting, Form(values=values))


@post("/meetings/{number:str}/minutes/circulation")
async def circulate(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await queries.meeting(session, membership, identity(number))
    require(membership, "minutes:finalise")
    form, count = await read(request, CirculationForm), 0
    with shown_in(form):
        if form.ok:
            count = await minutes.circulate(session, meeting, by=membership, form=form.data)
    if not form.ok:
        return await _circulation(request, session, membership, meeting, form)
    said = ngettext(
        "Anteckningarna är på justering. %(n)d person får ett mejl.", "Anteckningarna är på justering. %(n)d personer får ett mejl.", count
    )
    return _back(request, membership, meeting, said % {"n": count})


async def _circulation(request: AnyRequest, session: Session, membership: Membership, meeting: Meeting, form: Form[Any]) -> Response[bytes]:
    there = {each.person_id: each for each in await minutes.those_present(session, meeting) if each.person_id != membership.person_id}
    people = [(each.id, f"{each.person.name} ({each.unit.name})" if each.unit else each.person.name) for each in there.values()]
    return page(request, "meetings/circulation.html", status=form.status, form=form, meeting=meeting, people=people)


@get("/meetings/{number:str}/sections/{section:str}/correction")
async def correction_form(number: str, section: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """The section's words, to be put right."""
    meeting, view = await _notes(session, membership, number)
    await corrections.require_reviewer(session, meeting, membership)
    wrong = next((each for each in view.sections if each.id == identity(section)), None)
    if wrong is None:
        raise NotFound
    values = {"section_id": wrong.id, "version": wrong.version, "body": texts.to_markdown(wrong.body)}
    return page(request, "meetings/correction.html", form=Form(values=values), meeting=meeting, section=wrong)


@post("/meetings/{number:str}/corrections")
async def propose(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting, view = await _notes(session, membership, number)
    await corrections.require_reviewer(session, meeting, membership)
    form = await read(request, CorrectionForm)
    with shown_in(form):
        if form.ok:
            await corrections.propose(session, meeting, view, by=membership, form=form.data)
    if not form.ok:
        section = next((each for each in view.sections if str(each.id) == str(form.values.get("section_id"))), None)
        return page(request, "meetings/correction.html", status=form.status, form=form, meeting=meeting, section=section)
    return _back(request, membership, meeting, _("Ditt förslag är inskickat."), "#corrections")


@post("/meetings/{number:str}/corrections/{correction:str}/ruling")
async def rule(number: str, correction: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting, view = await _notes(session, membership, number)
    require(membership, "minutes:finalise")
    proposed = await corrections.one(session, meeting, identity(correction))
    form = await read(request, RulingForm)
    if not form.ok:
        return page(request, "meetings/ruling.html", status=form.status, form=form, meeting=meeting, correction=proposed)
    await corrections.rule(session, meeting, proposed, view, by=membership, form=form.data)
    return _back(request, membership, meeting, _("Förslaget är besvarat."), "#corrections")


@post("/meetings/{number:str}/minutes/approval")
async def approve(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await queries.meeting(session, membership, identity(number))
    form = await read(request, ApprovalForm)
    is_done = await minutes.approve(session, meeting, by=membership, form=form.data)
    said = _("Anteckningarna är färdigställda och låsta.") if is_done else _("Du har godkänt anteckningarna. Nu väntar de på den andra.")
    return _back(request, membership, meeting, said)


@get("/meetings/{number:str}/minutes/registration")
async def registration_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    meeting = await queries.meeting(session, membership, identity(number))
    require(membership, "registry:set")
    way = await minutes.of(session, meeting)
    values = {"registry_no": meeting.record.registry_no or "", "unregistered_reason": way.unregistered_reason if way else ""}
    return page(request, "meetings/registration.html", form=Form(values=values), meeting=meeting)


@post("/meetings/{number:str}/minutes/registration")
async def register(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await queries.meeting(session, membership, identity(number))
    require(membership, "registry:set")
    form = await read(request, RegistrationForm)
    if not form.ok:
        return page(request, "meetings/registration.html", status=form.status, form=form, meeting=meeting)
    await minutes.register(session, meeting, by=membership, form=form.data)
    return _back(request, membership, meeting, _("Beslutet om registrering är sparat."))


@get("/meetings/{number:str}/amendments/new")
async def amendment_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    meeting = await queries.meeting(session, membership, identity(number))
    require(membership, "minutes:finalise")
    return page(request, "meetings/amendment.html", form=Form(), meeting=meeting, is_locked=meeting.state == State.finalised)


@post("/meetings/{number:str}/amendments")
async def amend(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await queries.meeting(session, membership, identity(number))
    require(membership, "minutes:finalise")
    form = await read(request, AmendmentForm)
    if not form.ok:
        return page(
            request, "meetings/amendment.html", status=form.status, form=form, meeting=meeting, is_locked=meeting.state == State.finalised
        )
    await minutes.amend(session, meeting, by=membership, form=form.data)
    return _back(request, membership, meeting, _("Rättelsen står nu ovanför anteckningarna."))


async def _notes(session: Session, membership: Membership, number: str) -> tuple[Meeting, TextView]:
    meeting = await queries.meeting(session, membership, identity(number))
    view = await text_of(session, membership, meeting.record, "notes")
    if view is None:
        raise NotFound
    return meeting, view


def _back(request: AnyRequest, membership: Membership, meeting: Meeting, flash: str, place: str = "") -> Response[Any]:
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}{place}", flash=flash)


router = Router(
    path="/{network:str}",
    route_handlers=[
        circulation_form, circulate, correction_form, propose, rule, approve, registration_form, register, amendment_form, amend,
    ],
)  # fmt: skip

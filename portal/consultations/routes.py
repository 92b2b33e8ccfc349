"""The room of consultations."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal import clock
from portal.comments.threads import spot_in, thread
from portal.consultations import actions, by_hand, queries, windows
from portal.consultations.models import Consultation, ConsultationForm, Triage, TriageForm
from portal.consultations.queries import Filter
from portal.consultations.words import STAGES, TOPICS, TRIAGE, WINDOW
from portal.db import Session
from portal.drafting import document
from portal.drafting.queries import co_authors, text_of
from portal.networks.models import Membership
from portal.networks.queries import units
from portal.web import Forbidden, Form, _, fields_of, identities, identity, is_seen, page, read, redirect
from portal.web.sorting import here_with

AnyRequest = Request[Any, Any, Any]
WORDS: dict[str, Any] = {"stages": STAGES, "topics": TOPICS, "triage_words": TRIAGE, "window_words": WINDOW}


@get("/consultations")
async def index(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """The list; its filters stand in the address."""
    given = request.query_params
    wanted = Filter(
        triage=given.get("triage") if given.get("triage") in set(Triage) else None,
        topic=given.get("topic") if given.get("topic") in TOPICS else None,
        state=given.get("state") if given.get("state") in WINDOW else None,
    )
    return page(
        request,
        "consultations/index.html",
        rows=await queries.consultations(session, membership, wanted),
        counts=await queries.counts(session, membership),
        wanted=wanted,
        without=lambda name: here_with(request, {name: None}),
        having=lambda name, value: here_with(request, {name: value}),
        **WORDS,
    )


@get("/consultations/new")
async def new(request: AnyRequest, membership: Membership) -> Response[bytes]:
    if not membership.can("consultation:create"):
        raise Forbidden
    return page(request, "consultations/form.html", form=Form(), consultation=None, **WORDS)


@post("/consultations")
async def register(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    if not membership.can("consultation:create"):
        raise Forbidden
    form = await read(request, ConsultationForm)
    if not form.ok:
        return page(request, "consultations/form.html", status=422, form=form, consultation=None, **WORDS)
    consultation = await by_hand.register(session, by=membership, form=form.data)
    return _back(request, membership, consultation, _("Samrådet är registrerat."))


@get("/consultations/{number:str}")
async def show(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    consultation = await queries.consultation(session, membership, identity(number))
    record, moment = consultation.record, clock.now()
    answer = await text_of(session, membership, record, "answer")
    asked, row = await queries.asked_units(session, membership, answer), queries.row(consultation)
    return page(
        request,
        "consultations/show.html",
        consultation=consultation,
        initiative=consultation.initiative,
        record=record,
        row=row,
        windows=[(each, windows.state(each, moment)) for each in windows.nearest_first(consultation.initiative.windows, moment)],
        text=answer,
        to_html=document.to_html,
        asked=asked,
        thread=await thread(
            session, membership, record, at=spot_in(request.query_params), asked=asked, seen=is_seen(request), is_over=row.state == "closed"
        ),
        form=Form(),
        may_edit=await by_hand.may_edit(session, consultation, membership),
        **WORDS,
    )


@post("/consultations/{number:str}/triage")
async def triage(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    consultation = await queries.consultation(session, membership, identity(number))
    if not membership.can("consultation:triage"):
        raise Forbidden
    form = await read(request, TriageForm)
    await actions.triage(session, consultation, by=membership, form=form.data, version=form.version)
    flash = _("Samrådet är bedömt: %(triage)s.", triage=str(TRIAGE[form.data.triage]))
    if (await fields_of(request)).get("stay"):
        return redirect(request, f"/{membership.network.slug}/consultations?triage=to_assess", flash=flash)
    return _back(request, membership, consultation, flash)


@get("/consultations/{number:str}/units")
async def units_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """Which units write the answer with the coordinator."""
    consultation = await queries.consultation(session, membership, identity(number))
    if not membership.can("consultation:triage"):
        raise Forbidden
    answer = await text_of(session, membership, consultation.record, "answer")
    asked = {each.unit_id for each in await co_authors(session, answer.text)} if answer else set()
    return page(
        request, "consultations/units.html", consultation=consultation, units=await units(session, membership.network_id), asked=asked
    )


@post("/consultations/{number:str}/units")
async def ask_units(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    consultation = await queries.consultation(session, membership, identity(number))
    if not membership.can("consultation:triage"):
        raise Forbidden
    chosen, shown = await identities(request, "unit"), await identities(request, "shown")
    await actions.ask_units(session, consultation, by=membership, unit_ids=chosen, shown=shown)
    return _back(request, membership, consultation, _("De som skriver svaret är sparade."))


def _back(request: AnyRequest, membership: Membership, consultation: Consultation, flash: str) -> Response[Any]:
    return redirect(request, f"/{membership.network.slug}{consultation.record.path}", flash=flash)


router = Router(path="/{network:str}", route_handlers=[index, new, register, show, triage, units_form, ask_units])

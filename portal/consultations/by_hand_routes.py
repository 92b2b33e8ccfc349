"""What was typed by hand about a consultation, typed again: its words and the times to answer."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal.consultations import by_hand, queries
from portal.consultations.models import Consultation, FeedbackWindow, InitiativeForm, WindowForm
from portal.consultations.words import STAGES, TOPICS
from portal.db import Session
from portal.networks.models import Membership
from portal.networks.wrong import shown_in
from portal.web import Form, _, identity, page, read, redirect

AnyRequest = Request[Any, Any, Any]


@get("/consultations/{number:str}/edit")
async def edit_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    consultation = await _consultation(session, membership, number)
    return _words(request, Form.filled(consultation.initiative.values()), consultation)


@post("/consultations/{number:str}")
async def edit(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    consultation = await _consultation(session, membership, number)
    form = await read(request, InitiativeForm)
    with shown_in(form):
        if form.ok:
            await by_hand.edit(session, consultation, by=membership, form=form.data, version=form.version)
    if not form.ok:
        return _words(request, form, consultation)
    return _back(request, membership, consultation, _("Samrådet är ändrat."))


@get("/consultations/{number:str}/windows/new")
async def new_window(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    return _time(request, Form(), await _consultation(session, membership, number))


@post("/consultations/{number:str}/windows")
async def add_window(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    consultation = await _consultation(session, membership, number)
    form = await read(request, WindowForm)
    if not form.ok:
        return _time(request, form, consultation)
    await by_hand.add_window(session, consultation, by=membership, form=form.data)
    return _back(request, membership, consultation, _("Tiden är tillagd."))


@get("/consultations/{number:str}/windows/{window:str}")
async def window_form(number: str, window: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    consultation = await _consultation(session, membership, number)
    found = queries.window_of(consultation, identity(window))
    return _time(request, Form.filled(found.values()), consultation, found)


@post("/consultations/{number:str}/windows/{window:str}")
async def change_window(number: str, window: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    consultation = await _consultation(session, membership, number)
    found = queries.window_of(consultation, identity(window))
    form = await read(request, WindowForm)
    with shown_in(form):
        if form.ok:
            await by_hand.change_window(session, consultation, found, by=membership, form=form.data, version=form.version)
    if not form.ok:
        return _time(request, form, consultation, found)
    return _back(request, membership, consultation, _("Tiden är ändrad."))


async def _consultation(session: Session, membership: Membership, number: str) -> Consultation:
    """One that this member may change; else the refusal that tells why not."""
    consultation = await queries.consultation(session, membership, identity(number))
    await by_hand.check_may_edit(session, consultation, by=membership)
    return consultation


def _words(request: AnyRequest, form: Form[Any], consultation: Consultation) -> Response[bytes]:
    return page(request, "consultations/form.html", status=form.status, form=form, consultation=consultation, topics=TOPICS)


def _time(request: AnyRequest, form: Form[Any], consultation: Consultation, window: FeedbackWindow | None = None) -> Response[bytes]:
    return page(
        request, "consultations/window.html", status=form.status, form=form, consultation=consultation, window=window, stages=STAGES
    )


def _back(request: AnyRequest, membership: Membership, consultation: Consultation, flash: str) -> Response[Any]:
    return redirect(request, f"/{membership.network.slug}{consultation.record.path}", flash=flash)


router = Router(path="/{network:str}", route_handlers=[edit_form, edit, new_window, add_window, window_form, change_window])

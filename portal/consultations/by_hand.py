"""Initiatives that no source tells of: typed by hand and changed by hand. What comes from a source is changed there.

Other networks may have entered the same initiative since. It is the business of the network that typed it, which was there first; what is
changed there is changed for all.
"""

from sqlalchemy import func, select, update
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.consultations.actions import enter, retitle, tell_moved
from portal.consultations.models import Consultation, ConsultationForm, FeedbackWindow, Initiative, InitiativeForm, WindowForm
from portal.consultations.queries import networks_with
from portal.db import Session
from portal.live import signal
from portal.networks.models import Membership
from portal.networks.queries import authorise, hold
from portal.records import actions as records
from portal.web import Forbidden, Refused, _l, check_version

FROM_A_SOURCE = _l("Samrådet kommer från källan och ändras där.")
FROM_ANOTHER = _l("Ett annat nätverk har registrerat samrådet och ändrar det.")


async def register(session: Session, *, by: Membership, form: ConsultationForm) -> Consultation:
    """An initiative with its first window, and this network's consultation."""
    await authorise(session, by, "consultation:create")
    initiative = Initiative(title_sv=form.title_sv, created_at=clock.now())
    _take(initiative, form)
    session.add(initiative)
    await session.flush()
    session.add(_new_window(initiative, form, number=1))
    return await enter(session, initiative, by=by)


async def edit(session: Session, consultation: Consultation, *, by: Membership, form: InitiativeForm, version: str = "") -> None:
    """Other words, link or topics. Changed if they are no longer those of `version`. Calendars show the title beside every last day."""
    await _begin(session, consultation, by=by)
    initiative = consultation.initiative
    check_version(version, initiative.values())
    if (initiative.title_sv, initiative.title_en) != (form.title_sv, form.title_en):
        risen = {"sequence": col(FeedbackWindow.sequence) + 1, "changed_at": clock.now()}
        await session.execute(update(FeedbackWindow).where(col(FeedbackWindow.initiative_id) == initiative.id).values(risen))
    _take(initiative, form)
    records.touch(consultation.record, by=by)
    await retitle(session, initiative)
    await _tell(session, consultation, by=by)


async def add_window(session: Session, consultation: Consultation, *, by: Membership, form: WindowForm) -> None:
    """One more period for feedback."""
    await _begin(session, consultation, by=by)
    known = select(func.count()).where(col(FeedbackWindow.initiative_id) == consultation.initiative_id)
    session.add(_new_window(consultation.initiative, form, number=(await session.scalar(known) or 0) + 1))
    await _tell(session, consultation, by=by)


async def change_window(
    session: Session, consultation: Consultation, window: FeedbackWindow, *, by: Membership, form: WindowForm, version: str = ""
) -> None:
    """Other days, hour or stage. Changed if they are no longer those of `version`."""
    await _begin(session, consultation, by=by)
    await session.refresh(window, ["stage", "opens_at", "closes_at", "tz", "sequence"])
    check_version(version, window.values())
    before = {window.id: window.closes_at}
    if (window.stage, window.closes_at) != (form.stage, form.closes_at):
        window.sequence, window.changed_at = window.sequence + 1, clock.now()
    _set_period(window, form)
    await tell_moved(session, consultation.initiative, before, by=by)
    records.touch(consultation.record, by=by)
    await _tell(session, consultation, by=by)


async def may_edit(session: Session, consultation: Consultation, by: Membership) -> bool:
    """Whether words and times are to be changed here, and by this member: who typed them, or the coordinator of her network."""
    return consultation.initiative.key is None and _holds(consultation, by) and await _is_first(session, consultation)


def _holds(consultation: Consultation, by: Membership) -> bool:
    return by.can("consultation:edit") or (by.can("consultation:create") and consultation.record.created_by_id == by.person_id)


async def _is_first(session: Session, consultation: Consultation) -> bool:
    first = select(func.min(col(Consultation.record_id))).where(col(Consultation.initiative_id) == consultation.initiative_id)
    return await session.scalar(first) == consultation.record_id


async def check_may_edit(session: Session, consultation: Consultation, *, by: Membership) -> None:
    """Forbidden, or Refused with the reason."""
    if not _holds(consultation, by):
        raise Forbidden
    if consultation.initiative.key is not None:
        raise Refused(FROM_A_SOURCE, status=409)
    if not await _is_first(session, consultation):
        raise Refused(FROM_ANOTHER, status=409)


async def _begin(session: Session, consultation: Consultation, *, by: Membership) -> None:
    await hold(session, by)
    await records.lock(session, consultation.record, consultation.initiative)
    await check_may_edit(session, consultation, by=by)


async def _tell(session: Session, consultation: Consultation, *, by: Membership) -> None:
    """Whoever has the initiative on a page; the deed is the network's own."""
    activity.record(session, verb="consultation.changed", by=by, record=consultation.record)
    for network_id in await networks_with(session, consultation.initiative_id):
        await signal(session, network_id, "consultations")


def _take(initiative: Initiative, form: InitiativeForm) -> None:
    for name in InitiativeForm.model_fields:
        setattr(initiative, name, getattr(form, name))


def _new_window(initiative: Initiative, form: WindowForm, *, number: int) -> FeedbackWindow:
    window = FeedbackWindow(initiative_id=initiative.id, key=f"{form.stage}:{number}", stage=form.stage)
    _set_period(window, form)
    return window


def _set_period(window: FeedbackWindow, form: WindowForm) -> None:
    """What is open without an opening day says so itself: no source has said it."""
    window.stage, window.opens_at, window.closes_at, window.tz = form.stage.value, form.opens_at, form.closes_at, form.zone.value
    window.published_text, window.source_status = form.closes_on.isoformat(), "" if form.opens_on else "OPEN"

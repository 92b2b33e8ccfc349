"""Notes become a record: sent for correction, approved by the coordinator and one who was there, locked, registered."""

from sqlalchemy import exists, select, update
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal import clock, notifications
from portal.activity import actions as activity
from portal.db import Session
from portal.drafting import actions as drafting
from portal.drafting.models import DraftText
from portal.live import signal
from portal.meetings import minutes_document as document
from portal.meetings.models import Attendance, Meeting, State
from portal.meetings.record_models import Amendment, AmendmentForm, ApprovalForm, CirculationForm, Correction, Minutes, RegistrationForm
from portal.networks.models import Membership
from portal.networks.queries import WHOLE, authorise, hold, lasting
from portal.networks.wrong import Wrong
from portal.records import actions as records
from portal.records import passages
from portal.records.models import Handling
from portal.web import Conflict, Forbidden, NotFound, _l, speaking

CIRCULATED = "minutes.circulated"
NOT_LOCKED = _l("Anteckningarna är inte färdigställda än.")
LOCKED = _l("Anteckningarna är redan färdigställda.")
UNANSWERED = _l("Ett ändringsförslag väntar på svar. Anteckningarna godkänns när alla förslag är besvarade.")
REWORDED = _l("Texten har ändrats sedan du öppnade sidan. Läs den en gång till innan du godkänner.")


async def of(session: Session, meeting: Meeting) -> Minutes | None:
    """The notes' way to a record; None before they were sent for correction, and for notes from before there was such a way.

    Whoever changes it holds the meeting's record and has not read it before."""
    names = [joinedload(Minutes.adjuster).joinedload(Membership.person), joinedload(Minutes.approved_by)]  # type: ignore[arg-type]
    return await session.get(Minutes, meeting.record_id, options=names)


async def those_present(session: Session, meeting: Meeting) -> list[Membership]:
    """The members who were there and still are members: they may propose corrections, and one of them approves."""
    found = await session.scalars(
        select(Membership)
        .options(*WHOLE)
        .join(Attendance, col(Attendance.membership_id) == col(Membership.id))
        .where(col(Attendance.meeting_id) == meeting.record_id, col(Attendance.present).is_(True), lasting(clock.today()))
        .order_by(col(Membership.id))
    )
    return [each for each in found.unique() if each.can("minutes:correct")] if not _is_unheld(meeting) else []


def _is_unheld(meeting: Meeting) -> bool:
    return meeting.state not in (State.held, State.finalised)


async def was_there(session: Session, meeting: Meeting, membership: Membership) -> bool:
    """Whether this person was noted as present, in whichever of her seats."""
    wanted = select(col(Attendance.id)).join(Membership, col(Membership.id) == col(Attendance.membership_id))
    wanted = wanted.where(col(Attendance.meeting_id) == meeting.record_id, col(Attendance.present).is_(True))
    return await session.scalar(wanted.where(col(Membership.person_id) == membership.person_id).limit(1)) is not None


async def circulate(session: Session, meeting: Meeting, *, by: Membership, form: CirculationForm) -> int:
    """Send the notes for correction to those who were there, or once more with another day or adjuster; how many are written to."""
    await authorise(session, by, "minutes:finalise")
    await records.lock(session, meeting.record, meeting)
    if meeting.state == State.finalised:
        raise Conflict(LOCKED)
    if meeting.state != State.held:
        raise Conflict(_l("Anteckningarna skickas på justering när träffen är hållen."))
    there = await those_present(session, meeting)
    adjuster = next((each for each in there if each.id == form.adjuster_id), None)
    if adjuster is None or adjuster.person_id == by.person_id:
        raise Wrong("adjuster_id", _l("Välj någon annan än dig själv, bland dem som var med."))
    minutes = await _sent(session, meeting, by=by)
    minutes.respond_by, minutes.adjuster_id = form.respond_by, adjuster.id
    await session.flush()
    activity.record(session, verb="minutes.circulated", by=by, record=meeting.record, round=minutes.round)
    await signal(session, by.network_id, "meetings")
    return await notifications.tell(
        session,
        CIRCULATED,
        event=f"{CIRCULATED}:{meeting.record_id}:{minutes.round}",
        people={each.person_id for each in there if each.person_id != by.person_id},
        network_id=by.network_id,
        record=meeting.record,
        ref=minutes.round,
        by=by.person_id,
    )


async def _sent(session: Session, meeting: Meeting, *, by: Membership) -> Minutes:
    """The row of a new round; earlier approvals are gone."""
    minutes = await session.get(Minutes, meeting.record_id)
    if minutes is None:
        minutes = Minutes(
            meeting_id=meeting.record_id, round=0, sent_at=clock.now(), sent_by_id=by.person_id, respond_by=clock.today(), adjuster_id=by.id
        )
        session.add(minutes)
    minutes.round += 1
    minutes.sent_at, minutes.sent_by_id = clock.now(), by.person_id
    minutes.adjusted_at = minutes.approved_at = minutes.approved_by_id = None
    minutes.adjusted_mark = minutes.approved_mark = ""
    return minutes


async def approve(session: Session, meeting: Meeting, *, by: Membership, form: ApprovalForm) -> bool:
    """Say yes to the text that the form was filled with, as adjuster or as coordinator. With the second yes to one and the same text
    it is locked: True then. Nobody says both. Conflict while a correction waits for an answer, which it could not get afterwards."""
    await hold(session, by)
    text = await _hold_text(session, meeting)
    await records.lock(session, meeting.record, meeting)
    await drafting.show_all(session, text)
    minutes = await _under_review(session, meeting)
    is_adjuster = minutes.adjuster.person_id == by.person_id
    if not await may_approve(session, meeting, minutes, by):
        raise Forbidden
    with speaking(by.network.language):
        content = await document.content(session, meeting, by.network)
    mark = document.mark(content)
    if form.mark != mark:
        raise Conflict(REWORDED)
    waiting = select(col(Correction.id)).where(col(Correction.meeting_id) == meeting.record_id, col(Correction.outcome).is_(None))
    if await session.scalar(waiting.limit(1)) is not None:
        raise Conflict(UNANSWERED)
    if is_adjuster:
        minutes.adjusted_at, minutes.adjusted_mark = clock.now(), mark
    else:
        minutes.approved_at, minutes.approved_by_id, minutes.approved_mark = clock.now(), by.person_id, mark
        minutes.approved_by = by.person
    activity.record(session, verb="minutes.approved", by=by, record=meeting.record, adjuster=is_adjuster)
    is_done = minutes.adjusted_mark == minutes.approved_mark == mark
    if is_done:
        await _lock(session, meeting, minutes, text, content, by=by)
    await signal(session, by.network_id, "meetings")
    return is_done


async def may_approve(session: Session, meeting: Meeting, minutes: Minutes, membership: Membership) -> bool:
    """The adjuster, as long as she is a member and counts as one who was there; of all others the coordinator."""
    if minutes.adjuster.person_id == membership.person_id:
        return membership.can("minutes:correct") and await was_there(session, meeting, membership)
    return membership.can("minutes:finalise")


async def _lock(
    session: Session, meeting: Meeting, minutes: Minutes, text: DraftText, content: document.Document, *, by: Membership
) -> None:
    with speaking(by.network.language):
        minutes.document = content | {"approval": document.names_of_approval(minutes)}
    minutes.locked_at = clock.now()
    meeting.state = State.finalised
    await drafting.lock(session, text)
    await records.finalise(session, meeting.record, by=by)
    activity.record(session, verb="minutes.finalised", by=by, record=meeting.record)


async def _hold_text(session: Session, meeting: Meeting) -> DraftText:
    """Nobody writes in the notes until the commit."""
    text = await document.notes_text(session, meeting)
    if text is None:
        raise NotFound
    return await drafting.hold_text(session, text, alone=True)


async def _under_review(session: Session, meeting: Meeting) -> Minutes:
    minutes = await of(session, meeting)
    if meeting.state == State.finalised or (minutes and minutes.is_locked):
        raise Conflict(LOCKED)
    if minutes is None:
        raise Conflict(_l("Skicka anteckningarna på justering först."))
    return minutes


async def register(session: Session, meeting: Meeting, *, by: Membership, form: RegistrationForm) -> None:
    """The registrar's decision: a number of the registry, or that the notes are not registered, and why. It may be changed."""
    await authorise(session, by, "registry:set")
    await records.lock(session, meeting.record, meeting)
    minutes = await of(session, meeting)
    if minutes is None or not minutes.is_locked:
        raise Conflict(NOT_LOCKED)
    record = meeting.record
    record.registry_no = form.registry_no or None
    record.handling = Handling.registered if form.registry_no else Handling.finalised
    minutes.unregistered_reason = form.unregistered_reason
    minutes.registered_at, minutes.registered_by_id = clock.now(), by.person_id
    records.touch(record, by=by)
    activity.record(session, verb="minutes.registered" if form.registry_no else "minutes.left_unregistered", by=by, record=record)
    await signal(session, by.network_id, "meetings")


async def amend(session: Session, meeting: Meeting, *, by: Membership, form: AmendmentForm) -> Amendment:
    """A correction of locked notes, dated and named. It is news to everybody who may read them."""
    await authorise(session, by, "minutes:finalise")
    await records.lock(session, meeting.record, meeting)
    if meeting.state != State.finalised:
        raise Conflict(NOT_LOCKED)
    amendment = Amendment(meeting_id=meeting.record_id, body=form.body, by_name=by.person.name, by_id=by.person_id, at=clock.now())
    session.add(amendment)
    records.touch(meeting.record, by=by)
    await session.flush()
    await passages.keep(session, meeting.record_id, "amendment_id", amendment.id, words=amendment.body)
    activity.record(session, verb="minutes.amended", by=by, record=meeting.record)
    await signal(session, by.network_id, "meetings")
    return amendment


async def hand_over(session: Session, leaving: Membership, successor: Membership, by: Membership) -> int:
    """What `leaving` has still to approve as adjuster is the successor's where she may: she was there, and has neither sent the notes
    out nor approved them as coordinator; how many notes. For the rest the coordinator chooses somebody else who was there."""
    was_present = exists().where(
        col(Attendance.meeting_id) == col(Minutes.meeting_id),
        col(Attendance.present).is_(True),
        col(Attendance.membership_id) == col(Membership.id),
        col(Membership.person_id) == successor.person_id,
    )
    handed = await session.execute(
        update(Minutes)
        .where(col(Minutes.adjuster_id) == leaving.id, col(Minutes.locked_at).is_(None), col(Minutes.adjusted_at).is_(None), was_present)
        .where(col(Minutes.sent_by_id) != successor.person_id, col(Minutes.approved_by_id).is_distinct_from(successor.person_id))
        .values(adjuster_id=successor.id)
        .returning(col(Minutes.meeting_id))
        .execution_options(synchronize_session=False)
    )
    count = len(handed.all())
    if count:
        await signal(session, by.network_id, "meetings")
    return count

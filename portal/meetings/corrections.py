"""Corrections that are proposed to notes on their way to a record, section by section, and what the coordinator makes of each."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.db import Session
from portal.drafting import actions as drafting
from portal.drafting import document
from portal.drafting.models import Section, SectionForm
from portal.drafting.queries import TextView
from portal.live import signal
from portal.meetings import minutes as record
from portal.meetings.models import Meeting, State
from portal.meetings.record_models import Correction, CorrectionForm, Outcome, RulingForm
from portal.networks.models import Membership
from portal.networks.queries import authorise
from portal.networks.wrong import Wrong
from portal.records import actions as records
from portal.web import Conflict, Forbidden, NotFound, _l
from portal.web.errors import Changed

OVER = _l("Anteckningarna är inte på justering.")
MOVED_ON = _l("Avsnittet har ändrats sedan förslaget skrevs. Skriv in ändringen själv och välj sedan ”Redan införd”.")
MOST_OPEN = 20
TOO_MANY = _l("Du har redan tjugo förslag som väntar på svar. Skriv fler när några av dem är besvarade.")
NAMES = (
    joinedload(Correction.by).joinedload(Membership.person),  # type: ignore[arg-type]
    joinedload(Correction.ruled_by),  # type: ignore[arg-type]
)


async def of_meeting(session: Session, meeting: Meeting) -> Sequence[Correction]:
    """Every correction that was proposed, the first first."""
    wanted = select(Correction).options(*NAMES).where(col(Correction.meeting_id) == meeting.record_id)
    return (await session.scalars(wanted.order_by(col(Correction.id)))).unique().all()


async def one(session: Session, meeting: Meeting, number: int) -> Correction:
    found = await session.get(Correction, number, options=NAMES)
    if found is None or found.meeting_id != meeting.record_id:
        raise NotFound
    return found


async def require_reviewer(session: Session, meeting: Meeting, membership: Membership) -> None:
    """Forbidden unless she was there; Conflict unless the notes are on correction."""
    if not (membership.can("minutes:correct") and await record.was_there(session, meeting, membership)):
        raise Forbidden(_l("Bara de som var med på träffen föreslår ändringar i anteckningarna."))
    if meeting.state != State.held or await record.of(session, meeting) is None:
        raise Conflict(OVER)


async def propose(session: Session, meeting: Meeting, view: TextView, *, by: Membership, form: CorrectionForm) -> Correction:
    """Ask for other words in a section. Wrong if they are the words that stand there; Changed if those are not what she began from."""
    await authorise(session, by, "minutes:correct")
    section = next((each for each in view.sections if each.id == form.section_id), None)
    if section is None:
        raise NotFound
    await drafting.hold_text(session, view.text)
    section = await drafting.up_to_date(session, section)
    await records.lock(session, meeting.record, meeting)
    await require_reviewer(session, meeting, by)
    if await _open_of(session, meeting, by) >= MOST_OPEN:
        raise Wrong("body", TOO_MANY)
    before, body = document.to_markdown(section.body), document.to_markdown(drafting.read_body(form.body))
    if form.version != section.version:
        raise Changed({"body": before})
    if body == before and not form.reason:
        raise Wrong("body", _l("Texten är som den var. Ändra i den, eller skriv vad som är fel."))
    correction = Correction(
        meeting_id=meeting.record_id,
        section_id=section.id,
        version=section.version,
        before=before,
        body=body,
        reason=form.reason,
        by_id=by.id,
        at=clock.now(),
    )
    session.add(correction)
    await session.flush()
    activity.record(session, verb="correction.proposed", by=by, record=meeting.record, section=section.id)
    await signal(session, by.network_id, "meetings")
    return correction


async def _open_of(session: Session, meeting: Meeting, by: Membership) -> int:
    """How many of her proposals, from whichever of her seats, wait for an answer."""
    theirs = select(col(Membership.id)).where(col(Membership.person_id) == by.person_id)
    wanted = select(func.count()).select_from(Correction).where(col(Correction.meeting_id) == meeting.record_id)
    return await session.scalar(wanted.where(col(Correction.outcome).is_(None), col(Correction.by_id).in_(theirs))) or 0


async def rule(session: Session, meeting: Meeting, correction: Correction, view: TextView, *, by: Membership, form: RulingForm) -> None:
    """Take it in word by word, say that it is written in already, or decline it with a word. Conflict if that has been said."""
    await authorise(session, by, "minutes:finalise")
    if form.outcome == Outcome.taken:
        await drafting.require_author(session, view.text, by=by)
        await session.get(Section, correction.section_id, with_for_update=True, populate_existing=True)
    await records.lock(session, meeting.record, meeting)
    await session.refresh(correction, ["outcome", "ruled_at"], with_for_update=True)
    if meeting.state != State.held:
        raise Conflict(OVER)
    if correction.outcome is not None:
        raise Conflict(_l("Förslaget är redan besvarat."))
    if form.outcome == Outcome.taken:
        await _take_in(session, correction, view, by=by)
    correction.outcome, correction.word = form.outcome.value, form.word
    correction.ruled_at, correction.ruled_by_id = clock.now(), by.person_id
    activity.record(session, verb="correction.ruled", by=by, record=meeting.record, outcome=form.outcome.value)
    await signal(session, by.network_id, "meetings")


async def _take_in(session: Session, correction: Correction, view: TextView, *, by: Membership) -> None:
    section = next((each for each in view.sections if each.id == correction.section_id), None)
    if section is None:
        raise NotFound
    form = SectionForm(heading=section.heading, body=correction.body, version=correction.version)
    try:
        await drafting.save(session, section, view, by=by, form=form)
    except drafting.SectionChanged:
        raise Conflict(MOVED_ON) from None

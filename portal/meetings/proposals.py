"""What members propose for an agenda: a backlog of the network's, until somebody takes it in,
declines it with a word, or it is withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select, text, update
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.db import Session
from portal.live import signal
from portal.meetings import agenda
from portal.meetings.agenda_models import DecliningForm, Fate, Proposal, ProposalForm
from portal.meetings.models import AgendaForm, AgendaItem, Goal, Meeting
from portal.networks.models import Membership
from portal.networks.queries import authorise, hold
from portal.records.models import Record
from portal.records.queries import readable
from portal.web import Conflict, Forbidden, NotFound, _l

ANSWERED = _l("Förslaget är redan besvarat.")
MOST_OPEN, MOST_OF_ONE = 50, 10
WHOLE = (
    joinedload(Proposal.by).joinedload(Membership.person),  # type: ignore[arg-type]
    joinedload(Proposal.by).joinedload(Membership.unit),  # type: ignore[arg-type]
    joinedload(Proposal.ruled_by),  # type: ignore[arg-type]
)


async def backlog(session: Session, network_id: int) -> Sequence[Proposal]:
    """What waits, the oldest first."""
    wanted = select(Proposal).options(*WHOLE).where(col(Proposal.network_id) == network_id, col(Proposal.fate).is_(None))
    return (await session.scalars(wanted.order_by(col(Proposal.id)))).unique().all()


async def answered(session: Session, network_id: int) -> Sequence[Proposal]:
    """The latest that were taken in or declined."""
    wanted = (
        select(Proposal).options(*WHOLE).where(col(Proposal.network_id) == network_id, col(Proposal.fate).in_((Fate.taken, Fate.declined)))
    )
    return (await session.scalars(wanted.order_by(col(Proposal.ruled_at).desc()).limit(20))).unique().all()


@dataclass(frozen=True)
class Ruled:
    """What became of a member's proposal; `meeting` is the record of the one that took it in, if she may read it."""

    proposal: Proposal
    meeting: Record | None


async def ruled(session: Session, member: Membership, *, after: datetime, until: datetime) -> list[Ruled]:
    """The person's own proposals that others have taken in or declined, later than `after` and at latest `until`. A guest has none."""
    if member.is_guest:
        return []
    wanted = (
        select(Proposal, Record)
        .join(Membership, col(Membership.id) == col(Proposal.by_id))
        .outerjoin(Record, and_(col(Record.id) == col(Proposal.meeting_id), readable(member)))
        .where(col(Proposal.network_id) == member.network_id, col(Membership.person_id) == member.person_id)
        .where(col(Proposal.fate).in_((Fate.taken, Fate.declined)), col(Proposal.ruled_by_id).is_distinct_from(member.person_id))
        .where(col(Proposal.ruled_at) > after, col(Proposal.ruled_at) <= until)
        .order_by(col(Proposal.id))
    )
    return [Ruled(*row) for row in await session.execute(wanted)]


async def count_waiting(session: Session, network_id: int) -> int:
    waiting = select(func.count()).select_from(Proposal).where(col(Proposal.network_id) == network_id, col(Proposal.fate).is_(None))
    return await session.scalar(waiting) or 0


async def one(session: Session, membership: Membership, number: int) -> Proposal:
    """A proposal of the member's network, for those who read all of it; else NotFound."""
    found = await session.get(Proposal, number, options=WHOLE)
    if found is None or found.network_id != membership.network_id or membership.is_guest:
        raise NotFound
    return found


async def propose(session: Session, *, by: Membership, form: ProposalForm) -> Proposal:
    """Put something into the backlog."""
    await authorise(session, by, "agenda:propose")
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:network, 14))"), {"network": f"proposals:{by.network_id}"})
    if await _count_own(session, by) >= MOST_OF_ONE:
        raise Conflict(_l("Du har redan 10 förslag som väntar. Ta tillbaka något, eller vänta tills några har besvarats."))
    if await count_waiting(session, by.network_id) >= MOST_OPEN:
        raise Conflict(_l("Det väntar redan 50 förslag. Vänta tills några har besvarats."))
    proposal = Proposal(**form.model_dump(), network_id=by.network_id, by_id=by.id, at=clock.now())
    session.add(proposal)
    await session.flush()
    found_by = {"id": proposal.id, "words": f"{form.title}\n{form.why}"}
    await session.execute(text("UPDATE agenda_proposal SET search = portal_terms(:words) WHERE id = :id"), found_by)
    activity.record(session, verb="agenda.proposed", by=by, proposal=proposal.id)
    await signal(session, by.network_id, "meetings")
    return proposal


async def _count_own(session: Session, by: Membership) -> int:
    """How many of the person's own wait, whichever unit she made them for."""
    own = select(func.count()).select_from(Proposal).join(Membership, col(Membership.id) == col(Proposal.by_id))
    waiting = own.where(col(Proposal.network_id) == by.network_id, col(Proposal.fate).is_(None), col(Membership.person_id) == by.person_id)
    return await session.scalar(waiting) or 0


async def take(session: Session, proposal: Proposal, meeting: Meeting, *, by: Membership) -> AgendaItem:
    """Put it last on the meeting's agenda, with its proposer as presenter."""
    await _begin(session, proposal, by=by)
    goal = Goal(proposal.goal) if proposal.goal else None
    form = AgendaForm(title=proposal.title, minutes=proposal.minutes, presenter=proposal.by.person.name, goal=goal)
    item = await agenda.add(session, meeting, by=by, form=form)
    proposal.meeting_id = meeting.record_id
    await _rule(session, proposal, Fate.taken, by=by)
    return item


async def decline(session: Session, proposal: Proposal, *, by: Membership, form: DecliningForm) -> None:
    """It will not be on an agenda; the word says why."""
    await _begin(session, proposal, by=by)
    proposal.word = form.word
    await _rule(session, proposal, Fate.declined, by=by)


async def withdraw(session: Session, proposal: Proposal, *, by: Membership) -> None:
    """The proposer does not want it any more."""
    await hold(session, by)
    await _lock(session, proposal)
    if proposal.by.person_id != by.person_id:
        raise Forbidden(_l("Bara den som lade förslaget kan ta tillbaka det."))
    proposal.fate, proposal.ruled_at, proposal.ruled_by_id = Fate.withdrawn, clock.now(), by.person_id
    await signal(session, by.network_id, "meetings")


async def hand_over(session: Session, leaving: Membership, successor: Membership, by: Membership) -> int:
    """What `leaving` has proposed and nobody has answered is the successor's; how many."""
    theirs = (col(Proposal.by_id) == leaving.id, col(Proposal.fate).is_(None))
    change = update(Proposal).where(*theirs).values(by_id=successor.id).returning(col(Proposal.id))
    count = len((await session.execute(change.execution_options(synchronize_session=False))).all())
    if count:
        await signal(session, by.network_id, "meetings")
    return count


async def _begin(session: Session, proposal: Proposal, *, by: Membership) -> None:
    await authorise(session, by, "meeting:plan")
    await _lock(session, proposal)


async def _lock(session: Session, proposal: Proposal) -> None:
    await session.refresh(proposal, ["fate"], with_for_update=True)
    if proposal.fate is not None:
        raise Conflict(ANSWERED)


async def _rule(session: Session, proposal: Proposal, fate: Fate, *, by: Membership) -> None:
    proposal.fate, proposal.ruled_at, proposal.ruled_by_id = fate.value, clock.now(), by.person_id
    activity.record(session, verb="agenda.proposal_ruled", by=by, proposal=proposal.id, fate=fate.value)
    await session.flush()
    await signal(session, by.network_id, "meetings")

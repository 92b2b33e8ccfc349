"""The meeting while it goes on: the item it is at, who is there, and what is decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.db import Session
from portal.drafting import actions as drafting
from portal.live import signal
from portal.meetings import actions
from portal.meetings.agenda_models import Floor
from portal.meetings.minutes_document import notes_text
from portal.meetings.models import AgendaItem, Meeting, State
from portal.meetings.queries import Seat
from portal.meetings.record_models import MeetingVisitor, VisitorForm
from portal.meetings.rights import authorise
from portal.networks.models import Membership
from portal.networks.queries import members
from portal.records import actions as records
from portal.web import Conflict, NotFound, _l

OVER = _l("Närvaron kan inte ändras längre.")


@dataclass(frozen=True)
class Place:
    """Where the meeting is: the item, since when, and those around it."""

    item: AgendaItem | None
    number: int
    began_at: datetime | None
    before: AgendaItem | None
    after: AgendaItem | None

    @property
    def minutes(self) -> int:
        """How long the item has gone on."""
        return int((clock.now() - self.began_at).total_seconds() // 60) if self.began_at else 0


async def place(session: Session, meeting: Meeting, items: Sequence[AgendaItem]) -> Place:
    """Where in its agenda (`items`, in their order) the meeting is; before it has begun the first item is the next."""
    floor = await session.get(Floor, meeting.record_id)
    here = next((n for n, each in enumerate(items) if floor and each.id == floor.item_id), None)
    if here is None:
        return Place(None, 0, None, None, items[0] if items else None)
    before = items[here - 1] if here else None
    after = items[here + 1] if here + 1 < len(items) else None
    return Place(items[here], here + 1, floor.began_at if floor else None, before, after)


def by_unit(seats: Sequence[Seat]) -> list[tuple[str, list[Seat]]]:
    """The seats under the names of their units, those of no unit last, as `seats` orders them."""
    return [
        (name, list(group)) for name, group in groupby(seats, key=lambda seat: seat.membership.unit.name if seat.membership.unit else "")
    ]


async def go_to(session: Session, meeting: Meeting, item: AgendaItem, *, by: Membership) -> None:
    """The meeting is at this item now. Its clock starts anew only when it was at another."""
    notes = await notes_text(session, meeting)
    if notes is None:
        raise NotFound
    await drafting.require_author(session, notes, by=by)
    row = insert(Floor).values(meeting_id=meeting.record_id, item_id=item.id, began_at=clock.now())
    moved = {"item_id": item.id, "began_at": clock.now()}
    await session.execute(row.on_conflict_do_update(index_elements=["meeting_id"], set_=moved, where=col(Floor.item_id) != item.id))
    await signal(session, by.network_id, "meetings")


async def mark(session: Session, meeting: Meeting, membership_id: int, *, by: Membership, present: bool) -> None:
    """One member is there, or is not."""
    await authorise(session, by, "attendance:record", meeting)
    await _begin(session, meeting)
    day = clock.local(meeting.starts_at).date()
    if membership_id not in {each.id for each in await members(session, by.network_id, day=day)}:
        raise NotFound
    await actions.mark(session, meeting, membership_id, present=present)
    activity.record(session, verb="attendance.recorded", by=by, record=meeting.record, member=membership_id, present=present)
    await signal(session, by.network_id, "meetings")


async def welcome(session: Session, meeting: Meeting, *, by: Membership, form: VisitorForm) -> MeetingVisitor:
    """Somebody is there who is no member."""
    await authorise(session, by, "attendance:record", meeting)
    await _begin(session, meeting)
    visitor = MeetingVisitor(meeting_id=meeting.record_id, name=form.name, organisation=form.organisation)
    session.add(visitor)
    await session.flush()
    activity.record(session, verb="visitor.noted", by=by, record=meeting.record)
    await signal(session, by.network_id, "meetings")
    return visitor


async def strike(session: Session, meeting: Meeting, visitor_id: int, *, by: Membership) -> None:
    """Written down by mistake."""
    await authorise(session, by, "attendance:record", meeting)
    await _begin(session, meeting)
    theirs = (col(MeetingVisitor.id) == visitor_id, col(MeetingVisitor.meeting_id) == meeting.record_id)
    gone = await session.execute(delete(MeetingVisitor).where(*theirs).returning(col(MeetingVisitor.id)))
    if gone.first() is None:
        raise NotFound
    activity.record(session, verb="visitor.noted", by=by, record=meeting.record)
    await signal(session, by.network_id, "meetings")


async def _begin(session: Session, meeting: Meeting) -> None:
    await records.lock(session, meeting.record, meeting)
    if meeting.state in (State.cancelled, State.finalised):
        raise Conflict(OVER)

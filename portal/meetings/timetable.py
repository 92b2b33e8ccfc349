"""An agenda against the clock, and what its items are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager
from sqlmodel import col

from portal.db import Session
from portal.meetings.agenda_models import ItemRecord
from portal.meetings.models import AgendaItem, Meeting, State
from portal.networks.models import Membership
from portal.records.models import Audience, Record
from portal.records.queries import readable

OFFERED = 60


@dataclass(frozen=True)
class Timetable:
    """When each item begins (by its number), as far as every item before it has a length; and minutes in all."""

    begins: dict[int, datetime]
    planned: int
    length: int

    @property
    def over(self) -> int:
        """How many minutes the agenda is longer than the meeting."""
        return max(0, self.planned - self.length)


def timetable(meeting: Meeting, items: Sequence[AgendaItem]) -> Timetable:
    begins: dict[int, datetime] = {}
    at: datetime | None = meeting.starts_at
    for item in items:
        if at is not None:
            begins[item.id] = at
            at = at + timedelta(minutes=item.minutes) if item.minutes else None
    length = int((meeting.ends_at - meeting.starts_at).total_seconds() // 60)
    return Timetable(begins, sum(item.minutes or 0 for item in items), length)


async def records_of(session: Session, membership: Membership, meeting: Meeting) -> dict[int, list[Record]]:
    """The records that items are about and that the member may read, by item."""
    wanted = select(col(ItemRecord.item_id), Record).join(Record, col(Record.id) == col(ItemRecord.record_id))
    wanted = wanted.join(AgendaItem, col(AgendaItem.id) == col(ItemRecord.item_id)).where(col(AgendaItem.meeting_id) == meeting.record_id)
    found: dict[int, list[Record]] = {}
    for item_id, record in await session.execute(wanted.where(readable(membership)).order_by(col(Record.id))):
        found.setdefault(item_id, []).append(record)
    return found


async def offered(session: Session, membership: Membership, meeting: Meeting) -> Sequence[Record]:
    """Records that an item may be about: those that changed last."""
    wanted = select(Record).where(readable(membership), col(Record.id) != meeting.record_id, col(Record.audience) != Audience.author)
    return (await session.scalars(wanted.order_by(col(Record.updated_at).desc()).limit(OFFERED))).all()


async def days_of(session: Session, records: Sequence[Record]) -> dict[int, datetime]:
    """When those of them that are meetings begin: meetings of a series share one title."""
    wanted = select(col(Meeting.record_id), col(Meeting.starts_at)).where(col(Meeting.record_id).in_([each.id for each in records]))
    return dict((await session.execute(wanted)).all())


async def earlier(session: Session, membership: Membership, meeting: Meeting) -> Sequence[Meeting]:
    """Meetings whose agenda can be copied, the latest first; also of one that was called off, whenever it was to be."""
    wanted = select(Meeting).join(Meeting.record).options(contains_eager(Meeting.record))  # type: ignore[arg-type]
    wanted = wanted.where(readable(membership), col(Meeting.record_id) != meeting.record_id)
    wanted = (
        wanted.where(or_(col(Meeting.starts_at) < meeting.starts_at, col(Meeting.state) == State.cancelled))
        .order_by(col(Meeting.starts_at).desc())
        .limit(20)
    )
    return (await session.scalars(wanted)).unique().all()

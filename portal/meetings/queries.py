"""Reads of meetings, always through who may read their record."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    SQLColumnExpression,
    and_,
    case,
    cast,
    exists,
    func,
    not_,
    or_,
    select,
    true,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlmodel import col

from portal import clock, words
from portal.activity.models import Activity
from portal.clock import STOCKHOLM
from portal.db import Session
from portal.meetings.models import AgendaItem, Answer, Attendance, Invited, Meeting, State
from portal.networks import groups
from portal.networks.group_models import WorkingGroup
from portal.networks.models import Membership
from portal.networks.queries import members
from portal.notifications.models import Calendar, MailChoice
from portal.records.models import Record
from portal.records.queries import readable
from portal.web import NotFound

WHOLE = contains_eager(Meeting.record).options(  # type: ignore[arg-type]
    joinedload(Record.created_by),  # type: ignore[arg-type]
    joinedload(Record.owner_unit),  # type: ignore[arg-type]
    selectinload(Record.themes),  # type: ignore[arg-type]
)
GROUP = joinedload(Meeting.group)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Seat:
    """A member and what is known of her attendance."""

    membership: Membership
    attendance: Attendance | None


async def meeting(session: Session, membership: Membership, record_id: int) -> Meeting:
    """A meeting that this member may read, with its record whole; else NotFound."""
    wanted = select(Meeting).join(Meeting.record).options(WHOLE, GROUP)  # type: ignore[arg-type]
    one = (await session.scalars(wanted.where(col(Meeting.record_id) == record_id, readable(membership)))).unique().first()
    if one is None:
        raise NotFound
    return one


async def coming(session: Session, membership: Membership, *, limit: int = 50) -> Sequence[Meeting]:
    """Meetings that are not over, the nearest first."""
    wanted = select(Meeting).join(Meeting.record).options(WHOLE, GROUP)  # type: ignore[arg-type]
    wanted = (
        wanted.where(readable(membership), col(Meeting.ends_at) >= clock.now())
        .order_by(col(Meeting.starts_at), col(Meeting.record_id))
        .limit(limit)
    )
    return (await session.scalars(wanted)).unique().all()


async def past(session: Session, membership: Membership, *, before: datetime | None = None, limit: int = 30) -> Sequence[Meeting]:
    """Meetings that are over, the latest first."""
    wanted = select(Meeting).join(Meeting.record).options(WHOLE, GROUP)  # type: ignore[arg-type]
    wanted = wanted.where(readable(membership), col(Meeting.ends_at) < clock.now(), col(Meeting.starts_at) < (before or clock.now()))
    return (
        (await session.scalars(wanted.order_by(col(Meeting.starts_at).desc(), col(Meeting.record_id).desc()).limit(limit))).unique().all()
    )


async def next_meeting(session: Session, membership: Membership) -> Meeting | None:
    """The nearest meeting that is not cancelled and concerns the member."""
    wanted = select(Meeting).join(Meeting.record).options(WHOLE, GROUP)  # type: ignore[arg-type]
    wanted = wanted.where(
        readable(membership), concerns(membership), col(Meeting.ends_at) >= clock.now(), col(Meeting.state) != State.cancelled
    )
    return (await session.scalars(wanted.order_by(col(Meeting.starts_at), col(Meeting.record_id)).limit(1))).unique().first()


async def of_group(session: Session, membership: Membership, group: WorkingGroup) -> Sequence[Meeting]:
    """The group's meetings that the member may read, those of the last two years, the earliest first."""
    wanted = select(Meeting).join(Meeting.record).options(WHOLE, GROUP)  # type: ignore[arg-type]
    wanted = wanted.where(readable(membership), col(Meeting.group_id) == group.id, col(Meeting.starts_at) >= shown_since())
    return (await session.scalars(wanted.order_by(col(Meeting.starts_at), col(Meeting.record_id)))).unique().all()


async def next_of_groups(session: Session, membership: Membership) -> dict[int, Meeting]:
    """The nearest meeting of each working group that has one ahead and that the member may read, by the group's number."""
    wanted = select(Meeting).join(Meeting.record).options(WHOLE, GROUP).ext(distinct_on(col(Meeting.group_id)))  # type: ignore[arg-type]
    wanted = wanted.where(readable(membership), col(Meeting.group_id).is_not(None), col(Meeting.ends_at) >= clock.now())
    wanted = wanted.where(col(Meeting.state) != State.cancelled).order_by(
        col(Meeting.group_id), col(Meeting.starts_at), col(Meeting.record_id)
    )
    return {each.group_id: each for each in (await session.scalars(wanted)).unique() if each.group_id is not None}


def day_of() -> SQLColumnExpression[date]:
    """In a query of meetings: the Swedish day on which each begins."""
    return cast(func.timezone(STOCKHOLM.key, col(Meeting.starts_at)), Date)


def is_for(membership_id: SQLColumnExpression[int] | int) -> ColumnElement[bool]:
    """Where-clause on Meeting: it is for the whole network, or for a working group that the member is in on that day."""
    return or_(col(Meeting.group_id).is_(None), groups.is_in(membership_id, col(Meeting.group_id), day_of()))


def concerns(membership: Membership) -> ColumnElement[bool]:
    """Where-clause on Meeting: of those that the member may read, the ones she is asked to come to.
    What is shared with a guest is for her."""
    return true() if membership.is_guest else is_for(membership.id)


async def is_asked(session: Session, membership: Membership, meeting: Meeting) -> bool:
    """Whether the member is among those whom the meeting is for."""
    if meeting.group_id is None or membership.is_guest:
        return True
    return bool(await session.scalar(select(is_for(membership.id)).where(col(Meeting.record_id) == meeting.record_id)))


async def agenda(session: Session, meeting: Meeting) -> Sequence[AgendaItem]:
    wanted = select(AgendaItem).where(col(AgendaItem.meeting_id) == meeting.record_id)
    return (await session.scalars(wanted.order_by(col(AgendaItem.position), col(AgendaItem.id)))).all()


async def agenda_item(session: Session, meeting: Meeting, item_id: int) -> AgendaItem:
    item = await session.get(AgendaItem, item_id)
    if item is None or item.meeting_id != meeting.record_id:
        raise NotFound
    return item


async def attendance(session: Session, membership: Membership, meeting: Meeting) -> Attendance | None:
    """What this member has answered."""
    wanted = select(Attendance).where(col(Attendance.meeting_id) == meeting.record_id, col(Attendance.membership_id) == membership.id)
    return (await session.scalars(wanted)).first()


async def seats(session: Session, meeting: Meeting) -> list[Seat]:
    """Everyone whom the meeting was for on its day, with answer and presence, by unit and name; others, as guests, only if they
    answered or were there."""
    known = await session.scalars(select(Attendance).where(col(Attendance.meeting_id) == meeting.record_id))
    by_member = {each.membership_id: each for each in known}
    day = clock.local(meeting.starts_at).date()
    people = await members(session, meeting.record.network_id, day=day)
    asked = (
        await groups.comers(session, meeting.group_id, day=day)
        if meeting.group_id is not None
        else [each for each in people if not each.is_guest]
    )
    inside = {each.id for each in asked}
    seats = [Seat(each, by_member.get(each.id)) for each in people if each.id in inside or each.id in by_member]
    return sorted(seats, key=lambda seat: words.sort_key(seat.membership.unit.name if seat.membership.unit else "ö"))


async def marked(session: Session, meeting: Meeting) -> set[int]:
    """Of whom it is known whether they were there, by membership."""
    wanted = select(col(Attendance.membership_id)).where(
        col(Attendance.meeting_id) == meeting.record_id, col(Attendance.present).is_not(None)
    )
    return set(await session.scalars(wanted))


def tally(seats: Sequence[Seat]) -> dict[str, int]:
    """How many people answered what; "none" for those who have not. Who sits for two units is one."""
    known = [
        (each.answered_at, seat.membership.person_id, each.answer)
        for seat in seats
        if (each := seat.attendance) and each.answered_at and each.answer
    ]
    people = {seat.membership.person_id: "none" for seat in seats} | {person: answer for _at, person, answer in sorted(known)}
    return {answer.value: 0 for answer in Answer} | {"none": 0} | Counter(people.values())


async def count_in_year(session: Session, membership: Membership, year: int) -> int:
    """Meetings of the whole network in the year that are not cancelled."""
    first, last = (datetime.combine(date(y, 1, 1), time(), STOCKHOLM) for y in (year, year + 1))
    wanted = select(func.count()).select_from(Meeting).join(Record, col(Record.id) == col(Meeting.record_id))
    wanted = wanted.where(readable(membership), col(Meeting.group_id).is_(None), col(Meeting.state) != State.cancelled)
    return await session.scalar(wanted.where(col(Meeting.starts_at) >= first, col(Meeting.starts_at) < last)) or 0


def shown_since() -> datetime:
    """Calendars show what began from two years back on, and everything to come."""
    return datetime.combine(clock.today() - timedelta(days=730), time(), STOCKHOLM)


async def for_calendar(session: Session, membership: Membership, *, own: bool = False, group_id: int | None = None) -> Sequence[Meeting]:
    """All meetings of the network that a calendar should show; `own`: those alone that are the member's own; or those of one group."""
    wanted = _for_calendar().where(readable(membership), not_(_comes_by_invitation(membership)))
    if group_id is not None:
        wanted = wanted.where(col(Meeting.group_id) == group_id)
    if own:
        wanted = wanted.where(is_own(membership.id))
    return (await session.scalars(wanted)).all()


async def announced(session: Session, network_id: int) -> Sequence[Meeting]:
    """The meetings of the network that anybody may know of."""
    return (await session.scalars(_for_calendar().where(col(Record.network_id) == network_id, col(Meeting.announced)))).all()


def _for_calendar() -> Select[Meeting]:
    wanted = select(Meeting).join(Meeting.record).options(contains_eager(Meeting.record))  # type: ignore[arg-type]
    return wanted.where(col(Meeting.starts_at) >= shown_since()).order_by(col(Meeting.starts_at), col(Meeting.record_id))


def _comes_by_invitation(membership: Membership) -> ColumnElement[bool]:
    """Where-clause on Meeting: the member has got it as an invitation, and has not chosen to see it twice. She is sent each change of
    what she was sent, whatever she has chosen since and whether or not a program reads her feed; so it neither vanishes nor doubles.
    What she has not been sent, or what came back, is in her feed."""
    hers = (col(Invited.meeting_id) == col(Meeting.record_id), col(Invited.person_id) == membership.person_id)
    sent = exists().where(*hers, ~col(Invited.came_back))
    mine = (col(MailChoice.person_id) == membership.person_id, col(MailChoice.network_id) == membership.network_id)
    return and_(sent, ~exists().where(*mine, col(MailChoice.calendar) == Calendar.both))


def is_own(membership_id: SQLColumnExpression[int] | int) -> ColumnElement[bool]:
    """Where-clause on Meeting: the member has said yes or maybe to it, or it is for her, she is summoned and has not said no."""
    mine = (col(Attendance.meeting_id) == col(Meeting.record_id), col(Attendance.membership_id) == membership_id)
    answer = func.coalesce(select(col(Attendance.answer)).where(*mine).scalar_subquery(), "")
    # Not the state: a meeting that is held or cancelled does not tell by it whether anybody was summoned.
    summoned = exists().where(col(Activity.record_id) == col(Meeting.record_id), col(Activity.verb) == "meeting.summoned")
    return case((answer == "", and_(summoned, is_for(membership_id))), else_=answer.in_((Answer.yes, Answer.maybe)))

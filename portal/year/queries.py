"""Reads of the year: what the rooms have in it, always through who may read their records, and the coordinator's plan of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal import clock
from portal.clock import STOCKHOLM
from portal.consultations.models import Consultation, FeedbackWindow, Triage
from portal.db import Session
from portal.funding.models import Call, WatchedCall
from portal.meetings.models import Meeting, State
from portal.networks.board_models import Board, BoardMeeting
from portal.networks.group_models import WorkingGroup
from portal.networks.models import Membership
from portal.records.models import Record
from portal.records.queries import readable
from portal.sources.calendars.queries import between
from portal.web import NotFound
from portal.year.marks import Mark, Sort, in_order
from portal.year.models import PlannedDay, Reminder, YearPlan

FOLLOWED = (Triage.answering, Triage.watching)
LEAP_DAY = (2, 29)


@dataclass(frozen=True)
class Plan:
    """The plan of a year and its days, the earliest first. `usual` is a row only if the coordinator has begun."""

    usual: YearPlan
    days: list[PlannedDay]


async def plan(session: Session, membership: Membership, year: int) -> Plan:
    """What the coordinators have planned and not published; who may see it is for the caller to ask."""
    wanted = select(YearPlan).where(col(YearPlan.network_id) == membership.network_id, col(YearPlan.year) == year)
    usual = (await session.scalars(wanted)).first()
    if usual is None:
        return Plan(YearPlan(network_id=membership.network_id, year=year), [])
    found = select(PlannedDay).options(joinedload(PlannedDay.plan))  # type: ignore[arg-type]
    days = await session.scalars(found.where(col(PlannedDay.plan_id) == usual.id).order_by(col(PlannedDay.day)))
    return Plan(usual, list(days))


async def drafts(session: Session, membership: Membership) -> list[tuple[int, int]]:
    """The years from this one on that have days nobody else sees yet, and how many; who may know is for the caller to ask."""
    wanted = select(col(YearPlan.year), func.count()).join(PlannedDay, col(PlannedDay.plan_id) == col(YearPlan.id))
    wanted = wanted.where(col(YearPlan.network_id) == membership.network_id, col(YearPlan.year) >= clock.today().year)
    return [(each[0], each[1]) for each in await session.execute(wanted.group_by(col(YearPlan.year)).order_by(col(YearPlan.year)))]


async def planned_day(session: Session, membership: Membership, number: int) -> PlannedDay:
    """A day of one of the network's plans, for those who plan; to everybody else there is none: NotFound."""
    if not membership.can("meeting:plan"):
        raise NotFound
    wanted = select(PlannedDay).join(PlannedDay.plan).options(joinedload(PlannedDay.plan))  # type: ignore[arg-type]
    wanted = wanted.where(col(PlannedDay.id) == number, col(YearPlan.network_id) == membership.network_id)
    found = (await session.scalars(wanted)).first()
    if found is None:
        raise NotFound
    return found


async def reminder(session: Session, membership: Membership, number: int) -> Reminder:
    """One of the network's; else NotFound, as for guests, who see none."""
    wanted = select(Reminder).where(col(Reminder.id) == number, col(Reminder.network_id) == membership.network_id)
    found = (await session.scalars(wanted)).first()
    if found is None or membership.is_guest:
        raise NotFound
    return found


async def marks(session: Session, membership: Membership, year: int) -> list[Mark]:
    """What this member sees of the year: meetings, boards, consultations that the network follows, calls, reminders."""
    found = [
        await _meetings(session, membership, year),
        await _boards(session, membership, year),
        await _windows(session, membership, year),
        await _calls(session, membership, year),
        await _reminders(session, membership, year),
    ]
    return in_order(chain.from_iterable(found))


async def foreign(session: Session, membership: Membership, year: int) -> list[Mark]:
    """What stands in the calendars of others that the network reads; for those who plan."""
    found = await between(session, membership.network_id, date(year, 1, 1), date(year, 12, 31))
    return [
        Mark(Sort.foreign, event.first_on, event.last_on, event.title, whose=name, starts_at=event.starts_at, ends_at=event.ends_at)
        for name, event in found
    ]


async def meeting_days(session: Session, membership: Membership, years: Sequence[int]) -> list[date]:
    """The days of the meetings of the whole network in these years that are not cancelled."""
    return [mark.first for year in years for mark in await _meetings(session, membership, year) if not mark.whose]


async def _meetings(session: Session, membership: Membership, year: int) -> list[Mark]:
    first, after = _span(year)
    wanted = select(Meeting, Record, func.coalesce(col(WorkingGroup.name), "")).join(Record, col(Record.id) == col(Meeting.record_id))
    wanted = wanted.outerjoin(WorkingGroup, col(WorkingGroup.id) == col(Meeting.group_id)).where(readable(membership))
    wanted = wanted.where(col(Meeting.starts_at) >= first, col(Meeting.starts_at) < after, col(Meeting.state) != State.cancelled)
    return [
        Mark(
            Sort.meeting, _day(meeting.starts_at), _day(meeting.ends_at), record.heading, record.path, group,
            starts_at=meeting.starts_at, ends_at=meeting.ends_at,
        )
        for meeting, record, group in await session.execute(wanted)
    ]  # fmt: skip


async def _boards(session: Session, membership: Membership, year: int) -> list[Mark]:
    """A meeting of December may have its last day for papers in November, and one of January in the year before."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    within = or_(col(BoardMeeting.meets_on).between(first, last), col(BoardMeeting.cutoff_on).between(first, last))
    wanted = select(col(Board.name), col(BoardMeeting.meets_on), col(BoardMeeting.cutoff_on))
    wanted = wanted.join(BoardMeeting, col(BoardMeeting.board_id) == col(Board.id)).where(
        col(Board.network_id) == membership.network_id, within
    )
    found = list[Mark]()
    for name, meets_on, cutoff_on in await session.execute(wanted):
        days = ((Sort.board, meets_on), (Sort.cutoff, cutoff_on))
        found += [Mark(sort, day, day, name) for sort, day in days if day.year == year]
    return found


async def _windows(session: Session, membership: Membership, year: int) -> list[Mark]:
    """Windows with a closing day of the consultations that are answered or watched; one without an opening day is its last day alone."""
    first, after = _span(year)
    wanted = (
        select(Record, col(FeedbackWindow.opens_at), col(FeedbackWindow.closes_at))
        .join(Consultation, col(Consultation.record_id) == col(Record.id))
        .join(FeedbackWindow, col(FeedbackWindow.initiative_id) == col(Consultation.initiative_id))
        .where(readable(membership), col(Consultation.triage).in_(FOLLOWED))
        .where(col(FeedbackWindow.closes_at) >= first, func.coalesce(col(FeedbackWindow.opens_at), col(FeedbackWindow.closes_at)) < after)
    )
    found = await session.execute(wanted)
    return [_period(Sort.window, record, opens_at, closes_at) for record, opens_at, closes_at in found if closes_at is not None]


async def _calls(session: Session, membership: Membership, year: int) -> list[Mark]:
    """Calls that close in the year or after it and open before its end; one without an opening day is its last day alone."""
    first, after = _span(year)
    wanted = (
        select(Record, col(Call.opens_at), col(Call.closes_at))
        .join(WatchedCall, col(WatchedCall.record_id) == col(Record.id))
        .join(Call, col(Call.id) == col(WatchedCall.call_id))
        .where(readable(membership), col(Call.closes_at) >= first, func.coalesce(col(Call.opens_at), col(Call.closes_at)) < after)
    )
    return [_period(Sort.call, record, opens_at, closes_at) for record, opens_at, closes_at in await session.execute(wanted)]


def _period(sort: Sort, record: Record, opens_at: datetime | None, closes_at: datetime) -> Mark:
    return Mark(sort, _day(opens_at or closes_at), _day(closes_at), record.heading, record.path)


async def _reminders(session: Session, membership: Membership, year: int) -> list[Mark]:
    wanted = select(Reminder).where(col(Reminder.network_id) == membership.network_id, col(Reminder.day) <= date(year, 12, 31))
    days = [(each, _in_year(each, year)) for each in await session.scalars(wanted)]
    return [Mark(Sort.reminder, day, day, each.title) for each, day in days if day is not None]


def _in_year(reminder: Reminder, year: int) -> date | None:
    if not reminder.yearly:
        return reminder.day if reminder.day.year == year else None
    if (reminder.day.month, reminder.day.day) == LEAP_DAY:
        return date(year, 2, 28)
    return reminder.day.replace(year=year)


async def reminders(session: Session, membership: Membership) -> Sequence[Reminder]:
    wanted = select(Reminder).where(col(Reminder.network_id) == membership.network_id)
    return sorted(await session.scalars(wanted), key=lambda each: (each.day.month, each.day.day, each.id))


def _span(year: int) -> tuple[datetime, datetime]:
    """The first moment of the year by the Swedish clock, and that of the next one."""
    first, after = (datetime.combine(date(each, 1, 1), time(), STOCKHOLM) for each in (year, year + 1))
    return first, after


def _day(moment: datetime) -> date:
    return clock.local(moment).date()

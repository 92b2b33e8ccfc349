"""Reads of foreign calendars. Only those who plan the year see them; to everybody else there are none."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlmodel import col

from portal import clock
from portal.db import Session
from portal.networks.models import Membership
from portal.sources.calendars.models import ForeignCalendar, ForeignEvent
from portal.web import NotFound


async def calendars(session: Session, membership: Membership) -> Sequence[ForeignCalendar]:
    """The network's, those that are still read first, in the order of names."""
    wanted = select(ForeignCalendar).where(col(ForeignCalendar.network_id) == membership.network_id)
    return (
        await session.scalars(wanted.order_by(col(ForeignCalendar.ended_at).is_not(None), ForeignCalendar.name, col(ForeignCalendar.id)))
    ).all()


async def calendar(session: Session, membership: Membership, number: int) -> ForeignCalendar:
    """One of the network's; else NotFound."""
    if not membership.can("meeting:plan"):
        raise NotFound
    wanted = select(ForeignCalendar).where(col(ForeignCalendar.id) == number, col(ForeignCalendar.network_id) == membership.network_id)
    found = (await session.scalars(wanted)).first()
    if found is None:
        raise NotFound
    return found


async def coming(session: Session, calendar: ForeignCalendar, *, limit: int = 50) -> Sequence[ForeignEvent]:
    """What stands in the calendar from today on, the nearest first."""
    wanted = select(ForeignEvent).where(col(ForeignEvent.calendar_id) == calendar.id, col(ForeignEvent.last_on) >= clock.today())
    return (
        await session.scalars(wanted.order_by(col(ForeignEvent.first_on), col(ForeignEvent.starts_at), col(ForeignEvent.id)).limit(limit))
    ).all()


async def counts(session: Session, membership: Membership) -> dict[int, int]:
    """How many times from today on each calendar of the network has."""
    wanted = select(col(ForeignEvent.calendar_id), func.count()).join(
        ForeignCalendar, col(ForeignCalendar.id) == col(ForeignEvent.calendar_id)
    )
    wanted = wanted.where(col(ForeignCalendar.network_id) == membership.network_id, col(ForeignEvent.last_on) >= clock.today())
    return {each[0]: each[1] for each in await session.execute(wanted.group_by(col(ForeignEvent.calendar_id)))}


async def between(session: Session, network_id: int, first: date, last: date) -> list[tuple[str, ForeignEvent]]:
    """What touches the days, each with the name of its calendar."""
    wanted = (
        select(col(ForeignCalendar.name), ForeignEvent)
        .join(ForeignEvent, col(ForeignEvent.calendar_id) == col(ForeignCalendar.id))
        .where(col(ForeignCalendar.network_id) == network_id, col(ForeignCalendar.ended_at).is_(None))
        .where(col(ForeignEvent.first_on) <= last, col(ForeignEvent.last_on) >= first)
        .order_by(col(ForeignEvent.first_on), col(ForeignEvent.id))
    )
    return [(name, event) for name, event in await session.execute(wanted)]

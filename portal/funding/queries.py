"""Reads of calls, always through who may read their record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload
from sqlmodel import col

from portal import clock
from portal.db import Session
from portal.funding.models import Call, WatchedCall
from portal.networks.models import Membership
from portal.periods import State
from portal.records.models import Record
from portal.records.queries import readable
from portal.web import NotFound

ORDER: dict[State, int] = {"open": 0, "upcoming": 1, "closed": 2}
WHOLE = (
    contains_eager(WatchedCall.record).options(joinedload(Record.created_by), joinedload(Record.owner_unit)),  # type: ignore[arg-type]
    contains_eager(WatchedCall.call),  # type: ignore[arg-type]
)


@dataclass(frozen=True)
class Row:
    """A call in a list, and how it stands now."""

    watched: WatchedCall
    state: State


def _ours(membership: Membership) -> Select[Any]:
    watched = select(WatchedCall).join(WatchedCall.record).join(WatchedCall.call)  # type: ignore[arg-type]
    return watched.options(*WHOLE).where(readable(membership))


async def calls(session: Session, membership: Membership, *, state: str | None = None) -> list[Row]:
    """Open ones by their last day, then those to come, then the closed ones, the latest first; or only those that stand so."""
    now = clock.now()
    rows = [Row(each, each.call.state(now)) for each in (await session.scalars(_ours(membership))).unique()]
    return sorted((row for row in rows if state in (None, row.state)), key=_place)


def _place(row: Row) -> tuple[int, float]:
    call = row.watched.call
    moment = (call.opens_at if row.state == "upcoming" else None) or call.closes_at
    return ORDER[row.state], -moment.timestamp() if row.state == "closed" else moment.timestamp()


async def call(session: Session, membership: Membership, record_id: int) -> WatchedCall:
    """A call that this member may read; else NotFound."""
    found = (await session.scalars(_ours(membership).where(col(WatchedCall.record_id) == record_id))).unique().first()
    if found is None:
        raise NotFound
    return found


async def for_calendar(session: Session, membership: Membership, *, since: datetime) -> list[WatchedCall]:
    """What closes, or has closed from `since` on; the first to close first."""
    wanted = _ours(membership).where(col(Call.closes_at) >= since).order_by(col(Call.closes_at), col(WatchedCall.record_id))
    return list((await session.scalars(wanted)).unique())

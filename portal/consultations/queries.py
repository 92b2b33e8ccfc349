"""Reads of consultations, always through who may read their record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlmodel import col

from portal import clock
from portal.consultations import windows
from portal.consultations.models import Consultation, FeedbackWindow, Initiative, Triage
from portal.consultations.words import TRIAGE, TRIAGE_AFTERWARDS, UNFINISHED
from portal.db import Session
from portal.drafting.queries import TextView, co_authors
from portal.networks.models import Membership, Unit
from portal.networks.queries import units
from portal.records.models import Handling, Record
from portal.records.queries import readable
from portal.web import NotFound

WHOLE = (
    contains_eager(Consultation.record).options(  # type: ignore[arg-type]
        joinedload(Record.created_by),  # type: ignore[arg-type]
        joinedload(Record.owner_unit),  # type: ignore[arg-type]
        selectinload(Record.themes),  # type: ignore[arg-type]
    ),
    joinedload(Consultation.initiative).selectinload(Initiative.windows),  # type: ignore[arg-type]
)

# What a network deals with; what it has to assess still comes by the hundred from the sources.
DEALT_WITH = (Triage.answering, Triage.watching)


@dataclass(frozen=True)
class Row:
    """A consultation with the window to show and how it stands now."""

    consultation: Consultation
    window: FeedbackWindow | None
    state: str | None

    @property
    def standing(self) -> object:
        """In words: what the network does about it or, once the time is over, did."""
        triage = Triage(self.consultation.triage)
        if self.state != "closed":
            return TRIAGE[triage]
        if triage == Triage.answering and self.consultation.record.handling == Handling.working:
            return UNFINISHED
        return TRIAGE_AFTERWARDS[triage]


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to; stands in the address."""

    triage: str | None = None
    topic: str | None = None
    state: str | None = None


def _mine(membership: Membership) -> Select[Any]:
    return select(Consultation).join(Consultation.record).options(*WHOLE).where(readable(membership))  # type: ignore[arg-type]


async def consultations(session: Session, membership: Membership, wanted: Filter) -> list[Row]:
    """The network's consultations: open ones by closing, then those to come, then the closed ones."""
    query = _mine(membership)
    if wanted.triage in set(Triage):
        query = query.where(col(Consultation.triage) == wanted.triage)
    if wanted.triage == Triage.to_assess:
        query = query.where(~_is_over(clock.now()))
    if wanted.topic:
        query = query.join(Initiative, col(Initiative.id) == col(Consultation.initiative_id)).where(
            col(Initiative.topics).contains([wanted.topic])
        )
    rows = [row(each) for each in (await session.scalars(query)).unique()]
    return sorted((each for each in rows if not wanted.state or each.state == wanted.state), key=_place)


def row(consultation: Consultation) -> Row:
    moment = clock.now()
    window = windows.choose(consultation.initiative.windows, moment)
    return Row(consultation, window, windows.state(window, moment) if window else None)


def _place(each: Row) -> tuple[int, float]:
    order = {"open": 0, "upcoming": 1, "closed": 2, None: 3}
    moment: datetime = (each.window.closes_at if each.window else None) or windows.NEVER
    return order[each.state], -moment.timestamp() if each.state == "closed" else moment.timestamp()


async def consultation(session: Session, membership: Membership, record_id: int) -> Consultation:
    """A consultation that this member may read, with initiative and windows; else NotFound."""
    one = (await session.scalars(_mine(membership).where(col(Consultation.record_id) == record_id))).unique().first()
    if one is None:
        raise NotFound
    return one


async def counts(session: Session, membership: Membership) -> dict[str, int]:
    """How many consultations stand where, and under "" how many there are: what closed before anybody assessed it waits for nobody."""
    over = (col(Consultation.triage) == Triage.to_assess) & _is_over(clock.now())
    wanted = select(col(Consultation.triage), func.count(), func.count().filter(over)).join(Consultation.record).where(readable(membership))  # type: ignore[arg-type]
    rows = (await session.execute(wanted.group_by(col(Consultation.triage)))).all()
    found = {triage: count - late for triage, count, late in rows}
    return {"": sum(count for _triage, count, _late in rows)} | {triage.value: found.get(triage.value, 0) for triage in Triage}


def _is_over(now: datetime) -> ColumnElement[bool]:
    """Where-clause on Consultation: there were times to answer, and all of them are closed. The same as windows.state says."""
    opens, closes = col(FeedbackWindow.opens_at), col(FeedbackWindow.closes_at)
    begun = func.coalesce(opens <= now, True)
    by_date = func.coalesce(closes <= now - timedelta(seconds=1), False)
    by_source = (opens.is_(None) | closes.is_(None)) & begun & (col(FeedbackWindow.source_status) == "CLOSED")
    times = exists().where(col(FeedbackWindow.initiative_id) == col(Consultation.initiative_id))
    return times & ~times.where(~(by_date | by_source))


async def for_calendar(session: Session, membership: Membership, *, since: datetime) -> list[tuple[Consultation, FeedbackWindow]]:
    """What the network answers or watches, with each window that closes, or has closed from `since` on; the first to close first."""
    wanted = (
        select(Consultation, FeedbackWindow)
        .join(Consultation.record)  # type: ignore[arg-type]
        .join(FeedbackWindow, col(FeedbackWindow.initiative_id) == col(Consultation.initiative_id))
        .options(contains_eager(Consultation.record))  # type: ignore[arg-type]
        .where(readable(membership), col(Consultation.triage).in_(DEALT_WITH), col(FeedbackWindow.closes_at) >= since)
        .order_by(col(FeedbackWindow.closes_at), col(FeedbackWindow.id))
    )
    return [(consultation, window) for consultation, window in await session.execute(wanted)]


async def dealing_with(session: Session, initiative_id: int) -> Sequence[Consultation]:
    """The consultations on an initiative, of whichever network, that are answered or watched, each with its record."""
    wanted = select(Consultation).options(joinedload(Consultation.record))  # type: ignore[arg-type]
    wanted = wanted.where(col(Consultation.initiative_id) == initiative_id, col(Consultation.triage).in_(DEALT_WITH))
    return (await session.scalars(wanted.order_by(col(Consultation.record_id)))).all()


async def initiative_by_key(session: Session, key: str) -> Initiative | None:
    wanted = select(Initiative).options(selectinload(Initiative.windows)).where(col(Initiative.key) == key)  # type: ignore[arg-type]
    return (await session.scalars(wanted)).first()


async def networks_with(session: Session, initiative_id: int) -> Sequence[int]:
    """Which networks have a consultation on the initiative."""
    return (await session.scalars(select(col(Consultation.network_id)).where(col(Consultation.initiative_id) == initiative_id))).all()


def window_of(consultation: Consultation, number: int) -> FeedbackWindow:
    """One of the initiative's windows; else NotFound."""
    found = next((each for each in consultation.initiative.windows if each.id == number), None)
    if found is None:
        raise NotFound
    return found


async def asked_units(session: Session, membership: Membership, answer: TextView | None) -> list[Unit]:
    """The units that are asked to speak in the thread and to write in the answer, in Swedish order."""
    if answer is None:
        return []
    asked = {each.unit_id for each in await co_authors(session, answer.text)}
    return [unit for unit in await units(session, membership.network_id, closed=True) if unit.id in asked]

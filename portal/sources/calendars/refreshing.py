"""Foreign calendars are read again and again: a durable job each, with longer pauses while it does not go well."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.db import Session, Sessions, unit_of_work
from portal.fetch import Answer, Network, Unreachable, Validators, fetch
from portal.sources.calendars.actions import JOB, note, read_soon, take_over
from portal.sources.calendars.models import ForeignCalendar
from portal.sources.calendars.reading import Read, Span, Unreadable, read

__all__ = ["JOB", "plan", "refresh"]

OFTEN, LONGEST_PAUSE = timedelta(hours=6), timedelta(hours=24)


def pause(failures: int) -> timedelta:
    """How long after a try the next one comes."""
    return min(OFTEN * 2 ** min(failures, 3), LONGEST_PAUSE)


async def plan(session: Session) -> None:
    """Every calendar whose time has come has a job."""
    wanted = select(ForeignCalendar).where(col(ForeignCalendar.url).is_not(None), col(ForeignCalendar.ended_at).is_(None))
    for calendar in await session.scalars(wanted):
        if calendar.tried_at is None or clock.now() - calendar.tried_at >= pause(calendar.failures):
            await read_soon(session, calendar)


async def refresh(sessions: Sessions, inside: Sequence[Network], payload: dict[str, Any]) -> None:
    """The job: fetch one calendar if anything in it is new, read it, and take it over. No transaction is open meanwhile."""
    number, span = int(payload["calendar"]), Span.now()
    async with unit_of_work(sessions) as session:
        calendar = await session.get(ForeignCalendar, number)
        if calendar is None or calendar.url is None or calendar.ended_at is not None:
            return
        url = calendar.url
        # With a new year there are repetitions to unfold that nobody has asked for yet.
        known = Validators(calendar.etag, calendar.last_modified) if calendar.read_to == span.last.year else Validators()
    found, problem, answer = None, "", Answer(None, known)
    try:
        answer = await fetch(url, known=known, inside=inside)
        found = await read(answer.content, span) if answer.content is not None else None
    except (Unreachable, Unreadable) as failure:
        problem = failure.message_sv
    async with unit_of_work(sessions) as session:
        await _store(session, number, found, problem, span, answer.validators)


async def _store(session: Session, number: int, found: Read | None, problem: str, span: Span, validators: Validators) -> None:
    calendar = await session.get(ForeignCalendar, number, with_for_update=True)
    if calendar is None or calendar.ended_at is not None:
        return
    if found is not None:
        await take_over(session, calendar, found, span=span, validators=validators)
    else:
        await note(session, calendar, problem=problem)

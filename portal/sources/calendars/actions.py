"""Every write of foreign calendars: begin to read one, take over what was read, read again, end."""

from sqlalchemy import delete, func, select
from sqlmodel import col

from portal import clock, jobs
from portal.activity import actions as activity
from portal.db import Session, lock_name
from portal.fetch import Validators
from portal.live import signal
from portal.networks.models import Membership
from portal.networks.queries import authorise
from portal.sources.calendars.models import CalendarForm, ForeignCalendar, ForeignEvent
from portal.sources.calendars.reading import MOST_REFUSED, Read, Span
from portal.web import Conflict, NotFound, _l

JOB = "foreign-calendar"
MOST = 20


async def subscribe(session: Session, *, by: Membership, form: CalendarForm) -> ForeignCalendar:
    """Begin to read the calendar at an address; a job fetches it as soon as this is stored."""
    calendar = await _add(session, by=by, name=form.name, url=form.url)
    await read_soon(session, calendar)
    return calendar


async def take_file(session: Session, *, by: Membership, name: str, read: Read, span: Span) -> ForeignCalendar:
    """A calendar from a file that has been read already. It stays as it was in the file."""
    calendar = await _add(session, by=by, name=name, url=None)
    await take_over(session, calendar, read, span=span, validators=Validators())
    return calendar


async def _add(session: Session, *, by: Membership, name: str, url: str | None) -> ForeignCalendar:
    await authorise(session, by, "meeting:plan")
    await lock_name(session, f"calendars:{by.network_id}")
    ours = col(ForeignCalendar.network_id) == by.network_id
    if (await session.scalar(select(func.count()).select_from(ForeignCalendar).where(ours)) or 0) >= MOST:
        raise Conflict(_l("Nätverket läser redan 20 andra kalendrar. Ta bort någon först."))
    if url and await session.scalar(select(col(ForeignCalendar.id)).where(ours, col(ForeignCalendar.url) == url)) is not None:
        raise Conflict(_l("Den kalendern finns redan i listan."))
    calendar = ForeignCalendar(network_id=by.network_id, name=name, url=url, added_at=clock.now())
    session.add(calendar)
    await session.flush()
    activity.record(session, verb="calendar.added", by=by, name=name)
    await signal(session, by.network_id, "plan")
    return calendar


async def take_over(session: Session, calendar: ForeignCalendar, read: Read, *, span: Span, validators: Validators) -> None:
    """What was read takes the place of what was read before."""
    await session.execute(delete(ForeignEvent).where(col(ForeignEvent.calendar_id) == calendar.id))
    session.add_all(
        ForeignEvent(
            calendar_id=calendar.id, title=each.title, place=each.place, first_on=each.first, last_on=each.last,
            starts_at=each.starts, ends_at=each.ends,
        )
        for each in read.events
    )  # fmt: skip
    calendar.refused = [each.model_dump() for each in read.refused[:MOST_REFUSED]]
    calendar.refused_more = max(0, len(read.refused) - MOST_REFUSED)
    calendar.etag, calendar.last_modified, calendar.read_to = validators.etag, validators.last_modified, span.last.year
    await note(session, calendar, problem="")


async def note(session: Session, calendar: ForeignCalendar, *, problem: str) -> None:
    """How a try to read went: with a problem, what was read before still stands."""
    calendar.tried_at, calendar.problem = clock.now(), problem
    calendar.failures = calendar.failures + 1 if problem else 0
    if not problem:
        calendar.read_at = calendar.tried_at
    await session.flush()
    await signal(session, calendar.network_id, "plan")


async def read_soon(session: Session, calendar: ForeignCalendar) -> None:
    """Have it read as soon as this is stored, once however often it is asked for."""
    await jobs.enqueue(session, JOB, {"calendar": calendar.id}, key=f"{JOB}.{calendar.id}")


async def read_again(session: Session, calendar: ForeignCalendar, *, by: Membership) -> None:
    await _hold(session, calendar, by)
    if calendar.url is None or calendar.ended_at is not None:
        raise Conflict(_l("Kalendern läses inte från någon adress."))
    await read_soon(session, calendar)


async def end(session: Session, calendar: ForeignCalendar, *, by: Membership) -> None:
    """Stop reading; its days are gone from the plan. One with an address is remembered, so that it can be taken up again."""
    await _hold(session, calendar, by)
    if calendar.ended_at is not None:
        raise Conflict(_l("Kalendern läses inte längre."))
    activity.record(session, verb="calendar.ended", by=by, name=calendar.name)
    await session.execute(delete(ForeignEvent).where(col(ForeignEvent.calendar_id) == calendar.id))
    if calendar.url is None:
        await session.delete(calendar)
    else:
        calendar.ended_at, calendar.read_to, calendar.refused, calendar.refused_more = clock.now(), 0, [], 0
    await session.flush()
    await signal(session, by.network_id, "plan")


async def renew(session: Session, calendar: ForeignCalendar, *, by: Membership) -> None:
    """Take up one that had ended."""
    await _hold(session, calendar, by)
    if calendar.ended_at is None:
        raise Conflict(_l("Kalendern läses redan."))
    calendar.ended_at, calendar.tried_at, calendar.problem, calendar.failures = None, None, "", 0
    activity.record(session, verb="calendar.renewed", by=by, name=calendar.name)
    await jobs.enqueue(session, JOB, {"calendar": calendar.id})  # without a key: a reading from before the end may still be on its way out
    await signal(session, by.network_id, "plan")


async def forget(session: Session, calendar: ForeignCalendar, *, by: Membership) -> None:
    """Take one that has ended off the list."""
    await _hold(session, calendar, by)
    if calendar.ended_at is None:
        raise Conflict(_l("Sluta läsa kalendern först."))
    await session.delete(calendar)
    await session.flush()


async def _hold(session: Session, calendar: ForeignCalendar, by: Membership) -> None:
    """The row as it is now, held until the commit."""
    await authorise(session, by, "meeting:plan")
    if await session.get(ForeignCalendar, calendar.id, populate_existing=True, with_for_update=True) is None:
        raise NotFound

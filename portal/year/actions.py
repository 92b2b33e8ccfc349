"""Every write of the plan and its publication. Until that nobody is told, and no record exists that others could come upon."""

from collections.abc import Iterable
from datetime import date
from itertools import count
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.db import Session
from portal.fields import sentence
from portal.live import signal
from portal.meetings import actions as meetings
from portal.meetings import agenda
from portal.meetings.models import AgendaForm, MeetingForm
from portal.networks.models import Membership
from portal.networks.queries import authorise
from portal.web import Conflict, _, _l, check_version, current_locale
from portal.words import weekday_date
from portal.year import queries
from portal.year.advice import LONGEST_CLASH
from portal.year.days import DAY
from portal.year.marks import Sort
from portal.year.models import PlannedDay, PlannedDayForm, Reminder, ReminderForm, UsualForm, YearPlan
from portal.year.rhythm import suggest

MOST_DAYS, MOST_REMINDERS = 60, 100
ALREADY = _l("Dagen finns inte längre i planen.")


async def _begin(session: Session, by: Membership, year: int) -> YearPlan:
    """The year's plan, made if need be and held until the commit."""
    await authorise(session, by, "meeting:plan")
    fresh = YearPlan(network_id=by.network_id, year=year)
    values = fresh.model_dump(exclude={"id"})
    await session.execute(insert(YearPlan).values(**values).on_conflict_do_nothing())
    wanted = select(YearPlan).where(col(YearPlan.network_id) == by.network_id, col(YearPlan.year) == year)
    return (await session.scalars(wanted.with_for_update().execution_options(populate_existing=True))).one()


async def set_usual(session: Session, *, by: Membership, form: UsualForm, version: str = "") -> None:
    """Title, hours and place that hold for every day without its own. Changed if they are no longer those of `version`."""
    plan = await _begin(session, by, form.year)
    check_version(version, plan.values())
    for name in UsualForm.model_fields:
        setattr(plan, name, getattr(form, name))
    await _changed(session, by)


async def pick(session: Session, *, by: Membership, day: date) -> None:
    """Put a day into its year's plan; one that is there already stays as it is."""
    plan = await _begin(session, by, day.year)
    await _add(session, plan, [day])
    await _changed(session, by)


async def _add(session: Session, plan: YearPlan, days: Iterable[date]) -> None:
    for day in days:
        await session.execute(insert(PlannedDay).values(plan_id=plan.id, day=day).on_conflict_do_nothing())
    count = await session.scalar(select(func.count()).select_from(PlannedDay).where(col(PlannedDay.plan_id) == plan.id)) or 0
    if count > MOST_DAYS:
        raise Conflict(_l("En plan har högst 60 dagar."))


async def follow_rhythm(session: Session, *, by: Membership, year: int) -> int:
    """Put in the rhythm of the year before; how many days that gave. Conflict if there are days already."""
    plan = await _begin(session, by, year)
    found = await queries.plan(session, by, year)
    if found.days:
        raise Conflict(_l("Planen har redan dagar. Ta bort dem först om du vill börja från förra årets rytm."))
    lying = [*await queries.marks(session, by, year), *await queries.foreign(session, by, year)]
    taken = {mark.first + n * DAY for mark in lying if mark.days <= LONGEST_CLASH for n in range(mark.days)}
    before = await queries.meeting_days(session, by, [year - 1])
    days = suggest(year, before=before, taken=taken, not_before=clock.today())
    await _add(session, plan, days)
    await _changed(session, by)
    return len(days)


async def change_day(session: Session, planned: PlannedDay, *, by: Membership, form: PlannedDayForm, version: str = "") -> None:
    """Hours, place and title of its own; what is as usual follows the plan. Changed if they are no longer those of `version`."""
    planned = await _hold(session, planned, by)
    check_version(version, planned.values())
    for name in PlannedDayForm.model_fields:
        given = getattr(form, name)
        setattr(planned, name, None if given == getattr(planned.plan, name) else given)
    await _changed(session, by)


async def drop(session: Session, planned: PlannedDay, *, by: Membership) -> None:
    await session.delete(await _hold(session, planned, by))
    await _changed(session, by)


async def _hold(session: Session, planned: PlannedDay, by: Membership) -> PlannedDay:
    """The day as it is now, with its plan held. Conflict if it has been taken away or published meanwhile."""
    await _begin(session, by, planned.plan.year)
    options = [joinedload(PlannedDay.plan)]  # type: ignore[arg-type]
    found = await session.get(PlannedDay, planned.id, populate_existing=True, options=options)
    if found is None:
        raise Conflict(ALREADY)
    return found


async def publish(session: Session, *, by: Membership, year: int) -> int:
    """Every day of the plan becomes a meeting that all members see; nobody is mailed. How many. Conflict if there is none. Each is called
    by its number in the year, or the next one that no other meeting of the year is called by already."""
    await _begin(session, by, year)
    plan = await queries.plan(session, by, year)
    if not plan.days:
        raise Conflict(_l("Planen har inga dagar att publicera."))
    there = [mark for mark in await queries.marks(session, by, year) if mark.sort == Sort.meeting and not mark.whose]
    order, taken = sorted([*(mark.first for mark in there), *(each.day for each in plan.days)]), {mark.title for mark in there}
    for planned in plan.days:
        values = planned.values()
        numbers = (f"{plan.usual.title} {number}" for number in count(order.index(planned.day) + 1))
        title = planned.title or next(each for each in numbers if each not in taken)
        taken.add(title)
        meeting = await meetings.plan(session, by=by, form=_meeting(planned.day, values | {"title": title}))
        await agenda.add(session, meeting, by=by, form=AgendaForm(title=_("Föregående träff"), minutes=10))
    await session.execute(delete(PlannedDay).where(col(PlannedDay.plan_id) == plan.usual.id))
    activity.record(session, verb="year.published", by=by, name=str(year), count=len(plan.days))
    await _changed(session, by)
    return len(plan.days)


def _meeting(day: date, values: dict[str, Any]) -> MeetingForm:
    """Conflict, in one sentence, for hours that the day does not have: the night when summer time begins."""
    try:
        return MeetingForm.model_validate(values | {"day": day})
    except ValidationError as failure:
        said = sentence(failure.errors(include_url=False)[0], translate=_)
        raise Conflict(f"{weekday_date(day, current_locale())}: {said}") from None


async def remind(session: Session, *, by: Membership, form: ReminderForm) -> None:
    """A new reminder for the whole network. Conflict if there are too many."""
    await authorise(session, by, "meeting:plan")
    if len(await queries.reminders(session, by)) >= MOST_REMINDERS:
        raise Conflict(_l("Nätverket har redan 100 påminnelser. Ta bort någon först."))
    session.add(Reminder(network_id=by.network_id, **form.model_dump()))
    await _changed(session, by, "meetings")


async def forget(session: Session, reminder: Reminder, *, by: Membership) -> None:
    await authorise(session, by, "meeting:plan")
    await session.execute(delete(Reminder).where(col(Reminder.id) == reminder.id))
    await _changed(session, by, "meetings")


async def _changed(session: Session, by: Membership, what: str = "plan") -> None:
    await session.flush()
    await signal(session, by.network_id, what)

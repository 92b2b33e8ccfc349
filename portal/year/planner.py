"""The year as the coordinator plans it: twelve months of days with what they are, what lies there and what is picked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from portal import clock
from portal.clock import STOCKHOLM
from portal.db import Session
from portal.meetings.series import Said
from portal.networks.models import Membership, Network
from portal.web import _, current_locale
from portal.words import LANGUAGES, week, weekday_date
from portal.year import advice, queries
from portal.year.advice import Advice, Picked
from portal.year.days import JULY, Kind, Special, Week, is_free, is_weekend, special_days, weeks_of
from portal.year.marks import Mark, Sort, in_order, on
from portal.year.models import PlannedDay, YearPlan
from portal.year.wheel import words_of


@dataclass(frozen=True)
class Square:
    """A day in the planner: what it is, what lies there, and the row that makes it picked."""

    day: date
    special: Special | None
    marks: list[Mark]
    planned: PlannedDay | None

    @property
    def is_red(self) -> bool:
        return self.day.weekday() == 6 or (self.special is not None and self.special.kind == Kind.holiday)

    @property
    def is_free(self) -> bool:
        """Nobody meets there: such a day is picked in the field for any day."""
        return is_weekend(self.day)

    @property
    def sorts(self) -> list[Sort]:
        """What lies there, for the small signs below the number."""
        return list(dict.fromkeys(mark.sort for mark in self.marks))

    @property
    def label(self) -> str:
        """The day in words with all that one would see there."""
        said = [f"{weekday_date(self.day, current_locale())}, {week(self.day, current_locale())}"]
        said += [_(self.special.name)] if self.special else []
        said += [f"{words_of(mark.sort)}: {mark.title}" for mark in self.marks]
        return ". ".join([*said, _("vald") if self.planned else ""]).rstrip(". ")


@dataclass(frozen=True)
class Month:
    first: date
    weeks: list[tuple[Week, list[Square | None]]]

    @property
    def is_july(self) -> bool:
        return self.first.month == JULY

    @property
    def name(self) -> str:
        return LANGUAGES[current_locale()].months[self.first.month - 1].capitalize()


@dataclass(frozen=True)
class Planner:
    """All that the page shows of a year: `planned` are the days that are picked, each with what is to be said about it."""

    usual: YearPlan
    planned: list[tuple[PlannedDay, Picked, list[Advice]]]
    months: list[Month]
    marks: list[Mark]
    tally: Advice
    gaps: list[Advice]
    meetings: list[Mark]
    has_year_before: bool

    @property
    def weekdays(self) -> tuple[str, ...]:
        return LANGUAGES[current_locale()].weekdays

    @property
    def by_day(self) -> list[tuple[date, Mark | None, tuple[PlannedDay, Picked, list[Advice]] | None]]:
        """What is planned already and what is picked, as the year goes."""
        meetings = [(mark.first, mark, None) for mark in self.meetings]
        return sorted([*meetings, *((each[0].day, None, each) for each in self.planned)], key=lambda row: row[0])

    @property
    def warnings(self) -> int:
        return len(self.gaps) + sum(len(said) for _planned, _picked, said in self.planned)


async def planner(session: Session, membership: Membership, year: int) -> Planner:
    """The coordinator's view of a year. That she may see it is for the caller to ask."""
    plan = await queries.plan(session, membership, year)
    marks = in_order([*await queries.marks(session, membership, year), *await queries.foreign(session, membership, year)])
    before, after = [await queries.meeting_days(session, membership, [each]) for each in (year - 1, year + 1)]
    return laid_out(year, plan, marks, membership.network, before=before, after=after)


def laid_out(
    year: int, plan: queries.Plan, marks: list[Mark], network: Network, *, before: Sequence[date] = (), after: Sequence[date] = ()
) -> Planner:
    """The view of a year in which `marks` lie, in their order; the network met on the days `before`
    it and meets on those `after` it. Pure."""
    meetings = [mark for mark in marks if mark.sort == Sort.meeting and not mark.whose]
    days = [*(mark.first for mark in meetings), *(each.day for each in plan.days)]
    around = [*([max(before)] if before else []), *days, *([min(after)] if after else [])]
    return Planner(
        usual=plan.usual,
        planned=[(each, picked, advice.about(picked, marks, today=clock.today())) for each in plan.days for picked in [_picked(each)]],
        months=_months(year, marks, plan.days),
        marks=[mark for mark in marks if mark not in meetings],
        tally=advice.tally(len(days), least=network.meetings_least, most=network.meetings_most),
        gaps=advice.gaps(around, year),
        meetings=meetings,
        has_year_before=bool(before),
    )


async def foresee(session: Session, by: Membership, hours: Sequence[tuple[datetime, datetime]]) -> dict[date, Said]:
    """What is to be said of the days of meetings that are not planned yet; see portal.meetings.series."""
    picked = [Picked(clock.local(starts_at).date(), starts_at, ends_at) for starts_at, ends_at in hours]
    marks = list[Mark]()
    for year in sorted({each.day.year for each in picked}):
        marks += [*await queries.marks(session, by, year), *await queries.foreign(session, by, year)]
    today = clock.today()
    return {each.day: Said([said.sentence for said in advice.about(each, marks, today=today)], is_free(each.day)) for each in picked}


def _picked(planned: PlannedDay) -> Picked:
    values = planned.values()
    return Picked(planned.day, _moment(planned.day, values["starts"]), _moment(planned.day, values["ends"]))


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, STOCKHOLM)


def _months(year: int, marks: Sequence[Mark], planned: Sequence[PlannedDay]) -> list[Month]:
    special, rows = special_days(year), {each.day: each for each in planned}
    # Of a consultation or a call its last day is what one plans by.
    shown = [replace(mark, first=mark.last) if mark.sort in (Sort.window, Sort.call) else mark for mark in marks]

    def square(day: date | None) -> Square | None:
        return Square(day, special.get(day), on(shown, day), rows.get(day)) if day else None

    months = [(date(year, month, 1), weeks_of(year, month)) for month in range(1, 13)]
    return [Month(first, [(week, [square(day) for day in week.days]) for week in weeks]) for first, weeks in months]

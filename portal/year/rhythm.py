"""A suggestion for a year: the weeks and weekdays of the year before, moved off the days when people are free. Pure."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from portal.year.days import JULY, is_weekend, same_week_day, special_days

# A network without a year behind it: February, April, the end of August, October and December, on Wednesdays.
FIRST_RHYTHM = tuple(date.fromisocalendar(2026, week, 3) for week in (7, 17, 35, 42, 49))
NEAR = sorted(range(-10, 11), key=lambda step: (abs(step), -step))


def suggest(year: int, *, before: Sequence[date], taken: Collection[date], not_before: date) -> list[date]:
    """A day in `year` for each of the days `before` (of the year before; the first rhythm without any).

    A day that is taken or free is moved to the nearest one within ten days that is not; with none there it is left out.
    """
    found = list[date]()
    for day in before or FIRST_RHYTHM:
        wanted = same_week_day(day, year)
        near = (wanted + timedelta(days=step) for step in NEAR)
        fitting = (each for each in near if each.year == year and each >= not_before and each not in found and _suits(each, taken))
        if (chosen := next(fitting, None)) is not None:
            found.append(chosen)
    return sorted(found)


def _suits(day: date, taken: Collection[date]) -> bool:
    return not (is_weekend(day) or day.month == JULY or day in special_days(day.year) or day in taken)

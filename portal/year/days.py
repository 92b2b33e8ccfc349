"""Days of a year as people in Sweden plan by them: weeks, public holidays, their eves, and bridge days. Pure.

They are worked out here: a library that knows them costs every start a quarter of a second, so it is what the tests compare with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from dateutil.easter import easter

from portal.fields import _l

FIRST_YEAR, LAST_YEAR = 2000, 2099
JULY = 7
SATURDAY, SUNDAY = 5, 6
DAY = timedelta(days=1)
# Not holidays by law, but nearly everybody is free as if they were.
FREE_EVES = frozenset({_l("Midsommarafton"), _l("Julafton"), _l("Nyårsafton")})


class Kind(StrEnum):
    """A holiday by law (1989:253), the eve of one, or a working day between two free ones."""

    holiday = "holiday"
    eve = "eve"
    bridge = "bridge"


@dataclass(frozen=True)
class Special:
    """`name` is in the catalogue: translate it where it is shown."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Week:
    """A week's row in a month: None for days of other months. `number` is ISO 8601's, which is what Swedes count by."""

    number: int
    days: tuple[date | None, ...]


@lru_cache(maxsize=32)
def special_days(year: int) -> Mapping[date, Special]:
    """The holidays, eves and bridge days of the year."""
    found = {day: Special(name, Kind.eve) for day, name in _eves(year).items()}
    found |= {day: Special(name, Kind.holiday) for day, name in _holidays(year).items()}
    free = {day for day, special in found.items() if special.kind == Kind.holiday or special.name in FREE_EVES}
    day = date(year, 1, 2)
    while day < date(year, 12, 31):
        if day not in found and not is_weekend(day) and all(each in free or is_weekend(each) for each in (day - DAY, day + DAY)):
            found[day] = Special(_l("Klämdag"), Kind.bridge)
        day += DAY
    return found


def _holidays(year: int) -> dict[date, str]:
    sunday = easter(year)
    return {
        date(year, 1, 1): _l("Nyårsdagen"),
        date(year, 1, 6): _l("Trettondedag jul"),
        sunday - 2 * DAY: _l("Långfredagen"),
        sunday: _l("Påskdagen"),
        sunday + DAY: _l("Annandag påsk"),
        sunday + 39 * DAY: _l("Kristi himmelsfärdsdag"),
        date(year, 5, 1): _l("Första maj"),
        sunday + 49 * DAY: _l("Pingstdagen"),
        date(year, 6, 6): _l("Sveriges nationaldag"),
        _saturday_from(date(year, 6, 20)): _l("Midsommardagen"),
        _saturday_from(date(year, 10, 31)): _l("Alla helgons dag"),
        date(year, 12, 25): _l("Juldagen"),
        date(year, 12, 26): _l("Annandag jul"),
    }


def _eves(year: int) -> dict[date, str]:
    sunday = easter(year)
    return {
        date(year, 1, 5): _l("Trettondagsafton"),
        sunday - 3 * DAY: _l("Skärtorsdagen"),
        sunday - DAY: _l("Påskafton"),
        date(year, 4, 30): _l("Valborgsmässoafton"),
        sunday + 48 * DAY: _l("Pingstafton"),
        _saturday_from(date(year, 6, 20)) - DAY: _l("Midsommarafton"),
        _saturday_from(date(year, 10, 31)) - DAY: _l("Allhelgonaafton"),
        date(year, 12, 24): _l("Julafton"),
        date(year, 12, 31): _l("Nyårsafton"),
    }


def _saturday_from(day: date) -> date:
    return day + (SATURDAY - day.weekday()) % 7 * DAY


def is_free(day: date) -> bool:
    """A public holiday, an eve when nearly everybody is free, or a day in July."""
    return day.month == JULY or is_holiday(day)


def is_holiday(day: date) -> bool:
    """A public holiday, or an eve when nearly everybody is free."""
    special = special_days(day.year).get(day)
    return special is not None and (special.kind == Kind.holiday or special.name in FREE_EVES)


def is_weekend(day: date) -> bool:
    return day.weekday() >= SATURDAY


def weeks_of(year: int, month: int) -> list[Week]:
    """The month's weeks, each from Monday to Sunday."""
    first = date(year, month, 1)
    monday, weeks = first - first.weekday() * DAY, list[Week]()
    while (monday.year, monday.month) <= (year, month):
        days = tuple(each if each.month == month else None for each in (monday + n * DAY for n in range(7)))
        weeks.append(Week(monday.isocalendar().week, days))
        monday += 7 * DAY
    return weeks


def same_week_day(day: date, year: int) -> date:
    """The same weekday of the same week in another year; what stood in week 53 of a year without one is a week earlier."""
    week = min(day.isocalendar().week, date(year, 12, 28).isocalendar().week)
    return date.fromisocalendar(year, week, day.isocalendar().weekday)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    last = (first + 31 * DAY).replace(day=1) - DAY
    return first.replace(day=min(day.day, last.day))

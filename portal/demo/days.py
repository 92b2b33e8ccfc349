"""Believable days: people work on weekdays, not on holidays and not in July. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from portal.clock import STOCKHOLM

HOLIDAYS = {(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)}
JULY = 7
TUESDAY_TO_THURSDAY = (1, 2, 3)
SUNDAY = 6


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day.month != JULY and (day.month, day.day) not in HOLIDAYS


@cache
def working(day: date, steps: int) -> date:
    """The working day `steps` after `day`, or before it when negative; 0 is the day itself."""
    if steps == 0:
        return day
    ahead = 1 if steps > 0 else -1
    day = working(day, steps - ahead) + timedelta(days=ahead)
    while not is_working_day(day):
        day += timedelta(days=ahead)
    return day


def suits_a_meeting(day: date) -> bool:
    """Tuesday to Thursday, and not around Christmas."""
    is_christmas = (day.month, day.day) >= (12, 18) or (day.month, day.day) <= (1, 8)
    return is_working_day(day) and day.weekday() in TUESDAY_TO_THURSDAY and not is_christmas


def meeting_day(today: date, offset: int) -> date:
    """A day for a meeting about `offset` days from today: a past one rather earlier, a coming one rather later."""
    day = today + timedelta(days=offset)
    while not suits_a_meeting(day):
        day += timedelta(days=1 if offset > 0 else -1)
    return day


def next_sunday(day: date) -> date:
    """`day` itself if it is one."""
    return day + timedelta(days=(SUNDAY - day.weekday()) % 7)


def nth_weekday(year: int, month: int, weekday: int, number: int) -> date:
    """As in: the third Wednesday of a month (number 3, weekday 2)."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def moment(day: date, at: str) -> datetime:
    """The day at "9.05" by a Swedish clock."""
    hour, _, minute = at.partition(".")
    return datetime.combine(day, time(int(hour), int(minute)), STOCKHOLM).astimezone(UTC)

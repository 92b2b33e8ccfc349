"""How a series repeats: its days by the calendar, and the rule in words. Days have no hours, so no change of clocks touches them. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from itertools import islice

from dateutil import rrule

from portal.web import _, current_locale
from portal.words import LANGUAGES

MOST = 60
LAST = 5  # a fifth weekday, which few months have, is the last one


class Repeats(StrEnum):
    weeks = "weeks"
    months = "months"


@dataclass(frozen=True)
class Rule:
    """Every so many weeks or months from a first day on, on its weekday; of a month the one of the same number (RFC 5545, BYDAY=2TH)."""

    repeats: Repeats
    every: int
    first: date

    def days(self, *, times: int | None = None, until: date | None = None) -> list[date]:
        """The days, so many times or until a day (included); at most one more than a series may have."""
        return list(islice(self._days(times, until), MOST + 1))

    def _days(self, times: int | None, until: date | None) -> Iterator[date]:
        by_month = self.repeats == Repeats.months
        rule = rrule.rrule(
            rrule.MONTHLY if by_month else rrule.WEEKLY,
            interval=self.every,
            dtstart=datetime.combine(self.first, time()),
            byweekday=rrule.weekday(self.first.weekday(), self._number) if by_month else None,
            count=times,
            until=datetime.combine(until, time()) if until else None,
        )
        return (each.date() for each in rule)

    @property
    def _number(self) -> int:
        """Which of its weekday in the month the first day is; -1 for the last."""
        number = (self.first.day - 1) // 7 + 1
        return -1 if number == LAST else number

    @property
    def words(self) -> str:
        """As in: Varje månad, andra torsdagen."""
        weekday = LANGUAGES[current_locale()].weekdays[self.first.weekday()]
        often = _often(self.every, by_month=self.repeats == Repeats.months)
        if self.repeats == Repeats.weeks:
            return _("%(often)s på %(weekday)sar", often=often, weekday=weekday)
        return f"{often}, {_which(self._number, weekday)}"


def _often(every: int, *, by_month: bool) -> str:
    if every == 1:
        return _("Varje månad") if by_month else _("Varje vecka")
    if every == 2:
        return _("Varannan månad") if by_month else _("Varannan vecka")
    return _("Var %(n)s:e månad", n=every) if by_month else _("Var %(n)s:e vecka", n=every)


def _which(number: int, weekday: str) -> str:
    said = {
        1: _("första %(weekday)sen", weekday=weekday),
        2: _("andra %(weekday)sen", weekday=weekday),
        3: _("tredje %(weekday)sen", weekday=weekday),
        4: _("fjärde %(weekday)sen", weekday=weekday),
    }
    return said.get(number) or _("sista %(weekday)sen", weekday=weekday)

"""What to say about the days of a year before anybody is told of them: too few, too many, far apart, in July, or on a bad day. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Literal

from portal.web import _, current_locale, ngettext
from portal.words import near_date
from portal.year.days import JULY, is_weekend, months_after, special_days
from portal.year.marks import Mark, Sort, on

LONGEST_APART = 3
LONGEST_CLASH = 14  # what lasts longer, such as a school term, is no reason to meet on another day


@dataclass(frozen=True)
class Advice:
    """One sentence, and the day that it is about where it is about one."""

    sentence: str
    kind: Literal["good", "warn"] = "warn"
    day: date | None = None


@dataclass(frozen=True)
class Picked:
    """A day to meet on, with its hours as moments."""

    day: date
    starts_at: datetime
    ends_at: datetime


def tally(count: int, *, least: int, most: int) -> Advice:
    """How many meetings the year has, against what the network means to have."""
    goal = str(least) if least == most else f"{least}–{most}"
    said = ngettext("%(num)d av %(goal)s träff", "%(num)d av %(goal)s träffar", most) % {"num": count, "goal": goal}
    if count < least:
        more = ngettext("Lägg till minst en till.", "Lägg till minst %(num)d till.", least - count) % {"num": least - count}
        return Advice(f"{said}. {more}")
    if count > most:
        fewer = ngettext("Det är en mer än nätverket har bestämt.", "Det är %(num)d mer än nätverket har bestämt.", count - most)
        return Advice(f"{said}. {fewer % {'num': count - most}}")
    enough = _("Antalet är inom målet.")
    return Advice(f"{said}. {enough}", "good")


def gaps(days: Sequence[date], year: int) -> list[Advice]:
    """The times longer than three months between meetings that touch `year`; `days` may hold its neighbours' too."""
    ordered = sorted(set(days))
    return [
        Advice(_("Mer än tre månader mellan %(one)s och %(other)s.", one=_told(one, year), other=_told(other, year)))
        for one, other in pairwise(ordered)
        if other > months_after(one, LONGEST_APART) and year in (one.year, other.year)
    ]


def _told(day: date, year: int) -> str:
    return near_date(day, date(year, 1, 1), current_locale())


def about(picked: Picked, marks: Sequence[Mark], *, today: date) -> list[Advice]:
    """What one should know of the day: what it is in itself, and what lies there already."""
    return [Advice(sentence, day=picked.day) for sentence in (*_of_the_day(picked.day, today), *_of_marks(picked, marks))]


def _of_the_day(day: date, today: date) -> Iterator[str]:
    special = special_days(day.year).get(day)
    if day < today:
        yield _("Dagen har redan varit.")
    if special is not None:
        yield _(special.name) + "."
    elif is_weekend(day):
        yield _("Det är helg.")
    if day.month == JULY:
        yield _("I juli har de flesta semester.")


def _of_marks(picked: Picked, marks: Sequence[Mark]) -> Iterator[str]:
    for mark in on(marks, picked.day):
        match mark.sort:
            case Sort.board:
                yield _("%(board)s sammanträder.", board=mark.title)
            case Sort.cutoff:
                yield _("Stopptid för %(board)s.", board=mark.title)
            case Sort.meeting if mark.whose:
                yield _("Arbetsgruppen %(group)s har redan en träff: %(title)s.", group=mark.whose, title=mark.title)
            case Sort.meeting:
                yield _("Nätverket har redan en träff: %(title)s.", title=mark.title)
            case Sort.foreign if mark.days <= LONGEST_CLASH and _in_the_way(picked, mark):
                yield _("Krockar med %(title)s (%(calendar)s).", title=mark.title, calendar=mark.whose)


def _in_the_way(picked: Picked, mark: Mark) -> bool:
    """What has hours is in the way during them alone."""
    if mark.starts_at is None or mark.ends_at is None:
        return True
    return mark.starts_at < picked.ends_at and mark.ends_at > picked.starts_at

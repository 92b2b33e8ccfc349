"""What stands in a year, whichever room it comes from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Sort(StrEnum):
    meeting = "meeting"
    board = "board"
    cutoff = "cutoff"
    window = "window"
    call = "call"
    reminder = "reminder"
    foreign = "foreign"


@dataclass(frozen=True)
class Mark:
    """Something on a day, or from a first to a last day (both included). `path` is its page's, below the network's.

    `starts_at` and `ends_at` are known for what has hours. `whose` says where it comes from:
    another calendar, or which working group meets."""

    sort: Sort
    first: date
    last: date
    title: str
    path: str = ""
    whose: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def falls_on(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def in_order(marks: Iterable[Mark]) -> list[Mark]:
    order = list(Sort)
    return sorted(marks, key=lambda mark: (mark.first, order.index(mark.sort), mark.title))


def on(marks: Sequence[Mark], day: date) -> list[Mark]:
    return [mark for mark in marks if mark.falls_on(day)]

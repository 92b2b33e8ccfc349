"""Open or closed is worked out from a window's dates when it is read; the source's own mark lags. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from portal import periods
from portal.periods import State

NEVER = datetime(2200, 1, 1, tzinfo=UTC)
ALWAYS = datetime(1900, 1, 1, tzinfo=UTC)


class Period(Protocol):
    """A period for feedback; `closes_at` is its last second."""

    @property
    def stage(self) -> str: ...
    @property
    def opens_at(self) -> datetime | None: ...
    @property
    def closes_at(self) -> datetime | None: ...
    @property
    def source_status(self) -> str: ...


Window = TypeVar("Window", bound=Period)


def state(window: Period, now: datetime) -> State:
    """From the dates; the source's mark only counts where a date is missing."""
    dated = periods.state(window.opens_at, window.closes_at, now)
    if dated != "open" or (window.opens_at and window.closes_at) or window.source_status == "OPEN":
        return dated
    return "closed" if window.source_status == "CLOSED" else "upcoming"


def choose(windows: Sequence[Window], now: datetime) -> Window | None:
    """The window to show: the open one that closes first (a public consultation before others that close with it),
    else the next one to open, else the one that closed last."""
    states: dict[State, list[Window]] = {"open": [], "upcoming": [], "closed": []}
    for window in windows:
        states[state(window, now)].append(window)
    if states["open"]:
        return min(states["open"], key=lambda window: (window.closes_at or NEVER, window.stage != "public_consultation"))
    if states["upcoming"]:
        return min(states["upcoming"], key=lambda window: window.opens_at or NEVER)
    return max(states["closed"], key=lambda window: window.closes_at or ALWAYS, default=None)


def nearest_first(windows: Sequence[Window], now: datetime) -> list[Window]:
    """Open ones by closing, then those to come, then the closed ones, the latest first."""
    order = {"open": 0, "upcoming": 1, "closed": 2}

    def place(window: Window) -> tuple[int, float]:
        which = state(window, now)
        moment = (window.opens_at if which == "upcoming" else window.closes_at) or NEVER
        return order[which], -moment.timestamp() if which == "closed" else moment.timestamp()

    return sorted(windows, key=place)

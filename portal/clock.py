"""The one source of now and today."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")
BRUSSELS = ZoneInfo("Europe/Brussels")

_fixed: datetime | None = None


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _fixed or datetime.now(UTC)


def today() -> date:
    """The date in Sweden."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """The same moment by a Swedish clock."""
    return moment.astimezone(STOCKHOLM)


@contextmanager
def fixed(moment: datetime) -> Iterator[None]:
    """Stop the clock at `moment` (tests, and the past of the demo)."""
    global _fixed
    before, _fixed = _fixed, moment.astimezone(UTC)
    try:
        yield
    finally:
        _fixed = before

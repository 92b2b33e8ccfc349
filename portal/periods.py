"""A time that is open from a day, or from before anybody knew of it, until the last second of another: of a consultation, of a call."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from portal.db import Table
from portal.fields import _l

State = Literal["upcoming", "open", "closed"]


class Zone(StrEnum):
    """By whose clock the hours are meant."""

    brussels = "Europe/Brussels"
    stockholm = "Europe/Stockholm"


class PeriodForm(Table):
    """Days typed by hand. The hour is by the clock of `zone`; without one it is the last second of the day."""

    opens_on: date | None = None
    closes_on: date
    closes_time: time | None = None
    zone: Zone = Zone.brussels

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not all(2000 <= day.year <= 2100 for day in (self.opens_on, self.closes_on) if day):
            raise PydanticCustomError("value_error", "{error}", {"error": _l("Året ser fel ut.")})
        if self.opens_on and self.opens_on > self.closes_on:
            raise PydanticCustomError("value_error", "{error}", {"error": _l("Det behöver öppna innan det stänger.")})
        return self

    @property
    def opens_at(self) -> datetime | None:
        return _moment(self.opens_on, time(), self.zone) if self.opens_on else None

    @property
    def closes_at(self) -> datetime:
        """A full minute, as it is shown and changed, or the last second of the day."""
        at = self.closes_time.replace(second=0, microsecond=0) if self.closes_time is not None else time(23, 59, 59)
        return _moment(self.closes_on, at, self.zone)


def _moment(day: date, at: time, zone: str) -> datetime:
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def filled(opens_at: datetime | None, closes_at: datetime | None, tz: str) -> dict[str, str]:
    """As the form for changing a period is filled; days and hours by the clock that they were announced by."""
    opens, closes = (moment.astimezone(ZoneInfo(tz)) if moment else None for moment in (opens_at, closes_at))
    return {
        "opens_on": opens.date().isoformat() if opens else "",
        "closes_on": closes.date().isoformat() if closes else "",
        "closes_time": f"{closes:%H:%M}" if closes and not closes.second else "",
        "zone": tz,
    }


def state(opens_at: datetime | None, closes_at: datetime | None, now: datetime) -> State:
    """As far as the dates say; `closes_at` is the last second. What has no dates is open."""
    if closes_at and now >= closes_at + timedelta(seconds=1):
        return "closed"
    if opens_at and now < opens_at:
        return "upcoming"
    return "open"

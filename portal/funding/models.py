"""A call for proposals is shared by the whole portal; a network that watches it has a record of its own, with a thread."""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Relationship

from portal import clock, periods
from portal.db import Table, identity, instant, reference
from portal.fields import Line, Link, Prose
from portal.periods import PeriodForm, State, Zone
from portal.records.models import Record


class Call(Table, table=True):
    """Somebody gives money to those who apply in time. `key` names it at its source; those registered by hand have none.

    `closes_at` is the last second, by the clock of `tz` as it was announced. `sequence` is RFC 5545's: it rises when anything changes that
    a calendar shows of the call, and `changed_at` with it."""

    __tablename__ = "funding_call"

    id: int = identity()
    key: str | None = Field(default=None, unique=True)
    programme: str
    title_sv: str
    title_en: str = ""
    gives: str = ""
    url: str | None = None
    opens_at: datetime | None = instant(nullable=True)
    closes_at: datetime = instant(index=True)
    tz: str = Zone.brussels
    sequence: int = 0
    changed_at: datetime = instant(default_factory=clock.now)
    created_at: datetime = instant()

    def state(self, now: datetime) -> State:
        """Worked out from the dates when it is read."""
        return periods.state(self.opens_at, self.closes_at, now)


class WatchedCall(Table, table=True):
    """A network's record of a call."""

    __tablename__ = "watched_call"
    __table_args__ = (UniqueConstraint("network_id", "call_id"),)

    record_id: int = reference("record.id", primary_key=True)
    network_id: int = reference("network.id")
    call_id: int = reference("funding_call.id", index=True)

    record: Record = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    call: Call = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    @property
    def closing(self) -> str:
        """By which name calendars know the last day to apply."""
        return f"call-{self.record_id}"

    def values(self) -> dict[str, Any]:
        """As the form for changing it is filled."""
        call = self.call
        return {
            "title_sv": call.title_sv,
            "title_en": call.title_en,
            "programme": call.programme,
            "gives": call.gives,
            "url": call.url or "",
            **periods.filled(call.opens_at, call.closes_at, call.tz),
        }


class CallForm(PeriodForm):
    """A call that somebody has come across."""

    title_sv: Annotated[Line, Field(min_length=1, max_length=300)]
    title_en: Annotated[Line, Field(max_length=300)] = ""
    programme: Annotated[Line, Field(min_length=1, max_length=120)]
    gives: Annotated[Prose, Field(max_length=8000)] = ""
    url: Link | None = None

"""Calendars of others that a network reads: where from, how the last reading went, and the days that stand in them."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import JSON, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from portal import fetch
from portal.db import Table, identity, instant, reference
from portal.fields import Line, Prose
from portal.web import _

LIST = JSON().with_variant(JSONB(), "postgresql")


class CalendarForm(Table):
    """A calendar at an address. What it is called is ours to say: few files name themselves so that people know them."""

    name: Annotated[Line, Field(min_length=1, max_length=80)]
    url: Annotated[Prose, Field(min_length=1, max_length=2000)]

    @field_validator("url")
    @classmethod
    def can_be_asked_for(cls, url: str) -> str:
        try:
            return fetch.address(url)
        except fetch.Unreachable as unreachable:
            raise PydanticCustomError("bad_address", _(unreachable.message_sv)) from None


class FileForm(Table):
    """A calendar in a file; the file itself comes beside."""

    file_name: Annotated[Line, Field(min_length=1, max_length=80)]


class ForeignCalendar(Table, table=True):
    """`url` is None for a file. `problem` is the sentence (in the catalogue) about the last try, empty when it went well.

    `refused` are the events that could not be read, as {"title", "why"}; `read_to` is the last year whose repetitions are unfolded.
    """

    __tablename__ = "foreign_calendar"

    id: int = identity()
    network_id: int = reference("network.id", index=True, ondelete="CASCADE")
    name: str
    url: str | None = None
    added_at: datetime = instant()
    tried_at: datetime | None = instant(nullable=True)
    read_at: datetime | None = instant(nullable=True)
    ended_at: datetime | None = instant(nullable=True)
    problem: str = ""
    failures: int = 0
    etag: str = ""
    last_modified: str = ""
    read_to: int = 0
    refused: list[dict[str, Any]] = Field(default_factory=list, sa_type=LIST, nullable=False)
    refused_more: int = 0

    @property
    def is_waiting(self) -> bool:
        """Whether it has not been tried yet."""
        return self.tried_at is None


class ForeignEvent(Table, table=True):
    """A time of an event, by Swedish days; the moments are None for what lasts whole days."""

    __tablename__ = "foreign_event"
    __table_args__ = (Index("ix_foreign_event_calendar_id_first_on", "calendar_id", "first_on"),)

    id: int = identity()
    calendar_id: int = reference("foreign_calendar.id", ondelete="CASCADE")
    title: str
    place: str = ""
    first_on: date
    last_on: date
    starts_at: datetime | None = instant(nullable=True)
    ends_at: datetime | None = instant(nullable=True)

"""Meetings with agenda and attendance. Notes are a jointly written text with a section for each agenda item."""

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Annotated, Any

from pydantic import model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Relationship

from portal import clock
from portal.clock import STOCKHOLM
from portal.db import Table, identity, instant, reference
from portal.fields import Line, Link, Prose, _l
from portal.networks.models import Membership
from portal.records.models import Record


class State(StrEnum):
    planned = "planned"
    summoned = "summoned"
    held = "held"
    finalised = "finalised"
    cancelled = "cancelled"


class Answer(StrEnum):
    yes = "yes"
    maybe = "maybe"
    no = "no"


def moment(day: date, clock_time: time) -> datetime:
    """A Swedish wall-clock time as a moment. Raises for the hour that summer time skips."""
    wall = datetime.combine(day, clock_time, STOCKHOLM)
    instant_of_it = wall.astimezone(UTC)
    if instant_of_it.astimezone(STOCKHOLM).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise PydanticCustomError("value_error", "{error}", {"error": _l("Klockan ställs fram den natten: välj en timme senare.")})
    return instant_of_it


class MeetingForm(Table):
    """What the coordinator plans, in Swedish time."""

    title: Annotated[Line, Field(min_length=1, max_length=200)]
    day: date
    starts: time
    ends: time
    place: Annotated[Line, Field(max_length=200)] = ""
    online_url: Link | None = None
    purpose: Annotated[Prose, Field(max_length=4000)] = ""

    @model_validator(mode="after")
    def _in_order(self) -> "MeetingForm":
        if not date(2000, 1, 1) <= self.day <= date(2100, 1, 1):
            raise PydanticCustomError("value_error", "{error}", {"error": _l("Året ser fel ut.")})
        if self.starts_at >= self.ends_at:
            raise PydanticCustomError("value_error", "{error}", {"error": _l("Träffen behöver sluta efter att den börjar.")})
        return self

    @property
    def starts_at(self) -> datetime:
        return moment(self.day, self.starts)

    @property
    def ends_at(self) -> datetime:
        return moment(self.day, self.ends)


class CancelForm(Table):
    reason: Annotated[Prose, Field(min_length=1, max_length=1000)]


class Meeting(Table, table=True):
    """`uid` and `sequence` are RFC 5545's: the sequence rises when anything a calendar shows changes."""

    __tablename__ = "meeting"

    record_id: int = reference("record.id", primary_key=True)
    starts_at: datetime = instant(index=True)
    ends_at: datetime = instant()
    place: str = ""
    online_url: str | None = None
    purpose: str = ""
    state: str = State.planned
    uid: str = Field(unique=True)
    sequence: int = 0
    created_at: datetime = instant()
    changed_at: datetime = instant()
    cancelled_at: datetime | None = instant(nullable=True)
    cancel_reason: str = ""

    record: Record = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def values(self) -> dict[str, Any]:
        """As the form for changing it is filled, in Swedish time."""
        starts, ends = clock.local(self.starts_at), clock.local(self.ends_at)
        return {
            "title": self.record.title,
            "day": starts.date().isoformat(),
            "starts": starts.strftime("%H:%M"),
            "ends": ends.strftime("%H:%M"),
            "place": self.place,
            "online_url": self.online_url or "",
            "purpose": self.purpose,
        }

    @property
    def is_open(self) -> bool:
        """Planned or summoned: it can still be changed, answered and cancelled."""
        return self.state in (State.planned, State.summoned)

    @property
    def is_over(self) -> bool:
        return self.state in (State.held, State.finalised)


class Goal(StrEnum):
    """What an item is on the agenda for."""

    inform = "inform"
    discuss = "discuss"
    decide = "decide"


class AgendaForm(Table):
    title: Annotated[Line, Field(min_length=1, max_length=200)]
    minutes: Annotated[int, Field(ge=1, le=600)] | None = None
    presenter: Annotated[Line, Field(max_length=100)] = ""
    goal: Goal | None = None


class AgendaItem(AgendaForm, table=True):
    """An item of the agenda, what was decided on it, and the section of the notes that belongs to it."""

    __tablename__ = "agenda_item"

    id: int = identity()
    meeting_id: int = reference("meeting.record_id", index=True)
    position: int
    minutes: int | None = None  # type: ignore[assignment]
    goal: str | None = None  # type: ignore[assignment]
    decision: str = ""
    section_id: int = reference("section.id")


class AnswerForm(Table):
    answer: Answer


class Attendance(Table, table=True):
    """A member's answer to a meeting, and whether she was there."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("meeting_id", "membership_id"),)

    id: int = identity()
    meeting_id: int = reference("meeting.record_id")
    membership_id: int = reference("membership.id", index=True)
    answer: str | None = None
    answered_at: datetime | None = instant(nullable=True)
    present: bool | None = None

    membership: Membership = Relationship(sa_relationship_kwargs={"lazy": "raise"})

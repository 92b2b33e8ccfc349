"""Meetings with agenda and attendance. Notes are a jointly written text with a section for each agenda item."""

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Annotated, Any

from pydantic import ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Relationship

from portal import clock
from portal.clock import STOCKHOLM
from portal.db import Table, identity, instant, reference
from portal.fields import Line, Link, Prose, RowNumber, _l
from portal.networks.group_models import WorkingGroup
from portal.networks.models import Membership
from portal.records.models import Record
from portal.web.language import _, current_locale
from portal.words import clock_time

EVEN_IF_LEFT_OUT: dict[str, Any] = {"validate_default": True}


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


class Season(StrEnum):
    """Which of two: the hour before the clocks are put back comes once by summer time and once more by winter time."""

    summer = "summer"
    winter = "winter"


def moment(day: date, at: time, season: Season | None = None) -> datetime:
    """A Swedish wall-clock time as a moment; `season` tells which, where it comes twice. What
    summer time skips is read as the hour after."""
    return datetime.combine(day, at, STOCKHOLM).replace(fold=season == Season.winter).astimezone(UTC)


def instead_of(day: date, at: time) -> datetime | None:
    """The moment to suggest for a wall-clock time that summer time skips, or None: every other time there is."""
    meant = moment(day, at)
    return None if clock.local(meant).time() == at.replace(tzinfo=None) else meant


def comes_twice(day: date, at: time) -> bool:
    """Whether the wall-clock time is of the hour before the clocks are put back."""
    return instead_of(day, at) is None and moment(day, at, Season.summer) != moment(day, at, Season.winter)


class MeetingForm(Table):
    """What the coordinator plans, in Swedish time. The seasons are asked for and kept only where an hour comes twice."""

    title: Annotated[Line, Field(min_length=1, max_length=200)]
    day: date
    starts: time
    ends: time
    starts_in: Season | None = Field(default=None, schema_extra=EVEN_IF_LEFT_OUT)
    ends_in: Season | None = Field(default=None, schema_extra=EVEN_IF_LEFT_OUT)
    place: Annotated[Line, Field(max_length=200)] = ""
    online_url: Link | None = None
    purpose: Annotated[Prose, Field(max_length=4000)] = ""
    announced: bool = False

    @field_validator("starts", "ends")
    @classmethod
    def _is_not_skipped(cls, at: time, info: ValidationInfo) -> time:
        day = info.data.get("day")
        if day is not None and (instead := instead_of(day, at)) is not None:
            hour = clock_time(instead, current_locale())
            raise PydanticCustomError(
                "skipped", _("Klockan ställs fram den natten och den timmen finns inte. Skriv till exempel %(hour)s.", hour=hour)
            )
        return at

    @field_validator("starts_in", "ends_in")
    @classmethod
    def _is_told_where_it_comes_twice(cls, season: Season | None, info: ValidationInfo) -> Season | None:
        day, at = info.data.get("day"), info.data.get((info.field_name or "").removesuffix("_in"))
        if day is None or at is None or not comes_twice(day, at):
            return None
        if season is None:
            raise PydanticCustomError("twice", _("Klockan ställs tillbaka den natten och den timmen kommer två gånger. Välj vilken."))
        return season

    @model_validator(mode="after")
    def _in_order(self) -> "MeetingForm":
        if not date(2000, 1, 1) <= self.day <= date(2100, 1, 1):
            raise PydanticCustomError("value_error", "{error}", {"error": _l("Året ser fel ut.")})
        if self.starts_at >= self.ends_at:
            raise PydanticCustomError("value_error", "{error}", {"error": _l("Träffen behöver sluta efter att den börjar.")})
        return self

    @property
    def starts_at(self) -> datetime:
        return moment(self.day, self.starts, self.starts_in)

    @property
    def ends_at(self) -> datetime:
        return moment(self.day, self.ends, self.ends_in)


class ForWhomForm(MeetingForm):
    """A meeting, and the working group that it is for (None: the whole network)."""

    group_id: RowNumber | None = None


class CancelForm(Table):
    reason: Annotated[Prose, Field(min_length=1, max_length=1000)]


class Meeting(Table, table=True):
    """`uid` and `sequence` are RFC 5545's: the sequence rises when anything a calendar shows changes.

    `group` is the working group that it is for; a meeting without one is for the whole network. Who may read it is the same.
    `series_id`: the meetings that it was planned together with, and by what rule.
    `announced`: anybody may know what, when and where, by the network's open calendar; the page and the notes are as closed as ever.
    """

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
    announced: bool = False
    group_id: int | None = reference("working_group.id", nullable=True, index=True)
    series_id: int | None = reference("meeting_series.id", nullable=True, index=True)

    record: Record = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    group: WorkingGroup | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def values(self) -> dict[str, Any]:
        """As the form for changing it is filled, in Swedish time."""
        starts, ends = clock.local(self.starts_at), clock.local(self.ends_at)
        return {
            "title": self.record.title,
            "day": starts.date().isoformat(),
            "starts": starts.strftime("%H:%M"),
            "ends": ends.strftime("%H:%M"),
            "starts_in": _season(starts),
            "ends_in": _season(ends),
            "place": self.place,
            "online_url": self.online_url or "",
            "purpose": self.purpose,
            "announced": self.announced,
            "group_id": self.group_id,
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


def _season(local: datetime) -> str:
    """As a form shows it: empty for an hour that comes once."""
    if not comes_twice(local.date(), local.time()):
        return ""
    return Season.winter if local.fold else Season.summer


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
    """A member's answer to a meeting (when, and to which sequence of it), and whether she was there. `replied_at` is
    when her calendar program, by its own clock, gave the last answer that counted."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("meeting_id", "membership_id"),)

    id: int = identity()
    meeting_id: int = reference("meeting.record_id")
    membership_id: int = reference("membership.id", index=True)
    answer: str | None = None
    answered_at: datetime | None = instant(nullable=True)
    answered_sequence: int | None = None
    replied_at: datetime | None = instant(nullable=True)
    present: bool | None = None

    membership: Membership = Relationship(sa_relationship_kwargs={"lazy": "raise"})


class Invited(Table, table=True):
    """Somebody has been sent the meeting as an invitation into her calendar, last as it was at `sequence`: whatever she chooses
    from now on, what changes in it is sent there too. When the last letter `came_back`, an earlier one is in her calendar and shows
    what held then; until the next letter arrives her feed shows what holds."""

    __tablename__ = "invited"

    meeting_id: int = reference("meeting.record_id", primary_key=True, ondelete="CASCADE")
    person_id: int = reference("person.id", primary_key=True, index=True, ondelete="CASCADE")
    sequence: int
    at: datetime = instant()
    came_back: bool = False

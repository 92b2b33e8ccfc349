"""What a meeting leaves behind: action items, and the notes on their way to a record."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import JSON, CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Relationship

from portal import clock
from portal.accounts.models import Person
from portal.db import Table, identity, instant, reference
from portal.fields import Line, Prose, Reason, RowNumber, Version, _l
from portal.networks.models import Day, Membership, Unit
from portal.records.models import Record

LONGEST_TEXT = 100_000
LONGEST_REVIEW = 120  # days


def _for_review(day: date) -> date:
    if not clock.today() <= day <= clock.today() + timedelta(days=LONGEST_REVIEW):
        raise PydanticCustomError("value_error", "{error}", {"error": _l("Välj en dag från i dag och fyra månader framåt.")})
    return day


class ActionForm(Table):
    """What somebody is to do, and by when."""

    what: Annotated[Line, Field(min_length=1, max_length=500)]
    owner_id: RowNumber
    due_on: Day | None = None
    item_id: RowNumber | None = None


class ActionItem(Table, table=True):
    """Something that a meeting has asked a member to do (åtgärdspunkt). It is open until `done_at`;
    `unit_id` is the owner's when it was given."""

    __tablename__ = "action_item"
    __table_args__ = (Index("ix_action_item_network_id_done_at", "network_id", "done_at"),)

    id: int = identity()
    network_id: int = reference("network.id")
    meeting_id: int = reference("meeting.record_id", index=True)
    item_id: int | None = reference("agenda_item.id", nullable=True, index=True, ondelete="SET NULL")
    what: str
    owner_id: int = reference("membership.id", index=True)
    unit_id: int | None = reference("unit.id", nullable=True)
    due_on: date | None = None
    created_by_id: int = reference("person.id")
    created_at: datetime = instant()
    done_at: datetime | None = instant(nullable=True)
    done_by_id: int | None = reference("person.id", nullable=True)

    owner: Membership = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    unit: Unit | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    done_by: Person | None = Relationship(sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "ActionItem.done_by_id"})
    source: Record = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "viewonly": True, "primaryjoin": "foreign(ActionItem.meeting_id) == Record.id"}
    )

    @property
    def closing(self) -> str:
        """By which name calendars know the day by which it is to be done."""
        return f"action-{self.id}"

    @property
    def is_late(self) -> bool:
        return self.done_at is None and self.due_on is not None and self.due_on < clock.today()


class DecisionForm(Table):
    """What the meeting decided on an item; empty for nothing."""

    decision: Annotated[Prose, Field(max_length=4000)] = ""


class CirculationForm(Table):
    """Sent for correction: until when, and who approves beside the coordinator."""

    respond_by: Annotated[date, AfterValidator(_for_review)]
    adjuster_id: RowNumber


class Minutes(Table, table=True):
    """The notes of a meeting from the day they are sent for correction. `round` counts how often that was done.

    An approval holds for the text that `…_mark` is the mark of (document.mark): whoever changes a word takes it away. With both
    approvals for one text it is locked, and `document` keeps what was approved, names and all, whatever becomes of the people.
    """

    __tablename__ = "minutes"

    meeting_id: int = reference("meeting.record_id", primary_key=True)
    round: int = 1
    sent_at: datetime = instant()
    sent_by_id: int = reference("person.id")
    respond_by: date
    adjuster_id: int = reference("membership.id", index=True)
    adjusted_at: datetime | None = instant(nullable=True)
    adjusted_mark: str = ""
    approved_at: datetime | None = instant(nullable=True)
    approved_by_id: int | None = reference("person.id", nullable=True)
    approved_mark: str = ""
    locked_at: datetime | None = instant(nullable=True)
    document: dict[str, Any] | None = Field(default=None, sa_type=JSON().with_variant(JSONB(), "postgresql"))
    unregistered_reason: str = ""
    registered_at: datetime | None = instant(nullable=True)
    registered_by_id: int | None = reference("person.id", nullable=True)

    adjuster: Membership = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    approved_by: Person | None = Relationship(sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Minutes.approved_by_id"})

    @property
    def is_locked(self) -> bool:
        return self.locked_at is not None


class Outcome(StrEnum):
    taken = "taken"
    written_in = "written_in"
    declined = "declined"


class CorrectionForm(Table):
    """A section as somebody who was there would have it, and why. `version` is the section's that she began from."""

    section_id: RowNumber
    version: Version
    body: Annotated[Prose, Field(max_length=LONGEST_TEXT)] = ""
    reason: Annotated[Prose, Field(max_length=1000)] = ""


class RulingForm(Table):
    """What the coordinator does with a correction. One that is declined is declined with a word."""

    outcome: Outcome
    word: Annotated[Prose, Field(max_length=1000)] = ""

    @model_validator(mode="after")
    def _with_a_word(self) -> "RulingForm":
        if self.outcome == Outcome.declined and not self.word:
            raise PydanticCustomError("value_error", "{error}", {"error": _l("Skriv varför förslaget inte tas in.")})
        return self


class Correction(Table, table=True):
    """A correction that was proposed, and what became of it: it is never deleted. `before` is what stood there, both in light markup."""

    __tablename__ = "correction"
    __table_args__ = (CheckConstraint("(outcome IS NULL) = (ruled_at IS NULL)", name="ruled"),)

    id: int = identity()
    meeting_id: int = reference("meeting.record_id", index=True)
    section_id: int = reference("section.id")
    version: int
    before: str
    body: str
    reason: str = ""
    by_id: int = reference("membership.id")
    at: datetime = instant()
    outcome: str | None = None
    word: str = ""
    ruled_at: datetime | None = instant(nullable=True)
    ruled_by_id: int | None = reference("person.id", nullable=True)

    by: Membership = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    ruled_by: Person | None = Relationship(sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Correction.ruled_by_id"})


class ApprovalForm(Table):
    """`mark` is the text's that the page showed."""

    mark: Annotated[Line, Field(min_length=1, max_length=64)]


class RegistrationForm(Table):
    """Either a number of the registry, or why there is none."""

    registry_no: Annotated[Line, Field(max_length=60)] = ""
    unregistered_reason: Annotated[Prose, Field(max_length=1000)] = ""

    @model_validator(mode="after")
    def _one_of_them(self) -> "RegistrationForm":
        if bool(self.registry_no) == bool(self.unregistered_reason):
            raise PydanticCustomError(
                "value_error", "{error}", {"error": _l("Skriv antingen diarienummer eller varför det inte registreras.")}
            )
        return self


class AmendmentForm(Table):
    body: Reason


class Amendment(Table, table=True):
    """A correction after the text was locked: dated, named, and shown above it. The text stays as it was approved."""

    __tablename__ = "amendment"

    id: int = identity()
    meeting_id: int = reference("meeting.record_id", index=True)
    body: str
    by_name: str
    by_id: int = reference("person.id")
    at: datetime = instant()


class VisitorForm(Table):
    name: Annotated[Line, Field(min_length=1, max_length=100)]
    organisation: Annotated[Line, Field(max_length=100)] = ""


class MeetingVisitor(VisitorForm, table=True):
    """Somebody who was at the meeting and is no member."""

    __tablename__ = "meeting_visitor"

    id: int = identity()
    meeting_id: int = reference("meeting.record_id", index=True)

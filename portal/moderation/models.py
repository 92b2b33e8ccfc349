"""Reports and rulings. A ruling is never changed or deleted (the database refuses); what holds today is what they add up to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Relationship

from portal.accounts.models import Person
from portal.comments.models import Comment
from portal.db import Table, identity, instant, reference
from portal.fields import Prose, RowNumber, Version
from portal.networks.models import EVEN_IF_LEFT_OUT
from portal.records.models import Record
from portal.web import _


class Reason(StrEnum):
    personal_data = "personal_data"
    insult = "insult"
    off_topic = "off_topic"
    secrecy = "secrecy"
    other = "other"


class Verb(StrEnum):
    """What a ruling does. A report is in the log as well, for those who moderate."""

    reported = "comment.reported"
    left = "comment.left"
    hidden = "comment.hidden"
    restored = "comment.restored"
    approved = "comment.approved"
    redacted = "comment.redacted"
    locked = "thread.locked"
    unlocked = "thread.unlocked"
    removed = "member.removed"
    readmitted = "member.readmitted"


class ReasonForm(Table):
    """A reason from the list, and words; the list's last reason says nothing without words."""

    reason: Reason
    words: Annotated[Prose, Field(max_length=500)] = Field(default="", schema_extra=EVEN_IF_LEFT_OUT)

    @field_validator("words")
    @classmethod
    def another_reason_is_told(cls, words: str, info: ValidationInfo) -> str:
        if not words and info.data.get("reason") == Reason.other:
            raise PydanticCustomError("words_missing", _("Skriv vad skälet är."))
        return words


class RemovalForm(ReasonForm):
    person: RowNumber


class RedactionForm(ReasonForm):
    """`typed` is the second confirmation: the words that the page asks for."""

    typed: Annotated[Prose, Field(max_length=100)] | None = None


class ApprovalForm(Table):
    """`version` is the one that was read: other words are not approved by mistake."""

    version: Version


class LogFilter(Table):
    """Which rulings are asked for; `since` and `until` are days, both included."""

    kind: Verb | None = None
    person: RowNumber | None = None
    record: RowNumber | None = None
    since: date | None = None
    until: date | None = None


class Ruling(Table, table=True):
    """Who did what to whose comment or place in a thread, why and when. `concerns_id` is the person it is about."""

    __tablename__ = "ruling"
    __table_args__ = (Index("ix_ruling_network_id_id", "network_id", "id"), Index("ix_ruling_comment_id", "comment_id"))

    id: int = identity()
    at: datetime = instant()
    network_id: int = reference("network.id")
    record_id: int = reference("record.id")
    comment_id: int | None = reference("comment.id", nullable=True)
    concerns_id: int | None = reference("person.id", nullable=True)
    actor_id: int = reference("person.id")
    verb: str
    reason: str | None = None
    words: str = ""
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON().with_variant(JSONB(), "postgresql"), nullable=False)

    record: Record = Relationship(sa_relationship_kwargs={"lazy": "raise"})


class Notice(Table, table=True):
    """A ruling that the person it concerns is told of, until she has read it."""

    __tablename__ = "ruling_notice"

    ruling_id: int = reference("ruling.id", primary_key=True)
    person_id: int = reference("person.id", index=True)
    read_at: datetime | None = instant(nullable=True)


class Report(Table, table=True):
    """Somebody's report of a comment in one of its versions. `ruling_id` is how it was settled; until then it is open."""

    __tablename__ = "comment_report"
    __table_args__ = (
        UniqueConstraint("comment_id", "person_id", "version"),
        Index("ix_comment_report_person_id_at", "person_id", "at"),
        Index("ix_comment_report_open", "comment_id", postgresql_where=text("ruling_id IS NULL")),
    )

    id: int = identity()
    comment_id: int = reference("comment.id")
    person_id: int = reference("person.id")
    version: int
    reason: str
    words: str = ""
    at: datetime = instant()
    ruling_id: int | None = reference("ruling.id", nullable=True)

    person: Person = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    comment: Comment = Relationship(sa_relationship_kwargs={"lazy": "raise"})


@dataclass
class State:
    """What holds: comments with open reports, hidden and redacted ones, locked threads, and who is removed from which thread."""

    reported: set[int] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    redacted: set[int] = field(default_factory=set)
    locked: set[int] = field(default_factory=set)
    removed: set[tuple[int, int]] = field(default_factory=set)


def replay(rulings: Iterable[Ruling]) -> State:
    """What the rulings add up to, the oldest first. Without the reports, which are for those who moderate alone, none is open."""
    state = State()
    for ruling in rulings:
        comment = ruling.comment_id or 0
        match ruling.verb:
            case Verb.reported:
                state.reported.add(comment)
            case Verb.left:
                state.reported.discard(comment)
            case Verb.hidden:
                state.reported.discard(comment)
                state.hidden.add(comment)
            case Verb.restored:
                state.hidden.discard(comment)
                if ruling.data.get("reopened"):
                    state.reported.add(comment)
            case Verb.redacted:
                state.reported.discard(comment)
                state.redacted.add(comment)
            case Verb.locked:
                state.locked.add(ruling.record_id)
            case Verb.unlocked:
                state.locked.discard(ruling.record_id)
            case Verb.removed:
                state.removed.add((ruling.record_id, ruling.concerns_id or 0))
            case Verb.readmitted:
                state.removed.discard((ruling.record_id, ruling.concerns_id or 0))
    return state

"""What hangs on an agenda: what members propose for it, the records and documents of its items, and which item the meeting is at."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, Relationship

from portal.accounts.models import Person
from portal.db import Table, identity, instant, reference
from portal.fields import Line, Prose, Reason, RowNumber
from portal.files.models import Attachment
from portal.meetings.models import Goal
from portal.networks.models import Membership


class ProposalForm(Table):
    """What a member would like the network to talk about."""

    title: Annotated[Line, Field(min_length=1, max_length=200)]
    why: Annotated[Prose, Field(max_length=2000)] = ""
    minutes: Annotated[int, Field(ge=1, le=600)] | None = None
    goal: Goal | None = None


class Fate(StrEnum):
    taken = "taken"
    declined = "declined"
    withdrawn = "withdrawn"


class Proposal(ProposalForm, table=True):
    """It waits in the network's backlog until it is taken onto an agenda, declined with a word, or withdrawn."""

    __tablename__ = "agenda_proposal"
    __table_args__ = (Index("ix_agenda_proposal_network_id_fate", "network_id", "fate"),)

    id: int = identity()
    network_id: int = reference("network.id")
    minutes: int | None = None  # type: ignore[assignment]
    goal: str | None = None  # type: ignore[assignment]
    by_id: int = reference("membership.id")
    at: datetime = instant()
    fate: str | None = None
    word: str = ""
    ruled_at: datetime | None = instant(nullable=True)
    ruled_by_id: int | None = reference("person.id", nullable=True)
    meeting_id: int | None = reference("meeting.record_id", nullable=True)
    search: str | None = Field(default=None, sa_column=Column(TSVECTOR))

    by: Membership = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    ruled_by: Person | None = Relationship(sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Proposal.ruled_by_id"})


class TakingForm(Table):
    meeting_id: RowNumber


class DecliningForm(Table):
    word: Reason


class OrderForm(Table):
    """Every item of the agenda, in the order wanted."""

    item: Annotated[list[RowNumber], Field(max_length=300)]


class CopyForm(Table):
    meeting_id: RowNumber


class ItemRecordForm(Table):
    record_id: RowNumber


class ItemRecord(Table, table=True):
    """A record that an item is about: whoever may read it finds it there."""

    __tablename__ = "agenda_item_record"

    item_id: int = reference("agenda_item.id", primary_key=True, ondelete="CASCADE")
    record_id: int = reference("record.id", primary_key=True, index=True, ondelete="CASCADE")


class Floor(Table, table=True):
    """Which item the meeting is at, and since when."""

    __tablename__ = "meeting_floor"

    meeting_id: int = reference("meeting.record_id", primary_key=True)
    item_id: int = reference("agenda_item.id", ondelete="CASCADE")
    began_at: datetime = instant()


class MeetingDocument(Table, table=True):
    """A document of the meeting, or of one of its items. One that is taken away is listed no more, and its bytes stay."""

    __tablename__ = "meeting_document"

    id: int = identity()
    meeting_id: int = reference("meeting.record_id", index=True)
    item_id: int | None = reference("agenda_item.id", nullable=True, index=True, ondelete="SET NULL")
    removed_at: datetime | None = instant(nullable=True)
    removed_by_id: int | None = reference("person.id", nullable=True)

    versions: list["DocumentVersion"] = Relationship(sa_relationship_kwargs={"lazy": "raise", "order_by": "DocumentVersion.number.desc()"})

    @property
    def newest(self) -> "DocumentVersion":
        return self.versions[0]

    @property
    def first(self) -> "DocumentVersion":
        return self.versions[-1]


class DocumentVersion(Table, table=True):
    """A document as somebody has uploaded it; every version can be fetched."""

    __tablename__ = "meeting_document_version"

    document_id: int = reference("meeting_document.id", primary_key=True)
    number: int = Field(primary_key=True)
    attachment_id: int = reference("attachment.id", index=True)

    attachment: Attachment = Relationship(sa_relationship_kwargs={"lazy": "raise"})

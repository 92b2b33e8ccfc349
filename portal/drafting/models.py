"""Jointly written texts: sections in the editor's own document format, each with its versions."""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Relationship

from portal.accounts.models import Person
from portal.db import Table, identity, instant, reference
from portal.fields import Line, Moment, Prose, RowNumber, Version
from portal.live.models import Stream

DOCUMENT = JSON().with_variant(JSONB(), "postgresql")
LONGEST = 100_000


class DraftText(Table, table=True):
    """A text of a record: its notes or its answer. Locked once it is finished."""

    __tablename__ = "draft_text"
    __table_args__ = (UniqueConstraint("record_id", "purpose"),)

    id: int = identity()
    record_id: int = reference("record.id")
    purpose: str
    locked_at: datetime | None = instant(nullable=True)
    created_at: datetime = instant()


class CoAuthor(Table, table=True):
    """A unit or a member that writes in a text besides the coordinator."""

    __tablename__ = "co_author"
    __table_args__ = (
        UniqueConstraint("text_id", "unit_id", "membership_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("num_nonnulls(unit_id, membership_id) = 1", name="either"),
    )

    id: int = identity()
    text_id: int = reference("draft_text.id", ondelete="CASCADE")
    unit_id: int | None = reference("unit.id", nullable=True)
    membership_id: int | None = reference("membership.id", nullable=True)


class HeadingForm(Table):
    heading: Annotated[Line, Field(min_length=1, max_length=200)]


class Section(HeadingForm, table=True):
    """A section: `body` is a ProseMirror document (drafting/document.py), `version` rises with every change."""

    __tablename__ = "section"

    id: int = identity()
    text_id: int = reference("draft_text.id", index=True, ondelete="CASCADE")
    position: int
    body: dict[str, Any] = Field(sa_type=DOCUMENT, nullable=False)
    version: int = 1
    updated_by_id: int = reference("person.id")
    updated_at: datetime = instant()

    updated_by: Person = Relationship(sa_relationship_kwargs={"lazy": "raise"})


class SectionDocument(Table, table=True):
    """A section that several write in at the same time: its Yjs document, begun once and never again from a text.

    `state` holds every change of the stream up to `seq`; what the section's body shows goes up to `shown`. Changes stay in the log for a
    while after that, for those who were away and for what is to be undone: `base` holds those up to `base_seq`, which may be gone. `mark`
    tells this document from any other that the section could have had."""

    __tablename__ = "section_document"
    __table_args__ = (UniqueConstraint("stream_id"),)

    section_id: int = reference("section.id", primary_key=True, ondelete="CASCADE")
    stream_id: int = reference(f"{Stream.__tablename__}.id")
    mark: str
    state: bytes = Field(sa_type=LargeBinary, nullable=False)
    seq: int = Field(default=0, sa_type=BigInteger, nullable=False)
    base: bytes = Field(sa_type=LargeBinary, nullable=False)
    base_seq: int = Field(default=0, sa_type=BigInteger, nullable=False)
    shown: int = Field(default=0, sa_type=BigInteger, nullable=False)


class SectionVersion(Table, table=True):
    """A section as it was at a version that was kept: when it was made, at each saving, before a change after a long quiet, when it was
    given a name."""

    __tablename__ = "section_version"

    section_id: int = reference("section.id", primary_key=True, ondelete="CASCADE")
    version: int = Field(primary_key=True)
    heading: str
    body: dict[str, Any] = Field(sa_type=DOCUMENT, nullable=False)
    author_id: int = reference("person.id")
    at: datetime = instant()
    name: str | None = None

    author: Person = Relationship(sa_relationship_kwargs={"lazy": "raise"})


class SectionDraft(Table, table=True):
    """What somebody is writing in a section and has not saved to it, kept as it is written."""

    __tablename__ = "section_draft"

    person_id: int = reference("person.id", primary_key=True, ondelete="CASCADE")
    section_id: int = reference("section.id", primary_key=True, ondelete="CASCADE")
    body: str
    version: int
    saved_at: datetime = instant()


class SectionForm(HeadingForm):
    """What a browser posts: the section's text in light markup, and the version it began from."""

    body: Annotated[Prose, Field(max_length=LONGEST)] = ""
    version: Version


class SectionDraftForm(Table):
    body: Annotated[Prose, Field(max_length=LONGEST)] = ""
    version: Version


class VersionForm(Table):
    name: Annotated[Line, Field(min_length=1, max_length=80)]


class UndoingForm(Table):
    """Whose words are undone, and between which moments; the minute of `until` is one of them."""

    person: RowNumber
    since: Moment
    until: Moment

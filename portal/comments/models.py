"""Threads and comments. A thread hangs on a record and is a live stream; a comment's words are its author's alone."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, Relationship

from portal.accounts.models import Person
from portal.comments.standing import Standing
from portal.db import Table, identity, instant, reference
from portal.fields import Prose, RowNumber, Version
from portal.files.models import Chosen
from portal.networks.models import Membership

LONGEST = 20_000


class Thread(Table, table=True):
    """The thread of a record and the stream that carries it. `comments` counts them, hidden ones too, since none goes away."""

    __tablename__ = "thread"

    record_id: int = reference("record.id", primary_key=True)
    stream_id: int = reference("live_stream.id")
    locked_at: datetime | None = instant(nullable=True)
    locked_by_id: int | None = reference("person.id", nullable=True)
    comments: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class CommentForm(Chosen):
    """What a browser posts. `key` makes repeats of one post one comment."""

    body: Annotated[Prose, Field(min_length=1, max_length=LONGEST)]
    key: UUID
    parent_id: RowNumber | None = None


class EditForm(Table):
    body: Annotated[Prose, Field(min_length=1, max_length=LONGEST)]
    version: Version


class DraftForm(Chosen):
    body: Annotated[Prose, Field(max_length=LONGEST)] = ""
    parent_id: Version | None = None


class Comment(Standing, Table, table=True):
    """A comment or a reply. `seq` is its number in the thread's stream, which is the order everyone sees.

    What is held waits for a coordinator's approval and is in no stream yet; what is redacted has lost its words for good.
    """

    __tablename__ = "comment"
    __table_args__ = (
        UniqueConstraint("author_id", "key"),
        Index("ix_comment_record_id_seq", "record_id", "seq"),
        Index("ix_comment_author_id_created_at", "author_id", "created_at"),
        Index("ix_comment_search", "search", postgresql_using="gin"),
        Index("ix_comment_held", "record_id", postgresql_where=text("held_at IS NOT NULL")),
    )

    id: int = identity()
    record_id: int = reference("thread.record_id")
    parent_id: int | None = reference("comment.id", nullable=True, index=True)
    seq: int
    author_id: int = reference("person.id")
    membership_id: int = reference("membership.id")
    key: UUID
    fingerprint: bytes
    body: str
    html: str
    version: int = 1
    created_at: datetime = instant()
    edited_at: datetime | None = instant(nullable=True)
    hidden_at: datetime | None = instant(nullable=True)
    hidden_by_id: int | None = reference("person.id", nullable=True)
    hidden_reason: str | None = None
    hidden_words: str = ""
    held_at: datetime | None = instant(nullable=True)
    redacted_at: datetime | None = instant(nullable=True)
    redacted_reason: str | None = None
    search: str | None = Field(default=None, sa_column=Column(TSVECTOR))

    author: Person = Relationship(sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Comment.author_id"})
    membership: Membership = Relationship(sa_relationship_kwargs={"lazy": "raise"})


class CommentVersion(Table, table=True):
    """What a comment said before an edit."""

    __tablename__ = "comment_version"

    comment_id: int = reference("comment.id", primary_key=True, ondelete="CASCADE")
    version: int = Field(primary_key=True)
    body: str
    html: str
    at: datetime = instant()


class Removal(Table, table=True):
    """A member who may no longer write in one thread, and why; she still reads it."""

    __tablename__ = "thread_removal"

    record_id: int = reference("thread.record_id", primary_key=True)
    person_id: int = reference("person.id", primary_key=True, index=True)
    reason: str
    words: str = ""
    removed_by_id: int = reference("person.id")
    at: datetime = instant()

    person: Person = Relationship(sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Removal.person_id"})


class CommentDraft(Table, table=True):
    """What somebody is writing in a thread (`parent_id` 0) or in a reply, kept as it is written.

    What an author makes of a comment of hers has the number of that, below zero.
    """

    __tablename__ = "comment_draft"

    person_id: int = reference("person.id", primary_key=True, ondelete="CASCADE")
    record_id: int = reference("record.id", primary_key=True, ondelete="CASCADE")
    parent_id: int = Field(default=0, primary_key=True, sa_type=BigInteger)
    body: str
    saved_at: datetime = instant()


class CommentMention(Table, table=True):
    """Somebody named in a comment who may read it; `at` is when that was first so, or as far as she had read the thread when she saw it."""

    __tablename__ = "comment_mention"

    comment_id: int = reference("comment.id", primary_key=True, ondelete="CASCADE")
    person_id: int = reference("person.id", primary_key=True, index=True)
    at: datetime = instant()


class Level(StrEnum):
    """How much of a thread somebody wants to hear of; with off nothing that is merely new of its record, either."""

    all = "all"
    mentions = "mentions"
    off = "off"


class FollowForm(Table):
    level: Level


class Following(Table, table=True):
    """What somebody has chosen for a thread. Who has chosen nothing has no row (comments/following.py says what holds then)."""

    __tablename__ = "following"

    person_id: int = reference("person.id", primary_key=True, ondelete="CASCADE")
    record_id: int = reference("record.id", primary_key=True, ondelete="CASCADE")
    level: str
    chosen_at: datetime = instant()


class Reading(Table, table=True):
    """When somebody last had a thread before her, or what is new in it until then, and when on the visit before that one."""

    __tablename__ = "reading"

    person_id: int = reference("person.id", primary_key=True, ondelete="CASCADE")
    record_id: int = reference("record.id", primary_key=True, ondelete="CASCADE")
    read_at: datetime = instant()
    before_at: datetime | None = instant(nullable=True)


class Conclusion(Table, table=True):
    """The comment that says what a thread came to."""

    __tablename__ = "conclusion"

    record_id: int = reference("thread.record_id", primary_key=True)
    comment_id: int = reference("comment.id", ondelete="CASCADE")
    drawn_by_id: int = reference("person.id")
    drawn_at: datetime = instant()

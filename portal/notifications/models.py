"""The outbox: what people are told of, whom, and what they want to hear."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, Relationship

from portal.accounts.models import Person
from portal.db import Table, identity, instant, reference
from portal.records.models import Record


class Mailing(Table, table=True):
    """Something that people are told of: to `act` on at once, or merely to know, gathered. `event` names it in its network, so that nobody
    is told twice; `ref` is the number of what it is about (a comment, a ruling, a meeting's sequence), as its `kind` understands it."""

    __tablename__ = "mailing"
    __table_args__ = (UniqueConstraint("network_id", "event"), Index("ix_mailing_record_id_kind", "record_id", "kind"))

    id: int = identity()
    network_id: int = reference("network.id")
    kind: str
    event: str
    act: bool
    record_id: int | None = reference("record.id", nullable=True, ondelete="CASCADE")
    ref: int | None = Field(default=None, sa_type=BigInteger)
    by_id: int | None = reference("person.id", nullable=True)
    made_at: datetime = instant(index=True)

    record: Record | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})


class Notification(Table, table=True):
    """One person who is told. What has become of her letter stands in mail_out, by `message_id`;
    nothing there is: it waits, or it was so long ago that mail has forgotten it."""

    __tablename__ = "notification"

    mailing_id: int = reference("mailing.id", primary_key=True, ondelete="CASCADE")
    person_id: int = reference("person.id", primary_key=True, index=True, ondelete="CASCADE")
    message_id: str = Field(unique=True)

    mailing: Mailing = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    person: Person = Relationship(sa_relationship_kwargs={"lazy": "raise"})


class Silence(Table, table=True):
    """Somebody wants no more letters about a record, whatever happens to it."""

    __tablename__ = "silence"

    person_id: int = reference("person.id", primary_key=True, ondelete="CASCADE")
    record_id: int = reference("record.id", primary_key=True, ondelete="CASCADE")
    at: datetime = instant()


class Comments(StrEnum):
    """When somebody hears of comments that name or answer her."""

    now = "now"
    letter = "letter"
    never = "never"


class Calendar(StrEnum):
    """How meetings come into somebody's calendar. `auto`: by her feed if a program reads it, else by invitation."""

    auto = "auto"
    invitation = "invitation"
    feed = "feed"
    both = "both"


class ChoiceForm(Table):
    """What somebody wants to be mailed from a network. `letter` is the weekly one."""

    comments: Comments = Comments.now
    calendar: Calendar = Calendar.auto
    letter: bool = False


class MailChoice(Table, table=True):
    """What somebody has chosen. Who has chosen nothing has no row: comments at once, the weekly letter, and meetings
    as what suits her."""

    __tablename__ = "mail_choice"

    person_id: int = reference("person.id", primary_key=True, ondelete="CASCADE")
    network_id: int = reference("network.id", primary_key=True, ondelete="CASCADE")
    comments: str = Comments.now
    calendar: str = Calendar.auto
    letter: bool = True

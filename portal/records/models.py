"""The register: one row for every finding, meeting, consultation, call …, and who may read it."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, Relationship

from portal.accounts.models import Person
from portal.db import Table, identity, instant, reference
from portal.networks.models import Theme, Unit
from portal.web import current_locale


class Audience(StrEnum):
    """Who may read a record; guests read what is shared with them besides. `author`: it is still being written."""

    author = "author"
    unit = "unit"
    network = "network"
    public = "public"


class Handling(StrEnum):
    working = "working"
    finalised = "finalised"
    registered = "registered"


class RecordTheme(Table, table=True):
    __tablename__ = "record_theme"

    record_id: int = reference("record.id", primary_key=True, ondelete="CASCADE")
    theme_id: int = reference("theme.id", primary_key=True)


class Record(Table, table=True):
    """What every record has in common. `path` is the page's address below the network's.

    `title` is what its author or the Swedish source calls it, `title_en` empty unless the source has English words for it.
    """

    __tablename__ = "record"
    __table_args__ = (
        Index("ix_record_network_id_kind_id", "network_id", "kind", "id"),
        Index("ix_record_search", "search", postgresql_using="gin"),
        Index("ix_record_title_trgm", "title", postgresql_using="gin", postgresql_ops={"title": "gin_trgm_ops"}),
    )

    id: int = identity()
    network_id: int = reference("network.id")
    kind: str
    title: str
    title_en: str = ""
    path: str
    audience: str = Audience.network
    handling: str = Handling.working
    registry_no: str | None = None
    owner_unit_id: int | None = reference("unit.id", nullable=True)
    created_by_id: int = reference("person.id")
    created_at: datetime = instant()
    updated_by_id: int = reference("person.id")
    updated_at: datetime = instant()
    version: int = 1
    search: str | None = Field(default=None, sa_column=Column(TSVECTOR))

    created_by: Person = Relationship(sa_relationship_kwargs={"lazy": "raise", "foreign_keys": "Record.created_by_id"})
    owner_unit: Unit | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    themes: list[Theme] = Relationship(link_model=RecordTheme, sa_relationship_kwargs={"lazy": "raise", "order_by": "Theme.position"})

    @property
    def heading(self) -> str:
        """The title as people read it: in the language spoken now, where there is one in it."""
        return (self.title_en if current_locale() == "en" else "") or self.title

    @property
    def sheet(self) -> "Sheet":
        return Sheet(self.id, self.heading, self.path, self.handling)


class Sheet(NamedTuple):
    """A record as every page of one shows it."""

    id: int
    heading: str
    path: str
    handling: str


class Share(Table, table=True):
    """A record shown to one guest."""

    __tablename__ = "share"
    __table_args__ = (UniqueConstraint("record_id", "membership_id"),)

    id: int = identity()
    record_id: int = reference("record.id", ondelete="CASCADE")
    membership_id: int = reference("membership.id", ondelete="CASCADE", index=True)
    shared_by_id: int = reference("person.id")
    created_at: datetime = instant()


class RecordLink(Table, table=True):
    """A trail from one record to another: `kind` says how, as in "origin"."""

    __tablename__ = "record_link"
    __table_args__ = (UniqueConstraint("from_id", "to_id", "kind"),)

    id: int = identity()
    from_id: int = reference("record.id", ondelete="CASCADE")
    to_id: int = reference("record.id", ondelete="CASCADE", index=True)
    kind: str
    created_at: datetime = instant()


class Passage(Table, table=True):
    """What a record is found by besides its title and description (portal/records/passages.py): a section of its texts, what was decided on
    an item of its agenda, an action item, a correction of its notes, a file.

    Whose words they are one of the five references says, and with that row they are gone: no room has to think of it.
    """

    __tablename__ = "passage"
    __table_args__ = (
        CheckConstraint("num_nonnulls(section_id, item_id, action_id, amendment_id, attachment_id) = 1", name="source"),
        *(UniqueConstraint(source) for source in ("section_id", "item_id", "action_id", "amendment_id", "attachment_id")),
        Index("ix_passage_search", "search", postgresql_using="gin"),
    )

    id: int = identity()
    record_id: int = reference("record.id", index=True, ondelete="CASCADE")
    section_id: int | None = reference("section.id", nullable=True, ondelete="CASCADE")
    item_id: int | None = reference("agenda_item.id", nullable=True, ondelete="CASCADE")
    action_id: int | None = reference("action_item.id", nullable=True, ondelete="CASCADE")
    amendment_id: int | None = reference("amendment.id", nullable=True, ondelete="CASCADE")
    attachment_id: int | None = reference("attachment.id", nullable=True, ondelete="CASCADE")
    heading: str = ""
    words: str
    at: datetime = instant()
    search: str | None = Field(default=None, sa_column=Column(TSVECTOR))

"""A finding in five fields; its title, author, unit and themes stand in the register."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

from sqlmodel import Field, Relationship

from portal import clock
from portal.db import Table, instant, reference
from portal.fields import Line, Link, Prose, RowNumber
from portal.links import canonical_link
from portal.records.models import Record
from portal.web.forms import version_of


class Fate(StrEnum):
    """What became of a finding."""

    new = "new"
    watched = "watched"
    used = "used"
    archived = "archived"


class DraftForm(Table):
    """What the page keeps on the server while somebody writes: anything goes."""

    title: Annotated[Line, Field(max_length=200)] = ""
    source_url: Annotated[Line, Field(max_length=2000)] = ""
    happens: Annotated[Prose, Field(max_length=8000)] = ""
    means: Annotated[Prose, Field(max_length=8000)] = ""
    themes: list[RowNumber] = []


class FindingForm(Table):
    """The five fields. `themes` are ids of the network's themes."""

    title: Annotated[Line, Field(min_length=1, max_length=200)]
    source_url: Link | None = None
    happens: Annotated[Prose, Field(min_length=1, max_length=8000)]
    means: Annotated[Prose, Field(min_length=1, max_length=8000)]
    themes: Annotated[list[RowNumber], Field(min_length=1, max_length=20)]


class FateForm(Table):
    fate: Fate
    reason: Annotated[Prose, Field(max_length=1000)] = ""


class Finding(Table, table=True):
    """`source_key` is the canonical link, for warnings about doubles."""

    __tablename__ = "finding"

    record_id: int = reference("record.id", primary_key=True)
    source_url: str | None = None
    source_key: str | None = Field(default=None, index=True)
    happens: str = ""
    means: str = ""
    fate: str = Fate.new
    fate_reason: str = ""
    published_at: datetime | None = instant(nullable=True)

    record: Record = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    @property
    def is_draft(self) -> bool:
        return self.published_at is None

    def values(self) -> dict[str, Any]:
        """As the form for changing it is filled. The record's themes are at hand."""
        written = {"title": self.record.title, "source_url": self.source_url or "", "happens": self.happens, "means": self.means}
        return written | {"themes": [str(theme.id) for theme in self.record.themes]}

    @property
    def version(self) -> str:
        """Of what was decided about it."""
        return version_of({"fate": self.fate, "reason": self.fate_reason})

    def take(self, *, source_url: str | None, happens: str, means: str) -> None:
        """Take over the written fields; the link's key follows the link."""
        self.source_url = source_url or None
        self.source_key = canonical_link(source_url) if source_url else None
        self.happens, self.means = happens, means


class Sheet(NamedTuple):
    """A finding as its page shows it; `word` says what became of it."""

    author: str
    unit: str | None
    day: date
    themes: str
    source_url: str | None
    happens: str
    means: str
    fate: str
    fate_reason: str
    word: str
    version: str

    @classmethod
    def of(cls, finding: Finding, word: str) -> "Sheet":
        record = finding.record
        return cls(
            author=record.created_by.name,
            unit=record.owner_unit.name if record.owner_unit else None,
            day=clock.local(record.created_at).date(),
            themes=", ".join(theme.name for theme in record.themes),
            source_url=finding.source_url,
            happens=finding.happens,
            means=finding.means,
            fate=str(finding.fate),
            fate_reason=finding.fate_reason,
            word=word,
            version=finding.version,
        )

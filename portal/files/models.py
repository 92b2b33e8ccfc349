"""An attachment: bytes in the file store by their checksum, and a row that says whose, where, and what they show."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from sqlalchemy import Index, text
from sqlmodel import Field, Relationship

from portal.db import Table, identity, instant, reference
from portal.fields import Line, RowNumber
from portal.networks.models import Membership
from portal.web import _l

MOST = 10  # in one comment
LONGEST_ALT = 500
SMALL = 480  # pixels on the longest side of a small picture


class Kind(StrEnum):
    png = "png"
    jpeg = "jpeg"
    webp = "webp"
    pdf = "pdf"
    docx = "docx"
    odt = "odt"
    xlsx = "xlsx"
    pptx = "pptx"


PICTURES = frozenset({Kind.png, Kind.jpeg, Kind.webp})

KINDS: dict[str, object] = {
    Kind.png: _l("PNG-bild"),
    Kind.jpeg: _l("JPEG-bild"),
    Kind.webp: _l("WEBP-bild"),
    Kind.pdf: "PDF",
    Kind.docx: _l("Word-dokument"),
    Kind.odt: _l("ODT-dokument"),
    Kind.xlsx: _l("Excel-ark"),
    Kind.pptx: _l("PowerPoint-bilder"),
}


class Chosen(Table):
    """The part of a form that names files: `alt` stands in the order of `file`, `decorative` names those that need none."""

    file: Annotated[list[RowNumber], Field(max_length=MOST)] = []
    alt: Annotated[list[Annotated[Line, Field(max_length=LONGEST_ALT)]], Field(max_length=MOST)] = []
    decorative: Annotated[list[RowNumber], Field(max_length=MOST)] = []


class Described(Table):
    """What is said of one picture in words."""

    alt: Annotated[Line, Field(max_length=LONGEST_ALT)] = ""


class Looks:
    """What a file is shown as; for the row and for what a comment shows of it."""

    kind: str
    width: int | None
    height: int | None

    @property
    def is_picture(self) -> bool:
        return self.kind in PICTURES

    @property
    def kind_in_words(self) -> object:
        return KINDS[self.kind]

    @property
    def small_size(self) -> tuple[int, int]:
        """Width and height of the small picture."""
        width, height = self.width or 1, self.height or 1
        scale = min(1.0, SMALL / max(width, height))
        return max(1, round(width * scale)), max(1, round(height * scale))


@dataclass(frozen=True)
class Attached(Looks):
    """A posted file with all that a comment shows of it."""

    id: int
    name: str
    kind: str
    size: int
    alt: str
    width: int | None
    height: int | None


class Attachment(Looks, Table, table=True):
    """`sha256` names the bytes. Before `posted_at` the file is its uploader's alone; before
    `read_at` its words are not found (words.py)."""

    __tablename__ = "attachment"
    __table_args__ = (
        Index("ix_attachment_network_id_record_id", "network_id", "record_id"),
        Index("ix_attachment_unread", "id", postgresql_where=text("read_at IS NULL")),
    )

    id: int = identity()
    network_id: int = reference("network.id")
    record_id: int = reference("record.id")
    comment_id: int | None = reference("comment.id", nullable=True, index=True)
    uploader_id: int = reference("membership.id", index=True)
    name: str
    kind: str
    size: int
    sha256: str = Field(index=True)
    alt: str = ""
    is_decorative: bool = False
    width: int | None = None
    height: int | None = None
    created_at: datetime = instant()
    posted_at: datetime | None = instant(nullable=True)
    read_at: datetime | None = instant(nullable=True)

    uploader: Membership = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    @property
    def is_described(self) -> bool:
        return not self.is_picture or self.is_decorative or self.alt != ""

    @property
    def shown(self) -> Attached:
        return Attached(self.id, self.name, self.kind, self.size, self.alt, self.width, self.height)

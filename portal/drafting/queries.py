"""Reads of jointly written texts. Whoever may read the record may read its text."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, false, or_, select, true
from sqlalchemy.orm import defer, joinedload
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col

from portal import clock
from portal.db import Session
from portal.drafting.models import CoAuthor, DraftText, Section, SectionDraft, SectionVersion
from portal.drafting.nodes import Node
from portal.networks.models import Membership
from portal.networks.queries import lasting
from portal.records.models import Record
from portal.records.queries import readable
from portal.web import NotFound

WITH_AUTHOR = (joinedload(Section.updated_by),)  # type: ignore[arg-type]


@dataclass
class TextView:
    """A text as one member sees it now."""

    text: DraftText
    record: Record
    sections: Sequence[Section]
    may_write: bool

    @property
    def is_locked(self) -> bool:
        return self.text.locked_at is not None


async def text_of(session: Session, membership: Membership, record: Record, purpose: str) -> TextView | None:
    """The record's text for `purpose` ("notes", "answer") with its sections in order, or None if it has none."""
    wanted = select(DraftText).where(col(DraftText.record_id) == record.id, col(DraftText.purpose) == purpose)
    text = (await session.scalars(wanted)).first()
    return await _view(session, membership, text, record) if text else None


async def text(session: Session, membership: Membership, text_id: int) -> TextView:
    """A text of a record that this member may read; else NotFound."""
    found = await session.execute(
        select(DraftText, Record)
        .join(Record, col(Record.id) == col(DraftText.record_id))
        .where(col(DraftText.id) == text_id, readable(membership))
    )
    row = found.first()
    if row is None:
        raise NotFound
    return await _view(session, membership, row[0], row[1])


async def _view(session: Session, membership: Membership, text: DraftText, record: Record) -> TextView:
    return TextView(text, record, await sections(session, text.id), text.locked_at is None and await is_author(session, membership, text))


async def sections(session: Session, text_id: int) -> Sequence[Section]:
    """The text's sections in their order."""
    wanted = select(Section).options(*WITH_AUTHOR).where(col(Section.text_id) == text_id)
    return (await session.scalars(wanted.order_by(col(Section.position), col(Section.id)))).all()


async def is_author(session: Session, membership: Membership, text: DraftText) -> bool:
    """Whether the member writes in the text, were it open."""
    if membership.can("draft:write"):
        return True
    return bool(await session.scalar(select(exists().where(col(DraftText.id) == text.id, authors(membership)))))


async def section(session: Session, membership: Membership, section_id: int) -> tuple[Section, TextView]:
    """A section of a text that this member may read; else NotFound."""
    text_id = await session.scalar(select(col(Section.text_id)).where(col(Section.id) == section_id))
    if text_id is None:
        raise NotFound
    view = await text(session, membership, text_id)
    return next(each for each in view.sections if each.id == section_id), view


async def versions(session: Session, section: Section) -> Sequence[SectionVersion]:
    """Every version of the section without its text, the newest first."""
    without = (joinedload(SectionVersion.author), defer(SectionVersion.body, raiseload=True))  # type: ignore[arg-type]
    wanted = select(SectionVersion).options(*without).where(col(SectionVersion.section_id) == section.id)
    return (await session.scalars(wanted.order_by(col(SectionVersion.version).desc()))).all()


async def bodies(session: Session, section: Section, numbers: Collection[int]) -> dict[int, Node]:
    """The texts of these versions by their numbers; that of today, which may not be kept, is there in any case."""
    wanted = select(col(SectionVersion.version), col(SectionVersion.body)).where(col(SectionVersion.section_id) == section.id)
    found = await session.execute(wanted.where(col(SectionVersion.version).in_(numbers)))
    return {section.version: section.body} | {row.version: row.body for row in found}


def present(section: Section) -> SectionVersion:
    """The section as it is now, in the shape of a version; it may have been kept as one or not."""
    shown = SectionVersion(
        section_id=section.id,
        version=section.version,
        heading=section.heading,
        body=section.body,
        author_id=section.updated_by_id,
        at=section.updated_at,
    )
    set_committed_value(shown, "author", section.updated_by)
    return shown


async def version(session: Session, section: Section, number: int) -> SectionVersion:
    found = await session.get(SectionVersion, (section.id, number))
    if found is None:
        raise NotFound
    return found


async def own_draft(session: Session, membership: Membership, section: Section) -> SectionDraft | None:
    return await session.get(SectionDraft, (membership.person_id, section.id))


def authors(membership: Membership) -> ColumnElement[bool]:
    """Where-clause on DraftText: the coordinator writes in every text; others where they, in
    whichever seat of theirs, or their unit are asked."""
    if membership.can("draft:write"):
        return true()
    if not membership.can("draft:write_asked"):
        return false()
    unit = (col(CoAuthor.unit_id) == membership.unit_id) if membership.unit_id is not None else false()
    hers = select(col(Membership.id)).where(
        col(Membership.network_id) == membership.network_id, col(Membership.person_id) == membership.person_id
    )
    asked_herself = col(CoAuthor.membership_id).in_(hers.where(lasting(clock.today())))
    return exists().where(col(CoAuthor.text_id) == col(DraftText.id), or_(asked_herself, unit)).correlate(DraftText)


def asked(membership: Membership) -> ColumnElement[bool]:
    """In a query of Record: whether the member's unit is asked to write in one of its texts."""
    if membership.unit_id is None:
        return false()
    theirs = (col(DraftText.record_id) == col(Record.id)) & (col(CoAuthor.unit_id) == membership.unit_id)
    return exists().where(theirs, col(CoAuthor.text_id) == col(DraftText.id)).correlate(Record)


async def co_authors(session: Session, text: DraftText) -> Sequence[CoAuthor]:
    return (await session.scalars(select(CoAuthor).where(col(CoAuthor.text_id) == text.id))).all()

"""Bringing what pages, search and versions show of a section up to what has been written in its document."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlmodel import col

from portal.db import Session
from portal.drafting import document, documents
from portal.drafting.models import DraftText, Section
from portal.drafting.queries import sections
from portal.live import signal
from portal.records.actions import index
from portal.records.models import Record


async def settle(session: Session, section_id: int) -> None:
    """Show what has been written in the section since, and tell the open pages. Its record is held before the section."""
    wanted = select(Record).join(DraftText, col(DraftText.record_id) == col(Record.id)).join(Section, col(Section.text_id) == col(DraftText.id))
    record = (await session.scalars(wanted.where(col(Section.id) == section_id).with_for_update(of=Record))).first()
    section = await held(session, section_id)
    if record is None or section is None or not await documents.settle(session, section):
        return
    await reindex(session, record, section.text_id)
    await signal(session, record.network_id, f"text-{section.text_id}")


async def held(session: Session, section_id: int) -> Section | None:
    """The section as it is now, for whoever changes it."""
    wanted = [selectinload(Section.updated_by)]  # type: ignore[arg-type]
    return await session.get(Section, section_id, with_for_update=True, populate_existing=True, options=wanted)


async def reindex(session: Session, record: Record, text_id: int) -> None:
    """Make the text findable with its record."""
    await index(session, record, body="\n".join(f"{each.heading}\n{document.to_text(each.body)}" for each in await sections(session, text_id)))

"""Bringing what pages, search and versions show of a section up to what has been written in its document."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlmodel import col

from portal.activity import actions as activity
from portal.db import Session
from portal.drafting import documents
from portal.drafting.models import DraftText, Section
from portal.live import signal
from portal.records.models import Record


@dataclass
class Writer:
    """Who wrote last, for the record of who did what."""

    person_id: int
    network_id: int


async def settle(session: Session, section_id: int) -> bool:
    """Show what has been written in the section since, and tell the open pages; False if that has to wait.

    The record is taken only if it is free: this comes without the text, and whoever holds that
    alone takes the record before its sections."""
    section = await held(session, section_id)
    if section is None:
        return True
    wanted = select(Record).join(DraftText, col(DraftText.record_id) == col(Record.id)).where(col(DraftText.id) == section.text_id)
    record = (await session.scalars(wanted.with_for_update(of=Record, skip_locked=True, key_share=True))).first()
    if record is None:
        return False
    before = section.updated_by_id, section.updated_at
    if not await documents.settle(session, section):
        return True
    if section.updated_by_id != before[0] or section.updated_at - before[1] >= documents.QUIET:
        by = Writer(section.updated_by_id, record.network_id)
        activity.record(session, verb="section.edited", by=by, record=record, section=section.id, version=section.version)
    await signal(session, record.network_id, f"text-{section.text_id}")
    return True


async def held(session: Session, section_id: int) -> Section | None:
    """The section as it is now, for whoever changes it."""
    wanted = [selectinload(Section.updated_by)]  # type: ignore[arg-type]
    return await session.get(Section, section_id, with_for_update=True, populate_existing=True, options=wanted)

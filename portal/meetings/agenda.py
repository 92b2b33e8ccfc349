"""The agenda: each item has a length, a presenter and a section of the notes."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import col

from portal.activity import actions as activity
from portal.db import Session
from portal.drafting import actions as drafting
from portal.drafting.models import DraftText, Section
from portal.drafting.queries import text_of
from portal.live import signal
from portal.meetings.models import AgendaForm, AgendaItem, Meeting, State
from portal.meetings.queries import agenda
from portal.networks.models import Membership
from portal.networks.queries import authorise
from portal.records import actions as records
from portal.records.models import Record
from portal.web import Conflict, NotFound, _l, check_version, held_in


async def add(session: Session, meeting: Meeting, *, by: Membership, form: AgendaForm) -> AgendaItem:
    """A new item at the end, with an empty section in the notes."""
    text = await _open_notes(session, meeting, by=by)
    items = await agenda(session, meeting)
    section = await drafting.add_section(session, text, by=by, heading=form.title)
    item = AgendaItem(
        meeting_id=meeting.record_id,
        position=(items[-1].position if items else 0) + 1,
        title=form.title,
        minutes=form.minutes,
        presenter=form.presenter,
        section_id=section.id,
    )
    session.add(item)
    await _changed(session, meeting, by=by)
    return item


async def change(session: Session, meeting: Meeting, item: AgendaItem, *, by: Membership, form: AgendaForm, version: str = "") -> None:
    """New title, length or presenter; the section's heading follows the title. Changed if they are no longer those of `version`."""
    await _open_notes(session, meeting, by=by, item=item)
    check_version(version, held_in(item, AgendaForm))
    section = await session.get(Section, item.section_id, with_for_update=True, populate_existing=True)
    if section is not None and section.heading == item.title:
        section.heading = form.title
    item.title, item.minutes, item.presenter = form.title, form.minutes, form.presenter
    await _changed(session, meeting, by=by)


async def remove(session: Session, meeting: Meeting, item: AgendaItem, *, by: Membership) -> None:
    """Take an item away, unless something has been written in its section."""
    await _open_notes(session, meeting, by=by, item=item)
    section = await session.get(Section, item.section_id)
    if section is not None and (await drafting.up_to_date(session, section)).version > 1:
        raise Conflict(_l("Punkten har anteckningar. Flytta texten först."))
    await session.delete(item)
    await session.flush()
    if section is not None:
        await session.delete(section)
    await _changed(session, meeting, by=by)


async def move(session: Session, meeting: Meeting, item: AgendaItem, *, by: Membership, earlier: bool) -> None:
    """Change places with the neighbour; the notes follow the agenda's order."""
    await _open_notes(session, meeting, by=by, item=item)
    items = list(await agenda(session, meeting))
    here = next(n for n, each in enumerate(items) if each.id == item.id)
    there = here - 1 if earlier else here + 1
    if 0 <= there < len(items):
        items[here], items[there] = items[there], items[here]
    await _number(session, items)
    await _changed(session, meeting, by=by)


async def hand_over(session: Session, leaving: Membership, successor: Membership, by: Membership) -> int:
    """Items of coming meetings that `leaving` was to present are the successor's; how many."""
    coming = select(col(Meeting.record_id)).join(Record, col(Record.id) == col(Meeting.record_id))
    coming = coming.where(col(Record.network_id) == leaving.network_id, col(Meeting.state).in_((State.planned, State.summoned)))
    theirs = select(AgendaItem).where(col(AgendaItem.meeting_id).in_(coming), col(AgendaItem.presenter) == leaving.person.name)
    items = (await session.scalars(theirs)).all()
    for item in items:
        item.presenter = successor.person.name
    if items:
        await signal(session, by.network_id, "meetings")
    return len(items)


async def _number(session: Session, items: Sequence[AgendaItem]) -> None:
    sections = {each.id: each for each in await session.scalars(select(Section).where(col(Section.id).in_([item.section_id for item in items])))}
    for position, item in enumerate(items, start=1):
        item.position = position
        sections[item.section_id].position = position


async def _open_notes(session: Session, meeting: Meeting, *, by: Membership, item: AgendaItem | None = None) -> DraftText:
    """Agenda and notes are held until the commit, and `item` is read as it is now."""
    await authorise(session, by, "meeting:plan")
    await records.lock(session, meeting.record, meeting)
    if item is not None and await session.get(AgendaItem, item.id, populate_existing=True) is None:
        raise NotFound
    view = await text_of(session, by, meeting.record, "notes")
    if view is None or view.is_locked or meeting.state in (State.cancelled, State.finalised):
        raise Conflict(_l("Dagordningen kan inte ändras längre."))
    return view.text


async def _changed(session: Session, meeting: Meeting, *, by: Membership) -> None:
    await session.flush()
    activity.record(session, verb="agenda.changed", by=by, record=meeting.record)
    await signal(session, by.network_id, "meetings")

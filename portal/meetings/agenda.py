"""The agenda: each item has a length, a presenter and a section of the notes. The first one is what came of the last meeting: it has its
place from the beginning and keeps it, whatever it is called, and the open action items stand under it."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal.activity import actions as activity
from portal.db import Session
from portal.drafting import actions as drafting
from portal.drafting import documents
from portal.drafting.models import DraftText, Section
from portal.live import signal
from portal.meetings.agenda_models import ItemRecord, OrderForm
from portal.meetings.minutes_document import notes_text
from portal.meetings.models import AgendaForm, AgendaItem, Goal, Meeting, State
from portal.meetings.queries import agenda
from portal.meetings.record_models import DecisionForm, Minutes
from portal.meetings.rights import authorise
from portal.networks.models import Membership
from portal.networks.wrong import Wrong
from portal.records import actions as records
from portal.records import passages
from portal.records.models import Record
from portal.web import Conflict, NotFound, _l, check_version, held_in

FIRST = _l("Den första punkten är vad som hänt sedan förra träffen. Den står alltid först.")


async def is_first(session: Session, meeting: Meeting, item: AgendaItem) -> bool:
    """Whether it is the item that keeps its place."""
    items = await agenda(session, meeting)
    return bool(items) and items[0].id == item.id


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
        goal=form.goal,
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
        await documents.make_findable(session, section)
    item.title, item.minutes, item.presenter, item.goal = form.title, form.minutes, form.presenter, form.goal
    await _make_findable(session, item)
    await _changed(session, meeting, by=by)


async def decide(session: Session, meeting: Meeting, item: AgendaItem, *, by: Membership, form: DecisionForm, version: str = "") -> None:
    """What was decided on the item, written by those who write the notes. Changed if it is no longer that of `version`."""
    text = await notes_text(session, meeting)
    if text is None:
        raise NotFound
    await drafting.require_author(session, text, by=by)
    await records.lock(session, meeting.record, meeting)
    if await session.get(AgendaItem, item.id, populate_existing=True) is None:
        raise NotFound
    check_version(version, held_in(item, DecisionForm))
    item.decision = form.decision
    await _make_findable(session, item)
    activity.record(session, verb="decision.noted", by=by, record=meeting.record, item=item.id)
    await signal(session, by.network_id, "meetings")


async def _make_findable(session: Session, item: AgendaItem) -> None:
    """By what was decided on it; its title is its section's heading."""
    if item.decision:
        await passages.keep(session, item.meeting_id, "item_id", item.id, heading=item.title, words=item.decision)
    else:
        await passages.forget(session, "item_id", item.id)


async def remove(session: Session, meeting: Meeting, item: AgendaItem, *, by: Membership) -> None:
    """Take an item away, unless it is the first one or something has been written in its section."""
    await _open_notes(session, meeting, by=by, item=item)
    if await is_first(session, meeting, item):
        raise Conflict(FIRST)
    section = await session.get(Section, item.section_id)
    if section is not None and (await drafting.up_to_date(session, section)).version > 1:
        raise Conflict(_l("Punkten har anteckningar. Flytta texten först."))
    if item.decision or await session.get(Minutes, meeting.record_id) is not None:
        raise Conflict(_l("Punkten har ett beslut, eller så är anteckningarna på justering. Den kan inte tas bort."))
    await session.delete(item)
    await session.flush()
    if section is not None:
        await session.delete(section)
    await _changed(session, meeting, by=by)


async def move(session: Session, meeting: Meeting, item: AgendaItem, *, by: Membership, earlier: bool) -> None:
    """Change places with the neighbour, unless that is the first item or this one is; the notes follow the agenda's order."""
    await _open_notes(session, meeting, by=by, item=item)
    items = list(await agenda(session, meeting))
    here = next(n for n, each in enumerate(items) if each.id == item.id)
    there = here - 1 if earlier else here + 1
    if min(here, there) > 0 and there < len(items):
        items[here], items[there] = items[there], items[here]
    await _number(session, items)
    await _changed(session, meeting, by=by)


async def arrange(session: Session, meeting: Meeting, *, by: Membership, form: OrderForm) -> None:
    """Put the items in this order. Conflict unless they are the agenda's items, each once, and the first one stays the first."""
    await _open_notes(session, meeting, by=by)
    items = {item.id: item for item in await agenda(session, meeting)}
    if sorted(form.item) != sorted(items):
        raise Conflict
    if form.item[:1] != list(items)[:1]:
        raise Conflict(FIRST)
    await _number(session, [items[each] for each in form.item])
    await _changed(session, meeting, by=by)


async def copy(session: Session, meeting: Meeting, source: Meeting, *, by: Membership) -> int:
    """Put the items of another meeting last, but its first one and those whose titles stand here already; how many."""
    await _open_notes(session, meeting, by=by)
    known = {item.title.casefold() for item in await agenda(session, meeting)}
    copied = [item for item in (await agenda(session, source))[1:] if item.title.casefold() not in known]
    for item in copied:
        form = AgendaForm(title=item.title, minutes=item.minutes, presenter=item.presenter, goal=Goal(item.goal) if item.goal else None)
        await add(session, meeting, by=by, form=form)
    return len(copied)


async def attach(session: Session, meeting: Meeting, item: AgendaItem, *, by: Membership, record: Record) -> None:
    """The item is about the record."""
    await _open_notes(session, meeting, by=by, item=item)
    if record.id == meeting.record_id:
        raise Wrong("record_id", _l("Träffen handlar redan om sig själv."))
    row = insert(ItemRecord).values(item_id=item.id, record_id=record.id)
    await session.execute(row.on_conflict_do_nothing())
    await _changed(session, meeting, by=by)


async def detach(session: Session, meeting: Meeting, item: AgendaItem, *, by: Membership, record_id: int) -> None:
    """The item is not about it after all."""
    await _open_notes(session, meeting, by=by, item=item)
    await session.execute(delete(ItemRecord).where(col(ItemRecord.item_id) == item.id, col(ItemRecord.record_id) == record_id))
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
    sections = {
        each.id: each for each in await session.scalars(select(Section).where(col(Section.id).in_([item.section_id for item in items])))
    }
    for position, item in enumerate(items, start=1):
        item.position = position
        sections[item.section_id].position = position


async def _open_notes(session: Session, meeting: Meeting, *, by: Membership, item: AgendaItem | None = None) -> DraftText:
    """Agenda and notes are held until the commit, the notes first, and `item` is read as it is now."""
    await authorise(session, by, "meeting:plan", meeting)
    text = await notes_text(session, meeting)
    if text is not None:
        text = await drafting.hold_text(session, text, alone=True)
    await records.lock(session, meeting.record, meeting)
    if item is not None and await session.get(AgendaItem, item.id, populate_existing=True) is None:
        raise NotFound
    if text is None or text.locked_at is not None or meeting.state in (State.cancelled, State.finalised):
        raise Conflict(_l("Dagordningen kan inte ändras längre."))
    return text


async def _changed(session: Session, meeting: Meeting, *, by: Membership) -> None:
    await session.flush()
    activity.record(session, verb="agenda.changed", by=by, record=meeting.record)
    await signal(session, by.network_id, "meetings")

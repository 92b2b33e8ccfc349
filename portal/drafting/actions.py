"""Every write in a jointly written text. A change based on an older version is refused with both texts at hand."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.db import Session
from portal.drafting import crdt, document, documents
from portal.drafting.models import CoAuthor, DraftText, Section, SectionDocument, SectionDraft, SectionForm, SectionVersion
from portal.drafting.queries import TextView, is_author, sections
from portal.drafting.settling import held
from portal.live import append, head, signal
from portal.networks.models import Membership
from portal.networks.queries import hold
from portal.records.models import Record
from portal.web import Forbidden, NotFound, Refused, _l


@dataclass(frozen=True)
class Opened:
    """A document as a page begins with it: the stream and the cursor after which changes are still
    to come (some before it may come too)."""

    stream: int
    mark: str
    cursor: str
    state: bytes


class SectionChanged(Exception):
    """Somebody saved the section meanwhile; `section` is what it says now."""

    def __init__(self, section: Section) -> None:
        super().__init__(section.id)
        self.section = section


async def begin(session: Session, record: Record, *, by: Membership, purpose: str, headings: Sequence[str] = ()) -> DraftText:
    """A new text with a section for each heading. Rooms above decide who may begin one."""
    text = DraftText(record_id=record.id, purpose=purpose, created_at=clock.now())
    session.add(text)
    await session.flush()
    for heading in headings:
        await add_section(session, text, by=by, heading=heading)
    return text


async def add_section(session: Session, text: DraftText, *, by: Membership, heading: str, body: dict[str, Any] | None = None) -> Section:
    """A new section at the end of the text."""
    last = await session.scalar(select(func.max(Section.position)).where(col(Section.text_id) == text.id))
    section = Section(
        text_id=text.id,
        position=(last or 0) + 1,
        heading=heading,
        body=body or document.empty(),
        updated_by_id=by.person_id,
        updated_at=clock.now(),
    )
    session.add(section)
    await session.flush()
    await documents.keep(session, section)
    await documents.make_findable(session, section)
    return section


async def save(session: Session, section: Section, view: TextView, *, by: Membership, form: SectionForm) -> Section:
    """The section's new words. SectionChanged if somebody saved since `form.version`."""
    await require_author(session, view.text, by=by)
    current = await up_to_date(session, section)
    body = read_body(form.body)
    if (body, form.heading) == (current.body, current.heading):
        return current
    if form.version != current.version:
        raise SectionChanged(current)
    await _rewrite(session, current, view, by=by, heading=form.heading, body=body)
    return current


async def rename(session: Session, section: Section, view: TextView, *, by: Membership, heading: str) -> None:
    """Another heading; the words are as they were."""
    await require_author(session, view.text, by=by)
    current = await up_to_date(session, section)
    if current.heading != heading:
        await _rewrite(session, current, view, by=by, heading=heading, body=current.body)


async def name_version(session: Session, section: Section, view: TextView, *, by: Membership, name: str) -> None:
    """Keep what the section says now as a version with this name."""
    await require_author(session, view.text, by=by)
    await documents.keep(session, await up_to_date(session, section), name=name)


async def restore(session: Session, section: Section, view: TextView, kept: SectionVersion, *, by: Membership) -> None:
    """The section says again what it said then. What it says until now stays among the versions."""
    await require_author(session, view.text, by=by)
    current = await up_to_date(session, section)
    if current.body != kept.body or current.heading != kept.heading:
        await documents.keep(session, current)
        await _rewrite(session, current, view, by=by, heading=kept.heading, body=kept.body)


async def up_to_date(session: Session, section: Section) -> Section:
    """The section, held, as it is now with all that has been written in its document."""
    current = await held(session, section.id)
    if current is None:
        raise NotFound
    if await documents.settle(session, current):
        current = await held(session, section.id) or current  # with the one who wrote last
    return current


async def _rewrite(session: Session, current: Section, view: TextView, *, by: Membership, heading: str, body: dict[str, Any]) -> None:
    """The section, held and up to date, says this from now on: on pages, in its document, and as a version of its own."""
    await documents.write(session, current, body, by_id=by.person_id)
    current.heading, current.body = heading, body
    current.version += 1
    current.updated_by_id, current.updated_at = by.person_id, clock.now()
    await session.flush()
    await documents.keep(session, current)
    await documents.make_findable(session, current)
    activity.record(session, verb="section.edited", by=by, record=view.record, section=current.id, version=current.version)
    await signal(session, by.network_id, f"text-{view.text.id}")


async def open_document(session: Session, section: Section, text: DraftText, *, by: Membership) -> Opened:
    """The section's document for one who writes in it, begun now if nobody has before."""
    await require_author(session, text, by=by)
    await up_to_date(session, section)
    document = await documents.begin(session, section)
    cursor = await head(session, document.stream_id)
    newer = await documents.changes(session, document.stream_id, document.seq)
    state = await asyncio.to_thread(crdt.merged, documents.states(document, newer))
    return Opened(document.stream_id, document.mark, cursor, state)


async def require_author(session: Session, text: DraftText, *, by: Membership) -> None:
    """Forbidden unless `by` writes in this text and it is open; her membership and the text's row are held."""
    await hold(session, by)
    row = await hold_text(session, text)
    if row.locked_at is not None:
        raise Forbidden(_l("Texten är låst."))
    if not await is_author(session, by, row):
        raise Forbidden(_l("Du läser den här texten men skriver inte i den."))


async def hold_text(session: Session, text: DraftText, *, alone: bool = False) -> DraftText:
    """The text as it is now: until the commit nobody locks it. NotFound if it is gone.

    With `alone` nobody writes in any of its sections either; a new section may still be added by who holds the record."""
    row = await session.get(DraftText, text.id, with_for_update={"key_share": True} if alone else {"read": True}, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def read_body(markup: str) -> dict[str, Any]:
    """The posted markup as a document; Refused when it cannot be one."""
    try:
        return document.validate(document.from_markdown(markup))
    except document.Invalid as fault:
        raise Refused(str(fault), status=422) from None


async def lock(session: Session, text: DraftText) -> None:
    """No more changes: what has been written stays, as a version, and whoever writes is told."""
    row = await hold_text(session, text, alone=True)
    if row.locked_at is not None:
        return
    row.locked_at = clock.now()
    for each in await sections(session, text.id):
        await documents.keep(session, await up_to_date(session, each))
    wanted = select(col(SectionDocument.stream_id)).join(Section, col(Section.id) == col(SectionDocument.section_id))
    for stream_id in await session.scalars(wanted.where(col(Section.text_id) == text.id).order_by(col(SectionDocument.stream_id))):
        await append(session, stream_id, kind=documents.LOCKED, ref=text.id)


async def show_all(session: Session, text: DraftText) -> None:
    """Every section, held, shows what has been written in its document."""
    for each in await sections(session, text.id):
        await up_to_date(session, each)


async def ask(session: Session, text: DraftText, *, units: Sequence[int] = (), memberships: Sequence[int] = ()) -> None:
    """Make units or members co-authors; known ones stay."""
    rows = [{"text_id": text.id, "unit_id": each, "membership_id": None} for each in units]
    rows += [{"text_id": text.id, "unit_id": None, "membership_id": each} for each in memberships]
    if rows:
        await session.execute(insert(CoAuthor).values(rows).on_conflict_do_nothing())


async def unask(session: Session, text: DraftText, *, units: Sequence[int] = (), memberships: Sequence[int] = ()) -> None:
    """Take units or members off the list of co-authors."""
    theirs = col(CoAuthor.unit_id).in_(units) | col(CoAuthor.membership_id).in_(memberships)
    await session.execute(delete(CoAuthor).where(col(CoAuthor.text_id) == text.id, theirs))


async def forget_unsaved(session: Session, person_id: int) -> None:
    """Whatever the person has begun to write in any section and not saved to it."""
    await session.execute(delete(SectionDraft).where(col(SectionDraft.person_id) == person_id))


async def hand_over(session: Session, leaving: Membership, successor: Membership, by: Membership) -> int:
    """Open texts that `leaving` writes in are written in by `successor` instead, with what is not saved yet; how many.

    A unit that was asked stays asked; a successor from elsewhere is asked in person besides."""
    theirs = col(CoAuthor.text_id).in_(_open_texts(leaving.network_id)) & (col(CoAuthor.membership_id) == leaving.id)
    texts = set(await session.scalars(select(col(CoAuthor.text_id)).where(theirs)))
    await session.execute(delete(CoAuthor).where(theirs))
    if leaving.unit_id is not None and leaving.unit_id != successor.unit_id:
        units = col(CoAuthor.text_id).in_(_open_texts(leaving.network_id)) & (col(CoAuthor.unit_id) == leaving.unit_id)
        texts |= set(await session.scalars(select(col(CoAuthor.text_id)).where(units)))
    for text_id in texts:
        await session.execute(insert(CoAuthor).values(text_id=text_id, membership_id=successor.id).on_conflict_do_nothing())
    unsaved = await _hand_over_unsaved(session, leaving, successor)
    return len(texts | unsaved)


def _open_texts(network_id: int) -> Select[int]:
    found = select(col(DraftText.id)).join(Record, col(Record.id) == col(DraftText.record_id))
    return found.where(col(Record.network_id) == network_id, col(DraftText.locked_at).is_(None))


async def _hand_over_unsaved(session: Session, leaving: Membership, successor: Membership) -> set[int]:
    """What `leaving` has written in sections and not saved, but where the successor writes herself; which texts."""
    own = select(col(SectionDraft.section_id)).where(col(SectionDraft.person_id) == successor.person_id)
    moved = await session.execute(
        update(SectionDraft)
        .where(col(SectionDraft.section_id) == col(Section.id), col(Section.text_id).in_(_open_texts(leaving.network_id)))
        .where(col(SectionDraft.person_id) == leaving.person_id, col(SectionDraft.section_id).not_in(own))
        .values(person_id=successor.person_id)
        .returning(col(Section.text_id))
        .execution_options(synchronize_session=False)
    )
    return set(moved.scalars())


async def keep_draft(session: Session, section: Section, *, by: Membership, body: str, version: int) -> None:
    """Keep what is being written in a section, with the version it began from."""
    kept = {"body": body, "version": version, "saved_at": clock.now()}
    key = {"person_id": by.person_id, "section_id": section.id}
    await session.execute(insert(SectionDraft).values(**key, **kept).on_conflict_do_update(index_elements=list(key), set_=kept))


async def discard_draft(session: Session, section: Section, *, by: Membership) -> None:
    """Throw away what one has not saved."""
    await hold(session, by)
    await forget_draft(session, section, by=by)


async def forget_draft(session: Session, section: Section, *, by: Membership) -> None:
    mine = (col(SectionDraft.person_id) == by.person_id) & (col(SectionDraft.section_id) == section.id)
    await session.execute(delete(SectionDraft).where(mine))

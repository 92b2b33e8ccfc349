"""What one person wrote in a section between two moments is undone, and nothing that others wrote: as a change like any other, with the
text as it was before kept as a version."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.accounts.models import Person
from portal.activity import actions as activity
from portal.db import Session
from portal.drafting import documents
from portal.drafting.actions import require_author, up_to_date
from portal.drafting.checker import Checker, Lost
from portal.drafting.models import Section, SectionDocument, UndoingForm
from portal.drafting.queries import TextView
from portal.live import signal
from portal.networks.models import Membership
from portal.web import Forbidden, Refused, Unavailable, _l

AT_ONCE = 2
LONGEST_WAIT = 15.0
TURNS = asyncio.Semaphore(AT_ONCE)
IN_LINE: set[int] = set()  # persons


@dataclass
class Undoable:
    """Who has written in the section, of those whose words this member may undo, and since when the log knows of it."""

    people: Sequence[tuple[int, str]]
    since: datetime


async def undoable(session: Session, section: Section, *, by: Membership) -> Undoable | None:
    """None if there is nothing that she could undo."""
    document = await session.get(SectionDocument, section.id)
    log = await documents.written(session, document) if document is not None else []
    people = {person for _at, whose in log for person in whose if _may_undo(by, person)}
    if not people:
        return None
    found = await session.scalars(select(Person).where(col(Person.id).in_(people)).order_by(col(Person.name), col(Person.id)))
    return Undoable([(each.id, each.name) for each in found], clock.local(log[0][0]))


async def undo(session: Session, section: Section, view: TextView, *, by: Membership, form: UndoingForm) -> Section:
    """The section without what she wrote then. Refused if there is nothing of it left."""
    _require_hers(by, form.person)
    await session.commit()  # nothing is written yet: the connection is given back while she waits
    async with _turn(by.person_id):
        return await _undo(session, section, view, by=by, form=form)


@asynccontextmanager
async def _turn(person_id: int) -> AsyncIterator[None]:
    """Workers may take much memory, so few work at once. Turns go to whoever has waited longest, and nobody waits with two of her own."""
    if person_id in IN_LINE:
        raise Refused(_l("Du håller redan på att ta bort text. Vänta tills det är klart."), status=409)
    IN_LINE.add(person_id)
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            await TURNS.acquire()
    except TimeoutError:
        raise Unavailable(_l("Andra håller på att ta bort text just nu. Försök igen om en stund.")) from None
    else:
        try:
            yield
        finally:
            TURNS.release()
    finally:
        IN_LINE.discard(person_id)


async def _undo(session: Session, section: Section, view: TextView, *, by: Membership, form: UndoingForm) -> Section:
    await require_author(session, view.text, by=by)
    _require_hers(by, form.person)  # once more: she may be somebody else than when she began to wait
    until = form.until + timedelta(minutes=1)
    current = await up_to_date(session, section)
    document = await session.get(SectionDocument, section.id, with_for_update=True, populate_existing=True)
    log = await _log(session, section)
    marked = [
        (update, person == form.person and form.since <= change.at < until)
        for change in log
        for update, person in zip(change.updates, change.people, strict=True)
    ]
    undone = await _undone(document.base, marked) if document is not None and any(is_hers for _update, is_hers in marked) else None
    if document is None or undone is None:
        raise Refused(_l("Av det som skrevs då finns inget kvar att ta bort."), status=409)
    await documents.keep(session, current)
    await documents.log(session, document.stream_id, section.id, [(base64.b64encode(undone).decode(), by.person_id)])
    current = await up_to_date(session, section)
    await documents.keep(session, current)
    activity.record(session, verb="section.edited", by=by, record=view.record, section=current.id, version=current.version)
    await signal(session, by.network_id, f"text-{view.text.id}")
    return current


async def _undone(base: bytes, marked: Sequence[tuple[bytes, bool]]) -> bytes | None:
    """Found out by a worker of its own, since it takes the library through all that strangers have sent."""
    worker = Checker()
    try:
        return await worker.undone(base, marked)
    except Lost:
        raise Refused(_l("Det är för mycket för att tas bort på en gång. Välj en kortare tid."), status=409) from None
    finally:
        await worker.stop()


def _may_undo(by: Membership, person_id: int) -> bool:
    return by.person_id == person_id or by.can("draft:write")


def _require_hers(by: Membership, person_id: int) -> None:
    if not _may_undo(by, person_id):
        raise Forbidden(_l("Du kan ta bort det du själv har skrivit. Samordnaren kan ta bort det andra har skrivit."))


async def _log(session: Session, section: Section) -> list[documents.Change]:
    """What the document's log still holds, the oldest first."""
    document = await session.get(SectionDocument, section.id)
    return (
        [each for each in await documents.changes(session, document.stream_id, document.base_seq) if each.updates]
        if document is not None
        else []
    )

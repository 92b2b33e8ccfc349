"""Where the changes of shared texts come in, one desk a process: each is checked, shown to the others here, and stored with the next batch."""

import asyncio
import base64
import logging
from asyncio import TimerHandle
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select, text
from sqlmodel import col

from portal.db import Session, Sessions, unit_of_work
from portal.drafting import documents
from portal.drafting.checker import Checker, Ended, Lost
from portal.drafting.models import DraftText, Section, SectionDocument
from portal.drafting.settling import settle
from portal.drafting.updates import begun
from portal.drafting.writers import held_writers
from portal.live import Edited
from portal.live.reading import UNREACHABLE
from portal.records.models import Record

log = logging.getLogger("portal.drafting")

STORED_WITHIN = 0.2
SHOWN_WITHIN = 2.0
PAUSE = 1.0
MOST_WAITING = 2 << 20
MOST_CLIENTS = 1000
CLOSED_AFTER = 300.0
SWEPT_EVERY = 30.0
TRIES, MOST_ENDS = 4, 2

BEHIND = text(
    "SELECT section_id FROM section_document JOIN live_stream ON live_stream.id = stream_id WHERE last_seq > shown ORDER BY section_id LIMIT 20"
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A change that has been checked: as it is kept, or None where nothing in it was new."""

    edited: Edited
    update: str | None


@dataclass(eq=False)
class Sheet:
    """A document that is written in here. `life` is the worker's when it took the document in, `seq` how far the log is in there;
    `weight` is what waits to be stored, and it `is_behind` while its section does not show all that is. `clients` tells whose the Yjs clients are that
    began to write here."""

    stream_id: int
    section_id: int
    text_id: int
    network_id: int
    life: int = 0
    seq: int = 0
    writers: dict[int, object] = field(default_factory=dict)
    clients: dict[int, int] = field(default_factory=dict)
    batch: list[Accepted] = field(default_factory=list)
    weight: int = 0
    is_behind: bool = False
    checking: asyncio.Lock = field(default_factory=asyncio.Lock)
    storing: "asyncio.Task[None] | None" = None
    showing: "asyncio.Task[None] | None" = None
    closing: TimerHandle | None = None


class Desk:
    """live's Texts: every change of a shared text passes here."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._checker = Checker()
        self._sheets: dict[int, Sheet] = {}
        self._expected: asyncio.Task[None] | None = None

    async def edit(self, edited: Edited) -> None:
        """Shielded: what the worker has taken in must not be forgotten because a socket has gone."""
        await asyncio.shield(asyncio.ensure_future(self._edit(edited)))

    async def _edit(self, edited: Edited) -> None:
        sheet = await self._sheet(edited.stream_id)
        if sheet is None:
            edited.refused("no_text")
            return
        if sheet.weight > MOST_WAITING:
            edited.refused("later")
            return
        async with sheet.checking:
            taken = frozenset(client for client, person_id in sheet.clients.items() if person_id != edited.person_id)
            edited = replace(edited, others=edited.others | taken)
            update, reason = await self._checked(sheet, edited)
            if reason:
                edited.refused(reason)
                return
            if update is not None:
                client = begun(base64.b64decode(update))
                if client is not None and len(sheet.clients) < MOST_CLIENTS:
                    sheet.clients.setdefault(client, edited.person_id)
                edited.relay(update)
            self._take(sheet, Accepted(edited, update))

    def writes_as(self, stream_id: int, client: int) -> int | None:
        sheet = self._sheets.get(stream_id)
        return sheet.clients.get(client) if sheet is not None else None

    def expect(self, stream_id: int) -> None:
        """The worker takes the document in, so that the first letter does not wait for that."""
        if stream_id not in self._sheets:
            self._expected = asyncio.create_task(self._prepare(stream_id), name="drafting preparing")

    async def _prepare(self, stream_id: int) -> None:
        try:
            sheet = await self._sheet(stream_id)
            if sheet is not None:
                async with sheet.checking:
                    if not sheet.life:
                        await self._open(sheet)
        except (Lost, *UNREACHABLE) as failure:
            log.info("a text is opened later: %s", type(failure).__name__)

    async def run(self) -> None:
        """Now and then look for what a process that has ended left unshown."""
        while True:
            await asyncio.sleep(SWEPT_EVERY)
            try:
                async with self._sessions() as session:
                    behind = (await session.scalars(BEHIND)).all()
                for section_id in behind:
                    await self._sweep(section_id)
            except UNREACHABLE as failure:
                log.warning("texts wait for the database: %s", type(failure).__name__)

    async def _sweep(self, section_id: int) -> None:
        """One that cannot be shown keeps none of the others waiting."""
        try:
            async with unit_of_work(self._sessions) as session:
                await settle(session, section_id)
        except UNREACHABLE:
            raise
        except Exception:
            log.exception("section %s could not be shown", section_id)

    async def stop(self) -> None:
        for sheet in list(self._sheets.values()):
            if sheet.closing is not None:
                sheet.closing.cancel()
            if sheet.showing is not None:
                sheet.showing.cancel()
            if sheet.storing is not None:
                sheet.storing.cancel()
                await asyncio.gather(sheet.storing, return_exceptions=True)
            if sheet.batch:
                try:
                    await self._store(sheet)
                except UNREACHABLE as failure:
                    log.warning("a text could not be stored at the end: %s", type(failure).__name__)
        self._sheets.clear()
        await self._checker.stop()

    # Checking

    async def _sheet(self, stream_id: int) -> Sheet | None:
        known = self._sheets.get(stream_id)
        if known is None:
            async with self._sessions() as session:
                found = await session.execute(
                    select(SectionDocument.section_id, Section.text_id, Record.network_id)  # type: ignore[call-overload]
                    .join(Section, col(Section.id) == col(SectionDocument.section_id))
                    .join(DraftText, col(DraftText.id) == col(Section.text_id))
                    .join(Record, col(Record.id) == col(DraftText.record_id))
                    .where(col(SectionDocument.stream_id) == stream_id)
                )
                row = found.first()
            if row is None:
                return None
            known = self._sheets.setdefault(stream_id, Sheet(stream_id, *row))
        if known.closing is not None:
            known.closing.cancel()
        known.closing = asyncio.get_running_loop().call_later(CLOSED_AFTER, self._close, known)
        return known

    async def _checked(self, sheet: Sheet, edited: Edited) -> tuple[str | None, str]:
        """The worker's word. What builds upon something unknown may build upon what another process has stored meanwhile; what a worker
        has ended at twice is refused."""
        ends = 0
        for _try in range(TRIES):
            try:
                if sheet.life != self._checker.life or not sheet.life:
                    await self._open(sheet)
                found, reason = await self._checker.apply(sheet.stream_id, edited.update, edited.others)
                if reason == "missing" and await self._catch_up(sheet):
                    found, reason = await self._checker.apply(sheet.stream_id, edited.update, edited.others)
                return found, reason
            except Lost as end:
                sheet.life = 0
                ends += isinstance(end, Ended)
                if ends == MOST_ENDS:
                    return None, "bad_update"
        return None, "later"

    async def _open(self, sheet: Sheet) -> None:
        async with self._sessions() as session:
            document = await session.get(SectionDocument, sheet.section_id)
            if document is None:
                raise Lost
            newer = await documents.changes(session, sheet.stream_id, document.seq)
        states = [base64.b64encode(each).decode() for each in documents.states(document, newer)]
        await self._checker.open(sheet.stream_id, states + [each.update for each in sheet.batch if each.update is not None])
        sheet.life = self._checker.life
        sheet.seq = newer[-1].seq if newer else document.seq

    async def _catch_up(self, sheet: Sheet) -> bool:
        """Whether there was something to learn from the log."""
        async with self._sessions() as session:
            newer = await documents.changes(session, sheet.stream_id, sheet.seq)
        for change in newer:
            for update in change.updates:
                await self._checker.apply(sheet.stream_id, base64.b64encode(update).decode())
            sheet.seq = change.seq
        return bool(newer)

    def _close(self, sheet: Sheet) -> None:
        if sheet.batch or sheet.checking.locked():
            sheet.closing = asyncio.get_running_loop().call_later(CLOSED_AFTER, self._close, sheet)
        elif self._sheets.pop(sheet.stream_id, None) is not None and sheet.life == self._checker.life:
            sheet.showing = asyncio.create_task(self._let_go(sheet.stream_id))

    async def _let_go(self, stream_id: int) -> None:
        if stream_id not in self._sheets:
            await self._checker.close(stream_id)

    # Storing

    def _take(self, sheet: Sheet, accepted: Accepted) -> None:
        sheet.batch.append(accepted)
        sheet.weight += len(accepted.update or "")
        if sheet.storing is None:
            sheet.storing = asyncio.create_task(self._store_soon(sheet), name="drafting storing")

    async def _store_soon(self, sheet: Sheet) -> None:
        """What comes within a moment is stored together; while the database is away it waits, and nobody is told that it is saved."""
        while sheet.batch:
            await asyncio.sleep(STORED_WITHIN)
            try:
                await self._store(sheet)
            except UNREACHABLE as failure:
                log.warning("a text waits for the database: %s", type(failure).__name__)
                await asyncio.sleep(PAUSE)
            except Exception:
                log.exception("changes of text %s could not be stored", sheet.text_id)
                await self._refuse(sheet, sheet.batch, "later")
        sheet.storing = None

    async def _store(self, sheet: Sheet) -> None:
        batch = sheet.batch[:]
        reasons: dict[int, str] = {}
        updates = [each.update for each in batch if each.update is not None]
        async with unit_of_work(self._sessions) as session:
            reasons = await self._unwelcome(session, sheet, {each.edited.person_id for each in batch})
            if not reasons and updates:
                last = next(each for each in reversed(batch) if each.update is not None)
                seq = await documents.log(session, sheet.stream_id, sheet.section_id, updates, by_id=last.edited.person_id)
        if reasons:
            await self._sort_out(sheet, batch, reasons)
            return
        del sheet.batch[: len(batch)]
        sheet.weight -= sum(map(len, updates))
        if updates and seq == sheet.seq + 1:
            sheet.seq = seq
        for each in batch:
            each.edited.saved()
        sheet.is_behind |= bool(updates)
        if sheet.is_behind and sheet.showing is None:
            sheet.showing = asyncio.create_task(self._show_soon(sheet), name="drafting showing")

    async def _unwelcome(self, session: Session, sheet: Sheet, people: set[int]) -> dict[int, str]:
        """Of the people those who may not write, each with the reason. Text and memberships are held: nobody loses the right meanwhile."""
        held = await session.get(DraftText, sheet.text_id, with_for_update={"read": True}, populate_existing=True)
        if held is None or held.locked_at is not None:
            return dict.fromkeys(people, "locked")
        return dict.fromkeys(people - await held_writers(session, held, sheet.network_id, people, sheet.writers), "may_not_write")

    async def _sort_out(self, sheet: Sheet, batch: Sequence[Accepted], reasons: dict[int, str]) -> None:
        """Somebody has lost the right since her change was looked at. Hers go; the others' are looked at again without them."""
        async with sheet.checking:
            rest = [each for each in sheet.batch if each.edited.person_id not in reasons]
            gone = [each for each in sheet.batch if each.edited.person_id in reasons]
            sheet.batch, sheet.weight, sheet.life = [], 0, 0
            for each in gone:
                each.edited.refused(reasons[each.edited.person_id])
            if any(each.update is not None for each in gone):
                batch[0].edited.startle()
            for each in rest:
                update, reason = (None, "") if each.update is None else await self._checked(sheet, each.edited)
                if reason:
                    each.edited.refused(reason)
                else:
                    sheet.batch.append(Accepted(each.edited, update))
                    sheet.weight += len(update or "")

    async def _refuse(self, sheet: Sheet, batch: Sequence[Accepted], reason: str) -> None:
        async with sheet.checking:
            sheet.batch, sheet.weight, sheet.life = [], 0, 0
            for each in batch:
                each.edited.refused(reason)

    # Showing

    async def _show_soon(self, sheet: Sheet) -> None:
        """The section shows a little later what its document says. What is left undone here the next sweep does."""
        while sheet.is_behind:
            await asyncio.sleep(SHOWN_WITHIN)
            sheet.is_behind = False
            try:
                async with unit_of_work(self._sessions) as session:
                    sheet.is_behind |= not await settle(session, sheet.section_id)
            except UNREACHABLE as failure:
                log.warning("section %s waits for the database: %s", sheet.section_id, type(failure).__name__)
            except Exception:
                log.exception("section %s could not be shown", sheet.section_id)
        sheet.showing = None

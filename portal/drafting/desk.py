"""Where the changes of shared texts come in, one desk a process: each is checked, shown to the
others here, and stored with the next batch."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from portal.db import Sessions
from portal.drafting.checking import NO_TEXT, Checking
from portal.drafting.models import DraftText, Section, SectionDocument
from portal.drafting.sheet import Sheet
from portal.drafting.showing import Showing
from portal.drafting.storing import Storing
from portal.live import Edited
from portal.live.reading import UNREACHABLE
from portal.records.models import Record

MOST_WAITING = 2 << 20
CLOSED_AFTER = 300.0


class Desk:
    """live's Texts: every change of a shared text passes here."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._sheets: dict[int, Sheet] = {}
        self._showing = Showing(sessions)
        self._checking = Checking(sessions, accepted=lambda sheet: self._storing.begin(sheet))
        self._storing = Storing(sessions, self._checking, stored=self._showing.begin)
        self._tasks: set[asyncio.Task[None]] = set()

    async def edit(self, edited: Edited) -> None:
        """Shielded: what the worker has taken in must not be forgotten because a socket has gone."""
        await asyncio.shield(self._task(self._edit(edited)))

    async def _edit(self, edited: Edited) -> None:
        sheet = await self._sheet(edited.stream_id)
        if sheet is None:
            edited.refused(NO_TEXT)
        elif sheet.weight > MOST_WAITING:
            edited.refused("later")
        else:
            await self._checking.check(sheet, edited)

    def writes_as(self, stream_id: int, client: int) -> int | None:
        sheet = self._sheets.get(stream_id)
        return sheet.clients.get(client) if sheet is not None else None

    def expect(self, stream_id: int) -> None:
        if stream_id not in self._sheets:
            self._task(self._prepare(stream_id))

    async def _prepare(self, stream_id: int) -> None:
        with suppress(*UNREACHABLE):
            if (sheet := await self._sheet(stream_id)) is not None:
                await self._checking.prepare(sheet)

    async def run(self) -> None:
        await self._showing.sweep()

    async def stop(self) -> None:
        for sheet in list(self._sheets.values()):
            if sheet.closing is not None:
                sheet.closing.cancel()
            for task in (sheet.showing, sheet.looking):
                if task is not None:
                    task.cancel()
            await self._storing.finish(sheet)
        for task in self._tasks:
            task.cancel()
        self._sheets.clear()
        await self._checking.stop()

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

    def _close(self, sheet: Sheet) -> None:
        if sheet.batch or sheet.coming or sheet.checking.locked():
            sheet.closing = asyncio.get_running_loop().call_later(CLOSED_AFTER, self._close, sheet)
        elif self._sheets.pop(sheet.stream_id, None) is not None:
            self._task(self._checking.let_go(sheet, unless=lambda: sheet.stream_id in self._sheets))

    def _task(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """One that is kept until it is done."""
        task = asyncio.create_task(work, name="drafting desk")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

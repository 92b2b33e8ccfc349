"""Checked changes of a shared text are stored with all that come within a moment, and called saved after the commit."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from sqlalchemy import text

from portal.db import Session, Sessions, unit_of_work
from portal.drafting import documents
from portal.drafting.checking import NO_TEXT, Checking
from portal.drafting.sheet import Accepted, Sheet
from portal.drafting.writers import held_writers
from portal.live.reading import UNREACHABLE

log = logging.getLogger("portal.drafting")

STORED_WITHIN = 0.2
PAUSE = 1.0

HELD = text("SELECT id FROM draft_text WHERE id = :text AND locked_at IS NULL FOR SHARE")


class Storing:
    """`stored` is called when something new stands in the log."""

    def __init__(self, sessions: Sessions, checking: Checking, *, stored: Callable[[Sheet], None]) -> None:
        self._sessions = sessions
        self._checking = checking
        self._stored = stored

    def begin(self, sheet: Sheet) -> None:
        if sheet.storing is None:
            sheet.storing = asyncio.create_task(self._store_soon(sheet), name="drafting storing")

    async def finish(self, sheet: Sheet) -> None:
        """Store what is left, now or never."""
        if sheet.storing is not None:
            sheet.storing.cancel()
            await asyncio.gather(sheet.storing, return_exceptions=True)
        if sheet.batch:
            try:
                await self._store(sheet)
            except UNREACHABLE as failure:
                log.warning("a text could not be stored at the end: %s", type(failure).__name__)

    async def _store_soon(self, sheet: Sheet) -> None:
        """While the database is away everything waits, and nobody is told that it is saved."""
        while sheet.batch:
            await asyncio.sleep(STORED_WITHIN)
            try:
                await self._store(sheet)
            except UNREACHABLE as failure:
                log.warning("a text waits for the database: %s", type(failure).__name__)
                await asyncio.sleep(PAUSE)
            except Exception:
                log.exception("changes of text %s could not be stored", sheet.text_id)
                await self._refuse(sheet, "later")
        sheet.storing = None

    async def _store(self, sheet: Sheet) -> None:
        batch = sheet.batch[:]
        updates = [each for each in batch if each.update is not None]
        async with unit_of_work(self._sessions) as session:
            reasons = await self._unwelcome(session, sheet, {each.edited.person_id for each in batch})
            if not reasons and updates:
                changes = [(str(each.update), each.edited.person_id) for each in updates]
                seq = await documents.log(session, sheet.stream_id, sheet.section_id, changes)
        if reasons:
            await self._sort_out(sheet, batch, reasons)
            return
        del sheet.batch[: len(batch)]
        sheet.weight -= sum(len(each.update or "") for each in updates)
        if updates and seq == sheet.seq + 1:
            sheet.seq = seq
        for last in {each.edited.page: each.edited for each in batch}.values():  # with the last of hers all of them are
            last.saved()
        if updates:
            self._stored(sheet)

    async def _unwelcome(self, session: Session, sheet: Sheet, people: set[int]) -> dict[int, str]:
        """Of the people those who may not write, each with the reason. Text and memberships are held: nobody loses the right meanwhile, and
        nobody takes the section away."""
        if (await session.execute(HELD, {"text": sheet.text_id})).first() is None:
            return dict.fromkeys(people, "locked")
        writers = await held_writers(session, sheet.section_id, sheet.text_id, sheet.network_id, people, sheet.writers)
        if writers is None:
            return dict.fromkeys(people, NO_TEXT)
        return dict.fromkeys(people - writers, "may_not_write")

    async def _sort_out(self, sheet: Sheet, batch: Sequence[Accepted], reasons: dict[int, str]) -> None:
        """Somebody has lost the right since her change was looked at. Hers go; the others' are looked at again without them."""
        async with sheet.checking:
            waiting = sheet.empty()
            gone = [each for each in waiting if each.edited.person_id in reasons]
            for each in gone:
                each.edited.refused(reasons[each.edited.person_id])
            if any(
                each.update is not None and reasons[each.edited.person_id] != NO_TEXT for each in gone
            ):  # where nothing is, there is nothing to fetch anew
                batch[0].edited.startle()
            rest = [each for each in waiting if each.edited.person_id not in reasons]
            try:
                verdicts = await self._checking.verdicts(sheet, [each.edited for each in rest]) if rest else []
            except Exception:  # they wait nowhere any more: whoever wrote them sends them again
                for each in rest:
                    each.edited.refused("later")
                raise
            for each, verdict in zip(rest, verdicts, strict=True):
                if each.update is not None and verdict.reason:
                    each.edited.refused(verdict.reason)
                else:
                    sheet.take(Accepted(each.edited, each.update and verdict.update))

    async def _refuse(self, sheet: Sheet, reason: str) -> None:
        async with sheet.checking:
            for each in sheet.empty():
                each.edited.refused(reason)

"""Sections show a little later what their documents say."""

import asyncio
import logging

from sqlalchemy import text

from portal.db import Sessions, unit_of_work
from portal.drafting.settling import settle
from portal.drafting.sheet import Sheet
from portal.live.reading import UNREACHABLE

log = logging.getLogger("portal.drafting")

SHOWN_WITHIN = 2.0
SHARE = 100  # what is shown anew takes a hundredth of the time, so that who write together do not wait for it …
LONGEST_PAUSE = 10.0  # … unless that would be too seldom
SWEPT_EVERY = 30.0

BEHIND = text(
    "SELECT section_id FROM section_document JOIN live_stream ON live_stream.id = stream_id WHERE last_seq > shown ORDER BY section_id LIMIT 20"
)


class Showing:
    """What is left undone for one sheet the next sweep does."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def begin(self, sheet: Sheet) -> None:
        sheet.is_behind = True
        if sheet.showing is None:
            sheet.showing = asyncio.create_task(self._show_soon(sheet), name="drafting showing")

    async def _show_soon(self, sheet: Sheet) -> None:
        loop, took = asyncio.get_running_loop(), 0.0
        while sheet.is_behind:
            await asyncio.sleep(max(SHOWN_WITHIN, min(took * SHARE, LONGEST_PAUSE)))
            sheet.is_behind = False
            began = loop.time()
            try:
                async with unit_of_work(self._sessions) as session:
                    sheet.is_behind |= not await settle(session, sheet.section_id)
            except UNREACHABLE as failure:
                log.warning("section %s waits for the database: %s", sheet.section_id, type(failure).__name__)
            except Exception:
                log.exception("section %s could not be shown", sheet.section_id)
            took = loop.time() - began
        sheet.showing = None

    async def sweep(self) -> None:
        """Now and then look for what a process that has ended left unshown, until cancelled."""
        while True:
            await asyncio.sleep(SWEPT_EVERY)
            try:
                async with self._sessions() as session:
                    behind = (await session.scalars(BEHIND)).all()
                for section_id in behind:
                    await self._catch_up(section_id)
            except UNREACHABLE as failure:
                log.warning("texts wait for the database: %s", type(failure).__name__)

    async def _catch_up(self, section_id: int) -> None:
        """One that cannot be shown keeps none of the others waiting."""
        try:
            async with unit_of_work(self._sessions) as session:
                await settle(session, section_id)
        except UNREACHABLE:
            raise
        except Exception:
            log.exception("section %s could not be shown", section_id)

"""Changes of a shared text are checked by the worker, all that have come while it was busy at once, and then shown."""

import asyncio
import base64
import logging
from collections.abc import Callable, Sequence

from portal.db import Sessions
from portal.drafting import documents
from portal.drafting.checker import Checker, Ended, Lost, Verdict
from portal.drafting.models import SectionDocument
from portal.drafting.sheet import Accepted, Coming, Sheet
from portal.live import Edited
from portal.live.reading import UNREACHABLE

log = logging.getLogger("portal.drafting")

MOST_AT_ONCE = 100
LARGEST_AT_ONCE = 512 << 10
TRIES, MOST_ENDS = 6, 2
NO_TEXT = "no_text"


class Gone(Lost):
    """There is no such document any more."""


class Checking:
    """`accepted` is called when something waits to be stored."""

    def __init__(self, sessions: Sessions, *, accepted: Callable[[Sheet], None]) -> None:
        self._sessions = sessions
        self._accepted = accepted
        self._checkers = [Checker()]

    async def stop(self) -> None:
        for each in self._checkers:
            await each.stop()

    @property
    def _checker(self) -> Checker:
        """The worker that is asked. One that hesitates is left alone with what it hesitates at, and another takes its place."""
        if self._checkers[-1].hesitates:
            self._checkers = [each for each in self._checkers if each.is_at_work] + [Checker()]
        return self._checkers[-1]

    async def check(self, sheet: Sheet, edited: Edited) -> None:
        """Returns when the change has been looked at: whoever sends the next meanwhile waits. Raises UNREACHABLE if that could not be."""
        looked_at: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sheet.coming.append((edited, looked_at))
        if sheet.looking is None:
            sheet.looking = asyncio.create_task(self._look(sheet), name="drafting checking")
        await looked_at

    async def _look(self, sheet: Sheet) -> None:
        while sheet.coming:
            async with sheet.checking:
                coming = _portion(sheet)
                try:
                    await self._take_in(sheet, [edited for edited, _looked_at in coming])
                    _end(coming)
                except UNREACHABLE as failure:
                    sheet.life = 0
                    _end(coming, failure)
                except Exception:
                    log.exception("changes of text %s could not be checked", sheet.text_id)
                    sheet.life = 0
                    for edited, _looked_at in coming:
                        edited.refused("later")
                    _end(coming)
        sheet.looking = None

    async def _take_in(self, sheet: Sheet, coming: Sequence[Edited]) -> None:
        taken = await self.verdicts(sheet, coming)
        shown: list[tuple[Edited, str]] = []
        for edited, verdict in zip(coming, taken, strict=True):
            if verdict.reason:
                edited.refused(verdict.reason)
                continue
            if verdict.begins is not None:
                sheet.claim(verdict.begins, edited.person_id)
            if verdict.update is not None:
                shown.append((edited, verdict.update))
            sheet.take(Accepted(edited, verdict.update))
        if shown:
            coming[0].show(shown)
        if sheet.batch:
            self._accepted(sheet)

    async def verdicts(self, sheet: Sheet, coming: Sequence[Edited]) -> list[Verdict]:
        """The worker's, one for each. Where a worker has ended twice, each change stands alone, and the one it ends at twice then is
        refused. Whoever calls holds `checking`."""
        ends = 0
        for _try in range(TRIES):
            try:
                if sheet.life != self._checker.life or not sheet.life:
                    await self._open(sheet)
                return await self._asked(sheet, coming)
            except Gone:
                return [Verdict(reason=NO_TEXT)] * len(coming)
            except Lost as end:
                sheet.life = 0
                ends += isinstance(end, Ended)
                if ends == MOST_ENDS and len(coming) == 1:
                    return [Verdict(reason="bad_update")]
                if ends == MOST_ENDS:
                    alone = [verdict for each in coming for verdict in await self.verdicts(sheet, [each])]
                    sheet.life = 0  # the last worker does not know what an earlier one took in of these
                    return alone
        return [Verdict(reason="later")] * len(coming)

    async def _asked(self, sheet: Sheet, coming: Sequence[Edited]) -> list[Verdict]:
        """What builds upon something unknown may build upon what another process has stored meanwhile."""
        owners = {**coming[0].owners(), **sheet.clients}
        found = await self._checker.apply(sheet.stream_id, [(each.update, each.person_id) for each in coming], owners)
        missing = [place for place, verdict in enumerate(found) if verdict.reason == "missing"]
        if missing and await self._catch_up(sheet):
            again = await self._checker.apply(
                sheet.stream_id, [(coming[place].update, coming[place].person_id) for place in missing], owners
            )
            for place, verdict in zip(missing, again, strict=True):
                found[place] = verdict
        return found

    async def prepare(self, sheet: Sheet) -> None:
        """Have the worker take the document in, so that the first letter does not wait for that."""
        try:
            async with sheet.checking:
                if not sheet.life:
                    await self._open(sheet)
        except (Lost, *UNREACHABLE) as failure:
            log.info("a text is opened later: %s", type(failure).__name__)

    async def _open(self, sheet: Sheet) -> None:
        async with self._sessions() as session:
            document = await session.get(SectionDocument, sheet.section_id)
            if document is None:
                raise Gone
            newer = await documents.changes(session, sheet.stream_id, document.seq)
        states = [base64.b64encode(each).decode() for each in documents.states(document, newer)]
        checker = self._checker
        await checker.open(sheet.stream_id, states + [each.update for each in sheet.batch if each.update is not None])
        sheet.life = checker.life
        sheet.seq = newer[-1].seq if newer else document.seq

    async def _catch_up(self, sheet: Sheet) -> bool:
        """Whether there was something to learn from the log."""
        async with self._sessions() as session:
            newer = await documents.changes(session, sheet.stream_id, sheet.seq)
        for change in newer:
            updates = [(base64.b64encode(update).decode(), 0) for update in change.updates]
            await self._checker.apply(sheet.stream_id, updates, {})
            sheet.seq = change.seq
        return bool(newer)

    async def let_go(self, sheet: Sheet, *, unless: Callable[[], bool]) -> None:
        if sheet.life == self._checker.life and not unless():
            await self._checker.close(sheet.stream_id)


def _end(coming: Sequence[Coming], failure: BaseException | None = None) -> None:
    for _edited, looked_at in coming:
        if looked_at.done():
            continue
        if failure is not None:
            looked_at.set_exception(failure)
        else:
            looked_at.set_result(None)


def _portion(sheet: Sheet) -> list[Coming]:
    """What is looked at now: the first that wait, at least one, and no more than the worker answers soon."""
    size = number = 0
    for edited, _looked_at in sheet.coming[:MOST_AT_ONCE]:
        size += len(edited.update)
        if number and size > LARGEST_AT_ONCE:
            break
        number += 1
    portion, sheet.coming = sheet.coming[:number], sheet.coming[number:]
    return portion

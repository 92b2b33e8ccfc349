"""The worker that looks at changes (worker.py), as this process speaks to it: started when it is needed, killed when it does not answer."""

import asyncio
import base64
import json
import logging
import sys
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from portal.drafting.nodes import ATTRIBUTES, CHILDREN, DEEPEST, MARKS

log = logging.getLogger("portal.drafting")

ROOT = str(Path(__file__).parents[2])
WORKER = f"import sys; sys.path.insert(0, {ROOT!r}); from portal.drafting.worker import main; main()"
PATIENCE = 5.0
HESITATION = 1.0
LONGEST_ANSWER = 4 << 20
SCHEMA = {
    "children": {kind: sorted(children) for kind, children in CHILDREN.items()},
    "attributes": ATTRIBUTES,
    "marks": MARKS,
    "deepest": DEEPEST,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The change as it is kept (None: nothing new) and no reason, or the reason why it is refused;
    the client that begins to write with it."""

    update: str | None = None
    reason: str = ""
    begins: int | None = None


class Lost(Exception):
    """The worker ended before it came to this question: its documents have to be opened again."""


class Ended(Lost):
    """It ended at this question, which may be why."""


LIVES = count(1)


class Checker:
    """One worker. `life` is another whenever it begins anew and knows no documents.

    It `hesitates` once a question has kept it for a second. Who asks after that one is told so and does better to ask another worker;
    this one has `PATIENCE` seconds to answer, and ends then."""

    def __init__(self) -> None:
        self.hesitates = False
        self.life = 0
        self._process: asyncio.subprocess.Process | None = None
        self._asked: deque[asyncio.Future[dict[str, Any]]] = deque()
        self._bell = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    @property
    def is_at_work(self) -> bool:
        return self._process is not None

    async def open(self, document: int, states: list[str]) -> None:
        """States and changes in Base64, all of them known to be good."""
        try:
            answer = await self._ask({"open": document, "states": states})
        except Ended:
            raise Lost from None
        if "refused" in answer:
            raise Lost

    async def apply(self, document: int, changes: Sequence[tuple[str, int]], owners: Mapping[int, int]) -> list[Verdict]:
        """The verdict on each change, which comes in Base64 with the person who made it. `owners`: whose the clients are that are here."""
        answer = await self._ask({"apply": document, "changes": changes, "owners": list(owners.items())})
        if "words" not in answer:
            raise Lost if answer.get("refused") == "closed" else Ended
        for each in answer["words"]:
            if "failure" in each:
                log.warning("a change was refused after %s", each["failure"])
        return [Verdict(each.get("update"), each.get("refused", ""), each.get("begins")) for each in answer["words"]]

    async def undone(self, base: bytes, log: Iterable[tuple[bytes, bool]]) -> bytes | None:
        """The change that undoes what is marked in the log (crdt.undone). Raises Lost when that was too much for a worker."""
        entries = [(base64.b64encode(update).decode(), is_marked) for update, is_marked in log]
        answer = await self._ask({"undo": base64.b64encode(base).decode(), "log": entries})
        if "change" not in answer:
            raise Lost
        return None if answer["change"] is None else base64.b64decode(answer["change"])

    async def close(self, document: int) -> None:
        if self._process is not None:
            await self._ask({"close": document})

    async def stop(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
            self._listener = None

    async def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                await self.stop()
                await self._start()
        assert self._process is not None and self._process.stdin is not None  # noqa: S101, PT018
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        self._bell.set()
        return await answer

    async def _start(self) -> None:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-c", WORKER, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env={}, limit=LONGEST_ANSWER
        )
        assert self._process.stdin is not None  # noqa: S101
        self._process.stdin.write(json.dumps({"schema": SCHEMA}).encode() + b"\n")
        self.life = next(LIVES)
        self._listener = asyncio.create_task(self._listen(self._process), name="drafting checker")

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Hand each answer to its question, until the worker ends or is silent, or has nothing more to do for those it has kept waiting."""
        is_new = True
        try:
            while not self.hesitates:
                await self._bell.wait()
                self._bell.clear()
                while self._asked:
                    line = await self._line(process, is_new=is_new)
                    if not line:
                        return
                    is_new = False
                    answer = self._asked.popleft()
                    if not answer.done():
                        answer.set_result(json.loads(line))
        finally:
            self._process = None
            self._let_go(Ended())
            self._asked.clear()
            if process.returncode is None:
                process.kill()
            log.info("the worker has ended with %s", await process.wait())

    async def _line(self, process: asyncio.subprocess.Process, *, is_new: bool) -> bytes:
        """Its next answer, nothing if it ends. To begin takes time; after that whoever waits behind
        a question that keeps it long is let go."""
        loop = asyncio.get_running_loop()
        timers = [loop.call_later(PATIENCE, _end, process)]
        if not is_new and not self.hesitates:
            timers.append(loop.call_later(HESITATION, self._hesitate))
        try:
            return await process.stdout.readline()  # type: ignore[union-attr]
        finally:
            for each in timers:
                each.cancel()

    def _hesitate(self) -> None:
        self.hesitates = True
        self._let_go()

    def _let_go(self, first: Lost | None = None) -> None:
        """Those who wait are told that they wait in vain; the first of them only if there is something to tell her."""
        for place, left in enumerate(self._asked):
            told = Lost() if place else first
            if told is not None and not left.done():
                left.set_exception(told)


def _end(process: asyncio.subprocess.Process) -> None:
    log.warning("the worker was silent")
    with suppress(ProcessLookupError):
        process.kill()

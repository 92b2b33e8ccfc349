"""Portals that die at the comment they are told to. `python -m tests.promises.mortal` is their nursery: it has read the portal's
modules once and forks a process for each life, since reading them takes far longer than living does."""

import asyncio
import json
import os
import subprocess
import sys
import traceback
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from portal import clock
from tests.promises import mutants
from tests.promises.faults import WITHIN, Faults, die, expect_strikes
from tests.promises.stage import Standing

NOBODY = "-"


@dataclass(frozen=True)
class Life:
    """What a process serves, and where it ends: at the `nth` comment that comes to `point`, or the first within the database
    (`NOBODY`: it lives until it is killed). Its clock is so many seconds `late`."""

    port: int
    url: str
    data: str
    point: str = NOBODY
    nth: int = 0
    mutant: str = NOBODY
    late: float = 0.0


class Nursery:
    """The process that forks the others; one question at a time."""

    async def open(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.promises.mortal", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._one = asyncio.Lock()

    async def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        await self.process.wait()

    async def bear(self, life: Life) -> int:
        """The number of the process that lives it."""
        return await self._ask({"bear": asdict(life)})

    async def bury(self, process: int) -> int:
        """What killed it, as a signal's number; 0 while it lives."""
        return await self._ask({"bury": process})

    async def _ask(self, question: dict[str, Any]) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        async with self._one:
            self.process.stdin.write(json.dumps(question).encode() + b"\n")
            return int(await self.process.stdout.readline())


class Mortal:
    """`lives_through(points)`: one process after the other on one port, each killed at its point; the last one lives on."""

    def __init__(self, nursery: Nursery, url: str, data: Path, port: int, *, mutant: str = NOBODY, late: float = 0.0) -> None:
        self.nursery = nursery
        self.url = url
        self.data = data
        self.port = port
        self.mutant = mutant
        self.late = late
        self.process: int | None = None

    async def lives_through(self, points: list[str], *, nth: int = 3) -> int:
        """How often it was killed."""
        for point in points:
            await self.begin(point, nth)
            await self.has_died()
        await self.begin()
        return len(points)

    async def begin(self, point: str = NOBODY, nth: int = 0) -> None:
        """Returns when it serves, or has been killed already."""
        self.process = await self.nursery.bear(Life(self.port, self.url, str(self.data), point, nth, self.mutant, self.late))
        async with asyncio.timeout(30), httpx.AsyncClient(verify=False) as client:
            while not await self.is_dead() and not await self._answers(client):
                await asyncio.sleep(0.02)

    async def has_died(self) -> None:
        """Wait until it was killed."""
        async with asyncio.timeout(60):
            while not await self.is_dead():
                await asyncio.sleep(0.02)

    async def is_dead(self) -> bool:
        """Whether it was killed; raises if it ended in another way."""
        if self.process is None:
            return True
        killed_by = await self.nursery.bury(self.process)
        if killed_by:
            assert killed_by == 9
            self.process = None
        return bool(killed_by)

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"http://127.0.0.1:{self.port}/health/live")).is_success
        except httpx.TransportError:
            return False

    async def end(self) -> None:
        """Kill it, if it lives."""
        if not await self.is_dead():
            assert self.process is not None
            os.kill(self.process, 9)
            while not await self.is_dead():
                await asyncio.sleep(0.01)


def live(life: Life) -> None:
    patch = pytest.MonkeyPatch()
    if life.mutant != NOBODY:
        getattr(mutants, life.mutant)(patch)
    if life.late:
        patch.setattr(clock, "now", lambda: datetime.now(UTC) - timedelta(seconds=life.late))
    if life.point in WITHIN:
        expect_strikes(patch, life.point, told=lambda: die(None))
    portal = Standing(life.url, Path(life.data), port=life.port)
    faults = Faults(life.point, times=1, after=life.nth - 1, strike=die)
    faults.inside(patch)
    portal.wrapped = faults.around(portal.wrapped)
    portal.run()


def bear(life: Life) -> int:
    process = os.fork()
    if process:
        return process
    os.dup2(2, 1)
    try:
        live(life)
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def main() -> None:
    children: set[int] = set()
    for line in sys.stdin:
        question = json.loads(line)
        if "bear" in question:
            answer = bear(Life(**question["bear"]))
            children.add(answer)
        else:
            process, status = os.waitpid(question["bury"], os.WNOHANG)
            answer = -os.waitstatus_to_exitcode(status) if process else 0
            children.discard(process)
        print(answer, flush=True)
    for child in children:
        os.kill(child, 9)


if __name__ == "__main__":
    main()

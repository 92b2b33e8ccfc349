"""`python -m tests.promises.mortal PORT URL FOLDER POINT NTH MUTANT`: a portal that dies at the NTH comment that comes to POINT."""

import asyncio
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.promises import mutants
from tests.promises.faults import Faults, die
from tests.promises.stage import Standing

NOBODY = "-"


class Mortal:
    """`lives_through(points)`: one process after the other on one port, each killed at its point; the last one lives on."""

    def __init__(self, url: str, data: Path, port: int, *, mutant: str = NOBODY) -> None:
        self.url = url
        self.data = data
        self.port = port
        self.mutant = mutant
        self.process: asyncio.subprocess.Process | None = None

    async def lives_through(self, points: list[str], *, nth: int = 3) -> int:
        """How often it was killed."""
        for point in points:
            await self._begin(point, nth)
            assert self.process is not None
            assert await asyncio.wait_for(self.process.wait(), 60) == -9
        await self._begin(NOBODY, 0)
        return len(points)

    async def _begin(self, point: str, nth: int) -> None:
        words = [str(self.port), self.url, str(self.data), point, str(nth), self.mutant]
        self.process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.promises.mortal", *words, stderr=subprocess.STDOUT)
        async with asyncio.timeout(30), httpx.AsyncClient() as client:
            while not await self._answers(client):
                await asyncio.sleep(0.05)

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        assert self.process is not None
        if self.process.returncode is not None:
            return True  # killed before one could look
        try:
            return (await client.get(f"http://127.0.0.1:{self.port}/health/live")).is_success
        except httpx.TransportError:
            return False

    async def end(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


def main(port: str, url: str, folder: str, point: str, nth: str, mutant: str) -> None:
    patch = pytest.MonkeyPatch()
    if mutant != NOBODY:
        getattr(mutants, mutant)(patch)
    portal = Standing(url, Path(folder), port=int(port))
    faults = Faults(point, times=1, after=int(nth) - 1, strike=die)
    faults.inside(patch)
    portal.wrapped = faults.around(portal.wrapped)
    portal.run()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""`python -m tests.promises.soak MINUTES [SEED]` (`make soak minutes=10`): `portal serve` with two processes and a database of its own
on 127.0.0.1, people who write and read, and somebody who kills a process or the database every few seconds and, where there is time for it,
once keeps the database away for a minute. Prints what was counted."""

import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from portal.db import Session, engine_for, sessions_for
from tests.ground.conftest import temporary_folder
from tests.ground.test_workers import Twins
from tests.promises.conftest import HEADS, LEFT_OPEN, furnish_database
from tests.promises.durable import Durable
from tests.promises.history import History, judge
from tests.promises.reader import Reader, all_have
from tests.promises.stage import SECRET, Stage, Writer
from tests.promises.test_comments import HOLES, ORPHANS
from tests.schema import build_schema

LONGEST = 60.0
WRITERS, READERS = 6, 20
PAUSE = 0.25  # s between a writer's comments: some twenty comments a second in all
DROPS = 0.0005  # the chance that a reader breaks off after an event
NAMED = 3  # does not write: who names herself is told nothing
APART = (1.0, 6.0)  # s between somebody's answer and the next kill: what is killed has been at work
PATIENCE = 60.0
AWAY = 60.0  # s without a database, once in a soak that lasts three times as long


@dataclass
class Soak:
    """Who takes part, and what is counted on the way."""

    house: Twins
    server: Durable
    stage: Stage
    seed: int
    history: History = field(default_factory=History)
    kills: dict[str, int] = field(default_factory=lambda: {"process": 0, "database": 0})
    away: float = 0.0
    writers: list[Writer] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)
    longest: float = 0.0
    slowest: float = 0.0
    answered: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        port = int(self.house.port)
        writers = [number for number in range(WRITERS + 1) if number != NAMED]
        self.writers = [Writer(self.stage.tokens[number], self.history, [port]) for number in writers]
        cursors = dict.fromkeys(self.stage.streams, "e1.0")
        for number in range(READERS):
            reader = Reader(f"reader {number}", self.stage.tokens[number], [port], self.history, dict(cursors), DROPS)
            self.readers.append(reader)

    async def run(self, seconds: float) -> None:
        """Everybody at work for so long; then the readers may catch up."""
        following = [asyncio.create_task(reader.follow()) for reader in self.readers]
        end = self.answered + seconds
        await asyncio.gather(self._kill(end), *(self._write(number, end) for number in range(WRITERS)))
        engine = engine_for(self.server.url("soak"))
        async with sessions_for(engine)() as session:
            heads = {row.id: row.last_seq for row in await session.execute(HEADS, {"ids": self.stage.streams})}
            is_whole = await all_have(self.readers, heads, within=PATIENCE)
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        async with sessions_for(engine)() as session:
            self.verdict = await judge(session, self.history)
            self.half_done = (await session.scalar(ORPHANS), await session.scalar(HOLES))
            self.left_open = await self._left_open(session)
        self.is_well = is_whole and not self.verdict.broken and self.half_done == (0, 0) and not self.left_open
        await engine.dispose()

    async def _left_open(self, session: Session) -> int:
        """How many transactions nobody ends, though everybody has had time to."""
        end = time.monotonic() + PATIENCE
        while (count := await session.scalar(LEFT_OPEN) or 0) and time.monotonic() < end:
            await session.rollback()  # else the same moment is shown again
            await asyncio.sleep(0.2)
        return count

    async def _write(self, number: int, end: float) -> None:
        turn = 0
        while (began := time.monotonic()) < end:
            record, words = self.stage.records[(number + turn) % len(self.stage.records)], f"{number} skriver {turn}"
            if turn % 5:
                await self.writers[number].post(record, words)
            else:
                await self.writers[number].converse(record, words)
            now = time.monotonic()
            self.slowest, self.longest = max(self.slowest, now - began), max(self.longest, now - self.answered)
            self.answered = now
            turn += 1
            await asyncio.sleep(PAUSE)

    async def _kill(self, end: float) -> None:
        chance = random.Random(self.seed)
        if time.monotonic() + 3 * AWAY < end:
            await asyncio.sleep(APART[1])
            await asyncio.to_thread(self.server.stay_away, AWAY)
            self.away = AWAY
        while (killed := time.monotonic()) + APART[1] < end:
            while self.answered < killed < end and time.monotonic() < end:
                await asyncio.sleep(0.1)
            await asyncio.sleep(chance.uniform(*APART))
            kind = chance.choice(("process", "process", "database"))
            if kind == "database":
                await self.server.awake()
                self.server.kill()
            elif processes := self.house.processes:
                os.kill(chance.choice(processes).pid, signal.SIGKILL)
            else:
                continue
            self.kills[kind] += 1

    def figures(self) -> list[tuple[str, object]]:
        verdict = self.verdict
        return [
            ("comments acknowledged", len(self.history.acknowledged)),
            ("events seen", sum(map(len, self.history.seen.values()))),
            ("processes killed", self.kills["process"]),
            ("databases killed", self.kills["database"]),
            ("seconds without a database at one time", self.away),
            ("readers' reconnects", sum(reader.subscriptions - 1 for reader in self.readers)),
            ("writers' repeats", sum(writer.refused for writer in self.writers)),
            ("lost", verdict.lost),
            ("doubled", verdict.doubled),
            ("unexpected", verdict.unexpected),
            ("out of order", verdict.disorder),
            ("missed", verdict.gap),
            ("diverged", verdict.diverged),
            ("comments without event, streams with holes", self.half_done),
            ("transactions left open", self.left_open),
            ("longest time without any answer (s)", round(self.longest, 1)),
            ("slowest comment, repeats included (s)", round(self.slowest, 1)),
        ]


def soak(minutes: float, seed: int) -> bool:
    """Whether everything that was promised was kept."""
    with tempfile.TemporaryDirectory() as data, Durable(temporary_folder()) as server:
        url = server.create_database("soak")
        asyncio.run(build_schema(url))
        stage = asyncio.run(furnish_database(url))
        given = {"PORTAL_SECRET": SECRET, "PORTAL_LIMITS": "1000000", "PORTAL_WORKERS": "2"}
        house = Twins(Path(data), database_url=url, **given)
        house.start()
        try:
            done = Soak(house, server, stage, seed)
            asyncio.run(done.run(60 * minutes))
        finally:
            house.stop()
    print(f"{minutes:g} minutes, seed {seed}, {WRITERS} writers, {READERS} readers, 2 processes")
    for name, count in done.figures():
        print(f"{name:>45}  {count}")
    return bool(done.is_well)


def main(minutes: str = "10", seed: str = "") -> None:
    length = float(minutes)
    if not 0 < length <= LONGEST:
        sys.exit(f"A soak takes up to {LONGEST:g} minutes.")
    sys.exit(0 if soak(length, int(seed or random.randrange(10**6))) else "A promise was broken.")


if __name__ == "__main__":
    main(*sys.argv[1:])

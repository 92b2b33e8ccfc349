"""A database of the post room's own, with a real worker and a real SMTP server on loopback."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from portal import jobs, rooms
from portal.config import Settings
from portal.db import Session, Sessions, engine_for, sessions_for, unit_of_work
from portal.jobs import Worker
from portal.web import Frame
from tests.conftest import empty
from tests.mail.post_office import PostOffice
from tests.postgres import Server

KEY = b"tests of the post room, and nothing else"
# Of what waits: what nobody has tried to send, and what will be tried again.
UNSETTLED = """
    SELECT count(*) FROM notification LEFT JOIN mail_out USING (message_id) WHERE coalesce(state, 'queued') IN ('queued', 'sending')
"""
WAITING_JOBS = "SELECT count(*) FROM pgqueuer WHERE status IN ('queued', 'picked') AND entrypoint <> 'letters'"


@dataclass
class House:
    """What letters are sent with and what is seen of them from outside."""

    url: str
    settings: Settings
    sessions: Sessions
    office: PostOffice
    frame: Frame
    workers: list[Worker] = field(default_factory=list)
    clerks: list["asyncio.subprocess.Process"] = field(default_factory=list)

    async def open(self) -> Worker:
        """A worker begins; it tries often, at short intervals."""
        handlers = rooms.handlers(self.settings, self.sessions, self.frame)
        worker = Worker(self.url, handlers, tries=20, pause=timedelta(milliseconds=50), poll=timedelta(milliseconds=200))
        self.workers.append(worker)
        await worker.start()
        return worker

    async def close(self) -> None:
        """The workers go home: what is told from now on waits."""
        await asyncio.gather(*(worker.stop() for worker in self.workers))
        self.workers.clear()

    async def clerk(self) -> "asyncio.subprocess.Process":
        """A worker that is a process, and can be killed."""
        given = (self.url, self.settings.smtp_url or "", str(self.settings.data))
        clerk = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.post.clerk", *given)
        self.clerks.append(clerk)
        return clerk

    async def kill(self, clerk: "asyncio.subprocess.Process") -> None:
        clerk.send_signal(signal.SIGKILL)
        await clerk.wait()

    async def time_passes(self) -> None:
        """Pauses are over."""
        await self.execute("UPDATE pgqueuer SET execute_after = now() WHERE entrypoint <> 'letters'")

    async def settled(self) -> None:
        """Wait until no letter waits, and no job either."""
        async with asyncio.timeout(60):
            while await self.scalar(WAITING_JOBS) or await self.scalar(UNSETTLED):
                await asyncio.sleep(0.05)

    async def run_out(self) -> None:
        """Wait until no job waits, whatever mail has forgotten of older letters."""
        async with asyncio.timeout(60):
            while await self.scalar(WAITING_JOBS):
                await asyncio.sleep(0.05)

    async def everything(self) -> None:
        """All that is to be told is told: pauses end, jobs run, letters leave."""
        if not self.workers:
            await self.open()
        await self.time_passes()
        await self.settled()

    async def scalar(self, statement: str) -> int:
        async with self.sessions() as session:
            return await session.scalar(text(statement)) or 0

    async def execute(self, statement: str) -> None:
        async with unit_of_work(self.sessions) as session:
            await session.execute(text(statement))

    async def states(self) -> dict[str, str]:
        """What has become of whose letter."""
        wanted = "SELECT person.name, coalesce(state, 'waits') AS state FROM notification JOIN person ON person.id = person_id LEFT JOIN mail_out USING (message_id)"
        async with self.sessions() as session:
            return {row.name: row.state for row in await session.execute(text(wanted))}

    @property
    def subjects(self) -> dict[str, list[str]]:
        """What each address has got."""
        found: dict[str, list[str]] = {}
        for letter in self.office.letters:
            found.setdefault(str(letter["To"]), []).append(str(letter["Subject"]))
        return found


@pytest.fixture(scope="session")
async def engine(server: Server, template: str) -> AsyncIterator[AsyncEngine]:
    url = await asyncio.to_thread(server.create_database, "post_room", template)
    engine = engine_for(url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def house(server: Server, engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    office = PostOffice()
    await office.open()
    settings = Settings(data=tmp_path, base_url="https://portal.granby.example", smtp_url=office.url, mail_from="portal@granby.example")
    house = House(server.url("post_room"), settings, sessions_for(engine, limits=1000), office, Frame(key=KEY, secure=True))
    yield house
    for clerk in house.clerks:
        if clerk.returncode is None:
            await house.kill(clerk)
    await house.close()
    await office.close()
    async with house.sessions() as session:
        await session.execute(text("TRUNCATE pgqueuer, pgqueuer_log"))
        await empty(session)


@pytest.fixture
async def kept(house: House) -> House:
    """The same without SMTP: mail stays in the data folder."""
    return replace(house, settings=replace(house.settings, smtp_url=None))


@pytest.fixture
async def session(house: House) -> AsyncIterator[Session]:
    async with house.sessions() as opened:
        yield opened


@pytest.fixture(autouse=True)
def dead_are_missed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has died is noticed after two seconds instead of fifteen."""
    monkeypatch.setattr(jobs, "SILENCE", timedelta(seconds=2))

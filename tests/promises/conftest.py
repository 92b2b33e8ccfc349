"""A furnished database for each promise, portals on it, and readers that are sent home afterwards."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from litestar.types import ASGIApp
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from portal.db import Sessions, engine_for, sessions_for
from tests.ground.test_commands import free_port
from tests.postgres import Server
from tests.promises.history import History, Verdict, judge
from tests.promises.mortal import NOBODY, Mortal, Nursery
from tests.promises.reader import Reader
from tests.promises.stage import Stage, Standing, Writer, furnish

NUMBERS = count(1)
HEADS = text("SELECT id, last_seq FROM live_stream WHERE id = ANY(CAST(:ids AS bigint[]))")
LEFT_OPEN = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A promise that is broken once is broken: what fails here is not run again. A mutant that was not found out is, since the fault that
    shows it may have come a moment too late. (This is called with every test of the run.)"""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=3 if item.name.partition("[")[0].endswith("found_out") else 0))


@pytest.fixture(scope="session")
def furnished(server: Server, template: str) -> tuple[str, Stage]:
    """The name of a database to copy from, and what stands in it."""
    url = server.create_database("promises", template)
    return "promises", asyncio.run(furnish_database(url))


async def furnish_database(url: str) -> Stage:
    engine = engine_for(url)
    async with sessions_for(engine, limits=10**6)() as session:
        await session.execute(text("UPDATE live_epoch SET epoch = 'e1'"))
        stage = await furnish(session)
        await session.commit()
    await engine.dispose()
    return stage


@dataclass
class Theatre:
    """A database of the test's own with everything that happens on it."""

    url: str
    stage: Stage
    engine: AsyncEngine
    sessions: Sessions
    history: History
    data: Path
    portals: list[Standing]
    readers: list[Reader]
    following: list["asyncio.Task[None]"]
    mortals: list[Mortal]
    nursery: Nursery

    def portal(self, wrap: Callable[[ASGIApp], ASGIApp] = lambda app: app, **given: int) -> Standing:
        """One more, which serves; `wrap` stands around it."""
        portal = Standing(self.url, self.data, **given)
        portal.wrapped = wrap(portal.wrapped)
        portal.start()
        self.portals.append(portal)
        return portal

    def mortal(self, *, mutant: str = NOBODY, late: float = 0.0) -> Mortal:
        """A process that can be killed, on a port of its own; it does not live yet."""
        self.mortals.append(Mortal(self.nursery, self.url, self.data, int(free_port()), mutant=mutant, late=late))
        return self.mortals[-1]

    def writer(self, number: int, *ports: int, **given: bool) -> Writer:
        return Writer(self.stage.tokens[number], self.history, list(ports), **given)

    def reader(self, *ports: int, number: int = 0, since: int = 0, drops: float = 0.0) -> Reader:
        """Follows all threads from number `since` on."""
        name = f"reader {len(self.readers)}"
        cursors = dict.fromkeys(self.stage.streams, f"e1.{since}")
        self.readers.append(Reader(name, self.stage.tokens[number], list(ports), self.history, cursors, drops))
        self.following.append(asyncio.create_task(self.readers[-1].follow()))
        return self.readers[-1]

    async def heads(self) -> dict[int, int]:
        async with self.sessions() as session:
            return {row.id: row.last_seq for row in await session.execute(HEADS, {"ids": self.stage.streams})}

    async def verdict(self) -> Verdict:
        async with self.sessions() as session:
            return await judge(session, self.history)

    async def is_at_rest(self, *, within: float) -> bool:
        """Whether no transaction is left open and every portal has its connections back, in time (s)."""
        try:
            async with asyncio.timeout(within), self.sessions() as session:
                while await session.scalar(LEFT_OPEN) or any(portal.lent for portal in self.portals):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            return False
        return True

    async def everybody_home(self) -> None:
        for task in self.following:
            task.cancel()
        ends = await asyncio.gather(*self.following, return_exceptions=True)
        assert [end for end in ends if not isinstance(end, asyncio.CancelledError)] == []
        for mortal in self.mortals:
            await mortal.end()


@pytest.fixture(scope="session")
async def nursery() -> AsyncIterator[Nursery]:
    opened = Nursery()
    await opened.open()
    yield opened
    await opened.close()


@asynccontextmanager
async def raised(server: Server, furnished: tuple[str, Stage], nursery: Nursery, folder: Path) -> AsyncIterator[Theatre]:
    """A theatre on a copy of the furnished database."""
    name = f"promise_{next(NUMBERS)}"
    await server.aexecute(f'CREATE DATABASE "{name}" TEMPLATE "{furnished[0]}" STRATEGY file_copy')
    engine = engine_for(server.url(name))
    theatre = Theatre(server.url(name), furnished[1], engine, sessions_for(engine), History(), folder, [], [], [], [], nursery)
    yield theatre
    await theatre.everybody_home()
    for portal in theatre.portals:
        await asyncio.to_thread(portal.stop)
    await engine.dispose()
    await server.aexecute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def theatre(server: Server, furnished: tuple[str, Stage], nursery: Nursery, tmp_path: Path) -> AsyncIterator[Theatre]:
    async with raised(server, furnished, nursery, tmp_path) as theatre:
        yield theatre

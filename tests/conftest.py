"""One embedded PostgreSQL and one portal for the run; a small cast; every test leaves the database empty."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy.ext.asyncio import AsyncEngine

from portal.accounts import actions as accounts
from portal.app import Portal, create_app
from portal.commands.working import COLLECTED
from portal.config import Settings
from portal.db import Session, engine_for
from portal.live.protocol import PortalWebSocketProtocol
from portal.networks.models import Membership
from portal.tables import metadata
from tests.browser import Browser
from tests.factories import Cast, make_cast
from tests.postgres import Server
from tests.schema import build_schema
from tests.sources.recordings import WITHOUT

BASE_URL = "http://127.0.0.1:8000"
# One message to the server instead of one for each table: after most tests nearly all of them are empty, and the trips were what it cost.
EMPTIED = "".join(
    [
        "DELETE FROM pgqueuer WHERE status = 'queued'; SET LOCAL session_replication_role = replica; ",
        *(f'DELETE FROM "{name}"; ' for name in metadata.tables if name != "live_epoch"),
    ]
)


def pytest_sessionstart() -> None:
    gc.disable()  # what collecting makes is hardly garbage, and looking for it was a fifth of what it took


def pytest_collection_finish() -> None:
    """As the portal does when it has started: thousands of tests stay for good, so garbage is looked for only in what comes later."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each process begins with a part of the list, and one that is done takes from another's end. So whole worlds that tests leave as
    later ones in the file do not mind stand at the beginning of the first part, where they are not torn apart; and journeys at that of the
    second, the longest first: what is handed out last is short, and journeys that follow one another stay with one process, which alone
    starts a Chromium and loads the demo."""
    worlds = [each for each in items if each.nodeid.startswith(("tests/authz/", "tests/corpus/"))]
    journeys = sorted((each for each in items if "tests/journeys/" in each.nodeid), key=lambda each: "test_pages.py" not in each.nodeid)
    taken = {*worlds, *journeys}
    others = [each for each in items if each not in taken]
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    beside = max(0, len(items) // processes - len(worlds)) if processes > 1 else 0
    items[:] = [*worlds, *others[:beside], *journeys, *others[beside:]]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """A run that lacks the recordings is no whole run, whatever its last line says."""
    without = [each for each in terminalreporter.stats.get("skipped", []) if WITHOUT in str(each.longrepr)]
    if without:
        terminalreporter.section("not a whole run", sep="!", yellow=True)
        terminalreporter.write_line(f"{len(without)} tests of recorded answers did not run: {WITHOUT} (../shared/data).")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """A database with the schema and nothing in it, to copy from."""
    asyncio.run(build_schema(server.create_database("schema")))
    return "schema"


@pytest.fixture(scope="session")
def database_url(server: Server, template: str) -> str:
    return server.create_database("tests", template)


@pytest.fixture
async def engines(database_url: str) -> AsyncIterator[Callable[[int], AsyncEngine]]:
    """`engines(1)`: an engine of the test's own on the portal's database, with so many connections."""
    made: list[AsyncEngine] = []

    def make(pool: int) -> AsyncEngine:
        made.append(engine_for(database_url, pool=pool))
        return made[-1]

    yield make
    for each in made:
        await each.dispose()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data=Path(tmp_path_factory.mktemp("data")), base_url=BASE_URL, inside="127.0.0.1/32")


@pytest.fixture(scope="session")
async def running(database_url: str, settings: Settings) -> AsyncIterator[Portal]:
    async with living(create_app(settings, database_url)) as portal:
        yield portal


@pytest.fixture(scope="module")
async def port(running: Portal) -> AsyncIterator[int]:
    """The portal on a port."""
    config = uvicorn.Config(
        running.asgi, ws=PortalWebSocketProtocol, ws_per_message_deflate=False, log_config=None, timeout_graceful_shutdown=1
    )
    async with on_a_port(config) as number:
        yield number


@asynccontextmanager
async def on_a_port(config: uvicorn.Config) -> AsyncIterator[int]:
    """What uvicorn serves, on a port that is free; its lifespan is the run's."""
    config.port, config.lifespan = 0, "off"
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await server.shutdown()


@asynccontextmanager
async def living(portal: Portal) -> AsyncIterator[Portal]:
    """The portal within its lifespan."""
    started, ended = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with portal.litestar.lifespan():
            started.set()
            await ended.wait()

    # In a task of its own: what opens a lifespan has to close it, and fixtures are opened and closed by different tasks.
    task = asyncio.create_task(live())
    await asyncio.wait({task, asyncio.create_task(started.wait())}, return_when=asyncio.FIRST_COMPLETED)
    yield portal
    ended.set()
    await task


@pytest.fixture
async def portal(running: Portal, settings: Settings) -> AsyncIterator[Portal]:
    """The portal on an empty database, emptied again afterwards; letters that are waited for are looked for among this test's alone."""
    yield running
    await part(running)
    for letter in settings.mail_folder.glob("*.eml"):
        letter.unlink()
    async with running.sessions() as session:
        await empty(session)


async def part(portal: Portal) -> None:
    """Everybody is out, and no history is known: a socket that a test has left would find its stream gone, and an epoch that a test
    has begun (the demo is loaded anew) would be noticed at the next test's first socket; either takes that test's sockets along."""
    portal.hub._start_over()
    portal.hub._streams._epoch = None
    desk: Any = portal.hub._texts  # what it still has to store and to show would stand in the way of emptying the database
    for _moment in range(300):
        if not portal.hub._readers and not any(sheet.storing or sheet.showing for sheet in desk._sheets.values()):
            return
        await asyncio.sleep(0.01)


async def empty(session: Session) -> None:
    """Nothing is left in the database, and no job of what was there."""
    await at_once(session, EMPTIED)


async def at_once(session: Session, statements: str) -> None:
    """Many statements in one message, committed."""
    connection = await (await session.connection()).get_raw_connection()
    assert connection.driver_connection is not None
    await connection.driver_connection.execute(statements)
    await session.commit()


@pytest.fixture
async def session(portal: Portal) -> AsyncIterator[Session]:
    """A session of the test's own: what it writes is seen by the portal after `await session.commit()`."""
    async with portal.sessions() as opened:
        yield opened


@pytest.fixture
async def cast(session: Session) -> Cast:
    """The same people in every test: coordinator, contact, deputy, head, reader, registrar, guest, admin, outsider."""
    cast = await make_cast(session)
    await session.commit()
    return cast


@pytest.fixture
async def visitor(portal: Portal) -> AsyncIterator[Browser]:
    """A browser that nobody is signed in with."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(portal.asgi), base_url=BASE_URL) as client:
        yield Browser(client, portal)


@pytest.fixture
async def browser(portal: Portal, session: Session) -> AsyncIterator[Callable[[Membership], Awaitable[Browser]]]:
    """`await browser(cast.contact)`: a browser that this member is signed in with."""
    opened: list[httpx.AsyncClient] = []

    async def open_for(member: Membership) -> Browser:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(portal.asgi), base_url=BASE_URL)
        opened.append(client)
        someone = accounts.Visitor(browser="test", address="127.0.0.1", agent="test")
        _device, token = await accounts.start(session, person=member.person, trusted=True, visitor=someone)
        await session.commit()
        client.cookies.set("sid", token)
        return Browser(client, portal)

    yield open_for
    for client in opened:
        await client.aclose()

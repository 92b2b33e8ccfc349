"""A portal of its own that shows the demo, loaded once and only read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from portal.app import Portal, create_app
from portal.config import Settings
from portal.db import Session, engine_for, sessions_for, unit_of_work
from portal.demo import loader
from tests.browser import Browser
from tests.conftest import BASE_URL, living
from tests.postgres import Server


async def fill(url: str, files: Path) -> None:
    engine = engine_for(url)
    async with unit_of_work(sessions_for(engine)) as session:
        await loader.load(session, files=files)
    await engine.dispose()


@pytest.fixture(scope="module")
def demo_url(server: Server, template: str, settings: Settings) -> Iterator[str]:
    url = server.create_database("shown", template)
    settings.file_folder.mkdir(exist_ok=True)
    asyncio.run(fill(url, settings.file_folder))
    yield url
    server.drop_database("shown")


@pytest.fixture(scope="module")
async def shown(demo_url: str, settings: Settings) -> AsyncIterator[Portal]:
    async with living(create_app(settings, demo_url)) as portal:
        yield portal


@pytest.fixture
async def look(shown: Portal) -> AsyncIterator[Session]:
    """A session on the demo, for reading."""
    async with shown.sessions() as opened:
        await opened.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # its visitors may take longer than a request may
        yield opened


@pytest.fixture
async def as_person(shown: Portal) -> AsyncIterator[Callable[[int], Awaitable[Browser]]]:
    """`await as_person(id)`: a browser that has signed in through the demo's own door."""
    opened: list[httpx.AsyncClient] = []

    async def enter(person_id: int) -> Browser:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(shown.asgi), base_url=BASE_URL)
        opened.append(client)
        browser = Browser(client, shown)
        entered = await browser.post("/demo/sign-in", {"person": str(person_id)})
        assert entered.status_code == 303
        return browser

    yield enter
    for client in opened:
        await client.aclose()

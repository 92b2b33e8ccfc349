"""Browser journeys: a portal process on a copy of the demo, and visitors whose windows are watched for errors."""

import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from tests.journeys import chromium
from tests.journeys.house import House
from tests.journeys.visitor import Visitor
from tests.postgres import Server

Visit = Callable[..., Awaitable[Visitor]]
numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def demo(server: Server) -> str:
    """A database with the demo in it, to copy from."""
    folder = Path(tempfile.mkdtemp(prefix="portal-"))
    House(folder, database_url=server.create_database("demo")).run("demo")
    shutil.rmtree(folder)
    return "demo"


@pytest.fixture
def database(server: Server, demo: str) -> Iterator[str]:
    """The name of a fresh copy of the demo."""
    name = f"journey-{next(numbers)}"
    server.create_database(name, demo)
    yield name
    server.drop_database(name)


@pytest.fixture
def house(server: Server, database: str, tmp_path: Path) -> Iterator[House]:
    """A portal on a fresh copy of the demo. It has to end without having logged an error."""
    house = House(tmp_path, database_url=server.url(database))
    house.start()
    yield house
    house.stop()
    assert [line for line in house.said.splitlines() if " ERROR " in line or line.startswith("Traceback")] == []


@pytest.fixture(scope="session")
async def browser_program() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await chromium.launch(playwright)
        yield opened
        await opened.close()


@pytest.fixture
async def visit(house: House, browser_program: Browser) -> AsyncIterator[Visit]:
    """`await visit("Maja Lindqvist")`: a browser that this person is signed in with; without a name, nobody is."""
    visitors: list[Visitor] = []

    async def arrive(name: str | None = None, *, on_the_way_to: str = "/", **context: Any) -> Visitor:
        opened = await browser_program.new_context(**chromium.a_swede(**context))
        opened.set_default_timeout(15_000)
        visitor = Visitor(opened, await opened.new_page(), house.address)
        visitors.append(visitor)
        if name is not None:
            await visitor.sign_in(name, on_the_way_to=on_the_way_to)
        return visitor

    yield arrive
    for visitor in visitors:
        await visitor.context.close()
    assert [problem for visitor in visitors for problem in visitor.wrong] == []

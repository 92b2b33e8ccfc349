"""Browser journeys: a portal process on a copy of the demo, and visitors whose windows are watched for errors."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.ground.conftest import temporary_folder
from tests.journeys import chromium
from tests.journeys.house import House
from tests.journeys.visitor import Visit, Visits
from tests.postgres import Server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.journey)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(300))


expect.set_options(timeout=15_000)  # machines are busy at times


@pytest.fixture(scope="session")
def demo_folder() -> Iterator[Path]:
    """The data folder that goes with that database: the demo's attachments are in it."""
    folder = temporary_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def demo(server: Server, demo_folder: Path) -> str:
    """A database with the demo in it, to copy from."""
    House(demo_folder, database_url=_fresh(server, "demo")).run("demo")
    return "demo"


@pytest.fixture(scope="session")
def house(server: Server, demo: str, demo_folder: Path) -> Iterator[House]:
    """The portal of most journeys, on the demo. Each journey works on records of its own."""
    yield from _house(_fresh(server, "journeys", demo), demo_folder)


@pytest.fixture
def own_house(server: Server, demo: str, demo_folder: Path) -> Iterator[House]:
    """A portal for this journey alone, on a fresh copy of the demo."""
    try:
        yield from _house(_fresh(server, "own", demo), demo_folder)
    finally:
        server.drop_database("own")


def _fresh(server: Server, name: str, template: str | None = None) -> str:
    """A new database, also where one that could not be furnished has been left."""
    server.drop_database(name)
    return server.create_database(name, template)


def _house(database_url: str, demo_folder: Path) -> Iterator[House]:
    folder = temporary_folder()
    shutil.copytree(demo_folder / "files", folder / "files")
    house = House(folder, database_url=database_url)
    try:
        house.start()
        yield house
        house.stop()
    finally:
        house.kill()  # one that did not start, or that its journey has left dead
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
async def window() -> AsyncIterator[Browser]:
    async with chromium.running() as opened:
        yield opened


@pytest.fixture
async def visit(house: House, window: Browser) -> AsyncIterator[Visit]:
    """`await visit("Maja Lindqvist")`: a browser that this person is signed in with; without a name, nobody is."""
    visits = Visits(window, house.address)
    yield visits.arrive
    print(house.said[-4000:])
    await visits.leave()
    assert house.errors() == []


@pytest.fixture
async def visit_own(own_house: House, window: Browser) -> AsyncIterator[Visit]:
    """The same in a portal of this journey's own; its log is for the journey to judge."""
    visits = Visits(window, own_house.address)
    yield visits.arrive
    await visits.leave()

"""The database is gone for ten seconds while two people read and write."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, expect

from portal.ground.embedded import Server as Embedded
from tests.ground.conftest import temporary_folder
from tests.journeys.deeds import LONGEST_PAUSE, box, comments, is_live, open_live, share_finding, unsent
from tests.journeys.house import House
from tests.journeys.visitor import NETWORK, Visit, Visitor, Visits
from tests.postgres import Server

AWAY = 10
EACH_WRITES, KEPT = 12, 3
CLOSED = "Portalen når inte sin databas"


@pytest.fixture
def database(server: Server, demo: str, demo_folder: Path) -> Iterator[Embedded]:
    """A database server with ordinary settings, which this journey may kill; the demo comes to it as a backup."""
    folder = temporary_folder()
    House(demo_folder, database_url=server.url(demo)).run("backup", str(folder / "demo.backup"))
    running = Embedded(folder)
    running.ensure()
    House(folder, database_url=running.url()).run("restore", str(folder / "demo.backup"))
    yield running
    running.stop()
    shutil.rmtree(folder)


@pytest.fixture
def shaken(database: Embedded) -> Iterator[House]:
    house = House(database.data, database_url=database.url(), PORTAL_LIMITS="100")
    house.start()
    yield house
    print(house.said)
    house.stop()


@pytest.fixture
async def visit_shaken(shaken: House, window: Browser) -> AsyncIterator[Visit]:
    visits = Visits(window, shaken.address)
    yield visits.arrive
    await visits.leave()


async def test_nothing_acknowledged_is_lost_and_nothing_doubled(visit_shaken: Visit, shaken: House, database: Embedded) -> None:
    maja, ingela = await visit_shaken("Maja Lindqvist"), await visit_shaken("Ingela Rask")
    path = await share_finding(maja, "Avbrottet")
    await open_live(maja, path)
    await open_live(ingela, path)
    for visitor in (maja, ingela):
        visitor.expects(NETWORK)
        visitor.expects_status(503)
    back = asyncio.Event()
    writers = [await Writer.beside(visitor, back) for visitor in (maja, ingela)]
    writing = asyncio.gather(*(writer.write() for writer in writers))

    await expect(comments(maja.page).first).to_be_visible()
    assert database.pid is not None
    os.kill(database.pid, signal.SIGQUIT)
    while database.pid is not None:  # what reaches it before it has gone is still taken and acknowledged
        await asyncio.sleep(0.02)
    away = asyncio.create_task(asyncio.sleep(AWAY))
    await box(maja.page).fill("Skrivet under avbrottet")
    await maja.page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(unsent(maja.page)).to_contain_text(["Väntar på att skickas Skrivet under avbrottet"], use_inner_text=True)
    await _meet_the_closed_door(ingela, path)
    await away
    await asyncio.to_thread(database.ensure)

    await expect(comments(maja.page).filter(has_text="Skrivet under avbrottet")).to_have_count(1, timeout=LONGEST_PAUSE)
    await expect(unsent(maja.page)).to_have_count(0)
    await ingela.page.get_by_role("link", name="Försök igen").click()
    await is_live(ingela.page)
    back.set()
    await asyncio.wait_for(writing, 120)

    written = {words for writer in writers for words in writer.acknowledged} | {"Skrivet under avbrottet"}
    assert len(written) == 2 * EACH_WRITES + 1
    assert sum(writer.refused for writer in writers) > 0
    await ingela.page.get_by_role("button", name="nya kommentarer").click()
    for visitor in (maja, ingela):
        await expect(comments(visitor.page)).to_have_count(len(written))
    seen = await ingela.page.locator("#thread article .words").all_inner_texts()
    assert sorted(seen) == sorted(written)
    assert await maja.page.locator("#thread article .words").all_inner_texts() == seen
    assert shaken.errors() == []


async def _meet_the_closed_door(visitor: Visitor, path: str) -> None:
    """What a reader gets meanwhile: a page that says it, and when to come back."""
    answer = await visitor.page.goto(f"{visitor.address}{path}")
    assert answer is not None
    assert (answer.status, await answer.header_value("retry-after")) == (503, "5")
    await expect(visitor.page.get_by_role("heading", name=CLOSED)).to_be_visible()


@dataclass
class Writer:
    """A program that posts as somebody does, and asks again with the same key until it is told that the comment is there. It keeps its
    last comments until the reader is `back`, so that something surely comes in while she reads."""

    name: str
    address: str
    client: httpx.AsyncClient
    token: str
    back: asyncio.Event
    acknowledged: list[str] = field(default_factory=list)
    refused: int = 0

    @classmethod
    async def beside(cls, visitor: Visitor, back: asyncio.Event) -> "Writer":
        cookies = {each["name"]: each["value"] for each in await visitor.context.cookies()}
        address = await visitor.page.locator("[data-composer]").evaluate("(form) => form.action")
        token = await visitor.page.locator("body").get_attribute("data-csrf")
        name = await visitor.page.locator(".person .name").text_content()
        return cls(str(name), str(address), httpx.AsyncClient(cookies=cookies, timeout=20), str(token), back)

    async def write(self) -> None:
        async with self.client:
            for number in range(EACH_WRITES):
                if number == EACH_WRITES - KEPT:
                    await self.back.wait()
                await self._until_acknowledged(f"{self.name} skriver kommentar {number}")
                await asyncio.sleep(1)

    async def _until_acknowledged(self, words: str) -> None:
        form = {"csrf": self.token, "key": str(uuid4()), "body": words}
        while (answer := await self.client.post(self.address, data=form, headers={"X-Fragment": "1"})).status_code != 201:
            assert (answer.status_code, answer.headers.get("retry-after")) == (503, "5")
            self.refused += 1
            await asyncio.sleep(0.5)
        self.acknowledged.append(words)

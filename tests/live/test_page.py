"""static/js/live.js in a real browser: what a page hears through breaks, gaps and restarts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import text

from portal.live import signal
from tests.journeys import chromium
from tests.live.history import EPOCH, History
from tests.live.node import House, Node

pytestmark = pytest.mark.journey

OpenPage = Callable[..., Awaitable[Page]]
FOLLOW = """
([stream, cursor]) => {
  window.heard = []; window.resyncs = 0; window.states = []; window.ended = [];
  live.subscribe(stream, cursor, {
    onEvent: (frame) => heard.push(frame.seq), onResync: () => resyncs++, onEnd: (code) => ended.push(code),
  });
  live.onState((state) => states.push(state));
}
"""


@pytest.fixture(scope="module")
async def chrome() -> AsyncIterator[Browser]:
    async with chromium.running() as opened:
        yield opened


@pytest.fixture
async def open_page(chrome: Browser, house: House) -> AsyncIterator[OpenPage]:
    contexts = []

    async def opened(node: Node, *, network: bool = False) -> Page:
        context = await chrome.new_context()
        contexts.append(context)
        await context.add_cookies([{"name": name, "value": "1", "url": node.origin} for name in ("who", "device")])
        page = await context.new_page()
        await page.goto(f"{node.origin}/page{f'?network={house.network}' if network else ''}")
        return page

    yield opened
    for context in contexts:
        await context.close()


async def is_in(page: Page, state: str) -> None:
    await expect(page.locator(f"html[data-live-state={state}]")).to_be_attached(timeout=25_000)


async def has_heard(page: Page, wanted: list[int]) -> None:
    await page.wait_for_function("wanted => JSON.stringify(heard) === JSON.stringify(wanted)", arg=wanted, timeout=25_000)


async def test_a_page_goes_on_from_what_it_shows(open_page: OpenPage, node: Node, history: History) -> None:
    stream = await history.new()
    await history.write_many(stream, 3)
    page = await open_page(node)
    await page.evaluate(FOLLOW, [stream, f"{EPOCH}.1"])
    await has_heard(page, [2, 3])
    await history.write(stream)
    await history.write(stream, kind="silent")
    await history.write(stream)

    await has_heard(page, [2, 3, 4, 6])
    assert await page.evaluate("[resyncs, states]") == [0, ["online"]]


async def test_a_restart_is_bridged_without_a_loss(open_page: OpenPage, open_node: Callable[..., Node], history: History) -> None:
    stream = await history.new()
    node = open_node()
    page = await open_page(node)
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.location['url']}: {message.text}"))
    await page.evaluate(FOLLOW, [stream, f"{EPOCH}.0"])
    await is_in(page, "online")
    await history.write(stream)
    await has_heard(page, [1])

    port = node.port
    await asyncio.to_thread(node.stop)
    await history.write(stream)
    open_node(port=port)

    await has_heard(page, [1, 2])
    await is_in(page, "online")
    assert await page.evaluate("resyncs") == 0
    assert [words for words in said if "/live: " in words and "ERR_" not in words] == []


async def test_a_long_break_is_told_and_its_end_too(open_page: OpenPage, open_node: Callable[..., Node], history: History) -> None:
    stream = await history.new()
    node = open_node()
    page = await open_page(node)
    await page.evaluate(FOLLOW, [stream, f"{EPOCH}.0"])
    await is_in(page, "online")

    port = node.port
    await asyncio.to_thread(node.stop)
    await is_in(page, "offline")
    await page.wait_for_function("states.includes('offline')", timeout=3500)
    open_node(port=port)
    await page.evaluate("dispatchEvent(new Event('online'))")
    await history.write(stream)

    await has_heard(page, [1])
    assert await page.evaluate("states") == ["online", "offline", "online"]


async def test_a_gap_makes_the_page_ask_again(open_page: OpenPage, node: Node, history: History) -> None:
    """The server never sends one; should a frame be lost all the same, the page hears it from the log."""
    stream = await history.new()
    page = await open_page(node)
    await page.evaluate(
        """() => {
          const take = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'onmessage');
          Object.defineProperty(WebSocket.prototype, 'onmessage', { set(listener) {
            take.set.call(this, (message) => {
              const frame = JSON.parse(message.data);
              if (frame.seq === 2 && !window.lost) { window.lost = true; return; }
              listener(message);
              if (frame.seq === 3) listener(message);
            });
          } });
        }"""
    )
    await page.evaluate(FOLLOW, [stream, f"{EPOCH}.0"])
    await is_in(page, "online")
    for _ in range(4):
        await history.write(stream)

    await has_heard(page, [1, 2, 3, 4])
    assert await page.evaluate("lost") is True


async def test_a_strange_cursor_makes_the_page_fetch_anew(open_page: OpenPage, node: Node, history: History) -> None:
    stream = await history.new()
    await history.write_many(stream, 2)
    page = await open_page(node)
    await page.evaluate(FOLLOW, [stream, "of-another-time.7"])
    await page.wait_for_function("resyncs === 1")
    await history.write(stream)
    await has_heard(page, [3])


async def test_who_signs_out_is_not_knocking_for_ever(
    open_page: OpenPage, open_node: Callable[..., Node], history: History, house: House
) -> None:
    stream = await history.new()
    node = open_node(poll=0.3)
    page = await open_page(node)
    await page.evaluate(FOLLOW, [stream, None])
    await is_in(page, "online")
    house.devices.clear()
    await is_in(page, "signed-out")

    await page.reload()
    await page.evaluate(FOLLOW, [stream, None])
    await is_in(page, "signed-out")


async def test_a_stream_one_may_not_read_ends(open_page: OpenPage, node: Node, history: History) -> None:
    foreign = await history.new(readers=(2,))
    page = await open_page(node)
    await page.evaluate(FOLLOW, [foreign, None])
    await page.wait_for_function("ended.length === 1")
    assert await page.evaluate("ended") == [4404]


async def test_signals_become_events_for_the_page(open_page: OpenPage, node: Node, history: History, house: House) -> None:
    page = await open_page(node, network=True)
    await is_in(page, "online")
    await page.evaluate(
        """() => {
          window.told = [];
          document.body.insertAdjacentHTML('beforeend', '<i hx-trigger="load, signal:findings from:body, signal:text-7 from:body"></i>');
          for (const what of ['findings', 'text-7', 'meetings']) document.body.addEventListener(`signal:${what}`, () => told.push(what));
          live.onSignal('meetings', (what) => told.push(`heard ${what}`));
        }"""
    )

    async with history.sessions() as session:
        await signal(session, house.network, "findings")
        await session.commit()
    await page.wait_for_function("told.includes('findings')", timeout=4000)

    await page.evaluate("told.length = 0")
    async with history.sessions() as session:
        await signal(session, house.network, "*")
        await session.execute(text("SELECT 1"))
        await session.commit()
    await page.wait_for_function("told.length >= 4", timeout=4000)
    told: list[Any] = await page.evaluate("told")
    assert sorted(set(told)) == ["findings", "heard meetings", "meetings", "text-7"]

"""Slow readers, restarts, and a database that goes away: only the one concerned notices, and nothing is lost."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import text

from portal.live.bell import NAME
from tests.live.client import Client, numbers
from tests.live.conftest import Apart
from tests.live.history import EPOCH, History
from tests.live.node import House, Node
from tests.live.raw import Raw
from tests.live.raw import text as text_frame
from tests.postgres import Server

Connect = Callable[..., Coroutine[Any, Any, Client]]

KILL_POOLS = text(
    """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database() AND application_name <> :bell
    """
)


async def stalled(node: Node, stream: int) -> Raw:
    """A reader that follows the stream and takes nothing more."""
    peer = await Raw.accepted(node.port, receive_buffer=4096)
    await peer.send(text_frame(json.dumps({"t": "subscribe", "stream": stream, "cursor": None})))
    assert json.loads((await peer.next())[1])["t"] == "subscribed"
    peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
    return peer


async def gone(node: Node, rest: int) -> None:
    """Wait until only `rest` sockets are open."""
    async with asyncio.timeout(8):
        while node.open_sockets > rest:
            await asyncio.sleep(0.05)


async def test_w19_a_reader_that_does_not_read_is_cut_and_harms_nobody(
    node: Node, connect: Connect, history: History, house: House
) -> None:
    stream = await history.new()
    house.texts = dict.fromkeys(range(400), "x" * 20_000)
    healthy = [await connect() for _ in range(3)]
    for page in healthy:
        await page.subscribe(stream)
    slow = await stalled(node, stream)

    reading = [asyncio.create_task(page.events(400)) for page in healthy]
    for ref in range(400):
        await history.write(stream, ref)
    for events in await asyncio.gather(*reading):
        assert numbers(events) == list(range(1, 401))

    await gone(node, 3)
    slow.cut()


async def test_many_small_frames_are_counted_too(open_node: Callable[..., Node], history: History) -> None:
    """300 frames of a hundred bytes are far from a mebibyte, and still more than anybody needs to have waiting."""
    stream = await history.new()
    node = open_node(send_buffer=1)
    slow = await stalled(node, stream)
    for _ in range(40):
        await history.write_many(stream, 20)
        await asyncio.sleep(0.01)
    await gone(node, 0)
    slow.cut()


async def test_a_reader_that_was_cut_is_told_so_and_goes_on_from_its_number(node: Node, history: History, house: House) -> None:
    stream = await history.new()
    house.texts = dict.fromkeys(range(1, 201), "x" * 50_000)
    slow = await stalled(node, stream)
    await history.write_many(stream, 200)
    await asyncio.sleep(0.5)
    slow.writer.transport.resume_reading()  # type: ignore[attr-defined]
    seen, code = [], None
    async with asyncio.timeout(20):
        while code is None:
            opcode, data = await slow.next()
            if opcode == 8:
                code = int.from_bytes(data[:2], "big")
                assert data[2:] == b"resync"
            else:
                seen.append(json.loads(data)["seq"])

    assert code == 4409
    assert seen == list(range(1, len(seen) + 1))
    assert 0 < len(seen) < 200
    again = await Client.connect(node.port)
    await again.subscribe(stream, f"{EPOCH}.{seen[-1]}")
    assert numbers(await again.events(200 - len(seen))) == list(range(len(seen) + 1, 201))
    again.cut()


async def test_a_long_catching_up_waits_for_its_reader_and_is_not_cut(node: Node, connect: Connect, history: History, house: House) -> None:
    stream = await history.new()
    house.texts = dict.fromkeys(range(1, 301), "x" * 20_000)
    await history.write_many(stream, 300, silently=True)
    peer = await Raw.accepted(node.port, receive_buffer=4096)
    await peer.send(text_frame(json.dumps({"t": "subscribe", "stream": stream, "cursor": f"{EPOCH}.0"})))
    assert json.loads((await peer.next())[1])["t"] == "subscribed"
    await asyncio.sleep(1)

    assert [json.loads((await peer.next())[1])["seq"] for _ in range(300)] == list(range(1, 301))
    peer.cut()


async def test_at_shutdown_everybody_is_told_to_come_back(open_node: Callable[..., Node], history: History) -> None:
    stream = await history.new()
    node = open_node()
    pages = [await Client.connect(node.port) for _ in range(5)]
    for page in pages:
        await page.subscribe(stream)
    slow = await stalled(node, stream)

    began = monotonic()
    stopping = asyncio.create_task(asyncio.to_thread(node.stop))

    assert [await page.closed() for page in pages] == [(1012, "retry 1")] * 5
    await stopping
    assert monotonic() - began < 5
    slow.cut()


async def test_after_a_restart_readers_go_on_where_they_were(open_node: Callable[..., Node], history: History) -> None:
    stream = await history.new()
    first = open_node()
    page = await Client.connect(first.port)
    await page.subscribe(stream)
    await history.write_many(stream, 3)
    await page.events(3)
    await asyncio.to_thread(first.stop)
    await history.write_many(stream, 4)

    page = await Client.connect(open_node().port)
    await page.subscribe(stream, f"{EPOCH}.3")

    assert numbers(await page.events(4)) == [4, 5, 6, 7]
    page.cut()


async def test_a_database_that_goes_away_delays_events_and_loses_none(
    open_node: Callable[..., Node], apart: Apart, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    history = apart.history
    stream = await history.new()
    node = open_node(apart.url, poll=0.3)
    page = await Client.connect(node.port)
    await page.subscribe(stream)
    await history.write(stream)
    await page.events(1)

    await server.aexecute(f"UPDATE pg_database SET datallowconn = false WHERE datname = '{apart.name}'")
    await server.aexecute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{apart.name}'")
    await asyncio.sleep(1.5)
    await page.say("ping")
    assert (await page.hear())["t"] == "pong"
    await server.aexecute(f"UPDATE pg_database SET datallowconn = true WHERE datname = '{apart.name}'")
    await write_until_it_works(history, stream)
    await history.write_many(stream, 9)

    assert numbers(await page.events(10, within=10)) == list(range(2, 12))
    assert [record for record in caplog.records if record.exc_info] == []
    page.cut()


async def write_until_it_works(history: History, stream: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                await history.write(stream)
            except Exception:
                await asyncio.sleep(0.1)
            else:
                return


async def test_lost_connections_of_the_pool_are_no_reason_to_wait_or_reload(open_node: Callable[..., Node], apart: Apart) -> None:
    """The bell rings, and the read that follows fails."""
    history = apart.history
    stream = await history.new()
    page = await Client.connect(open_node(apart.url, poll=60).port)
    await page.subscribe(stream)
    for number in range(1, 6):
        async with history.sessions() as session:
            await session.execute(KILL_POOLS, {"bell": NAME})
        await history.write(stream)
        assert numbers(await page.events(1, within=4)) == [number]
    page.cut()

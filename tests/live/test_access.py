"""Losing access ends what comes over the socket within a second; nothing that started later than that is sent."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from time import monotonic
from typing import Any

import pytest

from portal.db import Session
from portal.live import Viewer, access_changed, watch
from tests.live.client import Client, numbers
from tests.live.history import EPOCH, History
from tests.live.node import House, Node

Connect = Callable[..., Coroutine[Any, Any, Client]]


async def announce(history: History, person: int) -> float:
    async with history.sessions() as session:
        await access_changed(session, person)
        await session.commit()
    return monotonic()


async def test_a_member_who_leaves_loses_the_stream_and_then_the_socket(connect: Connect, history: History, house: House) -> None:
    stream, other = await history.new(readers=(1, 2)), await history.new(readers=(1,))
    leaving, staying = await connect(), await connect(person=2)
    await leaving.subscribe(stream)
    await leaving.subscribe(other)
    await staying.subscribe(stream)
    await history.write(stream)
    assert [numbers(await page.events(1)) for page in (leaving, staying)] == [[1], [1]]

    house.readable[1].discard(stream)
    at = await announce(history, 1)
    assert await leaving.hear() == {"t": "error", "code": 4403, "reason": "access_ended", "ref": None, "stream": stream}
    assert monotonic() - at < 1
    await history.write(stream)
    await history.write(other)
    assert [(event["stream"], event["seq"]) for event in await leaving.events(1)] == [(other, 1)]
    assert numbers(await staying.events(1)) == [2]

    house.readable[1].discard(other)
    at = await announce(history, 1)
    assert (await leaving.closed())[0] == 4403
    assert monotonic() - at < 1
    assert await staying.hears_nothing(0.2)


async def test_what_is_still_being_asked_for_when_access_ends_keeps_no_socket_open(
    node: Node, connect: Connect, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look at her access has begun when she asks for one more stream, and it ends before that is answered."""
    monkeypatch.setattr(watch, "PATIENCE", 10.0)
    stream, other = await history.new(readers=(1,)), await history.new(readers=(1,))
    page = await connect()
    await page.subscribe(stream)
    looked, asked, go_on = threading.Event(), threading.Event(), threading.Event()

    async def slowly(session: Session, viewer: Viewer, streams: Sequence[int]) -> set[int]:
        (asked if other in streams else looked).set()
        while not (asked if stream in streams else go_on).is_set():
            await asyncio.sleep(0.01)
        return set()

    node.replace_door(may_read=slowly)
    await announce(history, 1)
    await asyncio.to_thread(looked.wait, 5)
    await page.say("subscribe", stream=other, cursor=None)
    assert (await page.hear())["reason"] == "access_ended"
    go_on.set()
    assert (await page.closed())[0] == 4403


async def test_a_network_that_is_left_is_heard_no_more(connect: Connect, history: History, house: House) -> None:
    house.networks[1] = {1, 2}
    page = await connect()
    for network in (1, 2):
        await page.say("hello", network=network)
        assert [(await page.hear())["t"] for _ in range(2)] == ["welcome", "signal"]

    house.networks[1] = {2}
    await announce(history, 1)
    assert (await page.hear())["network"] == 1
    house.networks[1] = set()
    await announce(history, 1)

    assert (await page.closed())[0] == 4403


async def test_a_session_that_ends_closes_its_own_sockets_alone(connect: Connect, history: History, house: House) -> None:
    stream = await history.new()
    ended, other = await connect(device=1), await connect(device=2)
    for page in (ended, other):
        await page.subscribe(stream)

    house.devices.discard(1)
    at = await announce(history, 1)

    assert await ended.closed() == (4401, "signed out")
    assert monotonic() - at < 1
    await history.write(stream)
    assert numbers(await other.events(1)) == [1]


async def test_every_process_closes_its_own(
    open_node: Callable[..., Node], node: Node, connect: Connect, history: History, house: House
) -> None:
    stream = await history.new()
    pages = [await connect(node), await connect(open_node())]
    for page in pages:
        await page.subscribe(stream)

    house.devices.discard(1)
    await announce(history, 1)

    assert [(await page.closed(1))[0] for page in pages] == [4401, 4401]


async def test_what_ends_without_a_word_is_noticed_on_the_next_round(
    open_node: Callable[..., Node], connect: Connect, history: History, house: House
) -> None:
    stream, other = await history.new(), await history.new(readers=(2,))
    node = open_node(poll=0.3)
    reading, signed_in = await connect(node), await connect(node, person=2, device=2)
    await reading.subscribe(stream)
    await signed_in.subscribe(other)

    house.readable[1].clear()
    house.devices.discard(2)

    assert (await reading.closed(2))[0] == 4403
    assert (await signed_in.closed(2))[0] == 4401


async def test_access_lost_during_a_long_catching_up_ends_it(connect: Connect, history: History, house: House) -> None:
    stream, other = await history.new(), await history.new()
    house.texts = dict.fromkeys(range(1, 3001), "x" * 5000)
    await history.write_many(stream, 3000, silently=True)
    page = await connect()
    await page.subscribe(other)
    await page.subscribe(stream, f"{EPOCH}.0")
    await page.events(50)

    house.readable[1].discard(stream)
    await announce(history, 1)
    seen = 50
    while (frame := await page.hear())["t"] == "event":
        seen += 1

    assert frame["code"] == 4403
    assert seen < 3000
    await asyncio.sleep(0.2)  # what is being rendered when access ends is rendered to its end
    made = len(house.renders)
    await asyncio.sleep(0.2)
    assert len(house.renders) == made < 3000 / 200
    await history.write(other)
    assert (await page.hear())["stream"] == other


async def test_access_lost_while_the_door_opens_leaves_no_way_in(connect: Connect, history: History, house: House, node: Node) -> None:
    """The right is read, then lost and announced, and only then does the socket go on."""
    stream, other = await history.new(), await history.new()
    page = await connect()
    await page.subscribe(other)
    as_usual, has_read, go_on = node.hub.doors.may_read, threading.Event(), threading.Event()

    async def slow(session: Session, viewer: Viewer, streams: Sequence[int]) -> set[int]:
        allowed = await as_usual(session, viewer, streams)
        if stream in allowed and not has_read.is_set():
            has_read.set()
            await asyncio.to_thread(go_on.wait, 5)
        return allowed

    node.replace_door(may_read=slow)
    await page.say("subscribe", stream=stream, cursor=None)
    await asyncio.to_thread(has_read.wait, 5)
    house.readable[1].discard(stream)
    await announce(history, 1)
    assert (await page.hear())["code"] == 4404
    go_on.set()

    await history.write(stream)
    assert await page.hears_nothing(0.3)


async def test_a_sign_in_that_ends_while_the_door_opens_leaves_no_way_in(
    connect: Connect, history: History, house: House, node: Node
) -> None:
    as_usual, has_read, go_on = node.hub.doors.authenticate, threading.Event(), threading.Event()

    async def slow(session: Session, cookies: Mapping[str, str]) -> Viewer | None:
        viewer = await as_usual(session, cookies)
        has_read.set()
        await asyncio.to_thread(go_on.wait, 5)
        return viewer

    node.replace_door(authenticate=slow)
    connecting = asyncio.create_task(connect())
    await asyncio.to_thread(has_read.wait, 5)
    house.devices.discard(1)
    await announce(history, 1)
    await asyncio.sleep(0.2)
    go_on.set()

    assert (await (await connecting).closed(1))[0] == 4401


async def test_when_access_cannot_be_looked_at_the_door_is_shut(connect: Connect, history: History, node: Node) -> None:
    stream = await history.new(readers=(1, 2))
    page, other = await connect(), await connect(person=2)
    await page.subscribe(stream)
    await other.subscribe(stream)

    async def hanging(*_given: object) -> set[int]:
        await asyncio.sleep(60)
        return set()

    node.replace_door(alive=hanging)
    at = await announce(history, 1)

    assert await page.closed(2) == (1013, "retry 5")
    assert monotonic() - at < 1.2
    await history.write(stream)
    assert numbers(await other.events(1)) == [1]

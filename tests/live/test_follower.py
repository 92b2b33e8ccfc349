"""What PROTOCOL.md says is enough: a client that knows nothing else misses nothing, doubles nothing and knows when to stop."""

import asyncio
import random
from collections.abc import Callable
from itertools import pairwise

from sqlalchemy import text

from portal.live import access_changed, signal
from tests.live.conftest import Apart
from tests.live.follower import Follower
from tests.live.history import EPOCH, History
from tests.live.node import House, Node

COOKIE = "who=1; device=1; locale=sv"


async def test_it_follows_through_restarts_and_cuts(open_node: Callable[..., Node], history: History) -> None:
    stream = await history.new()
    node = open_node()
    port = node.port
    async with Follower(port, COOKIE) as page:
        followed = await page.follow(stream, f"{EPOCH}.0")
        for round_ in range(6):
            await history.write_many(stream, 5)
            await page.until(lambda: page.state == "online")
            if round_ % 3 == 2:
                await asyncio.to_thread(node.stop)
                await history.write_many(stream, 5)
                node = open_node(port=port)
            elif page.connection is not None:
                page.connection.transport.abort()
        await page.until(lambda: len(followed.events) == 40)

    assert followed.numbers == list(range(1, 41))
    assert followed.resyncs == []
    assert {code for code, _reason in page.closes} >= {1012}


async def test_many_of_them_come_back_spread_over_the_time_they_are_told(open_node: Callable[..., Node], history: History) -> None:
    stream = await history.new()
    node = open_node()
    pages = [await Follower(node.port, f"who=1; device=1; locale={'sv' if n % 2 else 'en'}").__aenter__() for n in range(20)]
    followed = [await page.follow(stream) for page in pages]
    await asyncio.to_thread(node.stop)
    again = open_node(port=node.port)
    await history.write(stream)
    for page, each in zip(pages, followed, strict=True):
        await page.until(lambda each=each: each.numbers == [1])
    waits = sorted(page.pauses[0] for page in pages)
    for page in pages:
        await page.__aexit__()

    assert again.port == node.port
    assert [page.closes[0] for page in pages] == [(1012, "retry 1")] * 20
    assert waits[-1] <= 1
    assert max(later - earlier for earlier, later in pairwise(waits)) < 0.7


async def test_a_frame_that_was_lost_on_the_way_is_asked_for(node: Node, history: History) -> None:
    stream = await history.new()
    async with Follower(node.port, COOKIE) as page:
        followed = await page.follow(stream)
        take, dropped = page._take, []

        async def lossy(frame: dict[str, object]) -> None:
            if frame.get("seq") == 3 and not dropped:
                dropped.append(frame)
            else:
                await take(frame)

        page._take = lossy  # type: ignore[method-assign]
        for _ in range(6):
            await history.write(stream)
        await page.until(lambda: len(followed.events) == 6)

    assert len(dropped) == 1
    assert followed.numbers == [1, 2, 3, 4, 5, 6]


async def test_another_epoch_means_fetch_anew_and_go_on(open_node: Callable[..., Node], apart: Apart) -> None:
    stream = await apart.history.new()
    await apart.history.write_many(stream, 3)
    async with Follower(open_node(apart.url, poll=0.3).port, COOKIE) as page:
        followed = await page.follow(stream, f"{EPOCH}.1")
        await page.until(lambda: followed.numbers == [2, 3])
        async with apart.history.sessions() as session:
            await session.execute(text("UPDATE live_epoch SET epoch = 'e2'"))
            await session.commit()
        await page.until(lambda: followed.resyncs == ["e2.3"])
        await apart.history.write(stream)
        await page.until(lambda: followed.numbers == [2, 3, 4])


async def test_it_hears_what_changed_while_it_was_away(open_node: Callable[..., Node], history: History, house: House) -> None:
    node = open_node()
    await node.hears()
    async with Follower(node.port, COOKIE, network=house.network) as page:
        await page.until(lambda: "*" in page.signals)
        known = len(page.signals)
        assert page.connection is not None
        page.connection.transport.abort()
        async with history.sessions() as session:
            await signal(session, house.network, "findings")
            await session.commit()
        await page.until(lambda: "findings" in page.signals[known:] or "*" in page.signals[known:])


async def test_it_stops_when_the_sign_in_ends_and_forgets_a_stream_it_may_not_have(node: Node, history: History, house: House) -> None:
    stream, foreign = await history.new(), await history.new(readers=(2,))
    async with Follower(node.port, COOKIE) as page:
        await page.follow(stream)
        assert (await page.follow(foreign)).refused == 4404
        house.devices.discard(1)
        async with history.sessions() as session:
            await access_changed(session, 1)
            await session.commit()
        await page.until(lambda: page.state == "signed out")
    assert page.closes == [(4401, "signed out")]

    async with Follower(node.port, COOKIE) as again:
        await again.until(lambda: again.state == "signed out")
    async with Follower(node.port, COOKIE, origin="https://evil.example") as elsewhere:
        await elsewhere.until(lambda: elsewhere.state == "refused")


async def test_every_kind_of_frame_that_the_page_names_is_understood(node: Node, history: History, house: House) -> None:
    """Numbers of void events count, unknown fields and frames are passed over."""
    stream = await history.new()
    async with Follower(node.port, COOKIE) as page:
        followed = await page.follow(stream)
        await history.write(stream, kind="silent")
        await history.write(stream, 5)
        await page.say(t="ping", ref="x", unknown=random.random())
        await page._take({"t": "of another year", "stream": stream})
        await page.until(lambda: followed.numbers == [2])
    assert followed.voids == 1

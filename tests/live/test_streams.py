"""Within a stream everybody gets the same events in the same order, without gap or double, whatever happens meanwhile."""

import asyncio
import random
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy import text

from portal.live import append, head, reading
from portal.live.bell import NAME
from tests.live.client import Client, numbers
from tests.live.conftest import Apart
from tests.live.history import EPOCH, History
from tests.live.node import House, Node

Connect = Callable[..., Coroutine[Any, Any, Client]]
KILL_BELLS = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = :name AND datname = current_database()"
)


async def test_an_event_reaches_a_subscriber_rendered(connect: Connect, history: History, house: House) -> None:
    stream = await history.new()
    page = await connect()
    house.texts[55] = "Gläd dig, du Göteborg"

    answer = await page.subscribe(stream)
    await history.write(stream, 55, kind="comment.posted")

    assert answer == {"t": "subscribed", "stream": stream, "cursor": f"{EPOCH}.0", "head": 0}
    assert await page.hear(within=3) == {
        "html": "sv: Gläd dig, du Göteborg", "t": "event", "stream": stream, "seq": 1, "kind": "comment.posted", "ref": 55,
    }  # fmt: skip


async def test_everybody_sees_one_order_without_gaps_over_two_processes(
    open_node: Callable[..., Node], node: Node, connect: Connect, history: History
) -> None:
    nodes = [node, open_node()]
    streams = [await history.new(), await history.new()]
    pages = [await connect(nodes[number % 2], device=1 + number % 2, locale="sv" if number % 3 else "en") for number in range(20)]
    for page in pages:
        for stream in streams:
            await page.subscribe(stream)

    async def writer(number: int) -> None:
        chance = random.Random(number)
        for each in range(15):
            await history.write(streams[each % 2], number * 100 + each)
            await asyncio.sleep(chance.uniform(0, 0.01))

    await asyncio.gather(*(writer(number) for number in range(20)))
    heard = await asyncio.gather(*(page.events(300) for page in pages))

    for frames in heard:
        for stream in streams:
            of_stream = [frame for frame in frames if frame["stream"] == stream]
            assert numbers(of_stream) == list(range(1, len(of_stream) + 1))
    assert (
        len({tuple((f["stream"], f["seq"], f["ref"]) for f in sorted(frames, key=lambda f: (f["stream"], f["seq"]))) for frames in heard})
        == 1
    )


async def test_a_rolled_back_event_leaves_no_trace(connect: Connect, history: History) -> None:
    stream = await history.new()
    page = await connect()
    await page.subscribe(stream)

    async with history.sessions() as session:
        assert await append(session, stream, kind="note", ref=7) == 1
        await session.rollback()
    assert await page.hears_nothing(0.3)

    assert await history.write(stream, 8) == 1
    event = await page.hear()
    assert (event["seq"], event["ref"]) == (1, 8)


async def test_an_uncommitted_event_is_not_seen(connect: Connect, history: History) -> None:
    stream = await history.new()
    page = await connect()
    await page.subscribe(stream)

    async with history.sessions() as session:
        await append(session, stream, kind="note", ref=7)
        assert await page.hears_nothing(0.3)
        await session.commit()

    assert (await page.hear())["ref"] == 7


async def test_a_thousand_missed_events_come_before_those_that_happen_meanwhile(connect: Connect, history: History) -> None:
    stream = await history.new()
    await history.write_many(stream, 1000, silently=True)
    page = await connect()

    async def write_on() -> None:
        for ref in range(300):
            await history.write(stream, ref)

    writing = asyncio.create_task(write_on())
    await asyncio.sleep(0.05)
    answer = await page.subscribe(stream, f"{EPOCH}.0")
    heard = await page.events(1300)
    await writing

    assert answer["head"] >= 1000
    assert numbers(heard) == list(range(1, 1301))


async def test_catching_up_over_and_over_while_events_come_never_gaps_or_doubles(connect: Connect, history: History) -> None:
    stream = await history.new()
    rng = random.Random(7)

    async def write_on() -> None:
        for ref in range(300):
            await history.write(stream, ref)

    async def restless() -> list[int]:
        seen: list[int] = []
        while len(seen) < 300:
            page = await connect()
            answer = await page.subscribe(stream, f"{EPOCH}.{seen[-1] if seen else 0}")
            assert answer["t"] == "subscribed"
            wanted = min(300 - len(seen), rng.randint(1, 60))
            seen += numbers(await page.events(wanted))
            page.cut()
        return seen

    _writing, *seen = await asyncio.gather(write_on(), *(restless() for _ in range(8)))
    assert seen == [list(range(1, 301))] * 8


async def test_a_dead_listener_loses_nothing(open_node: Callable[..., Node], connect: Connect, history: History) -> None:
    stream = await history.new()
    page = await connect(open_node(poll=60))
    await page.subscribe(stream)
    killed = 0

    for ref in range(1, 61):
        await history.write(stream, ref)
        if ref % 10 == 0:
            async with history.sessions() as session:
                killed += await session.scalar(KILL_BELLS, {"name": NAME}) or 0

    assert numbers(await page.events(60)) == list(range(1, 61))
    assert killed >= 2


async def test_a_listener_that_comes_back_reads_what_it_did_not_hear(
    open_node: Callable[..., Node], connect: Connect, history: History
) -> None:
    stream, node = await history.new(), open_node(poll=60)
    await node.hears()
    page = await connect(node)
    await page.subscribe(stream)
    await history.write(stream)
    await page.events(1)
    await history.write_many(stream, 3, silently=True)
    assert await page.hears_nothing(0.2)

    async with history.sessions() as session:
        await session.execute(KILL_BELLS, {"name": NAME})

    assert numbers(await page.events(3, within=3)) == [2, 3, 4]


async def test_a_bell_that_rings_while_a_subscription_begins_is_not_missed(
    open_node: Callable[..., Node], connect: Connect, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event is committed after the head was read, and announced before the subscription follows."""
    stream = await history.new()
    page = await connect(open_node(poll=60))
    as_usual, has_read, go_on = reading.heads, threading.Event(), threading.Event()

    async def slow(*given: Any) -> tuple[str, dict[int, int]]:
        found = await as_usual(*given)
        if stream in given[1]:
            has_read.set()
            await asyncio.to_thread(go_on.wait, 5)
        return found

    monkeypatch.setattr(reading, "heads", slow)
    await page.say("subscribe", stream=stream, cursor=None)
    await asyncio.to_thread(has_read.wait, 5)
    await history.write(stream)
    await asyncio.sleep(0.3)
    go_on.set()

    assert (await page.hear())["t"] == "subscribed"
    assert numbers(await page.events(1, within=3)) == [1]


async def test_events_without_a_bell_come_with_the_next_look(open_node: Callable[..., Node], history: History) -> None:
    stream = await history.new()
    page = await Client.connect(open_node(poll=0.5).port)
    await page.subscribe(stream)

    await history.write_many(stream, 120, silently=True)

    assert numbers(await page.events(120, within=3)) == list(range(1, 121))
    page.cut()


async def test_w18_a_poor_cursor_is_answered_with_resync(connect: Connect, history: History) -> None:
    stream = await history.new()
    await history.write_many(stream, 3)
    page = await connect()

    for cursor in ("e0.1", f"{EPOCH}.4", f"{EPOCH}.-1", f"{EPOCH}.", EPOCH, "", "1", f"{EPOCH}.01", f"{EPOCH}.１", f"{EPOCH}.1 ",
                   f"{EPOCH}.99999999999999999999", "x" * 10_000, f"{EPOCH}.1e0", f" {EPOCH}.1"):  # fmt: skip
        assert await page.subscribe(stream, cursor) == {"t": "resync", "stream": stream, "cursor": f"{EPOCH}.3"}, cursor

    await history.write(stream, 9)
    assert numbers(await page.events(1)) == [4]


async def test_the_page_cursor_leads_on_from_the_page(connect: Connect, history: History) -> None:
    stream = await history.new()
    await history.write_many(stream, 3)
    async with history.sessions() as session:
        cursor = await head(session, stream)
    await history.write_many(stream, 2)
    page = await connect()

    answer = await page.subscribe(stream, cursor)

    assert answer == {"t": "subscribed", "stream": stream, "cursor": f"{EPOCH}.3", "head": 5}
    assert numbers(await page.events(2)) == [4, 5]


async def test_subscribing_again_begins_again_and_doubles_nothing(connect: Connect, history: History) -> None:
    stream = await history.new()
    page = await connect()
    await page.subscribe(stream)
    await history.write(stream)
    await page.events(1)

    await page.subscribe(stream, f"{EPOCH}.0")
    assert numbers(await page.events(1)) == [1]
    await history.write(stream)

    assert numbers(await page.events(1)) == [2]
    assert await page.hears_nothing(0.2)


async def test_after_unsubscribing_nothing_comes(connect: Connect, history: History) -> None:
    stream, other = await history.new(), await history.new()
    page = await connect()
    await page.subscribe(stream)
    await page.subscribe(other)
    await history.write(stream)
    await page.events(1)

    await page.say("unsubscribe", stream=stream)
    await page.say("ping")
    await page.hear()
    await history.write(stream)
    await history.write(other)

    assert (await page.hear())["stream"] == other


async def test_each_language_is_rendered_once_for_all_its_readers(connect: Connect, history: History, house: House) -> None:
    stream = await history.new()
    pages = [await connect(locale="sv" if number < 6 else "en") for number in range(9)]
    for page in pages:
        await page.subscribe(stream)

    await history.write(stream, 3)
    heard = [(await page.hear())["html"] for page in pages]

    assert heard == ["sv: 3"] * 6 + ["en: 3"] * 3
    assert sorted(house.renders) == [(1, "en"), (1, "sv")]


async def test_what_happens_in_many_streams_at_once_is_one_question_to_the_database(
    open_node: Callable[..., Node], connect: Connect, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one commit; what is rung for is gathered until the process comes to read, which may be twice or three times, and not thirty."""
    node = open_node(poll=3600)
    page, streams = await connect(node), [await history.new() for _ in range(30)]
    for stream in streams:
        await page.subscribe(stream)
    await node.hears()
    as_usual, asked = reading.newer, []

    async def newer(session: Any, cursors: Any, most: int) -> Any:
        asked.append(len(cursors))
        return await as_usual(session, cursors, most)

    monkeypatch.setattr(reading, "newer", newer)
    async with history.sessions() as session:
        for stream in streams:
            await append(session, stream, kind="note", ref=stream)
        await session.commit()

    heard = [await page.hear() for _ in streams]
    assert sorted((each["stream"], each["seq"]) for each in heard) == [(stream, 1) for stream in sorted(streams)]
    assert len(asked) < 10


async def test_catching_up_shows_what_is_there_now(connect: Connect, history: History, house: House) -> None:
    stream = await history.new()
    house.texts[5] = "olämpligt"
    first = await connect()
    await first.subscribe(stream)
    await history.write(stream, 5)
    assert "olämpligt" in (await first.hear())["html"]

    house.texts[5] = "dold"
    await history.write(stream, 5, kind="comment.hidden")
    later = await connect()
    await later.subscribe(stream, f"{EPOCH}.0")

    assert [event["html"] for event in await later.events(2)] == ["sv: dold", "sv: dold"]


async def test_an_event_that_shows_nothing_still_has_its_number(connect: Connect, history: History) -> None:
    stream = await history.new()
    page = await connect()
    await page.subscribe(stream)
    await history.write(stream, kind="silent")
    await history.write(stream, 2)

    assert await page.hear() == {"t": "event", "stream": stream, "seq": 1, "void": True}
    assert (await page.hear())["seq"] == 2


async def test_an_event_that_cannot_be_rendered_holds_nobody_up(connect: Connect, history: History, house: House) -> None:
    stream, other = await history.new(), await history.new()
    house.unspeakable = {2}
    page = await connect()
    await page.subscribe(stream)
    await page.subscribe(other)

    await history.write_many(stream, 3)
    await history.write(other, 9)
    heard = [await page.hear() for _ in range(4)]

    assert [frame["seq"] for frame in heard if frame["stream"] == stream and frame["t"] == "event"] == [1, 3]
    assert {"t": "resync", "stream": stream, "cursor": f"{EPOCH}.2"} in heard
    assert [frame["ref"] for frame in heard if frame["stream"] == other] == [9]


@pytest.mark.parametrize(
    ("restored", "cursor"), [("UPDATE live_epoch SET epoch = 'e2'", "e2.5"), ("UPDATE live_stream SET last_seq = 2", f"{EPOCH}.2")]
)
async def test_a_restored_database_sends_everybody_back_to_a_resync(
    open_node: Callable[..., Node], apart: Apart, restored: str, cursor: str
) -> None:
    """Under the running portal, by its own command (a new epoch) or by somebody else's (numbers that go back)."""
    stream = await apart.history.new()
    await apart.history.write_many(stream, 5)
    node = open_node(apart.url, poll=0.3)
    page = await Client.connect(node.port)
    await page.subscribe(stream, f"{EPOCH}.5")

    async with apart.history.sessions() as session:
        await session.execute(text(restored))
        await session.commit()

    assert await page.closed() == (1012, "retry 1")
    again = await Client.connect(node.port)
    assert await again.subscribe(stream, f"{EPOCH}.5") == {"t": "resync", "stream": stream, "cursor": cursor}
    again.cut()

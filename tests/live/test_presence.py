"""Who is here and who writes: seen by those who take part, in all processes, and gone as soon as it may not be seen."""

import asyncio
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import text

from portal.live import access_changed, presence
from tests.live.client import Client
from tests.live.conftest import Apart
from tests.live.history import History
from tests.live.node import House, Node

Connect = Callable[..., Coroutine[Any, Any, Client]]
COUNT = text("SELECT count(*) FROM live_event")


async def take_part(page: Client, stream: int) -> Client:
    await page.say("subscribe", stream=stream, cursor=None, presence=True)
    assert (await page.hear())["t"] == "subscribed"
    return page


async def sees(page: Client, people: set[int], writing: set[int] = frozenset(), within: float = 20.0) -> dict[str, Any]:  # type: ignore[assignment]
    """Waits for a frame that says so; others are passed over."""
    async with asyncio.timeout(within):
        while True:
            frame = await page.hear()
            if frame["t"] == "presence" and {each["id"] for each in frame["here"]} == people and set(frame["writing"]) == set(writing):
                return frame


async def announce(history: History, person: int) -> float:
    async with history.sessions() as session:
        await access_changed(session, person)
        await session.commit()
    return monotonic()


async def test_those_who_take_part_see_each_other_by_name_and_nobody_else_does(connect: Connect, history: History) -> None:
    stream = await history.new(readers=(1, 2))
    quiet = await connect()
    await quiet.subscribe(stream)
    first = await take_part(await connect(), stream)
    await sees(first, {1})
    second = await take_part(await connect(person=2, device=2), stream)

    for page in (first, second):
        frame = await sees(page, {1, 2})
        assert frame == {
            "t": "presence", "stream": stream, "more": 0, "writing": [], "here": [{"id": 1, "name": "Person 1"}, {"id": 2, "name": "Person 2"}],
        }  # fmt: skip
    assert await quiet.hears_nothing(0.5)

    await second.connection.close()
    await sees(first, {1})


async def test_who_may_learn_no_names_is_told_how_many_are_here_and_that_somebody_writes(
    connect: Connect, house: House, history: History
) -> None:
    stream = await history.new(readers=(1, 2))
    house.strangers = {2}
    stranger = await take_part(await connect(person=2, device=2), stream)
    await sees(stranger, {2})
    first = await take_part(await connect(), stream)
    await sees(first, {1, 2})
    assert (await sees(stranger, {2}))["more"] == 1
    await first.say("writing", stream=stream, on=True)
    await sees(first, {1, 2}, {1})
    assert await sees(stranger, {2}, {0}) == {
        "t": "presence",
        "stream": stream,
        "more": 1,
        "writing": [0],
        "here": [{"id": 2, "name": "Person 2"}],
    }
    await stranger.say("writing", stream=stream, on=True)
    await sees(first, {1, 2}, {1, 2})


async def test_names_go_at_once_from_who_may_learn_them_no_longer(connect: Connect, house: House, history: History) -> None:
    stream = await history.new(readers=(1, 2))
    await take_part(await connect(), stream)
    second = await take_part(await connect(person=2, device=2), stream)
    await sees(second, {1, 2})
    house.strangers = {2}
    await announce(history, 2)
    assert (await sees(second, {2}))["more"] == 1


async def test_two_pages_of_one_person_are_one(connect: Connect, history: History) -> None:
    stream = await history.new(readers=(1, 2))
    seeing = await take_part(await connect(person=2, device=2), stream)
    pages = [await take_part(await connect(), stream) for _ in range(2)]
    await sees(seeing, {1, 2})
    await pages[0].connection.close()
    assert await seeing.hears_nothing(1.5)
    await pages[1].connection.close()
    await sees(seeing, {2})


async def test_processes_see_each_others_people(open_node: Callable[..., Node], node: Node, connect: Connect, history: History) -> None:
    stream = await history.new(readers=(1, 2))
    other = open_node()
    here = await take_part(await connect(), stream)
    await sees(here, {1})
    there = await take_part(await connect(other, person=2, device=2), stream)
    for page in (here, there):
        await sees(page, {1, 2})

    await there.say("writing", stream=stream)
    await sees(here, {1, 2}, {2})
    there.cut()
    await sees(here, {1})


async def test_writing_is_seen_and_ends_by_itself_or_with_a_word(
    connect: Connect, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "WRITING_LASTS", 2.0)
    stream = await history.new(readers=(1, 2))
    writer = await take_part(await connect(), stream)
    seeing = await take_part(await connect(person=2, device=2), stream)

    await writer.say("writing", stream=stream)
    await sees(seeing, {1, 2}, {1})
    await sees(seeing, {1, 2})

    await writer.say("writing", stream=stream)
    await sees(seeing, {1, 2}, {1})
    await writer.say("writing", stream=stream, on=False)
    await sees(seeing, {1, 2})


async def test_who_may_not_write_is_not_seen_writing(connect: Connect, history: History, house: House) -> None:
    """Also when the right is lost between one frame and the next."""
    stream = await history.new(readers=(1, 2))
    page, seeing = await take_part(await connect(), stream), await take_part(await connect(person=2, device=2), stream)
    await page.say("writing", stream=stream)
    await sees(seeing, {1, 2}, {1})

    house.silent.add(1)
    await announce(history, 1)
    await asyncio.sleep(0.2)
    await page.say("writing", stream=stream, ref="w")
    async with asyncio.timeout(20):
        while (frame := await page.hear())["t"] != "error":
            pass
    assert frame == {"t": "error", "code": 4403, "reason": "may_not_write", "ref": "w"}
    await sees(seeing, {1, 2})


async def test_writing_needs_a_part(connect: Connect, history: History) -> None:
    stream, foreign = await history.new(), await history.new(readers=(2,))
    page = await connect()
    await page.subscribe(stream)
    for each in (stream, foreign, 10**9):
        await page.say("writing", stream=each, ref=each)
        assert await page.hear() == {"t": "error", "code": 4404, "reason": "not_present", "ref": each}
    await page.say("subscribe", stream=foreign, cursor=None, presence=True)
    assert (await page.hear())["code"] == 4404
    await page.say("writing", stream=stream, on="yes")
    assert (await page.hear())["reason"] == "bad_on"
    await page.say("subscribe", stream=stream, cursor=None, presence=1)
    assert (await page.hear())["reason"] == "bad_presence"


@pytest.mark.parametrize("way", ["access", "sign-in"])
async def test_who_may_not_be_here_any_more_is_gone_within_a_second_in_every_process(
    way: str, open_node: Callable[..., Node], connect: Connect, history: History, house: House
) -> None:
    stream = await history.new(readers=(1, 2))
    leaving = await take_part(await connect(), stream)
    seeing = [
        await take_part(await connect(person=2, device=2), stream),
        await take_part(await connect(open_node(), person=2, device=2), stream),
    ]
    for page in seeing:
        await sees(page, {1, 2})
    if way == "access":
        house.readable[1].discard(stream)
    else:
        house.devices.discard(1)

    at = await announce(history, 1)
    for page in seeing:
        await sees(page, {2}, within=1)
    assert monotonic() - at < 1
    assert (await leaving.closed())[0] == {"access": 4403, "sign-in": 4401}[way]


async def test_many_who_come_at_once_make_few_frames(connect: Connect, history: History) -> None:
    readers = tuple(range(1, 61))
    stream = await history.new(readers=readers)
    first = await take_part(await connect(), stream)
    for person in readers[1:]:
        await take_part(await connect(person=person), stream)
    frames = []
    async with asyncio.timeout(20):
        while not frames or len(frames[-1]["here"]) + frames[-1]["more"] < 60:
            frames.append(await first.hear())

    assert {frame["t"] for frame in frames} == {"presence"}
    assert len(frames) < 15
    assert (len(frames[-1]["here"]), frames[-1]["more"]) == (50, 10)


async def test_a_process_that_dies_is_forgotten_and_one_that_was_deaf_asks(
    open_node: Callable[..., Node], connect: Connect, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "REPEATED", 0.3)
    monkeypatch.setattr(presence, "FORGOTTEN", 1.0)
    stream = await history.new(readers=(1, 2))
    node, other = open_node(), open_node()
    here = await take_part(await connect(node), stream)
    there = await take_part(await connect(other, person=2, device=2), stream)
    await sees(here, {1, 2})
    assert there.connection.close_code is None

    async def mute(*_given: Any) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(other.hub._presence, "_say", mute)
    await sees(here, {1})
    monkeypatch.undo()
    other.loop.call_soon_threadsafe(other.hub._presence.ask_all)
    await sees(here, {1, 2})


async def test_strange_words_about_presence_hurt_nobody(connect: Connect, history: History, node: Node) -> None:
    stream = await history.new()
    page = await take_part(await connect(), stream)
    await sees(page, {1})
    for said in ("", "{}", "[]", "null", '{"by":"x","here":7}', '{"by":"x","here":{"a":"b"},"writing":[],"more":0}', "x" * 5000):
        async with history.sessions() as session:
            await session.execute(text("SELECT pg_notify('portal_live', :said)"), {"said": f"p:{stream}:{said}"})
            await session.commit()
    assert await page.hears_nothing(0.5)
    await page.say("ping")
    assert (await page.hear())["t"] == "pong"


async def test_nothing_of_it_is_written_down(open_node: Callable[..., Node], apart: Apart) -> None:
    stream = await apart.history.new()
    page = await take_part(await Client.connect(open_node(apart.url).port), stream)
    await page.say("writing", stream=stream)
    await sees(page, {1}, {1})
    async with apart.history.sessions() as session:
        assert await session.scalar(COUNT) == 0
    page.cut()


@pytest.mark.parametrize("steps", range(5))
async def test_it_ends_also_when_its_bell_rings_in_that_moment(steps: int, history: History) -> None:
    work = presence.Presence(history.sessions, met=lambda _stream: None, lost=lambda _stream, _name: None)
    running = asyncio.create_task(work.run())
    await asyncio.sleep(0.01)
    work.ask_all()
    for _step in range(steps):
        await asyncio.sleep(0)
    running.cancel()
    ended, _ = await asyncio.wait({running}, timeout=2)
    assert ended == {running}

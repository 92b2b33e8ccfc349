"""Where each writes is seen in all processes, under her name, and gone when she is."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy import text

from portal.live import cursors, presence
from tests.live.client import Client
from tests.live.history import History
from tests.live.node import Node

Connect = Callable[..., Coroutine[Any, Any, Client]]


def at(clock: int) -> dict[str, Any]:
    return {"type": {"client": 1, "clock": clock}, "assoc": 0}


async def take_part(page: Client, stream: int) -> Client:
    await page.say("subscribe", stream=stream, cursor=None, presence=True)
    async with asyncio.timeout(8):
        while (await page.hear())["t"] != "subscribed":  # a cursor may be told before
            pass
    return page


async def point(page: Client, stream: int, client: int, anchor: dict[str, Any] | None) -> None:
    await page.say("cursor", stream=stream, client=client, anchor=anchor, head=anchor)


async def sees(page: Client, client: int, anchor: dict[str, Any] | None) -> dict[str, Any]:
    """Waits until the cursor is told to be there; what comes before is passed over."""
    async with asyncio.timeout(8):
        while True:
            frame = await page.hear(within=8)
            for each in frame.get("cursors", ()):
                if each["client"] == client and each["anchor"] == anchor:
                    return each


async def test_processes_see_each_others_cursors_and_who_comes_later_sees_them_too(
    open_node: Callable[..., Node], node: Node, connect: Connect, history: History
) -> None:
    stream = await history.new(readers=(1, 2))
    other = open_node()
    here = await take_part(await connect(), stream)
    await point(here, stream, 11, at(1))  # before anybody is elsewhere
    there = await take_part(await connect(other, person=2, device=2), stream)
    assert await sees(there, 11, at(1)) == {"client": 11, "id": 1, "name": "Person 1", "anchor": at(1), "head": at(1)}
    await point(there, stream, 22, at(2))
    assert (await sees(here, 22, at(2)))["name"] == "Person 2"
    await point(here, stream, 11, at(3))
    await sees(there, 11, at(3))
    late = await take_part(await connect(other), stream)
    await sees(late, 11, at(3))
    there.cut()
    gone = await sees(here, 22, None)
    assert "name" not in gone


async def test_a_client_of_somebody_in_another_process_is_not_ones_own(
    open_node: Callable[..., Node], node: Node, connect: Connect, history: History
) -> None:
    stream = await history.new(readers=(1, 2))
    here = await take_part(await connect(), stream)
    there = await take_part(await connect(open_node(), person=2, device=2), stream)
    await point(here, stream, 11, at(1))
    await sees(there, 11, at(1))
    await there.say("cursor", stream=stream, client=11, anchor=at(2), head=at(2), ref=5)
    async with asyncio.timeout(8):
        while (frame := await there.hear()).get("reason") != "not_yours":
            pass
    assert frame["ref"] == 5


async def test_a_page_that_comes_back_at_another_process_keeps_its_cursor(
    open_node: Callable[..., Node], node: Node, connect: Connect, history: History
) -> None:
    stream = await history.new(readers=(1, 2))
    other = open_node()
    first = await take_part(await connect(), stream)
    watching = await take_part(await connect(other, person=2, device=2), stream)
    await point(first, stream, 11, at(1))
    await sees(watching, 11, at(1))
    again = await take_part(await connect(other), stream)
    await point(again, stream, 11, at(2))
    await sees(watching, 11, at(2))
    first.cut()  # the line that she had before
    await point(again, stream, 11, at(3))
    await sees(watching, 11, at(3))
    late = await take_part(await connect(other, person=2, device=2), stream)
    await sees(late, 11, at(3))


async def test_the_cursors_of_a_process_that_dies_go_with_it(
    open_node: Callable[..., Node], connect: Connect, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "REPEATED", 0.3)
    monkeypatch.setattr(presence, "FORGOTTEN", 1.0)
    stream = await history.new(readers=(1, 2))
    node, other = open_node(), open_node()
    here = await take_part(await connect(node), stream)
    there = await take_part(await connect(other, person=2, device=2), stream)
    await point(there, stream, 22, at(1))
    await sees(here, 22, at(1))

    async def mute(*_given: Any) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(other.hub._presence, "_say", mute)
    await sees(here, 22, None)


async def test_a_cursor_of_a_process_that_never_says_whom_it_has_goes_as_well(
    connect: Connect, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "REPEATED", 0.5)
    monkeypatch.setattr(presence, "FORGOTTEN", 1.0)
    stream = await history.new()
    page = await take_part(await connect(), stream)
    said = json.dumps(
        {"by": "dead", "whole": False, "cursors": [{"client": 22, "id": 2, "name": "Person 2", "anchor": at(2), "head": at(2)}]}
    )
    async with history.sessions() as session:
        await session.execute(text("SELECT pg_notify('portal_live', :said)"), {"said": f"c:{stream}:{said}"})
        await session.commit()
    await sees(page, 22, at(2))
    await sees(page, 22, None)


async def test_more_than_a_notification_holds_is_told_in_several(history: History) -> None:
    told = cursors.Cursors(None, presence.Presence(history.sessions, met=print, lost=print), history.sessions)  # type: ignore[arg-type]
    moved = {client: {"client": client, "id": 1, "name": "å" * 32, "anchor": {"x": "y" * 390}, "head": None} for client in range(60)}
    payloads = list(told._payloads(7, moved, False))
    assert len(payloads) > 1
    assert max(len(each.encode()) for each in payloads) < 8000
    assert sum(each.count('"client":') for each in payloads) == 60


async def test_strange_words_about_cursors_hurt_nobody(connect: Connect, history: History, node: Node) -> None:
    stream = await history.new()
    page = await take_part(await connect(), stream)
    for said in (
        "",
        "{}",
        "[]",
        "null",
        '{"by":"x","whole":true,"cursors":7}',
        '{"by":"x","whole":false,"cursors":[{"client":"a"}]}',
        "x" * 5000,
    ):
        async with history.sessions() as session:
            await session.execute(text("SELECT pg_notify('portal_live', :said)"), {"said": f"c:{stream}:{said}"})
            await session.commit()
    await page.say("ping")
    async with asyncio.timeout(8):
        while (frame := await page.hear())["t"] != "pong":
            assert frame["t"] != "cursors"

"""Signals: a word to every open page of the network, once a second at most, and none is missed for good."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import text

from portal.live import signal
from portal.live.bell import NAME
from tests.live.client import Client
from tests.live.history import History
from tests.live.node import House
from tests.live.test_streams import KILL_BELLS

Connect = Callable[..., Coroutine[Any, Any, Client]]


@pytest.fixture(autouse=True)
def _exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.live.signals.MARGIN", 0.0)


async def change(history: History, what: str, network: int | None = None) -> None:
    async with history.sessions() as session:
        await signal(session, network or history.house.network, what)
        await session.commit()


async def hello(page: Client, network: int, age: float | None = 0) -> None:
    await page.say("hello", network=network, age=age)
    assert await page.hear() == {"t": "welcome", "network": network}


def heard(what: str, network: int) -> dict[str, object]:
    return {"t": "signal", "network": network, "what": what}


async def test_a_signal_reaches_the_networks_pages_and_no_other(connect: Connect, history: History, house: House) -> None:
    house.networks = {1: {house.network}, 2: {10**6}}
    ours, theirs = await connect(), await connect(person=2)
    await hello(ours, house.network)
    await hello(theirs, 10**6)

    await change(history, "findings")
    assert await ours.hear() == heard("findings", house.network)
    await change(history, "findings", 10**6)

    assert await theirs.hear() == heard("findings", 10**6)


async def test_a_rolled_back_signal_is_none(connect: Connect, history: History, house: House) -> None:
    page = await connect()
    await hello(page, house.network)
    async with history.sessions() as session:
        await signal(session, house.network, "findings")
        await session.rollback()
    await change(history, "meetings")

    assert await page.hear() == heard("meetings", house.network)


async def test_another_network_answers_as_if_it_were_not(connect: Connect, house: House) -> None:
    page = await connect()
    await page.say("hello", network=99, ref=5)
    assert await page.hear() == {"t": "error", "code": 4404, "reason": "not_readable", "ref": 5, "network": 99}


async def test_many_changes_are_one_signal_a_second_and_the_last_is_told(connect: Connect, history: History, house: House) -> None:
    page = await connect()
    await hello(page, house.network)
    began = monotonic()
    at: list[float] = []

    async def listen() -> None:
        while True:
            assert await page.hear(10) == heard("findings", house.network)
            at.append(monotonic() - began)

    listening = asyncio.create_task(listen())
    for _ in range(50):
        await change(history, "findings")
        await asyncio.sleep(0.02)
    last_change = monotonic() - began
    await asyncio.sleep(1.6)
    listening.cancel()

    assert 2 <= len(at) <= 1 + last_change + 1
    assert all(later - earlier > 0.9 for earlier, later in pairwise(at))
    assert at[-1] >= last_change - 0.1


async def test_subjects_do_not_hold_each_other_back(connect: Connect, history: History, house: House) -> None:
    page = await connect()
    await hello(page, house.network)
    for what in ("findings", "meetings", "text-7"):
        await change(history, what)
    assert [await page.hear(0.5) for _ in range(3)] == [
        heard("findings", house.network),
        heard("meetings", house.network),
        heard("text-7", house.network),
    ]


async def test_what_changed_since_the_page_was_made_is_told_when_it_comes(connect: Connect, history: History, house: House) -> None:
    first = await connect()
    await hello(first, house.network)
    await asyncio.sleep(0.5)
    await change(history, "findings")
    await first.hear()

    late, fresh = await connect(), await connect()
    await hello(late, house.network, age=0.3)

    assert await late.hear() == heard("findings", house.network)
    await hello(fresh, house.network)
    assert await fresh.hears_nothing(0.2)


async def test_a_page_of_unknown_or_great_age_looks_at_everything(connect: Connect, house: House) -> None:
    for age in (None, 3600.0):
        page = await connect()
        await hello(page, house.network, age=age)
        assert await page.hear() == heard("*", house.network)


async def test_when_the_listener_was_lost_everybody_looks_at_everything(connect: Connect, history: History, house: House) -> None:
    page = await connect()
    await hello(page, house.network)
    assert await page.hears_nothing(0.2)
    async with history.sessions() as session:
        assert await session.scalar(KILL_BELLS, {"name": NAME}) == 1

    assert await page.hear() == heard("*", house.network)


async def test_payloads_that_nobody_understands_are_passed_over(connect: Connect, history: History, house: House) -> None:
    page = await connect()
    await hello(page, house.network)
    async with history.sessions() as session:
        for payload in ("", "x", "e:", "e:one", f"s:{house.network}", "a:", "z:1", "e:99999999999999999999999"):
            await session.execute(text("SELECT pg_notify('portal_live', :payload)"), {"payload": payload})
        await session.commit()
    assert await page.hear() == heard("", house.network)
    await change(history, "findings")
    assert await page.hear() == heard("findings", house.network)

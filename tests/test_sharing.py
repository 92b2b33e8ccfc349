"""Readings that are shared: one for all who wait, begun after the last of them came."""

import asyncio

import pytest

from portal.sharing import Readings


class Source:
    """What is read: it takes until `answer`, and gives what the source said when the reading began."""

    def __init__(self) -> None:
        self.says = "first"
        self.readings: list[asyncio.Future[None]] = []

    async def read(self) -> str:
        said = self.says
        self.readings.append(asyncio.get_running_loop().create_future())
        await self.readings[-1]
        return said

    async def begun(self, number: int) -> None:
        async with asyncio.timeout(5):
            while len(self.readings) < number:
                await asyncio.sleep(0)


async def settled() -> None:
    """Everybody who can has gone as far as she can."""
    for _ in range(10):
        await asyncio.sleep(0)


def asked(readings: Readings, source: Source, count: int, key: object = "thread") -> list[asyncio.Task[str]]:
    return [asyncio.create_task(readings.shared(key, source.read)) for _ in range(count)]


async def test_who_comes_while_somebody_reads_gets_what_was_read_after_she_came():
    readings, source = Readings(), Source()
    early = asked(readings, source, 1)
    await source.begun(1)
    source.says = "second"
    late = asked(readings, source, 4)
    await settled()
    assert len(source.readings) == 1
    source.readings[0].set_result(None)
    await source.begun(2)
    source.says = "third"
    later = asked(readings, source, 2)
    await settled()
    source.readings[1].set_result(None)
    await source.begun(3)
    source.readings[2].set_result(None)
    assert await asyncio.gather(*early, *late, *later) == ["first"] + ["second"] * 4 + ["third"] * 2
    assert len(source.readings) == 3
    assert not readings._lanes


async def test_others_do_not_wait_for_a_different_key():
    readings, source = Readings(), Source()
    tasks = asked(readings, source, 1, "one") + asked(readings, source, 1, "other")
    await source.begun(2)
    for each in source.readings:
        each.set_result(None)
    assert await asyncio.gather(*tasks) == ["first", "first"]


@pytest.mark.parametrize("begins", [True, False], ids=["while she reads", "while she waits"])
async def test_who_goes_away_takes_nobody_along(begins: bool):
    readings, source = Readings(), Source()
    [early] = asked(readings, source, 1)
    await source.begun(1)
    leader, *others = asked(readings, source, 3)
    await settled()
    if begins:
        source.readings[0].set_result(None)
        await source.begun(2)
    leader.cancel()
    await settled()
    for each in source.readings:
        if not each.done():
            each.set_result(None)
    await settled()
    for each in source.readings:
        if not each.done():
            each.set_result(None)
    assert await asyncio.gather(early, *others) == ["first"] * 3
    assert leader.cancelled()
    assert not readings._lanes


async def test_a_follower_who_goes_away_leaves_the_reading_to_the_others():
    readings, source = Readings(), Source()
    [early] = asked(readings, source, 1)
    await source.begun(1)
    leader, follower, other = asked(readings, source, 3)
    await settled()
    follower.cancel()
    source.readings[0].set_result(None)
    await source.begun(2)
    source.readings[1].set_result(None)
    assert await asyncio.gather(early, leader, other) == ["first"] * 3
    assert len(source.readings) == 2


async def test_a_reading_that_fails_fails_for_who_read_and_the_others_read_themselves():
    readings, source = Readings(), Source()
    [early] = asked(readings, source, 1)
    await source.begun(1)
    leader, other = asked(readings, source, 2)
    await settled()
    source.readings[0].set_result(None)
    await source.begun(2)
    source.readings[1].set_exception(OSError("the database is away"))
    await source.begun(3)
    source.readings[2].set_result(None)
    assert await early == "first"
    with pytest.raises(OSError, match="away"):
        await leader
    assert await other == "first"

"""The database is killed, its connections are lost, a row of it is locked: nothing acknowledged is lost, and nothing is left open (P01,
P02, P08, P10)."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from portal import db
from portal.comments import actions
from portal.ground import keeper
from tests.ground.conftest import temporary_folder
from tests.promises import mutants
from tests.promises.conftest import Theatre, furnish_database, raised
from tests.promises.durable import Durable
from tests.promises.faults import ANSWERED, ARRIVED, COMMITTED, WRITTEN, Cut, Faults
from tests.promises.mortal import Nursery
from tests.promises.reader import all_have
from tests.promises.stage import Stage, signed_in, token_of_forms
from tests.promises.test_comments import half_done
from tests.promises.test_readers import all_subscribed
from tests.schema import build_schema

SEED = 20260501
PATIENCE = 30.0
SOON = 2.0
# What is not on disk when it is acknowledged comes there soon with what others write, unless these do not either.
NOTHING_ELSE_WRITES = (
    'ALTER DATABASE "{database}" SET synchronous_commit = off',
    "ALTER SYSTEM SET wal_writer_delay = '10s'",
    "SELECT pg_reload_conf()",
)
HOLD = text("SELECT 1 FROM live_stream WHERE id = :stream FOR UPDATE")


@pytest.fixture(scope="module")
def durable() -> Iterator[Durable]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeper, "EVERY", 0.05)
        with Durable(temporary_folder()) as server:
            yield server


@pytest.fixture(scope="module")
def kept(durable: Durable) -> tuple[str, Stage]:
    url = durable.create_database("promises")
    asyncio.run(build_schema(url))
    return "promises", asyncio.run(furnish_database(url))


@pytest.fixture
async def house(durable: Durable, kept: tuple[str, Stage], nursery: Nursery, tmp_path: Path) -> AsyncIterator[Theatre]:
    async with raised(durable, kept, nursery, tmp_path) as theatre:
        yield theatre


async def kill(house: Theatre, durable: Durable, monkeypatch: pytest.MonkeyPatch, points: list[str]) -> None:
    """The database is killed each time that a comment comes to the next point, under writers and readers of two portals."""
    kills = 0

    def strike(_transport: object) -> bool:
        nonlocal kills
        durable.kill()
        kills += 1
        return False

    chance, faults = random.Random(SEED), Faults(ARRIVED, times=0, strike=strike)
    faults.inside(monkeypatch)
    ports = [house.portal(faults.around).port, house.portal(faults.around).port]
    readers = [house.reader(*ports) for _ in range(6)]
    await all_subscribed(readers)

    async def kill_on() -> None:
        for number, point in enumerate(points, 1):
            faults.set(point, after=chance.randrange(3, 12))
            while kills < number:
                await asyncio.sleep(0.01)
            await durable.awake()

    killing = asyncio.create_task(kill_on())
    await asyncio.gather(*(write_until(killing, house, number, ports) for number in range(3)))
    await killing
    await house.engine.dispose()
    await all_have(readers, await house.heads(), within=PATIENCE)


async def write_until(end: "asyncio.Task[None]", house: Theatre, number: int, ports: list[int]) -> None:
    writer, turn = house.writer(number, *ports), 0
    while not end.done():
        await writer.post(house.stage.records[turn % 5], f"{number} skriver {turn}")
        turn += 1


async def test_five_kills_of_the_database_lose_and_double_nothing(
    house: Theatre, durable: Durable, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kill(house, durable, monkeypatch, [ARRIVED, WRITTEN, COMMITTED, ANSWERED, WRITTEN])
    assert (await house.verdict()).broken == {}
    assert await half_done(house) == (0, 0)
    assert await house.is_at_rest(within=PATIENCE)
    assert len(house.history.acknowledged) > 15
    assert durable.complaints(house.engine.url.database or "") == ""


async def test_an_acknowledgement_that_is_not_on_disk_is_found_out(
    house: Theatre, durable: Durable, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutants.acknowledge_before_it_is_on_disk(monkeypatch)
    for each in NOTHING_ELSE_WRITES:
        await durable.aexecute(each.format(database=house.engine.url.database))
    await kill(house, durable, monkeypatch, [ANSWERED, ANSWERED])
    assert "lost" in (await house.verdict()).broken


async def test_a_failure_whose_connection_is_gone_is_told_all_the_same(
    house: Theatre, durable: Durable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed is rolled back, and that fails too: nothing is left to roll back, and the page says what was typed."""

    as_usual = actions.post

    async def fail(*given: Any, **named: Any) -> None:
        await as_usual(*given, **named)
        durable.kill()
        await asyncio.sleep(0.2)  # in which the connection's end is noticed
        raise Cut

    monkeypatch.setattr(actions, "post", fail)
    sid, origin = house.stage.tokens[1], house.portal().origin
    form = {"csrf": token_of_forms(sid), "key": str(uuid4()), "body": "Det jag skrev"}
    async with signed_in(sid) as client:
        answer = await client.post(f"{origin}/granby/records/{house.stage.records[0]}/comments", data=form)
    assert (answer.status_code, form["body"] in answer.text) == (500, True)
    await durable.awake()
    await house.engine.dispose()


async def beside_a_lock(theatre: Theatre) -> list[int | None]:
    """How a comment is answered whose thread somebody holds, one in another thread, and the first when it is sent twice again."""
    origin, sid, (held, free, *_) = theatre.portal().origin, theatre.stage.tokens[1], theatre.stage.records
    forms = {record: {"csrf": token_of_forms(sid), "key": str(uuid4()), "body": f"Skrivet i {record}"} for record in (held, free)}

    async def send(record: int) -> int | None:
        try:
            answer = await client.post(f"{origin}/granby/records/{record}/comments", data=forms[record])
        except httpx.ReadTimeout:
            return None
        if answer.status_code == 503:
            assert (answer.headers["retry-after"], forms[record]["body"] in answer.text) == ("5", True)
        return answer.status_code

    async with signed_in(sid, timeout=SOON) as client, theatre.sessions() as holder:
        await holder.execute(HOLD, {"stream": theatre.stage.streams[0]})
        first = [await send(held), await send(free)]
        await holder.rollback()
        return first + [await send(held) for _ in range(2)]


async def test_nobody_waits_without_end_for_what_somebody_holds(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "LONGEST_LOCK", 300)
    assert await beside_a_lock(theatre) == [503, 303, 303, 303]
    assert await theatre.is_at_rest(within=PATIENCE)
    async with theatre.sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM comment")) == 2


async def test_waiting_without_end_is_found_out(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.wait_for_locks_without_end(monkeypatch)
    assert (await beside_a_lock(theatre))[0] is None


async def refused(theatre: Theatre) -> None:
    """Pages that fail in the middle of their transaction."""
    portal = theatre.portal()
    async with signed_in(theatre.stage.tokens[1]) as client:
        for _ in range(5):
            assert (await client.get(f"{portal.origin}/granby/findings/{10**9}")).status_code == 404


async def test_what_fails_gives_its_connection_back(theatre: Theatre) -> None:
    await refused(theatre)
    assert await theatre.is_at_rest(within=PATIENCE)


async def test_a_connection_that_is_kept_is_found_out(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.keep_what_was_lent(monkeypatch)
    await refused(theatre)
    assert not await theatre.is_at_rest(within=1)

"""What the session lends to those who only read, and when it takes it back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from portal.db import Session, sessions_for
from portal.networks.models import Theme
from portal.outages import is_outage
from portal.reading import rows

BACKEND = "SELECT pg_backend_pid() AS pid"


@pytest.fixture
def engine(engines: Any) -> Any:
    return engines(1)


@pytest.fixture
async def alone(engine: Any) -> AsyncIterator[Session]:
    """A session on a pool of few connections."""
    async with sessions_for(engine)() as session:
        yield session


async def backend(session: Session) -> int:
    return int((await rows(session, BACKEND))[0]["pid"])


async def test_whoever_only_reads_begins_no_transaction_and_holds_one_connection(engine: Any) -> None:
    async with sessions_for(engine)() as session:
        assert await backend(session) == await backend(session)
        assert (session.has_begun, engine.pool.checkedout()) == (False, 1)
    assert engine.pool.checkedout() == 0


async def test_a_transaction_takes_the_place_of_what_was_lent(alone: Session, engine: Any) -> None:
    await backend(alone)
    pid = await alone.scalar(text("SELECT pg_backend_pid()"))
    assert engine.pool.checkedout() == 1
    assert await backend(alone) == pid
    assert (alone.has_begun, engine.pool.checkedout()) == (True, 1)


async def test_what_is_added_is_seen_once_it_is_flushed(alone: Session, engine: Any) -> None:
    await rows(alone, "SELECT 1")
    await alone.execute(text("SET LOCAL session_replication_role = replica"))
    alone.add(Theme(network_id=1, name="Vatten", position=0))
    await alone.flush()
    assert [each["name"] for each in await rows(alone, "SELECT name FROM theme")] == ["Vatten"]
    await alone.rollback()
    assert await rows(alone, "SELECT name FROM theme") == []


async def test_more_who_read_than_there_are_connections_take_turns(engine: Any) -> None:
    async def read() -> int:
        async with sessions_for(engine)() as session:
            return await backend(session)

    assert len(set(await asyncio.gather(*(read() for _ in range(8))))) == 1
    assert (engine.pool.checkedout(), engine.pool.checkedin(), engine.pool.overflow()) == (0, 1, 0)


async def test_who_stops_waiting_for_an_answer_spoils_it_for_nobody(engine: Any) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1), sessions_for(engine)() as session:
            await rows(session, "SELECT pg_sleep(60)")
    async with asyncio.timeout(20), sessions_for(engine)() as session:
        assert await backend(session) > 0
    assert engine.pool.checkedout() == 0


async def test_it_goes_back_when_reading_fails(engine: Any) -> None:
    async def read() -> None:
        async with sessions_for(engine)() as session:
            await backend(session)
            raise ValueError("mitt i")

    with pytest.raises(ValueError, match="mitt i"):
        await read()
    assert engine.pool.checkedout() == 0


async def test_a_connection_that_is_gone_is_told_and_the_next_one_works(engine: Any, portal: Any) -> None:
    async with sessions_for(engine)() as session:
        pid = await backend(session)
        async with portal.sessions() as other:
            await other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})  # and wait until it is gone
            await asyncio.sleep(0.05)  # its goodbye is read
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)) as told:
            await backend(session)
        assert is_outage(told.value)
    async with sessions_for(engine)() as session:
        assert await backend(session) != pid


async def test_a_circle_of_locks_that_the_database_breaks_is_told_as_an_outage(portal: Any) -> None:
    async def hold(session: Any, own: int, theirs: int) -> None:
        await session.execute(text("SELECT pg_advisory_xact_lock(:own)"), {"own": own})
        together[own].set()
        await together[theirs].wait()
        await session.execute(text("SELECT pg_advisory_xact_lock(:theirs)"), {"theirs": theirs})
        await session.rollback()

    together = {90_001: asyncio.Event(), 90_002: asyncio.Event()}
    async with portal.sessions() as one, portal.sessions() as other:
        for each in (one, other):
            await each.execute(text("SET LOCAL deadlock_timeout = '50ms'"))
        outcomes = await asyncio.gather(hold(one, 90_001, 90_002), hold(other, 90_002, 90_001), return_exceptions=True)
    assert [is_outage(each) for each in outcomes if isinstance(each, BaseException)] == [True]

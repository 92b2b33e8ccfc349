"""What was read is told again while the database is as it was, and to nobody a moment longer."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from portal import sharing
from portal.db import AS_OF, Session, Sessions, readings_of, sessions_for
from portal.reading import Question, Statement, rows

WHO = Question("SELECT $1::int AS number", ["int"])
WHAT = Question("SELECT $1::int AS number, $2::text AS word", ["int", "text"])
WRITE = "SELECT pg_current_xact_id()"  # who has the number of a transaction writes, as far as others see


@pytest.fixture
def sessions(engines: Any) -> Sessions:
    return sessions_for(engines(3))


@pytest.fixture
async def reader(sessions: Sessions) -> AsyncIterator[Session]:
    """Somebody who only reads, and has said who she is."""
    async with sessions() as session:
        session.stand_still()
        await WHO.rows(session, 1)
        yield session


def moment(session: Session) -> str:
    return str(session.sync_session.info[AS_OF])


async def write(sessions: Sessions) -> None:
    async with sessions() as session:
        await session.execute(text(WRITE))
        await session.commit()


async def snapshot(session: Session) -> str:
    return str((await WHO.rows(session, 1))[0]["as_of"])


async def test_every_commit_makes_another_moment_whichever_began_first(sessions: Sessions):
    async with sessions() as one, sessions() as other, sessions() as looking:
        seen = [await snapshot(looking)]
        for writer in (one, other):
            await writer.execute(text(WRITE))
        seen.append(await snapshot(looking))
        for writer in (other, one):
            await writer.commit()
            seen.append(await snapshot(looking))
    assert len(set(seen[1:])) == 3
    assert seen[0] not in seen[2:]


async def test_who_stands_still_is_told_what_was_read_with_the_same_words_as_of_her_moment(reader: Session):
    reader.readings.keep((WHAT, (1, "hers")), ["kept"], moment(reader))
    assert await WHAT.rows(reader, 1, "hers") == ["kept"]
    assert [(each["number"], each["word"]) for each in await WHAT.rows(reader, 1, "another's")] == [(1, "another's")]
    assert [(each["number"], each["word"]) for each in await WHAT.rows(reader, 2, "hers")] == [(2, "hers")]


async def test_who_comes_after_a_commit_is_told_what_is_so_now(reader: Session, sessions: Sessions):
    reader.readings.keep((WHO, (2,)), ["kept"], moment(reader))
    await write(sessions)
    async with sessions() as later:
        later.stand_still()
        assert (await WHO.rows(later, 2))[0]["number"] == 2  # who she is, everybody is asked anew
        assert (await WHO.rows(later, 2))[0]["number"] == 2
        assert moment(later) != moment(reader)


async def test_what_was_read_later_is_not_kept_for_an_earlier_moment(reader: Session, sessions: Sessions):
    await write(sessions)
    found = await WHO.rows(reader, 2)
    assert reader.readings.known((WHO, (2,)), moment(reader)) is None
    assert reader.readings.known((WHO, (2,)), found[0]["as_of"]) in (None, found)  # others may write here, too


@pytest.mark.parametrize("how", ["begins a transaction", "writes without one", "never stood still"])
async def test_who_may_have_written_is_told_what_is_so_now(how: str, reader: Session):
    reader.readings.keep((WHO, (2,)), ["kept"], moment(reader))
    if how == "begins a transaction":
        await reader.execute(text(WRITE))
        assert (await WHO.rows(reader, 2))[0]["number"] == 2
        await reader.commit()
    elif how == "writes without one":
        await Statement(text(WRITE)).rows(reader)
    else:
        reader.move_on()
    assert (await WHO.rows(reader, 2))[0]["number"] == 2


async def test_nothing_is_known_across_a_new_connection(reader: Session, sessions: Sessions):
    """A server that falls may lose a transaction that nobody was told of, and give its number to another."""
    reader.readings.keep((WHO, (2,)), ["kept"], moment(reader))
    async with sessions() as other:
        await rows(other, "SELECT 1")  # a second connection
    assert reader.readings.known((WHO, (2,)), moment(reader)) is None


async def test_no_more_is_kept_than_there_is_room_for(sessions: Sessions, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sharing, "MOST_KEPT", 100)
    readings = readings_of(sessions)
    for number in range(10):
        readings.keep(number, number, "1:1:", size=25)
        readings.keep(number, number, "1:1:", size=25)  # another who was told the same
    assert readings.known(9, "1:1:") == 9
    assert readings.kept == 10 % 4
    readings.keep("long", "long", "1:1:", size=26)
    assert readings.known("long", "1:1:") is None


async def test_nothing_is_known_once_it_is_to_be_forgotten(reader: Session):
    reader.readings.keep((WHO, (2,)), ["kept"], moment(reader))
    reader.readings.forget()
    assert (await WHO.rows(reader, 2))[0]["number"] == 2

"""Nothing acknowledged is lost and nothing is done twice: lines cut at every point, processes killed at every point (P01, P02, P07)."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from tests.promises import mutants
from tests.promises.conftest import Theatre
from tests.promises.faults import (
    ANSWERED,
    ARRIVED,
    COMMITTED,
    CUT_OFF,
    INSERTED,
    LOCKED,
    POINTS,
    TELL,
    UNCOMMITTED,
    WITHIN,
    WRITTEN,
    Faults,
    cut,
    expect_strikes,
    strike_within,
)
from tests.promises.mortal import NOBODY
from tests.promises.reader import all_have
from tests.promises.stage import Writer

TIMES, MANY = 20, 10**6
PATIENCE = 20.0
ORPHANS = text(
    """
    SELECT count(*) FROM comment c JOIN thread t ON t.record_id = c.record_id
    LEFT JOIN live_event e ON e.stream_id = t.stream_id AND e.seq = c.seq AND e.ref = c.id AND e.kind = 'comment.posted'
    LEFT JOIN comment_mention m ON m.comment_id = c.id
    WHERE e.seq IS NULL OR (m.comment_id IS NULL) = (c.body LIKE '%@Person3 %')
    """
)
HOLES = text(
    """
    SELECT count(*) FROM live_stream s
    WHERE last_seq <> (SELECT count(*) FROM live_event WHERE stream_id = s.id)
       OR last_seq <> coalesce((SELECT max(seq) FROM live_event WHERE stream_id = s.id), 0)
    """
)


async def half_done(theatre: Theatre) -> tuple[int, int]:
    """Comments without their event or whom they name, and streams whose numbers are not 1, 2, 3 …"""
    async with theatre.sessions() as session:
        return await session.scalar(ORPHANS) or 0, await session.scalar(HOLES) or 0


Deed = Callable[[Theatre, Writer, str], Awaitable[None]]


async def say(theatre: Theatre, writer: Writer, name: str) -> None:
    for turn in range(3):
        await writer.converse(theatre.stage.records[turn], f"{name} skriver {turn}")


async def say_more(theatre: Theatre, writer: Writer, name: str) -> None:
    for turn in range(6):
        await writer.converse(theatre.stage.records[turn % 5], f"{name} skriver {turn}")


async def change(theatre: Theatre, writer: Writer, name: str) -> None:
    for words in said_by(theatre, name)[:3]:
        await writer.edit(words, f"{words} och mer")


async def hide(theatre: Theatre, writer: Writer, name: str) -> None:
    """Who coordinates hides what is hers and shows most of it again."""
    if name != "0":
        return
    numbers = [theatre.history.acknowledged[words] for words in said_by(theatre, name)]
    for number in numbers[:4]:
        await writer.hide(number)
    for number in numbers[:2]:
        await writer.restore(number)


def said_by(theatre: Theatre, name: str) -> list[str]:
    return [words for words in theatre.history.acknowledged if words.startswith(f"{name} skriver")]


EVENTS = {"comment.posted": 12, "comment.edited": 6, "comment.hidden": 4, "comment.restored": 2}
KINDS = text("SELECT kind, count(*) FROM live_event GROUP BY kind")
UNEVEN = text(
    """
    SELECT count(*) FROM comment c
    WHERE version - 1 <> (SELECT count(*) FROM comment_version v WHERE v.comment_id = c.id)
       OR version - 1 <> (SELECT count(*) FROM live_event e WHERE e.ref = c.id AND kind = 'comment.edited')
       OR (SELECT count(*) FROM ruling r WHERE r.comment_id = c.id)
        <> (SELECT count(*) FROM live_event e WHERE e.ref = c.id AND kind IN ('comment.hidden', 'comment.restored'))
    """
)


async def cut_lines(theatre: Theatre, monkeypatch: pytest.MonkeyPatch, faults: Faults, *deeds: Deed, forgets_key: bool = False) -> int:
    """Two people at their deeds, whose line is cut again and again; how often they had to ask again."""
    faults.inside(monkeypatch)
    if faults.point in WITHIN:
        expect_strikes(monkeypatch, faults.point)
        await strike_within(theatre.sessions, CUT_OFF)
    portal = theatre.portal(faults.around)
    writers = [theatre.writer(number, portal.port, forgets_key=forgets_key) for number in (0, 1)]
    for deed in deeds:
        await asyncio.gather(*(deed(theatre, writer, f"{number}") for number, writer in enumerate(writers)))
    return sum(writer.refused for writer in writers)


@pytest.mark.parametrize("point", POINTS)
async def test_a_line_cut_at_any_point_loses_and_doubles_nothing(theatre: Theatre, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    faults = Faults(point, times=MANY, every=1 if point == ANSWERED else 2, strike=cut)  # an answer may be there before the cut
    again = await cut_lines(theatre, monkeypatch, faults, say, change, hide)
    assert (MANY - faults.left if point == ANSWERED else again) >= TIMES
    assert (await theatre.verdict()).broken == {}
    assert await half_done(theatre) == (0, 0)
    async with theatre.sessions() as session:
        assert dict(tuple(row) for row in await session.execute(KINDS)) == EVENTS
        assert await session.scalar(UNEVEN) == 0
    assert await theatre.is_at_rest(within=PATIENCE)


async def test_who_asks_again_with_a_new_key_doubles(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutant of P02 (and of P10), though of the writer: it shows that the key is what makes one comment of two tries."""
    await cut_lines(theatre, monkeypatch, Faults(COMMITTED, times=TIMES, strike=cut), say_more, forgets_key=True)
    assert (await theatre.verdict()).broken == {"doubled": TIMES}


async def test_a_key_that_is_forgotten_is_found_out(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.forget_keys(monkeypatch)
    async with theatre.sessions() as session:
        await session.execute(text(mutants.ONCE))
        await session.commit()
    await cut_lines(theatre, monkeypatch, Faults(COMMITTED, times=TIMES, strike=cut), say_more)
    assert (await theatre.verdict()).broken == {"doubled": TIMES}


async def kill(theatre: Theatre, points: list[str], *, mutant: str = NOBODY, within: float = PATIENCE) -> None:
    """One process is killed again and again while it, another and their readers are at work."""
    steady, mortal = theatre.portal(), theatre.mortal(mutant=mutant)
    ports = [mortal.port, steady.port]
    readers = [theatre.reader(*ports) for _ in range(4)]
    writers = [theatre.writer(number, *ports) for number in range(3)]
    await strike_within(theatre.sessions, TELL)
    killing = asyncio.create_task(mortal.lives_through(points))

    async def write_on(number: int) -> None:
        turn = 0
        while not killing.done():
            write = (
                writers[number].converse if mutant == NOBODY else writers[number].post
            )  # what answers something that was lost is refused
            await write(theatre.stage.records[turn % 5], f"{number} skriver {turn}")
            await asyncio.sleep(0.02)
            turn += 1

    await asyncio.gather(*(write_on(number) for number in range(3)))
    assert await killing == len(points)
    await all_have(readers, await theatre.heads(), within=within)


async def test_a_kill_at_any_point_loses_and_doubles_nothing_and_leaves_nothing_half_done(theatre: Theatre) -> None:
    await kill(theatre, [ARRIVED, LOCKED, INSERTED, UNCOMMITTED, WRITTEN, COMMITTED, ANSWERED])
    assert (await theatre.verdict()).broken == {}
    assert await half_done(theatre) == (0, 0)
    assert len(theatre.history.acknowledged) > 15


async def test_an_acknowledgement_before_the_commit_is_found_out(theatre: Theatre) -> None:
    await kill(theatre, [ANSWERED], mutant=mutants.acknowledge_before_the_commit.__name__)
    assert "lost" in (await theatre.verdict()).broken


async def test_a_second_transaction_is_found_out(theatre: Theatre) -> None:
    await kill(theatre, [WRITTEN], mutant=mutants.write_in_two_transactions.__name__, within=2)
    assert (await half_done(theatre))[0] >= 1  # whoever else was between the two is half done as well

"""A clock that jumps changes nothing that matters: what comes in which order, what is posted twice, who is signed in (P18)."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from portal import clock
from tests.promises import mutants
from tests.promises.conftest import Theatre
from tests.promises.faults import COMMITTED, Faults, cut
from tests.promises.reader import all_have

JUMPS = (0, 2, -2, 0)
PATIENCE, SOON = 30.0, 3.0
SAID = text("SELECT count(*) FROM comment WHERE body LIKE '%skriver%'")


async def jumps(theatre: Theatre, monkeypatch: pytest.MonkeyPatch, *, within: float = PATIENCE) -> dict[str, int]:
    """Two who write, with lines that are cut after the commit, and two who read, while the clock goes two hours forward, four back and two
    forward again; and one who comes afterwards and reads all there is."""
    faults = Faults(COMMITTED, times=8, strike=cut)
    faults.inside(monkeypatch)
    portal = theatre.portal(faults.around)
    readers, writers = [theatre.reader(portal.port) for _ in range(2)], [theatre.writer(number, portal.port) for number in (0, 1)]
    for turn, hours in enumerate(JUMPS):
        monkeypatch.setattr(clock, "now", lambda hours=hours: datetime.now(UTC) + timedelta(hours=hours))
        await asyncio.gather(
            *(writer.converse(theatre.stage.records[0], f"{number} skriver {turn}") for number, writer in enumerate(writers))
        )
    assert faults.left == 0
    readers.append(theatre.reader(portal.port))
    await all_have(readers, await theatre.heads(), within=within)
    return (await theatre.verdict()).broken


async def test_a_clock_that_jumps_two_hours_forward_and_back_changes_nothing(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await jumps(theatre, monkeypatch) == {}
    async with theatre.sessions() as session:
        assert await session.scalar(SAID) == 2 * 2 * len(JUMPS)


async def test_an_order_by_the_clock_is_found_out(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.order_by_the_clock(monkeypatch)
    assert set(await jumps(theatre, monkeypatch, within=SOON)) & {"disorder", "gap"}

"""Every reader sees the same events in the same order, each once, without a gap: over two processes, after breaks, without the
bell, beside a reader who does not read, and never one that she may not read any more (P03, P04, P05, P11, P12, P14)."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from portal.live import access_changed, protocol
from portal.live.bell import NAME
from portal.live.hub import Hub
from portal.live.protocol import PortalWebSocketProtocol
from portal.networks.models import Membership
from tests.live.raw import Raw
from tests.promises import mutants
from tests.promises.conftest import Theatre
from tests.promises.faults import CAUGHT_UP, HANDED_OUT, CutLines
from tests.promises.mortal import NOBODY
from tests.promises.reader import Reader, all_have
from tests.promises.slow import stalled
from tests.promises.stage import Standing

Break = Callable[[pytest.MonkeyPatch], None]

KILL_BELLS = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = :name AND datname = current_database()"
)
TIMES = 20
SOON = 3.0
PATIENCE = 30.0


async def write(theatre: Theatre, ports: list[int], *, writers: int, each: int, turn: int = 0) -> None:
    """Every other one at the other portal. Who writes again has another `turn`, since words are unique."""
    records = theatre.stage.records
    people = [theatre.writer(number, *ports[number % len(ports) :], *ports[: number % len(ports)]) for number in range(writers)]
    await asyncio.gather(*(writer.post_many(records, f"{turn}.{number}", each) for number, writer in enumerate(people)))


async def crowd(
    theatre: Theatre, *, mutant: str = NOBODY, readers: int = 50, writers: int = 20, each: int = 5, within: float = PATIENCE
) -> dict[str, int]:
    """Many readers and writers in five threads, over two processes, of which one's clock is slow."""
    processes = [theatre.mortal(mutant=mutant), theatre.mortal(mutant=mutant, late=2.0)]
    await asyncio.gather(*(process.begin() for process in processes))
    ports = [process.port for process in processes]
    following = [theatre.reader(*ports, number=number % 20) for number in range(readers)]
    await all_subscribed(following)
    await write(theatre, ports, writers=writers, each=each)
    await all_have(following, await theatre.heads(), within=within)
    return (await theatre.verdict()).broken


async def all_subscribed(readers: list[Reader]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not all(reader.subscriptions for reader in readers):
            await asyncio.sleep(0.05)


async def test_fifty_readers_see_one_order_over_two_processes(theatre: Theatre) -> None:
    assert await crowd(theatre) == {}
    assert sum(map(len, theatre.history.seen.values())) == 50 * 100


async def test_the_order_of_clocks_is_found_out(theatre: Theatre) -> None:
    mutant = mutants.put_events_in_the_order_of_their_moments.__name__
    assert set(await crowd(theatre, mutant=mutant, readers=5, writers=10, within=SOON)) & {
        "disorder",
        "gap",
    }  # who asks again may hear no more


async def test_numbers_that_are_drawn_before_the_lock_are_found_out(theatre: Theatre) -> None:
    async with theatre.sessions() as session:
        for stream in theatre.stage.streams:
            await session.execute(text(mutants.NUMBERS.format(stream=stream)))
        await session.commit()
    assert "gap" in await crowd(theatre, mutant=mutants.draw_numbers_from_a_sequence.__name__, readers=5, writers=10, within=SOON)


async def missed(theatre: Theatre, *, within: float = PATIENCE) -> dict[str, int]:
    """Readers who come when 300 events have gone by, and whose lines break again and again while others come."""
    portal = theatre.portal()
    async with theatre.sessions() as session:
        for stream in theatre.stage.streams[:3]:
            await session.execute(MANY, {"stream": stream, "number": 300})
        await session.commit()
    readers = [theatre.reader(portal.port, drops=0.02) for _ in range(10)]
    await write(theatre, [portal.port], writers=3, each=10)
    await all_have(readers, await theatre.heads(), within=within)
    assert sum(reader.subscriptions for reader in readers) > len(readers)
    return (await theatre.verdict()).broken


MANY = text(
    """
    WITH head AS (UPDATE live_stream SET last_seq = last_seq + :number WHERE id = :stream RETURNING last_seq)
    INSERT INTO live_event (stream_id, seq, kind, ref, at)
    SELECT :stream, last_seq - :number + n, 'thread.unlocked', n, now() FROM head, generate_series(1, :number) AS n
    """
)


async def test_what_was_missed_comes_whole_however_often_one_breaks_off(theatre: Theatre) -> None:
    assert await missed(theatre) == {}


async def test_lines_cut_while_an_event_is_handed_out_leave_no_gap(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    lines, portal, turn = CutLines(monkeypatch, HANDED_OUT, times=TIMES), theatre.portal(), 0
    readers, writer = [theatre.reader(portal.port) for _ in range(10)], theatre.writer(0, portal.port)
    await all_subscribed(readers)
    while lines.left:
        await writer.post(theatre.stage.records[turn % 5], f"Nummer {turn}")
        turn += 1
    assert await all_have(readers, await theatre.heads(), within=PATIENCE)
    assert (await theatre.verdict()).broken == {}


async def test_lines_cut_while_what_was_missed_is_handed_over_leave_no_gap(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = CutLines(monkeypatch, CAUGHT_UP, times=TIMES)
    assert await missed(theatre) == {}
    assert lines.left == 0


async def test_a_last_page_for_the_whole_is_found_out(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.send_the_last_page_alone(monkeypatch)
    assert "gap" in await missed(theatre, within=SOON)


FORGED = ["", "e1", "e1.", "1", "e0.1", "e1.-1", "e1.01", "e1.1 ", " e1.1", "e1.1e0", "e1.999", "e1.9" + "9" * 30, "e1.１", "x" * 10_000]


async def silently_taken(theatre: Theatre) -> list[str]:
    """Which forged cursors are taken as if they were good; the others must get a resync to the head."""
    portal, stream = theatre.portal(), theatre.stage.streams[0]
    await theatre.writer(0, portal.port).post(theatre.stage.records[0], "Ett ord")
    taken = []
    for cursor in FORGED:
        reader = theatre.reader(portal.port)
        reader.cursors = {stream: cursor}
        async with asyncio.timeout(PATIENCE):
            while not reader.resyncs and not reader.taken:
                await asyncio.sleep(0.01)
        if reader.taken:
            taken.append(cursor)
        else:
            assert reader.cursors == {stream: "e1.1"}
    return taken


async def test_a_forged_cursor_is_answered_with_a_resync(theatre: Theatre) -> None:
    assert await silently_taken(theatre) == []


async def test_a_cursor_that_is_taken_on_trust_is_found_out(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.take_any_number_for_a_cursor(monkeypatch)
    assert "" in await silently_taken(theatre)


async def deaf(theatre: Theatre, *, within: float) -> dict[str, int]:
    """The listening connection is killed over and over, the last time in the very transaction of the last event."""
    portal = theatre.portal()
    readers = [theatre.reader(portal.port) for _ in range(5)]
    await all_subscribed(readers)
    killed = turn = 0
    while killed < 3:  # ten comments may be there before the bell is back
        turn += 1
        writing = asyncio.create_task(write(theatre, [portal.port], writers=2, each=10, turn=turn))
        while not writing.done():
            await asyncio.sleep(0.2)
            async with theatre.sessions() as session:
                killed += await session.scalar(KILL_BELLS, {"name": NAME}) or 0
        await writing
    async with theatre.sessions() as session:
        await session.scalar(KILL_BELLS, {"name": NAME})
        await session.execute(MANY, {"stream": theatre.stage.streams[0], "number": 1})
        await session.commit()
    await all_have(readers, await theatre.heads(), within=within)
    return (await theatre.verdict()).broken


async def test_a_listener_killed_over_and_over_loses_nothing(theatre: Theatre) -> None:
    assert await deaf(theatre, within=15) == {}


async def test_trust_in_the_bell_alone_is_found_out(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.trust_the_bell_alone(monkeypatch)
    assert "gap" in await deaf(theatre, within=SOON)


async def beside_a_stalled_one(theatre: Theatre, *, others: int, within: float) -> bool:
    """Whether the one who does not read is cut in time, while the others miss nothing."""
    portal = theatre.portal(send_buffer=4096)
    readers = [theatre.reader(portal.port, number=number % 20) for number in range(others)]
    await all_subscribed(readers)
    slow = await stalled(portal.port, theatre.stage.tokens[1], dict.fromkeys(theatre.stage.streams))
    for _ in range(12):
        async with theatre.sessions() as session:
            for stream in theatre.stage.streams:
                await session.execute(MANY, {"stream": stream, "number": 40})
            await session.execute(text("SELECT pg_notify('portal_live', 'e:' || id) FROM live_stream"))
            await session.commit()
        await asyncio.sleep(0.01)
    assert await all_have(readers, await theatre.heads(), within=PATIENCE)
    assert (await theatre.verdict()).broken == {}
    cut = await _is_cut(portal, slow, within=within)
    slow.cut()
    return cut


async def _is_cut(portal: Standing, peer: Raw, *, within: float) -> bool:
    began, port = monotonic(), peer.writer.get_extra_info("sockname")[1]
    while portal.hears(port):
        if monotonic() - began > within:
            return False
        await asyncio.sleep(0.05)
    return True


async def test_a_reader_who_does_not_read_is_cut_and_harms_nobody(theatre: Theatre) -> None:
    assert await beside_a_stalled_one(theatre, others=50, within=PATIENCE)


async def test_patience_without_end_is_found_out(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.wait_for_everybody(monkeypatch)
    assert not await beside_a_stalled_one(theatre, others=5, within=SOON)


async def lingers(theatre: Theatre, monkeypatch: pytest.MonkeyPatch, *, within: float) -> bool:
    """Whether the system still keeps the line of somebody who reads nothing, so long after the portal has given him up."""
    monkeypatch.setitem(PortalWebSocketProtocol.leave.__kwdefaults__ or {}, "patience", 0.5)
    portal, stream = theatre.portal(send_buffer=4096), theatre.stage.streams[0]
    slow = await stalled(portal.port, theatre.stage.tokens[1], {stream: None})
    ends = f":{portal.port:04X}", f":{slow.writer.get_extra_info('sockname')[1]:04X}"
    for _ in range(16):
        async with theatre.sessions() as session:
            await session.execute(MANY, {"stream": stream, "number": 40})
            await session.execute(text("SELECT pg_notify('portal_live', 'e:' || :stream)"), {"stream": str(stream)})
            await session.commit()
        await asyncio.sleep(0.02)
    assert await _is_cut(portal, slow, within=PATIENCE)
    began = monotonic()
    while is_kept := any(_ends(line) == ends for line in Path("/proc/net/tcp").read_text().splitlines()[1:]):
        if monotonic() - began > within:
            break
        await asyncio.sleep(0.05)
    slow.cut()
    return is_kept


def _ends(line: str) -> tuple[str, str]:
    """The two ports of a line of /proc/net/tcp: here and there."""
    _number, here, there, *_rest = line.split()
    return here[-5:], there[-5:]


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="a system that gives nobody up by itself")
async def test_the_system_gives_up_who_reads_nothing_as_soon_as_it_is_told_to(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    """After 20 s; half a second here."""
    monkeypatch.setattr(protocol, "DEAD_PEER_MS", 500)
    assert not await lingers(theatre, monkeypatch, within=PATIENCE)


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="a system that gives nobody up by itself")
async def test_a_system_that_gives_nobody_up_is_found_out(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.leave_the_dead_to_the_system(monkeypatch)
    assert await lingers(theatre, monkeypatch, within=SOON)


async def after_the_end(theatre: Theatre, *, within: float) -> tuple[list[int], int]:
    """How the socket of somebody whose membership ends is closed, and how much she sees of what is said then."""
    portal = theatre.portal()
    reader, beside = theatre.reader(portal.port, number=7), theatre.reader(portal.port, number=8)
    writer = theatre.writer(1, portal.port)
    await all_subscribed([reader, beside])
    await writer.post(theatre.stage.records[0], "Före")
    await all_have([reader, beside], await theatre.heads(), within=PATIENCE)
    async with theatre.sessions() as session:
        member = (await session.scalars(select(Membership).where(col(Membership.id) == theatre.stage.memberships[7]))).one()
        member.ends_on = member.starts_on
        await access_changed(session, member.person_id)
        await session.commit()
    began = monotonic()
    while not reader.ended and monotonic() - began < within:
        await asyncio.sleep(0.02)
    before = len(theatre.history.seen[reader.name])
    await writer.post(theatre.stage.records[0], "Efter")
    assert await all_have([beside], await theatre.heads(), within=PATIENCE)
    return reader.ended[:1], len(theatre.history.seen[reader.name]) - before


async def test_who_is_removed_hears_nothing_more(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    """The portal looks round once an hour here: what closes her socket is the word that goes out with the commit."""
    monkeypatch.setitem(Hub.__init__.__kwdefaults__ or {}, "poll", 3600.0)
    assert await after_the_end(theatre, within=PATIENCE) == ([4403], 0)


async def test_a_look_round_alone_is_found_out(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Hub.__init__.__kwdefaults__ or {}, "poll", 3600.0)
    mutants.wait_for_the_look_round(monkeypatch)
    assert await after_the_end(theatre, within=SOON) == ([], 1)


async def test_a_look_at_the_door_alone_is_found_out(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.look_only_at_the_door(monkeypatch)
    assert await after_the_end(theatre, within=SOON) == ([], 1)

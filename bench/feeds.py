"""The calendar feed: whole, and unchanged."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import asyncpg
import icalendar

from bench import stage as stages
from bench.load import Client, Measured, repeat
from bench.stage import Stage

CHANGES = 5
CHANGE = """
    UPDATE meeting SET place = $2, changed_at = now(), sequence = sequence + 1 WHERE record_id =
        (SELECT min(record.id) FROM record JOIN network ON network.id = record.network_id WHERE network.slug = $1 AND kind = 'meeting')
"""


async def feeds(stage: Stage, seconds: float) -> list[Measured]:
    """The calendar feed whole, and unchanged (304)."""
    found = []
    for count, token in stage.feeds.items():
        path = f"/calendar/{token}.ics"
        async with Client(stage.port, {}) as client:
            begun = time.perf_counter()
            _status, body = await client.ask("GET", path)
            first = Measured(
                f"calendar feed, {count} events, first request", times=[(time.perf_counter() - begun) * 1000], note=f"{len(body)} bytes"
            )
        tag = await _tag(stage, path)

        async def whole(client: Client, _number: int, path: str = path) -> None:
            status, _body = await client.ask("GET", path)
            assert status == 200, status

        async def unchanged(client: Client, _number: int, path: str = path, tag: str = tag) -> None:
            status, _body = await client.ask("GET", path, If_None_Match=tag)
            assert status == 304, status

        found += [
            first,
            await repeat(f"calendar feed, {count} events, whole, 16", stage.port, {}, whole, clients=16, seconds=seconds),
            await repeat(f"calendar feed, {count} events, 304, 16", stage.port, {}, unchanged, clients=16, seconds=seconds),
            await _after_changes(stage, count, path),
        ]
    return found


async def _tag(stage: Stage, path: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.port)
    writer.write(f"HEAD {path} HTTP/1.1\r\nHost: 127.0.0.1:{stage.port}\r\nConnection: close\r\n\r\n".encode())
    head = (await reader.read()).decode()
    writer.close()
    return next(line.split(": ", 1)[1] for line in head.split("\r\n") if line.lower().startswith("etag: "))


async def _after_changes(stage: Stage, count: int, path: str) -> Measured:
    """The feed asked for just after one meeting has changed."""
    times = []
    connection = await asyncpg.connect(stage.url.replace("+asyncpg", ""))
    async with Client(stage.port, {}) as client:
        for n in range(CHANGES):
            slug = "sixty" if count == 60 else "thousand"
            await connection.execute(CHANGE, slug, f"Rum {n}")
            begun = time.perf_counter()
            await client.ask("GET", path)
            times.append((time.perf_counter() - begun) * 1000)
    await connection.close()
    return Measured(f"calendar feed, {count} events, after a change", times=times)


async def bare_feeds(stage: Stage, seconds: float) -> list[Measured]:
    """A body made once, in Litestar; and icalendar alone, on the server's core."""

    async def made(client: Client, _number: int) -> None:
        await client.ask("GET", "/made")

    found = [await repeat("limit: a body made once, Litestar, 16", stage.bare_port, {}, made, clients=16, seconds=seconds)]
    stages.pin(stages.SERVER_CORE)
    for count in stage.feeds:
        times = []
        for _ in range(CHANGES):
            begun = time.perf_counter()
            _serialised(count)
            times.append((time.perf_counter() - begun) * 1000)
        found.append(Measured(f"limit: icalendar alone, {count} events", times=times))
    stages.pin(stages.LOAD_CORE)
    return found


def _serialised(count: int) -> bytes:
    calendar = icalendar.Calendar()
    for n in range(count):
        starts = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=n % 700)
        event = icalendar.Event()
        for name, value in (
            ("uid", f"{n}@bench"),
            ("sequence", 0),
            ("summary", f"Träff {n}"),
            ("location", "Tranan"),
            ("status", "CONFIRMED"),
        ):
            event.add(name, value)
        for name in ("created", "dtstamp", "last-modified", "dtstart", "dtend"):
            event.add(name, starts)
        event.add("description", f"https://portal.example.se/bench/meetings/{n}")
        event.add("url", f"https://portal.example.se/bench/meetings/{n}")
        event.add("transp", "OPAQUE")
        calendar.add_component(event)
    return calendar.to_ical()

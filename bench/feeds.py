"""The calendar feed: whole, and unchanged."""

import asyncio
import time

from bench.load import Client, Measured, repeat
from bench.stage import Stage


async def feeds(stage: Stage, seconds: float) -> list[Measured]:
    """The calendar feed whole, and unchanged (304)."""
    found = []
    for count, token in stage.feeds.items():
        path = f"/calendar/{token}.ics"
        async with Client(stage.port, {}) as client:
            begun = time.perf_counter()
            _status, body = await client.ask("GET", path)
            first = Measured(f"calendar feed, {count} events, first request", times=[(time.perf_counter() - begun) * 1000], note=f"{len(body)} bytes")
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
        ]
    return found


async def _tag(stage: Stage, path: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.port)
    writer.write(f"HEAD {path} HTTP/1.1\r\nHost: 127.0.0.1:{stage.port}\r\nConnection: close\r\n\r\n".encode())
    head = (await reader.read()).decode()
    writer.close()
    return next(line.split(": ", 1)[1] for line in head.split("\r\n") if line.lower().startswith("etag: "))

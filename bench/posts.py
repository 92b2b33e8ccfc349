"""Comments posted over HTTP, beside what asyncpg alone can commit."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import asyncpg

from bench import stage as stages
from bench.load import Client, Measured, repeat
from bench.stage import Stage
from portal.web.pages import Frame


def posting(stage: Stage) -> dict[str, str]:
    frame = Frame(key=stages.SECRET.encode(), secure=False)
    return {token: frame.sign(f"csrf:{token}") for token in stage.tokens}


async def writes(stage: Stage, seconds: float) -> list[Measured]:
    """Comments a second with sixteen writers on a hundred threads and on one: each answered after its commit."""
    tokens = posting(stage)

    def writer(records: list[str]):  # type: ignore[no-untyped-def]
        async def one(client: Client, number: int) -> None:
            token = stage.tokens[number]
            form = {"body": "Vi har samma fråga.", "key": str(uuid4()), "parent_id": "", "csrf": tokens[token]}
            path = records[int(time.perf_counter() * 1e6) % len(records)]
            kind = {"Content_Type": "application/x-www-form-urlencoded", "Cookie": f"sid={token}", "X_Fragment": "1"}
            status, body = await client.ask("POST", path, urlencode(form).encode(), **kind)
            assert status == 201, (status, body[:300])

        return one

    many = [f"/bench/records/{record.id}/comments" for record in stage.many]
    return [
        await repeat("comments, 16 writers, 100 threads, durable", stage.port, {}, writer(many), clients=16, seconds=seconds),
        await repeat("comments, 16 writers, one thread, durable", stage.port, {}, writer(many[:1]), clients=16, seconds=seconds),
    ]


BARE = (
    "CREATE TABLE bare (id bigserial PRIMARY KEY, body text)",
    "CREATE TABLE bare_stream (id bigint PRIMARY KEY, last_seq bigint NOT NULL DEFAULT 0)",
    "INSERT INTO bare_stream SELECT generate_series(0, 99)",
    "CREATE TABLE bare_event (stream_id bigint, seq bigint, ref bigint, at timestamptz, PRIMARY KEY (stream_id, seq))",
)


async def bare_writes(stage: Stage, seconds: float) -> list[Measured]:
    """asyncpg alone, on the server's core as the portal is: an insert with its commit, and the four statements of a comment."""
    pool = await asyncpg.create_pool(stage.url.replace("+asyncpg", ""), min_size=16, max_size=16)
    for statement in BARE:
        await pool.execute(statement)
    stages.pin(stages.SERVER_CORE)
    alone = await _sixteen(pool, _insert, seconds)
    four = await _sixteen(pool, _four, seconds)
    stages.pin(stages.LOAD_CORE)
    await pool.close()
    return [
        Measured("limit: asyncpg insert + commit, 16 connections", len(alone) / seconds, alone),
        Measured("limit: counter, comment, event, notify + commit, 16, 100", len(four) / seconds, four),
    ]


async def _insert(connection: Any) -> None:
    await connection.execute("INSERT INTO bare (body) VALUES ($1)", "Vi har samma fråga.")


async def _four(connection: Any) -> None:
    stream = int(time.perf_counter() * 1e6) % 100
    async with connection.transaction():
        seq = await connection.fetchval("UPDATE bare_stream SET last_seq = last_seq + 1 WHERE id = $1 RETURNING last_seq", stream)
        ref = await connection.fetchval("INSERT INTO bare (body) VALUES ($1) RETURNING id", "Vi har samma fråga.")
        await connection.execute("INSERT INTO bare_event (stream_id, seq, ref, at) VALUES ($1, $2, $3, now())", stream, seq, ref)
        await connection.execute("SELECT pg_notify('bare', $1)", str(stream))


async def _sixteen(pool: Any, one: Callable[[Any], Awaitable[None]], seconds: float) -> list[float]:
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def work() -> None:
        async with pool.acquire() as connection:
            while (begun := time.perf_counter()) < end:
                await one(connection)
                times.append((time.perf_counter() - begun) * 1000)

    await asyncio.gather(*(work() for _ in range(16)))
    return times

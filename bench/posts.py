"""Comments posted over HTTP, beside what asyncpg alone can commit."""

import asyncio
import time
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


async def bare_writes(stage: Stage, seconds: float) -> list[Measured]:
    """asyncpg alone: insert and commit, sixteen connections."""
    pool = await asyncpg.create_pool(stage.url.replace("+asyncpg", ""), min_size=16, max_size=16)
    await pool.execute("CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, body text)")
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def work() -> None:
        async with pool.acquire() as connection:
            while (begun := time.perf_counter()) < end:
                await connection.execute("INSERT INTO bare (body) VALUES ($1)", "Vi har samma fråga.")
                times.append((time.perf_counter() - begun) * 1000)

    await asyncio.gather(*(work() for _ in range(16)))
    await pool.close()
    return [Measured("limit: asyncpg insert + commit, 16 connections", len(times) / seconds, times)]

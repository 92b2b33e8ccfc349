"""A comment on its way to everyone who has the thread open."""

import asyncio
import json
import time
from urllib.parse import urlencode
from uuid import uuid4

import psutil
from websockets.asyncio.client import ClientConnection, connect

from bench.load import Client, Measured
from bench.posts import posting
from bench.stage import Stage

READERS, POSTS, RATE = 100, 100, 20


async def delivery(stage: Stage, process: int) -> list[Measured]:
    """A comment posted over HTTP until a hundred readers have it, from when it was due; memory a reader."""
    record = stage.threads[20]
    async with Client(stage.port, {"Cookie": f"sid={stage.tokens[0]}"}) as client:
        _status, body = await client.ask("GET", f"/bench{record.path}")
    page = body.decode()
    stream, cursor = (page.split(f'data-{name}="')[1].split('"')[0] for name in ("stream", "cursor"))
    before = psutil.Process(process).memory_info().rss
    origin = f"http://127.0.0.1:{stage.port}"
    readers = [
        await connect(f"ws://127.0.0.1:{stage.port}/live", origin=origin, additional_headers={"Cookie": f"sid={stage.tokens[n % 16]}"}, compression=None)  # type: ignore[arg-type]
        for n in range(READERS)
    ]
    for reader in readers:
        await reader.send(json.dumps({"t": "subscribe", "stream": int(stream), "cursor": cursor}))
    due: dict[int, float] = {}
    seen: list[float] = []
    tasks = [asyncio.create_task(_read(reader, due, seen)) for reader in readers]
    await asyncio.sleep(1)
    memory = (psutil.Process(process).memory_info().rss - before) / READERS / 1024
    await _post_at_rate(stage, record.id, due)
    await asyncio.sleep(2)
    for task in tasks:
        task.cancel()
    for reader in readers:
        await reader.close()
    note = f"{len(seen)} of {READERS * POSTS} seen; {memory:.0f} KiB a reader"
    return [Measured(f"post → seen, {READERS} readers, {RATE} posts/s, durable", times=seen, note=note)]


async def _read(reader: ClientConnection, due: dict[int, float], seen: list[float]) -> None:
    async for message in reader:
        frame = json.loads(message)
        if frame.get("t") == "event" and (mark := frame["html"].partition("nummer ")[2].partition(".")[0]).isdigit():
            seen.append((time.perf_counter() - due[int(mark)]) * 1000)


async def _post_at_rate(stage: Stage, record_id: int, due: dict[int, float]) -> None:
    tokens = posting(stage)
    start = time.perf_counter() + 0.2

    async def one(number: int, client: Client) -> None:
        token = stage.tokens[0]
        form = {"body": f"Kommentar nummer {number}.", "key": str(uuid4()), "parent_id": "", "csrf": tokens[token]}
        kind = {"Content_Type": "application/x-www-form-urlencoded", "Cookie": f"sid={token}", "X_Fragment": "1"}
        status, _body = await client.ask("POST", f"/bench/records/{record_id}/comments", urlencode(form).encode(), **kind)
        assert status == 201, status

    async with Client(stage.port, {}) as client:
        for number in range(POSTS):
            due[number] = start + number / RATE
            await asyncio.sleep(max(0.0, due[number] - time.perf_counter()))
            await one(number, client)


async def bare_delivery(stage: Stage) -> list[Measured]:
    """An already made 500-byte frame to a hundred sockets, uvicorn's plain loop of sends."""
    readers = [await connect(f"ws://127.0.0.1:{stage.bare_port}/", compression=None) for _ in range(READERS)]
    due: dict[int, float] = {}
    seen: list[float] = []

    async def read(reader: ClientConnection) -> None:
        async for message in reader:
            seen.append((time.perf_counter() - due[int(str(message).partition("x")[0])]) * 1000)

    tasks = [asyncio.create_task(read(reader)) for reader in readers]
    start = time.perf_counter() + 0.2
    async with Client(stage.bare_port, {}) as client:
        for number in range(POSTS):
            due[number] = start + number / RATE
            await asyncio.sleep(max(0.0, due[number] - time.perf_counter()))
            await client.ask("GET", f"/fan?{number}")
    await asyncio.sleep(1)
    for task in tasks:
        task.cancel()
    for reader in readers:
        await reader.close()
    return [Measured(f"limit: bare uvicorn fan-out, {READERS} readers, {RATE}/s", times=seen, note=f"{len(seen)} of {READERS * POSTS} seen")]

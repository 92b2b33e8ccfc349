"""`python -m bench [--seconds N]`: every measure once, each beside its bare limit."""

import argparse
import asyncio
import json
import time
from urllib.parse import urlencode
from uuid import uuid4

import asyncpg
import psutil
from websockets.asyncio.client import ClientConnection, connect

from bench import live
from bench import stage as stages
from bench.load import HEAD, Client, Measured, repeat
from bench.stage import Stage
from portal.web.pages import Frame

READERS, POSTS, RATE = 100, 100, 20


async def pages(stage: Stage, seconds: float) -> list[Measured]:
    """Thread pages as a signed-in member, sixteen at once; the bare page has as many bytes."""
    cookie = {"Cookie": f"sid={stage.tokens[0]}"}
    found = []
    for count, record in stage.threads.items():

        async def one(client: Client, _number: int, path: str = f"/bench{record.path}") -> None:
            status, _body = await client.ask("GET", path)
            assert status == 200, status

        for clients in (1, 16):
            name = f"thread page, {count} comments, {clients} at once"
            found.append(await repeat(name, stage.port, cookie, one, clients=clients, seconds=seconds))
    return found


async def bare_pages(stage: Stage, seconds: float) -> list[Measured]:
    async def rendered(client: Client, _number: int) -> None:
        await client.ask("GET", "/litestar")

    async def ready(client: Client, _number: int) -> None:
        await client.ask("GET", "/ready")

    return [
        await repeat("limit: Litestar + Jinja, 20 comments, no database, 16", stage.bare_port, {}, rendered, clients=16, seconds=seconds),
        await repeat("limit: the same page made once, bare uvicorn, 16", stage.bare_port, {}, ready, clients=16, seconds=seconds),
    ]


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


async def measure(stage: Stage, seconds: float) -> None:
    print(HEAD, flush=True)
    with stages.portal(stage) as process:
        size = len((await _page(stage))[1])
        groups = [pages(stage, seconds), feeds(stage, seconds), delivery(stage, process.pid), writes(stage, seconds)]
        for group in groups:
            show(await group)
        loaded = psutil.Process(process.pid).memory_info().rss / 2**20
    with stages.bare(stage, size):
        for group in (bare_pages(stage, seconds), bare_delivery(stage), bare_writes(stage, seconds)):
            show(await group)
    print(f"start to first page {stage.start:.2f} s (database there) · memory then {stage.memory:.0f} MiB, after the load {loaded:.0f} MiB")


async def _page(stage: Stage) -> tuple[int, bytes]:
    async with Client(stage.port, {"Cookie": f"sid={stage.tokens[0]}"}) as client:
        return await client.ask("GET", f"/bench{stage.threads[20].path}")


def show(measured: list[Measured]) -> None:
    for each in measured:
        print(each.row(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each measure runs")
    seconds = parser.parse_args().seconds
    with stages.database() as url:
        stage = Stage(url, stages.free_port(), stages.free_port())
        print("furnishing the database …", flush=True)
        asyncio.run(stages.furnish(stage))
        asyncio.run(measure(stage, seconds))
        live.run(stage)


if __name__ == "__main__":
    main()

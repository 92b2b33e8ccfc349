"""Live delivery beside its bare limits, in one run: `python -m bench.live [--seconds N] [--idle N]`."""

import argparse
import asyncio
import itertools
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import asyncpg
import psutil
import uvloop
from sqlalchemy import text

from bench import stage as stages
from bench.crowd import Crowd
from bench.load import Client, Measured
from bench.stage import Stage
from portal.accounts import actions as accounts
from portal.comments.actions import post
from portal.comments.models import CommentForm, Thread
from portal.db import Session, engine_for, sessions_for
from portal.ground import migrate
from portal.live import head
from portal.networks.access import Role
from portal.networks.models import Network, Theme
from portal.web.pages import Frame
from tests.factories import make_member, make_network
from tests.making import make_finding

READERS = [10, 100, 500, 1000]
RATES = (2, 20)
LADDER = {100: (40, 80, 150, 300, 600, 1200), 1000: (20, 40, 80, 160)}
HALVINGS = 3  # between the last rung that was good and the first that was not: to an eighth of their distance
OF_UVICORN = {100: 0.5, 1000: 1.0}  # how much of bare uvicorn's highest rate
GOOD_ENOUGH = 250.0
IDLE = 10_000
SPARE_FILES = 500
POSTERS = 16
MOST_WAITING = 32
SOCKETS_EACH = 50
MISSED = 500
SLUG = "livebench"
MANY_COMMENTS = """
INSERT INTO comment (record_id, seq, author_id, membership_id, key, fingerprint, body, html, version, created_at, hidden_words)
SELECT record_id, seq + n, author_id, membership_id, gen_random_uuid(), fingerprint, body, html, version, created_at, hidden_words
FROM comment, generate_series(1, :number) AS n WHERE record_id = :record AND seq = 1 AND :stream > 0
"""
MANY_EVENTS = """
INSERT INTO live_event (stream_id, seq, kind, ref, actor_id, at)
SELECT :stream, seq, 'comment.posted', id, author_id, created_at FROM comment WHERE record_id = :record AND seq BETWEEN 2 AND :number + 1
"""
MANY_SEEN = "UPDATE live_stream SET last_seq = :number + 1 WHERE id = :stream AND :record > 0"
BARE_INSERT = "WITH e AS (INSERT INTO bare_notice (body) VALUES ($1) RETURNING id) SELECT pg_notify('bare', id || ':' || $2) FROM e"
PAYLOAD = "x" * 480

Post = Callable[[int], Awaitable[None]]
NUMBERS = itertools.count(1)


def raise_limits(sockets: int) -> int:
    """As many open files as sockets, for us and for the servers we start; for how many the machine allows it (`ulimit -Hn`)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < sockets + SPARE_FILES:
        soft = min(hard, sockets + SPARE_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(sockets, soft - SPARE_FILES)


@dataclass
class Scene:
    """A network of its own: who posts, who reads, and two threads, one with a long history."""

    network_id: int
    posters: list[str]
    readers: list[str]
    record_id: int
    stream: int
    long_stream: int


async def furnish(url: str, sockets: int) -> Scene:
    engine = engine_for(url)
    async with sessions_for(engine, limits=10**9)() as session:
        network = await make_network(session, slug=SLUG, name="Mätning i stunden")
        author = await make_member(session, network, "Frida Först", Role.contact)
        posters = [await _token(session, network, f"Skribent{n} Mätare", Role.contact) for n in range(POSTERS)]
        readers = [await _token(session, network, f"Läsare{n} Läsare", Role.reader) for n in range(-(-sockets // SOCKETS_EACH))]
        session.add(Theme(network_id=network.id, name="Klimat", position=0))
        await session.flush()
        record, long = await make_finding(session, author), await make_finding(session, author)
        await post(session, long.id, by=author, form=CommentForm(body="Vi har samma fråga inom hemvården. " * 5, key=uuid4()))
        threads = [await session.get(Thread, each.id) for each in (record, long)]
        streams = [each.stream_id for each in threads if each is not None]
        for copied in (MANY_COMMENTS, MANY_EVENTS, MANY_SEEN):
            await session.execute(text(copied), {"record": long.id, "stream": streams[1], "number": MISSED})
        await session.commit()
    await engine.dispose()
    return Scene(network.id, posters, readers, record.id, *streams)


async def _token(session: Session, network: Network, name: str, role: Role) -> str:
    member = await make_member(session, network, name, role)
    someone = accounts.Visitor(browser="bench", address="127.0.0.1", agent="bench")
    return (await accounts.start(session, person=member.person, trusted=True, visitor=someone))[1]


def cookies(tokens: list[str], readers: int) -> list[str]:
    return [f"sid={tokens[n // SOCKETS_EACH]}" for n in range(readers)]


async def paced(crowd: Crowd, post: Post, *, rate: float, seconds: float) -> tuple[Measured, bool]:
    """Post at the rate, whatever the answers do; the delays from when each was due, and whether everybody has seen everything."""
    crowd.forget()
    posts = max(4, int(rate * seconds))
    tasks: list[asyncio.Task[None]] = []
    start = time.perf_counter() + 0.1
    for nth in range(posts):
        if sum(not task.done() for task in tasks) > max(MOST_WAITING, rate):
            break  # more than a second behind: nothing better comes of waiting for the rest
        number = next(NUMBERS)
        crowd.due[number] = start + nth / rate
        await asyncio.sleep(max(0.0, crowd.due[number] - time.perf_counter()))
        tasks.append(asyncio.create_task(post(number)))
    await asyncio.gather(*tasks)
    whole = await crowd.until(lambda: len(crowd.seen) >= len(tasks) * len(crowd.readers), within=5.0) and len(tasks) == posts
    return Measured("", times=list(crowd.seen)), whole


@contextmanager
def server(module: str, *arguments: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A bare server on the server's core."""
    process = subprocess.Popen([sys.executable, "-m", module, str(port), *arguments], preexec_fn=lambda: stages.pin(stages.SERVER_CORE))
    try:
        while not _answers(port):
            assert process.poll() is None, f"{module} ended with {process.returncode}"
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def cpu_seconds(pid: int) -> float:
    """What the process has used of a processor, which other programs on the machine change little."""
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)


class Posters:
    """Sixteen members who post over HTTP, each answered after the commit."""

    def __init__(self, stage: Stage, scene: Scene) -> None:
        self.stage = stage
        self.scene = scene
        self.path = f"/{SLUG}/records/{scene.record_id}/comments"
        self.free: asyncio.Queue[tuple[Client, str]] = asyncio.Queue()
        self.frame = Frame(key=stages.SECRET.encode(), secure=False)

    async def __aenter__(self) -> "Posters":
        for token in self.scene.posters:
            client = Client(self.stage.port, {})
            await client.__aenter__()
            self.free.put_nowait((client, token))
        return self

    async def __aexit__(self, *_: object) -> None:
        while not self.free.empty():
            await self.free.get_nowait()[0].__aexit__()

    async def post(self, number: int) -> None:
        client, token = await self.free.get()
        if client.reader.at_eof():  # the server closes what is idle for five seconds
            await client.__aenter__()
        form = {"body": f"Kommentar nummer {number}.", "key": str(uuid4()), "parent_id": "", "csrf": self.frame.sign(f"csrf:{token}")}
        kind = {"Content_Type": "application/x-www-form-urlencoded", "Cookie": f"sid={token}", "X_Fragment": "1"}
        status, body = await client.ask("POST", self.path, urlencode(form).encode(), **kind)
        assert status == 201, (status, body[:300])
        self.free.put_nowait((client, token))


class Table:
    """Rows by readers and rate, one column for each server."""

    def __init__(self, servers: list[str]) -> None:
        self.servers = servers
        self.cells: dict[tuple[int, int, str], Measured] = {}
        self.cpu: dict[tuple[int, int, str], float] = {}

    def show(self) -> None:
        print("\ndue to received, p50 / p95 / p99 ms (server's CPU ms a post)")
        print(f"{'readers':>8}{'posts/s':>8}" + "".join(f"{name:>36}" for name in self.servers))
        for readers, rate in sorted({(readers, rate) for readers, rate, _name in self.cells}):
            row = f"{readers:>8}{rate:>8}"
            for name in self.servers:
                cell = self.cells.get((readers, rate, name))
                times = "-" if cell is None else " / ".join(f"{cell.at(percent):.1f}" for percent in (50, 95, 99))
                row += f"{f'{times} ({self.cpu[readers, rate, name]:.1f})':>36}"
            print(row, flush=True)

    def p99(self, readers: int, rate: int, name: str) -> float:
        return self.cells[readers, rate, name].at(99)


async def climb(crowd: Crowd, post: Post, readers: int, seconds: float) -> int:
    """The highest rate at which p99 stays good and nothing is missing: up the ladder, and then by halves."""

    async def holds(rate: int) -> bool:
        measured, whole = await paced(crowd, post, rate=rate, seconds=seconds)
        return whole and measured.at(99) < GOOD_ENOUGH

    best = 0
    for rate in LADDER[readers]:
        if not await holds(rate):
            break
        best = rate
    else:
        return best
    bad = rate
    for _half in range(HALVINGS):
        rate = (best + bad) // 2
        if await holds(rate):
            best = rate
        else:
            bad = rate
    return best


Fill = Callable[[Crowd, int], Awaitable[None]]


async def sweep(
    table: Table, name: str, pid: int, port: int, path: str, fill: Fill, post: Post, seconds: float
) -> tuple[float, dict[int, int]]:
    """All readers and rates at one server; memory a reader in kB, and how far it climbs."""
    memory = await memory_of_readers(pid, Crowd(port, path), fill, post)
    crowd, climbed = Crowd(port, path), {}
    for readers in READERS:
        await fill(crowd, readers - len(crowd.readers))
        for rate in RATES:
            spent = cpu_seconds(pid)
            table.cells[readers, rate, name], whole = await paced(crowd, post, rate=rate, seconds=seconds)
            table.cpu[readers, rate, name] = (cpu_seconds(pid) - spent) / len(crowd.due) * 1000
            cell = table.cells[readers, rate, name]
            note = "" if whole else "; NOT everything was seen within 5 s"
            print(f"{name}, {readers} readers, {rate}/s: p50 {cell.at(50):.1f}, p99 {cell.at(99):.1f} ms{note}", flush=True)
        if readers in LADDER:
            climbed[readers] = await climb(crowd, post, readers, seconds)
    await crowd.leave()
    return memory, climbed


async def memory_of_readers(pid: int, crowd: Crowd, fill: Fill, post: Post) -> float:
    """What each more reader takes, in kB, at a server that has done nothing else: afterwards it keeps what posts have left."""
    many = max(READERS)
    few = many // 50 or 1
    await fill(crowd, few)
    await paced(crowd, post, rate=20, seconds=0.5)  # they load what is there once
    before = psutil.Process(pid).memory_info().rss
    await fill(crowd, many - few)
    grown = psutil.Process(pid).memory_info().rss - before
    await crowd.leave()
    return grown / (many - few) / 1000


async def insert_and_notify(stage: Stage, rate: int, seconds: float) -> Measured:
    """One statement that inserts and notifies, until a listener on another connection has heard it."""
    address = stage.url.replace("+asyncpg", "")
    writer, listener = await asyncpg.connect(address), await asyncpg.connect(address)
    await writer.execute("CREATE TABLE IF NOT EXISTS bare_notice (id bigserial PRIMARY KEY, body text)")
    times: list[float] = []
    due: dict[int, float] = {}

    def heard(_connection: Any, _pid: int, _channel: str, payload: object) -> None:
        times.append((time.perf_counter() - due[int(str(payload).split(":")[1])]) * 1000)

    await listener.add_listener("bare", heard)
    start = time.perf_counter() + 0.1
    for number in range(max(20, int(rate * seconds))):
        due[number] = start + number / rate
        await asyncio.sleep(max(0.0, due[number] - time.perf_counter()))
        await writer.execute(BARE_INSERT, "Vi har samma fråga.", str(number))
    await asyncio.sleep(0.2)
    await writer.close()
    await listener.close()
    return Measured("", times=times)


async def catching_up(stage: Stage, scene: Scene) -> Measured:
    """From a subscription with a cursor five hundred events back until the last of them is there."""
    stream = scene.long_stream
    engine = engine_for(stage.url)
    async with sessions_for(engine)() as session:
        epoch, _dot, last = (await head(session, stream)).rpartition(".")
    await engine.dispose()
    end = f'"seq":{last},'.encode()
    times = []
    for _ in range(12):
        crowd = Crowd(stage.port)
        await crowd.gather(cookies(scene.readers, 1), [{"t": "ping"}])
        done = asyncio.get_running_loop().create_future()
        reader = crowd.readers[0]

        def take(opcode: int, payload: bytes, moment: float, done: asyncio.Future[float] = done) -> None:
            if end in payload and not done.done():
                done.set_result(moment)

        reader._take = take  # type: ignore[method-assign]
        begun = time.perf_counter()
        reader.say(1, f'{{"t":"subscribe","stream":{stream},"cursor":"{epoch}.{int(last) - MISSED}"}}'.encode())
        async with asyncio.timeout(10):
            times.append((await done - begun) * 1000)
        await crowd.leave()
    return Measured("", times=times)


async def idle(stage: Stage, scene: Scene, pid: int, wishes: list[dict[str, Any]], number: int) -> None:
    crowd = Crowd(stage.port)
    before, begun = psutil.Process(pid).memory_info().rss, time.perf_counter()
    await crowd.gather(cookies(scene.readers, number), wishes)
    took = time.perf_counter() - begun
    grown = (psutil.Process(pid).memory_info().rss - before) / number / 1000
    cpu = psutil.Process(pid)
    cpu.cpu_percent()
    await asyncio.sleep(2)
    busy = cpu.cpu_percent()
    async with Posters(stage, scene) as posters:
        measured, whole = await paced(crowd, posters.post, rate=1, seconds=4)
    print(
        f"{number} idle sockets: here after {took:.1f} s, {grown:.1f} kB each, {busy:.0f} % of a core at rest; "
        f"one event to all p50 / p99 {measured.at(50):.0f} / {measured.at(99):.0f} ms{'' if whole else ', NOT all seen'}"
    )
    await crowd.leave()


async def measure(stage: Stage, *, seconds: float, idle_sockets: int) -> None:
    scene = await furnish(stage.url, max(max(READERS), idle_sockets))
    wishes = [{"t": "hello", "network": scene.network_id, "age": 0}, {"t": "subscribe", "stream": scene.stream, "cursor": None}]
    names = ["portal, durable", "bare uvicorn", "bare websockets broadcast"]
    table, memory, climbed = Table(names), {}, {}

    async def come(crowd: Crowd, number: int) -> None:
        await crowd.gather(cookies(scene.readers, len(crowd.readers) + number)[len(crowd.readers) :], wishes)

    async def just_come(crowd: Crowd, number: int) -> None:
        await crowd.gather(["none"] * number, [])

    with stages.portal(stage) as process:
        async with Posters(stage, scene) as posters:
            memory[names[0]], climbed[names[0]] = await sweep(
                table, names[0], process.pid, stage.port, "/live", come, posters.post, seconds
            )
        caught = await catching_up(stage, scene)
        await idle(stage, scene, process.pid, wishes, idle_sockets)
    with server("bench.bare", "1000", port=stage.bare_port) as process:
        async with Client(stage.bare_port, {}) as asking:
            lock = asyncio.Lock()

            async def fan(number: int) -> None:
                async with lock:
                    if asking.reader.at_eof():
                        await asking.__aenter__()
                    await asking.ask("GET", f"/fan?nummer={number}.")

            memory[names[1]], climbed[names[1]] = await sweep(table, names[1], process.pid, stage.bare_port, "/", just_come, fan, seconds)
    port = stages.free_port()
    with server("bench.broadcast", port=port) as process:
        speaker = Crowd(port, "/")
        await speaker.gather(["none"], [])

        async def speak(number: int) -> None:
            speaker.readers[0].say(1, f"nummer={number}.{PAYLOAD}".encode())

        memory[names[2]], climbed[names[2]] = await sweep(table, names[2], process.pid, port, "/", just_come, speak, seconds)
    bell = await insert_and_notify(stage, 20, seconds)
    table.show()
    report(table, memory, climbed, bell, caught)


def report(table: Table, memory: dict[str, float], climbed: dict[str, dict[int, int]], bell: Measured, caught: Measured) -> None:
    portal, uvicorn, websockets = table.servers
    print(f"\ninsert and notify, one statement: p50 / p95 / p99 {bell.at(50):.1f} / {bell.at(95):.1f} / {bell.at(99):.1f} ms")
    for name in table.servers:
        rates = ", ".join(f"{readers} readers {rate}/s" for readers, rate in climbed[name].items())
        print(f"{name:<28} {memory[name]:6.1f} kB a reader; highest rate with p99 < {GOOD_ENOUGH:.0f} ms: {rates}")
    print(f"catching up on {MISSED} events: p50 / p99 {caught.at(50):.0f} / {caught.at(99):.0f} ms (target 250)")
    if 100 in READERS:
        allowed = 2 * (table.p99(100, 20, uvicorn) + bell.at(99))
        print(
            f"100 readers, 20/s: p99 {table.p99(100, 20, portal):.1f} ms, target {allowed:.1f}, twice bare fan-out with insert-and-notify"
        )
    if 1000 in READERS:
        allowed = 1.5 * table.p99(1000, 20, websockets)
        print(f"1,000 readers, 20/s: p99 {table.p99(1000, 20, portal):.1f} ms, target {allowed:.1f}, 1.5 times bare broadcast")
    for readers, target in OF_UVICORN.items():
        if climbed[uvicorn].get(readers):
            ratio = climbed[portal][readers] / climbed[uvicorn][readers]
            print(f"{readers:,} readers: highest rate {ratio:.2f} of bare uvicorn's, target {target}")
    print(f"memory: {memory[portal] / memory[uvicorn]:.2f} times bare uvicorn, target 2", flush=True)


def run(stage: Stage, *, seconds: float = 2.0, idle_sockets: int = IDLE) -> None:
    """On a stage with its schema."""
    print("live delivery …", flush=True)
    if (allowed := raise_limits(max(max(READERS), idle_sockets))) < idle_sockets:
        print(f"{allowed:,} idle sockets instead of {idle_sockets:,}: the machine allows no more open files (ulimit -Hn)", flush=True)
        idle_sockets = allowed
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(measure(stage, seconds=seconds, idle_sockets=idle_sockets))


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.live", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each rate is kept up")
    parser.add_argument("--idle", type=int, default=IDLE, help="how many sockets sit idle")
    parser.add_argument(
        "--readers",
        type=int,
        nargs="+",
        default=READERS,
        help="how many readers there are, from few to many; without 100 and 1000 some targets are not asked for",
    )
    given = parser.parse_args()
    READERS[:] = given.readers
    with stages.database() as url:
        stage = Stage(url, stages.free_port(), stages.free_port())
        asyncio.run(migrate.upgrade(url))
        run(stage, seconds=given.seconds, idle_sockets=given.idle)


if __name__ == "__main__":
    main()

"""The stage: a database on disk, a portal and a bare server pinned to the first core, the generator on the second."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from datetime import time as clock_time
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

import psutil
from sqlalchemy import text

from portal import clock
from portal.accounts import actions as accounts
from portal.calendar import actions as calendar
from portal.calendar.models import FeedForm
from portal.comments import actions as threads
from portal.comments.models import CommentForm
from portal.db import Session, engine_for, sessions_for
from portal.findings.actions import publish
from portal.findings.models import FindingForm
from portal.ground import embedded, migrate
from portal.meetings.actions import plan
from portal.meetings.models import MeetingForm
from portal.networks.access import Role
from portal.networks.models import Membership, Theme
from portal.records.models import Record
from tests.factories import make_member, make_network, make_unit

SECRET = "only-for-measuring-" + "0" * 32
SERVER_CORE, LOAD_CORE = 0, 1


@dataclass
class Stage:
    """What the measures need to know."""

    url: str
    port: int
    bare_port: int
    threads: dict[int, Record] = field(default_factory=dict)
    many: list[Record] = field(default_factory=list)
    members: list[Membership] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    feeds: dict[int, str] = field(default_factory=dict)
    start: float = 0.0
    memory: float = 0.0


def pin(core: int) -> None:
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {core})


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def database() -> Iterator[str]:
    """A durable embedded PostgreSQL of its own, on the server's core."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o755)
        server = embedded.Server(Path(folder))
        pin(SERVER_CORE)
        server.ensure()
        pin(LOAD_CORE)
        try:
            yield server.url()
        finally:
            server.stop()


async def furnish(stage: Stage) -> None:
    """Three threads (20, 100, 1,000 comments), a hundred to write in, sixteen writers, two feeds (60 and 1,000 meetings)."""
    await migrate.upgrade(stage.url)
    engine = engine_for(stage.url)
    async with sessions_for(engine, limits=10**9)() as session:
        await _people(session, stage)
        await _threads(session, stage)
        for count, slug in ((60, "sixty"), (1000, "thousand")):
            stage.feeds[count] = await _feed(session, count, slug)
        await session.commit()
    async with engine.connect() as connection:  # what PostgreSQL knows of its tables a minute later by itself
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("VACUUM ANALYZE"))
    await engine.dispose()


async def _people(session: Session, stage: Stage) -> None:
    network = await make_network(session, slug="bench", name="Mätning")
    unit = await make_unit(session, network, "Bildning")
    for n in range(16):
        member = await make_member(session, network, f"Person{n} Mätare", Role.contact, unit=unit)
        someone = accounts.Visitor(browser="bench", address="127.0.0.1", agent="bench")
        _device, token = await accounts.start(session, person=member.person, trusted=True, visitor=someone)
        stage.members.append(member)
        stage.tokens.append(token)


async def _threads(session: Session, stage: Stage) -> None:
    theme = Theme(network_id=stage.members[0].network_id, name="Teknik", position=0)
    session.add(theme)
    await session.flush()
    form = FindingForm(title="Mätning", happens="Det mäts.", means="Vi vet mer.", themes=[theme.id])
    for count in (20, 100, 1000):
        finding = await publish(session, by=stage.members[0], form=form)
        for n in range(count):
            comment = CommentForm(body="Vi har samma fråga inom hemvården. " * 5, key=uuid4())
            await threads.post(session, finding.record.id, by=stage.members[n % 16], form=comment)
        stage.threads[count] = finding.record
    stage.many = [(await publish(session, by=stage.members[0], form=form)).record for _ in range(100)]


async def _feed(session: Session, count: int, slug: str) -> str:
    network = await make_network(session, slug=slug, name=slug)
    owner = await make_member(session, network, "Ingela Rask", Role.coordinator)
    for n in range(count):
        day = clock.today() + timedelta(days=n % 700)
        meeting = MeetingForm(
            title=f"Träff {n}", day=date(day.year, day.month, day.day), starts=clock_time(13), ends=clock_time(15), place="Tranan"
        )
        await plan(session, by=owner, form=meeting)
    return await calendar.make(session, by=owner, form=FeedForm(name="bench"))


@contextmanager
def portal(stage: Stage) -> Iterator[subprocess.Popen[bytes]]:
    """The portal as people run it, on the server's core; how long it took to its first page is noted."""
    given = {"DATABASE_URL": stage.url, "PORT": str(stage.port), "PORTAL_SECRET": SECRET, "PORTAL_LIMITS": "1000000000"}
    with tempfile.TemporaryDirectory(prefix="bench-data-") as data:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "portal", "serve"],
            env={**os.environ, **given, "PORTAL_DATA": data},
            preexec_fn=lambda: pin(SERVER_CORE),
            stdout=subprocess.DEVNULL,
        )
        try:
            await_page(f"http://127.0.0.1:{stage.port}/sign-in", process)
            stage.start = time.perf_counter() - begun
            stage.memory = psutil.Process(process.pid).memory_info().rss / 2**20
            yield process
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def bare(stage: Stage, size: int) -> Iterator[subprocess.Popen[bytes]]:
    """The bare server, on the same core."""
    process = subprocess.Popen([sys.executable, "-m", "bench.bare", str(stage.bare_port), str(size)], preexec_fn=lambda: pin(SERVER_CORE))
    try:
        await_page(f"http://127.0.0.1:{stage.bare_port}/ready", process)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def await_page(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"{address}: the server ended with {process.returncode}")
        try:
            with urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{address} did not answer")

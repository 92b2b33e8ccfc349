"""`portal serve --workers 2`: two processes on one address that behave as one portal, and end with their parent."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import pytest

from portal.accounts import actions as accounts
from portal.app import signing_key
from portal.comments.models import Thread
from portal.config import Misconfigured, Settings
from portal.db import engine_for, sessions_for
from portal.live import head
from portal.records.models import Record
from portal.web.pages import Frame
from tests.factories import Cast, make_cast
from tests.ground.conftest import temporary_folder
from tests.ground.test_commands import portal as command
from tests.ground.test_server import processes_in, until
from tests.journeys.house import House
from tests.live.follower import Follower
from tests.making import make_finding
from tests.postgres import Server

SECRET = "two-processes-one-key-" + "0" * 32


class Twins(House):
    """A portal of two processes, started as a person does it."""

    def _begin(self, command: str) -> "subprocess.Popen[bytes]":
        with self._journal.open("ab") as journal:
            return subprocess.Popen(
                [sys.executable, "-m", "portal", command], env=self._environment, stdout=journal, stderr=subprocess.STDOUT
            )

    @property
    def parent(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    @property
    def processes(self) -> list[psutil.Process]:
        return [each for each in self.parent.children() if _is_at_work(each)]

    def serving(self, port: int) -> int | None:
        """The process that has the connection from this port of ours."""
        for process in self.processes:
            if any(each.raddr and each.raddr.port == port for each in process.net_connections("tcp")):
                return process.pid
        return None

    def end(self, kind: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(kind)
        return self._process.wait(30)


def _is_at_work(process: psutil.Process) -> bool:
    try:
        return "portal.commands.working" in process.cmdline()
    except psutil.NoSuchProcess:  # also one that is dead and not buried yet
        return False


@dataclass
class Visited:
    """The portal, a thread in it, and two members' sign-ins."""

    twins: Twins
    cast: Cast
    record: Record
    stream: int
    cursor: str
    tokens: dict[int, str]

    async def post(self, client: httpx.AsyncClient, path: str, member: int, **form: str) -> None:
        token = self.tokens[member]
        csrf = Frame(key=SECRET.encode(), secure=False).sign(f"csrf:{token}")
        answer = await client.post(f"{self.twins.address}/granby{path}", data={"csrf": csrf, **form}, headers={"Cookie": f"sid={token}"})
        assert answer.status_code in (201, 303), answer.text[:500]


@pytest.fixture(scope="module")
def twins(server: Server, template: str) -> Iterator[Twins]:
    folder = temporary_folder()
    house = Twins(
        folder, database_url=server.create_database("twins", template), PORTAL_SECRET=SECRET, PORTAL_WORKERS="2", PORTAL_LIMITS="1000"
    )
    house.start()
    until(lambda: len(house.processes) == 2, within=60)
    yield house
    house.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
async def visited(twins: Twins, server: Server) -> Visited:
    engine = engine_for(server.url("twins"))
    async with sessions_for(engine)() as session:
        cast = await make_cast(session)
        record = await make_finding(session, cast.contact)
        thread = await session.get(Thread, record.id)
        assert thread is not None
        tokens = {}
        for member in (cast.coordinator, cast.contact):
            someone = accounts.Visitor(browser="test", address="127.0.0.1", agent="test")
            _device, tokens[member.id] = await accounts.start(session, person=member.person, trusted=True, visitor=someone)
        cursor = await head(session, thread.stream_id)
        await session.commit()
    await engine.dispose()
    return Visited(twins, cast, record, thread.stream_id, cursor, tokens)


@pytest.fixture
async def readers(visited: Visited) -> AsyncIterator[dict[int, list[Follower]]]:
    """At least two readers at each process, by its number."""
    async with AsyncExitStack() as stack:
        found: dict[int, list[Follower]] = {process.pid: [] for process in visited.twins.processes}
        for _ in range(60):
            if len(found) == 2 and min(map(len, found.values())) >= 2:
                break
            cookie = f"sid={visited.tokens[visited.cast.contact.id]}"
            page = await stack.enter_async_context(Follower(visited.twins.port, cookie, network=visited.cast.network.id))
            await page.follow(visited.stream, visited.cursor)
            found[at(visited.twins, page)].append(page)
        assert min(map(len, found.values())) >= 2
        yield found


def at(twins: Twins, page: Follower) -> int:
    assert page.connection is not None
    port = page.connection.local_address[1]
    until(lambda: twins.serving(port) is not None, within=30)
    return twins.serving(port) or 0


async def comment(visited: Visited, client: httpx.AsyncClient, number: int) -> None:
    member = (visited.cast.coordinator, visited.cast.contact)[number % 2].id
    await visited.post(client, f"/records/{visited.record.id}/comments", member, body=f"Nummer {number}.", key=str(uuid4()), parent_id="")


async def test_readers_at_both_see_one_order_and_what_is_hidden_vanishes_at_both(
    visited: Visited, readers: dict[int, list[Follower]]
) -> None:
    pages = [page for each in readers.values() for page in each]
    async with httpx.AsyncClient(timeout=30) as client:
        await asyncio.gather(*(comment(visited, client, number) for number in range(30)))
        for page in pages:
            await page.until(lambda page=page: len(page.streams[visited.stream].events) >= 30)
        first = pages[0].streams[visited.stream].events
        await visited.post(
            client, f"/comments/{first[4]['id']}/hiding", visited.cast.coordinator.id, reason="off_topic", words="Det är inte rätt plats."
        )
        for page in pages:
            await page.until(lambda page=page: page.streams[visited.stream].events[-1]["kind"] == "comment.hidden")

    assert sorted(words(event["html"]) for event in first[:30]) == sorted(f"Nummer {number}." for number in range(30))
    orders = {tuple((event["seq"], event["kind"], event["ref"]) for event in page.streams[visited.stream].events) for page in pages}
    assert len(orders) == 1
    last = {page.streams[visited.stream].events[-1]["html"] for page in pages}
    assert len(last) == 1
    assert words(first[4]["html"]) not in last.pop()
    assert all("activity" in page.signals or "*" in page.signals for page in pages)


def words(html: str) -> str:
    return "Nummer " + html.partition("Nummer ")[2].partition("<")[0]


async def test_the_readers_of_a_process_that_dies_come_back_to_the_other(visited: Visited, readers: dict[int, list[Follower]]) -> None:
    (dying, orphans), (staying, others) = sorted(readers.items(), key=lambda each: len(each[1]))
    os.kill(dying, signal.SIGKILL)
    async with httpx.AsyncClient(timeout=30) as client:
        for number in range(100, 110):
            await until_posted(visited, client, number)
        for page in orphans + others:
            events = page.streams[visited.stream].events
            await page.until(lambda events=events: bool(events) and words(events[-1]["html"]) == "Nummer 109.")

    for page in orphans + others:
        assert page.streams[visited.stream].numbers == list(range(1, len(page.streams[visited.stream].events) + 1))
        assert page.streams[visited.stream].resyncs == []
    assert [page.closes for page in others] == [[]] * len(others)
    assert {page.closes[0][0] for page in orphans} == {1006}
    until(lambda: len(visited.twins.processes) == 2, within=60)
    assert staying in {process.pid for process in visited.twins.processes}
    assert f"serving process {dying} has ended (-9); another takes its place" in visited.twins.said


async def until_posted(visited: Visited, client: httpx.AsyncClient, number: int) -> None:
    """A request that was with the process when it died is tried again with the same key, as the page does."""
    try:
        await comment(visited, client, number)
    except httpx.TransportError:
        await comment(visited, client, number)


async def test_a_job_is_done_once(visited: Visited) -> None:
    """Eight codes are asked for at both processes; eight mails lie in the folder."""
    folder = Path(visited.twins._environment["PORTAL_DATA"]) / "mail"
    people = [member.person.email for member in visited.cast.everyone.values()][:8]

    async def ask(address: str) -> None:
        async with httpx.AsyncClient(base_url=visited.twins.address, timeout=30) as client:
            await client.get("/sign-in")
            csrf = Frame(key=SECRET.encode(), secure=False).sign(f"csrf:{client.cookies['browser']}")
            answer = await client.post("/sign-in/code-request", data={"email": address, "csrf": csrf})
            assert answer.status_code == 303, answer.text[:300]

    await asyncio.gather(*map(ask, people))
    await asyncio.to_thread(until, lambda: len(list(folder.glob("*"))) >= len(people), within=30)
    await asyncio.sleep(1)
    assert len(list(folder.glob("*"))) == len(people)


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_a_word_to_the_parent_ends_all(fresh: Path, server: Server, template: str, kind: signal.Signals) -> None:
    url = server.create_database(f"ended_{kind.name}", template)
    twins = Twins(fresh, database_url=url, PORTAL_SECRET=SECRET, PORTAL_WORKERS="2")
    twins.start()
    until(lambda: len(twins.processes) == 2, within=60)
    family = [twins.parent, *twins.processes]
    assert twins.end(kind) == 0
    assert psutil.wait_procs(family, timeout=15)[1] == []
    assert twins.said.endswith("The portal has stopped.\n")
    assert "Traceback" not in twins.said


def test_a_parent_that_is_killed_leaves_no_serving_process(fresh: Path) -> None:
    """With the embedded database, which the next portal adopts."""
    twins = Twins(fresh, PORTAL_WORKERS="2")
    try:
        twins.start("run")
        until(lambda: len(twins.processes) == 2, within=60)
        family = twins.processes
        twins.end(signal.SIGKILL)
        assert psutil.wait_procs(family, timeout=60)[1] == []

        twins.start("run")
        assert twins.end(signal.SIGTERM) == 0
        assert processes_in(fresh) == []
        assert "Traceback" not in twins.said
    finally:
        twins.kill()  # one that did not start in time would go on starting serving processes for the rest of the run


@pytest.mark.parametrize("told", ["", "all"])
def test_a_serving_process_whose_parent_ends_while_it_starts_says_nothing(twins: Twins, told: str) -> None:
    """Its input is the pipe from the parent: at its end already, with or without the errand in it."""
    errand = json.dumps({"url": twins.database_url, "words": ""}) + "\n" if told else ""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        begun = [sys.executable, "-m", "portal.commands.working", str(listening.fileno())]
        ended = subprocess.run(begun, input=errand, pass_fds=[listening.fileno()], env=twins._environment, capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("", "")


def test_processes_that_start_together_have_one_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    for _ in range(20):
        folder = tmp_path / uuid4().hex
        keys = list(asyncio.run(drawn_at_once(Settings(data=folder))))
        assert len(set(keys)) == 1
        assert len(keys[0]) >= 32
        assert [each.name for each in folder.iterdir()] == ["key"]
        assert (folder / "key").stat().st_mode & 0o777 == 0o600


async def drawn_at_once(settings: Settings) -> list[bytes]:
    return await asyncio.gather(*(asyncio.to_thread(signing_key, settings) for _ in range(8)))


@pytest.mark.parametrize("number", ["0", "-1", "65"])
def test_a_number_of_processes_that_makes_no_sense_is_refused(number: str) -> None:
    with pytest.raises(Misconfigured, match="PORTAL_WORKERS must be between 1 and 64"):
        Settings.from_environment({"PORTAL_WORKERS": number})
    done = command("serve", "--workers", number, PORTAL_SECRET=SECRET)
    assert done.returncode == 1
    assert done.stderr == f"portal: --workers must be between 1 and 64, not {number}.\n"

"""Jobs go with the transaction that wrote them, and outlive failures, restarts and the loss of the database."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import perf_counter
from typing import Any

import pytest
from asyncpg import InterfaceError
from pgqueuer.domain.settings import DBSettings
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from portal import jobs, queueing
from portal.db import Sessions, unit_of_work
from portal.jobs import TemporaryError, Worker
from tests.postgres import Server

Start = Callable[..., Awaitable[Worker]]
Rows = Callable[[str], Awaitable[list[Any]]]

# Other databases of the server have workers too: the portal of the run is one of them.
WORKERS = "FROM pg_stat_activity WHERE application_name = 'portal jobs' AND datname = '{}'"
WORKERS_WAIT_FOR = f"SELECT wait_event_type {WORKERS}"
END_WORKERS = f"SELECT pg_terminate_backend(pid) {WORKERS}"


class Desk:
    """A handler that notes what it is given; `wait_for(n)` waits until it has been called n times."""

    def __init__(self, *, failures: int = 0, error: Exception | None = None) -> None:
        self.seen: list[dict[str, Any]] = []
        self.failures = failures
        self.error = error or RuntimeError("the stamp is dry")

    async def __call__(self, payload: dict[str, Any]) -> None:
        self.seen.append(payload)
        if len(self.seen) <= self.failures:
            raise self.error

    async def wait_for(self, calls: int) -> None:
        for _ in range(800):
            if len(self.seen) >= calls:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"called {len(self.seen)} times, not {calls}")


async def until(rows: Rows, statement: str, wanted: list[Any]) -> None:
    """Wait until the database answers `wanted`."""
    for _ in range(400):
        found = await rows(statement)
        if found == wanted:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{statement} still answers {found}, not {wanted}")


async def put(sessions: Sessions, name: str, payload: dict[str, Any], **given: Any) -> bool:
    async with unit_of_work(sessions) as session:
        return await jobs.enqueue(session, name, payload, **given)


async def test_slow_jobs_run_one_by_one_and_others_pass_them(sessions: Sessions, start: Start) -> None:
    desk, slow, gate = Desk(), Desk(), asyncio.Event()

    async def read(payload: dict[str, Any]) -> None:
        await slow(payload)
        await gate.wait()

    for n in range(6):
        await put(sessions, "read", {"n": n})
    await start({"note": desk, "read": read}, one_by_one={"read"})
    await slow.wait_for(1)
    await put(sessions, "note", {})
    await desk.wait_for(1)
    assert slow.seen == [{"n": 0}]
    gate.set()
    await slow.wait_for(6)


async def test_a_job_runs_once_when_its_transaction_has_committed(sessions: Sessions, start: Start, rows: Rows) -> None:
    desk = Desk()
    await start({"note": desk})
    async with unit_of_work(sessions) as session:
        assert await jobs.enqueue(session, "note", {"ort": "Älvsbyn", "number": 7})
        await asyncio.sleep(0.3)
        assert desk.seen == []
    await desk.wait_for(1)
    await until(rows, "SELECT count(*) FROM pgqueuer", [(0,)])
    assert desk.seen == [{"ort": "Älvsbyn", "number": 7}]


async def test_a_job_is_gone_with_its_transaction_even_as_its_first_statement(sessions: Sessions, rows: Rows) -> None:
    waiting = text("SELECT entrypoint FROM pgqueuer")
    async with sessions() as session:
        await jobs.enqueue(session, "note", {})
        assert (await (await session.connection()).execute(waiting)).all() == [("note",)]
        await session.rollback()
    assert await rows(str(waiting)) == []


async def test_a_key_admits_one_waiting_job(sessions: Sessions, start: Start, rows: Rows) -> None:
    assert await put(sessions, "digest", {"person": 1}, key="digest.1")
    assert not await put(sessions, "digest", {"person": 1}, key="digest.1")
    assert await put(sessions, "digest", {"person": 2}, key="digest.2")
    desk = Desk()
    await start({"digest": desk})
    await desk.wait_for(2)
    await until(rows, "SELECT count(*) FROM pgqueuer", [(0,)])
    assert sorted(each["person"] for each in desk.seen) == [1, 2]
    assert await put(sessions, "digest", {"person": 1}, key="digest.1")


async def test_a_job_that_fails_is_tried_again(sessions: Sessions, start: Start, rows: Rows) -> None:
    desk = Desk(failures=2)
    await start({"note": desk})
    await put(sessions, "note", {})
    await desk.wait_for(3)
    await until(rows, "SELECT count(*) FROM pgqueuer", [(0,)])


async def test_a_job_that_always_fails_is_kept_and_each_failure_is_in_the_log(
    sessions: Sessions, start: Start, rows: Rows, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(failures=99)
    await start({"note": desk})
    await put(sessions, "note", {})
    await until(rows, "SELECT entrypoint, status::text FROM pgqueuer", [("note", "failed")])
    assert len(desk.seen) == 3
    said = [record.getMessage() for record in caplog.records if record.name == "portal.jobs"]
    assert [line.rpartition(", ")[2] for line in said] == [f"try {each}: the stamp is dry" for each in (1, 2, 3)]
    assert len([each for each in caplog.records if each.name == "pgqueuer" and each.levelno == logging.ERROR]) == 1


@pytest.mark.parametrize(
    ("error", "said"), [(TemporaryError("nobody home"), "nobody home"), (InterfaceError("closed\nHINT: none"), "InterfaceError: closed")]
)
async def test_a_temporary_failure_leaves_no_trace_in_the_log(
    sessions: Sessions, start: Start, caplog: pytest.LogCaptureFixture, error: Exception, said: str
) -> None:
    desk = Desk(failures=1, error=error)
    await start({"note": desk})
    await put(sessions, "note", {})
    await desk.wait_for(2)
    (record,) = [each for each in caplog.records if each.name == "portal.jobs"]
    assert record.getMessage().endswith(f"failed, try 1: {said}")
    assert record.exc_info is None


async def test_a_job_without_a_handler_waits_for_a_worker_that_has_one(sessions: Sessions, start: Start, rows: Rows) -> None:
    desk = Desk()
    await start({"known": desk})
    await put(sessions, "unknown", {})
    await put(sessions, "known", {})
    await desk.wait_for(1)
    await until(rows, "SELECT entrypoint, status::text FROM pgqueuer", [("unknown", "queued")])


async def test_stopping_is_quick_and_puts_back_what_still_runs(sessions: Sessions, start: Start, rows: Rows) -> None:
    begun = asyncio.Event()

    async def endless(_payload: dict[str, Any]) -> None:
        begun.set()
        await asyncio.Event().wait()

    worker = await start({"note": endless})
    await put(sessions, "note", {"number": 1})
    await asyncio.wait_for(begun.wait(), 5)
    before = perf_counter()
    await worker.stop()
    assert perf_counter() - before < 1
    assert await rows("SELECT status::text FROM pgqueuer") == [("queued",)]
    desk = Desk()
    await start({"note": desk})
    await desk.wait_for(1)


async def test_stopping_an_idle_worker_is_immediate(start: Start) -> None:
    worker = await start({"note": Desk()})
    await asyncio.sleep(0.3)
    before = perf_counter()
    await worker.stop()
    assert perf_counter() - before < 0.3


async def test_a_worker_survives_the_end_of_its_connection_while_a_job_runs(
    sessions: Sessions, start: Start, rows: Rows, engine: AsyncEngine
) -> None:
    begun, go_on, seen = asyncio.Event(), asyncio.Event(), Desk()

    async def slow(payload: dict[str, Any]) -> None:
        begun.set()
        await go_on.wait()
        await seen(payload)

    await start({"slow": slow, "note": seen}, poll=timedelta(minutes=1))
    await put(sessions, "slow", {"number": 1})
    await asyncio.wait_for(begun.wait(), 5)
    await asyncio.sleep(0.3)  # until the worker does nothing but wait
    assert await rows(END_WORKERS.format(engine.url.database)) == [(True,)]
    go_on.set()
    await put(sessions, "note", {"number": 2})
    await seen.wait_for(2)
    assert [each["number"] for each in seen.seen] == [1, 2]


@pytest.mark.parametrize(("failures", "said"), [(0, "that 1 ended"), (1, "that slow {} is to be tried again")])
async def test_what_cannot_be_written_down_any_more_is_a_line_in_the_log_and_the_job_stays(
    sessions: Sessions, start: Start, rows: Rows, engine: AsyncEngine, caplog: pytest.LogCaptureFixture, failures: int, said: str
) -> None:
    begun, go_on, desk = asyncio.Event(), asyncio.Event(), Desk(failures=failures, error=TemporaryError("nobody home"))
    gates = [go_on, asyncio.Event()]  # on a machine that takes fifteen seconds for this, the job is handed out again meanwhile

    async def slow(payload: dict[str, Any]) -> None:
        begun.set()
        await gates.pop(0).wait()
        await desk(payload)

    await start({"slow": slow}, poll=timedelta(minutes=1))
    await put(sessions, "slow", {})
    await asyncio.wait_for(begun.wait(), 30)
    assert await rows(END_WORKERS.format(engine.url.database)) == [(True,)]
    await until(rows, f"SELECT count(*) {WORKERS.format(engine.url.database)}", [(0,)])
    go_on.set()
    await until(rows, f"SELECT count(*) {WORKERS.format(engine.url.database)}", [(1,)])  # the next connection: the last one's work is over
    ((number, status),) = await rows("SELECT id, status::text FROM pgqueuer")
    assert (len(desk.seen), status) == (1, "picked")
    told = [record for record in caplog.records if record.name == "pgqueuer" or "written down" in record.getMessage()]
    assert [(record.getMessage().rpartition(" (")[0], record.exc_info) for record in told] == [
        (f"jobs: the connection went before it was written down {said.format(number)}", None)
    ]


async def test_a_worker_survives_the_end_of_its_connection_in_the_middle_of_a_statement(
    sessions: Sessions, start: Start, rows: Rows, engine: AsyncEngine
) -> None:
    begun, go_on, desk = asyncio.Event(), asyncio.Event(), Desk()

    async def slow(_payload: dict[str, Any]) -> None:
        begun.set()
        await go_on.wait()

    await start({"slow": slow, "note": desk}, poll=timedelta(minutes=1))
    await put(sessions, "slow", {})
    await asyncio.wait_for(begun.wait(), 5)
    async with engine.begin() as connection:
        await connection.execute(text("LOCK TABLE pgqueuer_log"))
        go_on.set()
        await until(rows, WORKERS_WAIT_FOR.format(engine.url.database), [("Lock",)])
        assert await rows(END_WORKERS.format(engine.url.database)) == [(True,)]
    await put(sessions, "note", {"number": 2})
    await desk.wait_for(1)


async def test_a_worker_waits_for_a_database_that_is_away(
    sessions: Sessions, start: Start, rows: Rows, server: Server, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    name, desk = engine.url.database, Desk()
    await start({"note": desk})
    await put(sessions, "note", {"number": 1})
    await desk.wait_for(1)
    await server.aexecute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    try:
        await server.aexecute(END_WORKERS.format(name))
        await asyncio.sleep(0.7)
        await put(sessions, "note", {"number": 2})
        assert desk.seen == [{"number": 1}]
    finally:
        await server.aexecute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    await desk.wait_for(2)
    assert desk.seen == [{"number": 1}, {"number": 2}]
    said = [record.getMessage() for record in caplog.records if "no database" in record.getMessage()]
    assert said[0].endswith("trying again in 0.2 s")
    assert said[1].endswith("trying again in 0.4 s")


def test_the_environment_does_not_rename_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHANNEL", "elsewhere")
    assert DBSettings().channel == "elsewhere"
    assert queueing.Names().channel == "ch_pgqueuer"
    assert (queueing.NAMES.queue_table, queueing.NAMES.queue_table_log) == (jobs.QUEUE.name, jobs.LOG.name)


async def test_old_failures_are_forgotten_when_a_worker_starts(engine: AsyncEngine, start: Start, rows: Rows) -> None:
    queue = "INSERT INTO pgqueuer (priority, entrypoint, status, updated)"
    journal = "INSERT INTO pgqueuer_log (priority, entrypoint, status, created, job_id)"
    async with engine.begin() as connection:
        for days in (29, 31):
            values = f"0, '{days} days', 'failed', now() - interval '{days} days'"
            await connection.execute(text(f"{queue} VALUES ({values})"))
            await connection.execute(text(f"{journal} VALUES ({values}, 1)"))
    await start({"note": Desk()})
    await until(rows, "SELECT entrypoint FROM pgqueuer", [("29 days",)])
    await until(rows, "SELECT entrypoint FROM pgqueuer_log", [("29 days",)])

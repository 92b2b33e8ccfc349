"""Durable jobs: rows in the portal's own database, written within the request's transaction and run by pgqueuer."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import timedelta
from functools import partial
from types import ModuleType
from typing import Any

import asyncpg
from sqlalchemy import table, text
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import make_url

from portal.db import Session
from portal.outages import is_outage

log = logging.getLogger(__name__)

Handler = Callable[[dict[str, Any]], Awaitable[None]]

TRIES = 15
FIRST_PAUSE = timedelta(seconds=5)
POLL = timedelta(seconds=10)
SILENCE = timedelta(seconds=15)
AT_ONCE = 4
GRACE = 0.5
LOOK = 0.5
FIRST_RECONNECT, LAST_RECONNECT = 0.2, 5.0
LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
DAY = 86400.0


class TemporaryError(Exception):
    """A handler's word that its work cannot be done just now, though nothing is broken: one line in the log, no trace."""


# The usual names of pgqueuer's tables (queueing.NAMES), for statements that are made before it is loaded.
QUEUE, LOG = table("pgqueuer"), table("pgqueuer_log")
TIDY = (
    f"DELETE FROM {LOG.name} WHERE created < now() - interval '30 days'",
    f"DELETE FROM {QUEUE.name} WHERE status = 'failed' AND updated < now() - interval '30 days'",
)


async def enqueue(session: Session, name: str, payload: dict[str, Any], *, key: str | None = None, pause: timedelta | None = None) -> bool:
    """Add a job that runs when `session` has committed and the `pause` is over, and never if it rolls back.

    With a `key` nothing is added, and the answer is False, while another job of that key waits or runs."""
    added = (
        await _library()
        .queries(await _raw(session))
        .enqueue(name, _packed(payload), execute_after=pause, dedupe_key=key, on_conflict="skip")
    )
    return added != [None]


async def enqueue_all(
    session: Session,
    name: str,
    payloads: Sequence[dict[str, Any]],
    *,
    keys: Sequence[str] | None = None,
    pause: timedelta | None = None,
    priority: int = 0,
) -> None:
    """Add many jobs at once, those with a key as `enqueue` does. Those of a lower `priority` wait until no other job does."""
    if payloads:
        number = len(payloads)
        packed: list[bytes | None] = [_packed(each) for each in payloads]
        named: list[str | None] = [*keys] if keys is not None else [None] * number
        queries = _library().queries(await _raw(session))
        await queries.enqueue([name] * number, packed, [priority] * number, [pause] * number, named, on_conflict="skip")


def enqueuing(name: str, payload: str, source: str) -> str:
    """What `enqueue` does, as a part of somebody's one statement: a job for each row of `source`,
    after `:pause`. `payload` is SQL for its JSON."""
    return f"""
        INSERT INTO {QUEUE.name} (priority, entrypoint, payload, execute_after, status)
        SELECT 0, '{name}', convert_to(CAST({payload} AS text), 'UTF8'), now() + CAST(:pause AS interval), 'queued' FROM {source}
    """


async def given_up(session: Session, name: str) -> Sequence[str]:
    """The keys of the jobs of this name that have failed for the last time, until they are cleared away."""
    failed = text(f"SELECT DISTINCT dedupe_key FROM {QUEUE.name} WHERE entrypoint = :name AND status = 'failed' AND dedupe_key IS NOT NULL")
    return (await session.scalars(failed, {"name": name})).all()


async def forget(session: Session, *names: str) -> None:
    """No job of these names that waits is ever run."""
    await session.execute(text(f"DELETE FROM {QUEUE.name} WHERE entrypoint = ANY(:names) AND status = 'queued'"), {"names": list(names)})


async def _raw(session: Session) -> Any:
    """asyncpg's connection below the session, in its transaction."""
    connection = await session.connection()
    raw: Any = (await connection.get_raw_connection()).driver_connection
    if not raw.is_in_transaction():
        # SQLAlchemy begins with its own first statement; on the bare connection ours would commit by itself.
        await connection.exec_driver_sql("SELECT 1")
    return raw


def _library() -> ModuleType:
    from portal import queueing  # noqa: PLC0415 (a twentieth of the time to start, and nothing before the first job needs it)

    return queueing


def _packed(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload).encode()


class Worker:
    """Runs the jobs that have a handler, a few at once, and outlives the loss of the database. Of those that are done `one_by_one`, no
    two run at the same time, whichever process takes them: they are slow, and others must not wait for them.

    A job that fails is tried again after growing pauses; after the last try it stays in the table as failed. A job is
    run at least once: after a crash it may come a second time, so a handler must bear that."""

    def __init__(
        self,
        url: str,
        handlers: Mapping[str, Handler],
        *,
        one_by_one: Collection[str] = (),
        tries: int = TRIES,
        pause: timedelta = FIRST_PAUSE,
        poll: timedelta = POLL,
    ) -> None:
        self._url = url
        self._handlers = handlers
        self._one_by_one = one_by_one
        self._poll = poll
        self._tries, self._pause = tries, pause
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._manager: Any = None  # queueing.QueueManager
        self._connection: asyncpg.Connection[Any] | None = None
        self._running: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Begin to work; does not wait for the database."""
        self._stopping = False
        await asyncio.to_thread(_library)
        self._task = asyncio.create_task(self._serve(), name="jobs")

    async def stop(self) -> None:
        """Take no more jobs. Within a second all is quiet: what has not finished by then is put back for the next start."""
        if self._task is None:
            return
        self._stopping = True
        if self._manager is None:
            self._task.cancel()
        else:
            self._manager.shutdown.set()
        await asyncio.wait({self._task}, timeout=GRACE)
        for job in self._running:
            job.cancel()
        await asyncio.wait({self._task}, timeout=GRACE / 2)
        if self._connection is not None:
            self._connection.terminate()
        self._task.cancel()
        await asyncio.wait({self._task}, timeout=GRACE / 2)

    async def _serve(self) -> None:
        """Work on one connection after another until stopped."""
        pause = FIRST_RECONNECT
        clock = asyncio.get_running_loop()
        while not self._stopping:
            began = clock.time()
            try:
                await self._work()
                reason = "the connection was closed"
            except LOST as error:
                reason = f"{type(error).__name__}: {error}"
            except Exception as error:
                log.exception("jobs: unexpected failure")
                reason = type(error).__name__
            if not self._stopping:
                pause = FIRST_RECONNECT if clock.time() - began > LAST_RECONNECT else pause
                log.warning("jobs: no database (%s); trying again in %.1f s", reason, pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LAST_RECONNECT)

    async def _work(self) -> None:
        """Run jobs over one connection until that is lost or the worker stops."""
        connection = self._connection = await _connect(self._url)
        runs = {name: partial(self._run, handler) for name, handler in self._handlers.items()}
        manager = self._manager = _library().manager(connection, runs, one_by_one=self._one_by_one, tries=self._tries, pause=self._pause)
        beside = [asyncio.create_task(_watch(connection, manager)), asyncio.create_task(_tidy(manager.queries.driver))]
        try:
            await manager.run(
                dequeue_timeout=self._poll,
                batch_size=AT_ONCE // 2,
                max_concurrent_tasks=AT_ONCE,
                shutdown_on_listener_failure=True,
                heartbeat_timeout=SILENCE,
                log_aggregation_interval=timedelta(0),
            )
        finally:
            self._manager = self._connection = None
            for task in beside:
                task.cancel()
            connection.terminate()

    async def _run(self, handler: Handler, job: Any) -> None:
        task: Any = asyncio.current_task()
        task.set_name(f"job {job.entrypoint}")
        self._running.add(task)
        try:
            await handler(json.loads(job.payload or b"{}"))
        except asyncio.CancelledError:
            # Passed on, it would make pgqueuer delete the job as canceled; so it goes back into the queue.
            task.uncancel()
            raise _library().RetryRequested(reason="the worker stops") from None
        except Exception as error:
            is_away = is_outage(error)
            reason = f"{type(error).__name__}: {error}".splitlines()[0] if is_away else error
            trace = None if is_away or isinstance(error, TemporaryError) else error
            log.warning("job %s %s failed, try %s: %s", job.entrypoint, job.id, job.attempts + 1, reason, exc_info=trace)
            raise
        finally:
            self._running.discard(task)


async def _connect(url: str) -> "asyncpg.Connection[Any]":
    """A connection of the worker's own, since it listens. The time limits find a server that has gone silent."""
    _, options = PGDialect_asyncpg().create_connect_args(make_url(url))
    options.pop("prepared_statement_cache_size", None)
    settings = {"application_name": "portal jobs", "synchronous_commit": "on"}
    return await asyncpg.connect(**{"timeout": 5, **options}, command_timeout=15, server_settings=settings)


async def _watch(connection: "asyncpg.Connection[Any]", manager: Any) -> None:
    """End the work of a manager whose connection has gone, which by itself it notices only when it next polls.

    asyncpg calls no termination listener if a statement begins between the server's last word and the end of the stream."""
    while not manager.shutdown.is_set():
        await asyncio.sleep(LOOK)
        if connection.is_closed():
            manager.shutdown.set()


async def _tidy(driver: Any) -> None:
    """Once a day, forget failed jobs and the log of jobs that are older than a month: they hold personal data."""
    try:
        while True:
            for statement in TIDY:
                await driver.execute(statement)
            await asyncio.sleep(DAY)
    except LOST as error:
        log.warning("jobs: old ones were not cleared away (%s)", error)

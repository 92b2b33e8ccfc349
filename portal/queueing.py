"""What the portal takes from pgqueuer: its tables, how a job is added, and who hands jobs out.

To load it takes a twentieth of the time that the portal takes to start, and no page needs it: so jobs.py loads it with the first job."""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence import schema_ddl
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job
from pgqueuer.domain.schema.declaration import target
from pgqueuer.domain.settings import DBSettings

__all__ = ["Job", "QueueManager", "RetryRequested"]

log = logging.getLogger("portal.jobs")

LONGEST_PAUSE = timedelta(minutes=30)
# After these a connection is of no use, though it may not know yet.
ENDED = (asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError)


class Names(DBSettings):
    """The usual names of pgqueuer's tables, whatever stands in the environment, where it reads even a bare CHANNEL."""

    @classmethod
    def settings_customise_sources(cls, settings_cls: Any, init_settings: Any, *_others: Any, **_more: Any) -> Any:
        return (init_settings,)


NAMES = Names()


def schema_sql() -> list[str]:
    """The statements that make pgqueuer's tables in an empty database, one by one."""
    schema = target(NAMES)
    return [
        *(schema_ddl.render_enum(each, NAMES) for each in schema.enums),
        *(schema_ddl.render_table(each, NAMES) for each in schema.tables),
        *(schema_ddl.render_index(each, NAMES) for each in schema.indexes),
        *(schema_ddl.render_function(each, NAMES) for each in schema.functions),
        *(schema_ddl.render_trigger(each, NAMES) for each in schema.triggers),
    ]


def is_own_table(name: str) -> bool:
    """Is `name` one of pgqueuer's tables, which no model of ours describes?"""
    return any(name == table.name for table in target(NAMES).tables)


def queries(connection: "asyncpg.Connection[Any]", kind: type[Queries] = Queries) -> Queries:
    builders = {"qbe": QueryBuilderEnvironment(NAMES), "qbq": QueryQueueBuilder(NAMES), "qbs": QuerySchedulerBuilder(NAMES)}
    return kind(AsyncpgDriver(connection), **builders)  # type: ignore[arg-type]


class _Books(Queries):
    """What becomes of the jobs, written down over the worker's connection. Once that has gone the library would try again in vain, with a
    traceback each time. One line says it instead; a job that nobody wrote down as ended counts as running, and is handed out again when
    its heart has not beaten for a while."""

    async def log_jobs(self, job_status: list[Any]) -> None:
        await self._written(super().log_jobs(job_status), f"that {len(job_status)} ended")

    async def retry_job(self, job: Job, *given: Any) -> None:
        await self._written(super().retry_job(job, *given), f"that {job.entrypoint} {job.id} is to be tried again")

    async def update_heartbeat(self, job_ids: list[Any]) -> None:
        await self._written(super().update_heartbeat(job_ids), f"that {len(job_ids)} still run")

    async def _written(self, writing: Awaitable[None], what: str) -> None:
        try:
            await writing
        except Exception as failure:
            driver: Any = self.driver
            if not (isinstance(failure, ENDED) or driver._connection.is_closed()):
                raise
            log.warning("jobs: the connection went before it was written down %s (%s)", what, type(failure).__name__)


def manager(
    connection: "asyncpg.Connection[Any]",
    runs: Mapping[str, Callable[[Job], Awaitable[None]]],
    *,
    one_by_one: Collection[str],
    tries: int,
    pause: timedelta,
) -> QueueManager:
    """Who hands out the jobs of these names. After a failure one is handed out again, `tries` times in all, after growing pauses."""
    again = partial(DatabaseRetryEntrypointExecutor, max_attempts=tries - 1, initial_delay=pause, max_delay=LONGEST_PAUSE)
    made = QueueManager(queries(connection, _Books), channel=NAMES.channel)
    for name, run in runs.items():
        limit = 1 if name in one_by_one else 0
        made.entrypoint(name, concurrency_limit=limit, accepts_context=False, on_failure="hold", executor_factory=again)(run)
    return made

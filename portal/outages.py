"""What a failure looks like when the database is away, and not something wrong with what we asked."""

import asyncio

import asyncpg
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

LOST = (
    OperationalError,
    PoolTimeout,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    ConnectionError,
    asyncio.TimeoutError,
)


def is_outage(failure: BaseException) -> bool:
    """Whether the database is away (rather than something being wrong with what we asked)."""
    if isinstance(failure, LOST):
        return True
    return isinstance(failure, DBAPIError) and (failure.connection_invalidated or isinstance(_root(failure), LOST))


def _root(failure: DBAPIError) -> BaseException | None:
    return getattr(failure.orig, "__cause__", None) or failure.orig

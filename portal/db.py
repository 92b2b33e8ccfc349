"""The engine, the unit of work (one transaction a request) and the base of every table."""

from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
from sqlalchemy import BigInteger, DateTime, Dialect, Identity, PoolProxiedConnection, event, text
from sqlalchemy import orm as sqlalchemy_orm
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel
from sqlmodel._compat import SQLModelConfig

from portal.sharing import ROWS, Readings

__all__ = [
    "SERVING",
    "Instant",
    "Session",
    "Sessions",
    "Table",
    "engine_for",
    "for_reading",
    "identity",
    "instant",
    "lock_name",
    "readings_of",
    "reference",
    "sessions_for",
    "unit_of_work",
]

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMES

BORROWED, READINGS, AS_OF = "borrowed", "readings", "as of"


class _SyncSession(sqlalchemy_orm.Session):
    """Whose transactions we hear of."""


class Session(AsyncSession):
    """SQLAlchemy's session, which lends its pool's connection to whoever only reads (portal.reading).

    A request that only reads never begins a transaction, and is spared all that SQLAlchemy keeps around one.
    """

    sync_session_class = _SyncSession

    @property
    def has_begun(self) -> bool:
        """Whether there is a transaction."""
        return self.sync_session.get_transaction() is not None

    async def borrowed(self) -> PoolProxiedConnection:
        """A connection outside any transaction. It goes back when the session begins one, and when it ends."""
        info = self.sync_session.info
        if BORROWED not in info:
            try:
                info[BORROWED] = await self._engine.raw_connection()
            except self._engine.dialect.loaded_dbapi.Error as failure:
                raise OperationalError("", None, failure) from failure  # as connecting for a transaction raises it
        lent: PoolProxiedConnection = info[BORROWED]
        return lent

    def let_go(self) -> None:
        """What is borrowed goes back: who waits for somebody else's reading must not hold the connection that this one may need."""
        _give_back(self.sync_session)

    @property
    def readings(self) -> Readings:
        """Those of all sessions that were made together."""
        found: Readings = self.sync_session.info[READINGS]
        return found

    def stand_still(self) -> None:
        """For a request that only reads: from its first reading on it may be told what was so then. Until it begins a transaction."""
        self.sync_session.info[AS_OF] = ""

    def move_on(self) -> None:
        """Something is written: what is read from now on is as it is then."""
        self.sync_session.info.pop(AS_OF, None)

    def known(self, key: Hashable) -> Any:
        """What was read with this key, here or by others, of the database as it is to who stands still; None if that is not kept."""
        as_of: str = self.sync_session.info.get(AS_OF, "")
        return self.readings.known(key, as_of) if as_of else None

    def keep(self, key: Hashable, found: Any, as_of: str, *, size: int = ROWS) -> None:
        """What was just read, of some `size` bytes. Who stands still does so where she read first,
        and that (who she is) is kept for nobody."""
        mine = self.sync_session.info.get(AS_OF)
        if mine:
            self.readings.keep(key, found, as_of, size=size)
        elif mine is not None:
            self.sync_session.info[AS_OF] = as_of

    @property
    def _engine(self) -> AsyncEngine:
        assert isinstance(self.bind, AsyncEngine)  # noqa: S101 (sessions_for gives one)
        return self.bind

    async def __aexit__(self, *given: Any) -> None:
        if self.has_begun:
            await super().__aexit__(*given)
        else:
            _give_back(self.sync_session)


@event.listens_for(_SyncSession, "after_transaction_create")
def _begin(session: sqlalchemy_orm.Session, _transaction: object) -> None:
    """What waits for a second connection must not hold a first one, and who may write is told what is so now."""
    session.info.pop(AS_OF, None)
    _give_back(session)


def _give_back(session: sqlalchemy_orm.Session) -> None:
    lent: PoolProxiedConnection | None = session.info.pop(BORROWED, None)
    if lent is not None:
        lent.close()


Sessions = async_sessionmaker[Session]

# The advisory lock that every serving process shares for as long as it listens; a restore wants it for itself.
SERVING = 0x706F7274616C + 1

# How long PostgreSQL lets a statement of ours wait for somebody's lock, and work (ms); nobody waits for a page without end.
LONGEST_LOCK, LONGEST_STATEMENT = 5_000, 10_000


class Table(SQLModel):
    """Base of every table. A table's writable half is a plain form class that is validated before the row is built, so the
    validator of the table itself is never built."""

    model_config = SQLModelConfig(defer_build=True)


class Instant(TypeDecorator[datetime]):
    """timestamptz that refuses naive moments, which asyncpg would take in silence."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None


def identity() -> Any:
    """A bigint primary key that the database gives out."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=(Identity(always=False),))


def reference(target: str, *, primary_key: bool = False, nullable: bool = False, index: bool = False, ondelete: Any = None) -> Any:
    """A bigint column that points at `target` ("table.column")."""
    given: dict[str, Any] = {"default": None} if nullable else {}
    return Field(
        **given, sa_type=BigInteger, foreign_key=target, primary_key=primary_key, nullable=nullable, index=index, ondelete=ondelete
    )


def instant(*, nullable: bool = False, index: bool = False, **given: Any) -> Any:
    """A column that holds a moment."""
    if nullable:
        given.setdefault("default", None)
    return Field(sa_type=Instant, nullable=nullable, index=index, **given)  # type: ignore[call-overload]


def engine_for(url: str, *, pool: int = 20) -> AsyncEngine:
    """An engine on `url` (postgresql+asyncpg://…) that acknowledges nothing before it is on disk.

    It keeps every connection it has opened, up to `pool`: to open one costs more than many pages.
    """
    return create_async_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        pool_use_lifo=True,
        pool_timeout=5,
        pool_pre_ping=False,
        pool_reset_on_return="rollback",
        hide_parameters=True,  # what people type stays out of the log
        connect_args={
            "timeout": 5,
            "command_timeout": 15,
            "async_creator_fn": _connect,
            "server_settings": {
                "synchronous_commit": "on",
                "plan_cache_mode": "force_generic_plan",
                "application_name": "portal",
                "lock_timeout": str(LONGEST_LOCK),
                "statement_timeout": str(LONGEST_STATEMENT),
                "idle_in_transaction_session_timeout": "30000",
            },
        },
    )


async def _connect(*given: Any, **named: Any) -> "asyncpg.Connection[Any]":
    """A server that is away takes its Unix socket along; that is an outage like any refused connection."""
    try:
        return await asyncpg.connect(*given, **named)
    except FileNotFoundError as failure:
        raise ConnectionRefusedError(str(failure)) from failure


def sessions_for(engine: AsyncEngine, *, limits: int = 1) -> Sessions:
    """Makes sessions on `engine`; each carries what rate limits are multiplied with, and the readings that they share."""
    readings = Readings()

    @event.listens_for(engine.sync_engine, "connect")
    def forget(*_given: object) -> None:
        """A server that fell and rose again may give the number of a transaction that was lost a second time."""
        readings.forget()

    return async_sessionmaker(engine, class_=Session, expire_on_commit=False, info={"limits": limits, READINGS: readings})


def readings_of(sessions: Sessions) -> Readings:
    """What the sessions share."""
    found: Readings = sessions.kw["info"][READINGS]
    return found


def for_reading(sessions: Sessions) -> Sessions:
    """Sessions on the same pool for those who only read: each statement by itself, without the two trips for a transaction."""
    given = dict(sessions.kw)
    return async_sessionmaker(class_=Session, **{**given, "bind": given["bind"].execution_options(isolation_level="AUTOCOMMIT")})


@asynccontextmanager
async def unit_of_work(sessions: Sessions) -> AsyncIterator[Session]:
    """One transaction: leaving commits, raising rolls back."""
    async with sessions() as session:
        try:
            yield session
        except BaseException:
            await session.rollback()
            raise
        await session.commit()


async def lock_name(session: Session, name: str) -> None:
    """Others who ask for the same name wait until this transaction is over."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 8))"), {"name": name})

"""Which PostgreSQL the portal uses, and whether that one will do."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from portal.config import Misconfigured, Settings
from portal.ground import keeper

OLDEST = 15
SCHEMES = {"postgres", "postgresql", "postgresql+asyncpg"}
OPTIONS = {"host", "port", "ssl", "timeout", "prepared_statement_cache_size"}


@contextmanager
def opened(settings: Settings) -> Iterator[str]:
    """The address of the portal's database for as long as the portal runs: DATABASE_URL, else a server kept in the data folder."""
    if settings.database_url is None:
        with keeper.kept(settings.data, connections=settings.most_connections) as server:
            yield server.url()
    else:
        yield checked(settings.database_url)


@contextmanager
def visited(settings: Settings, *, new: bool = False) -> Iterator[str]:
    """The same for an errand beside a portal that may be running. `new`: also where there is no database yet."""
    if settings.database_url is not None:
        yield checked(settings.database_url)
        return
    if not new and not (settings.data / "postgres").exists():
        raise Misconfigured(f"There is no database in the data folder {settings.data.resolve()}: set PORTAL_DATA or DATABASE_URL.")
    with keeper.borrowed(settings.data) as server:
        yield server.url()


def checked(raw: str) -> str:
    """A DATABASE_URL that leads to a PostgreSQL which is new enough, as SQLAlchemy writes it."""
    address = parsed(raw)
    version = asyncio.run(_version(address))
    if version < OLDEST:
        raise Misconfigured(f"The database server is PostgreSQL {version}; the portal needs {OLDEST} or newer.")
    return address.render_as_string(hide_password=False)


def parsed(raw: str) -> URL:
    """DATABASE_URL in any of its usual spellings; libpq's sslmode becomes asyncpg's ssl."""
    try:
        address = make_url(raw)
    except (ArgumentError, ValueError):
        raise Misconfigured("DATABASE_URL is not an address: write postgresql://user:password@host:5432/database.") from None
    if address.drivername not in SCHEMES:
        raise Misconfigured(f"DATABASE_URL must begin with postgresql://, not {address.drivername}://.")
    options = dict(address.query)
    if "sslmode" in options:
        options["ssl"] = options.pop("sslmode")
    options.pop("channel_binding", None)
    if unknown := sorted(set(options) - OPTIONS):
        raise Misconfigured(f"DATABASE_URL has options that the portal does not know: {', '.join(unknown)}.")
    return address.set(drivername="postgresql+asyncpg", query=options)


def connection_options(address: URL) -> dict[str, Any]:
    """What asyncpg.connect takes, exactly as SQLAlchemy would pass it."""
    return {"timeout": 5, **PGDialect_asyncpg().create_connect_args(address)[1]}


async def _version(address: URL) -> int:
    place = address.render_as_string(hide_password=True)
    try:
        connection = await asyncpg.connect(**connection_options(address))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        reason = str(error).strip() or type(error).__name__
        raise Misconfigured(f"The database at {place} cannot be reached: {reason}") from None
    try:
        return int(connection.get_server_version().major)
    finally:
        await connection.close()

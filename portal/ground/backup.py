"""Taking a portal away and putting it back: rows, files and kept mail together."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from portal import clock
from portal.config import Misconfigured, Settings
from portal.db import SERVING
from portal.ground import archive, copying, migrate
from portal.ground.database import connection_options

UNFINISHED = ".unfinished-"
SERVED = "A portal serves this database, and what it knows would be out of date: stop it, restore, and start it again."


@dataclass(frozen=True)
class Taken:
    """What a backup holds."""

    rows: int
    tables: int
    files: int


async def take(settings: Settings, url: str, target: Path) -> Taken:
    """Write the whole portal to `target`. The rows come first: every file that they name is there when the files are read."""
    _clear(settings)
    with tempfile.TemporaryDirectory(dir=settings.data, prefix=UNFINISHED) as folder:
        connection = await asyncpg.connect(**connection_options(make_url(url)))
        try:
            schema = await connection.fetchval("SELECT version_num FROM alembic_version")
            contents = await copying.copy_out(connection, Path(folder))
        except asyncpg.UndefinedTableError:
            raise Misconfigured("The database holds no portal yet: there is nothing to back up.") from None
        finally:
            await connection.close()
        parts = {"tables": Path(folder), "files": settings.file_folder, "mail": settings.mail_folder}
        files = archive.write(target, parts, {"schema": schema, "taken_at": clock.now().isoformat(), **contents})
    tables = contents["tables"]
    return Taken(rows=sum(each["rows"] for each in tables.values()), tables=len(tables), files=files - len(tables))


async def put_back(settings: Settings, url: str, source: Path, *, replace: bool, renew: Callable[[Connection], None]) -> Taken:
    """Make the portal what `source` holds, whole or not at all, on this code's schema.

    `renew` is called in the same transaction on the restored rows. Raises Misconfigured when the file is no whole backup or too new,
    when a portal serves the database, or when there are people in it and `replace` is not set."""
    _clear(settings)
    staged = {part: Path(tempfile.mkdtemp(dir=folder, prefix=UNFINISHED)) for part, folder in _places(settings).items()}
    try:
        manifest = archive.unpack(source, staged)
        if manifest["schema"] not in migrate.revisions():
            raise Misconfigured(
                f"{source} has a newer schema ({manifest['schema']}) than this portal knows: restore it with a newer portal."
            )
        await _put_rows_back(url, staged["tables"], manifest, replace=replace, renew=renew)
        files = sum(_move(staged[part], _places(settings)[part], replace=replace) for part in ("files", "mail"))
    finally:
        for folder in staged.values():
            shutil.rmtree(folder)
    rows = sum(each["rows"] for each in manifest["tables"].values())
    return Taken(rows=rows, tables=len(manifest["tables"]), files=files)


def _places(settings: Settings) -> dict[str, Path]:
    return {"tables": settings.data, "files": settings.file_folder, "mail": settings.mail_folder}


def _clear(settings: Settings) -> None:
    """Take away what a backup or restore left when it was killed."""
    for folder in set(_places(settings).values()):
        for remains in folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(remains)


async def _put_rows_back(url: str, folder: Path, manifest: dict[str, Any], *, replace: bool, renew: Callable[[Connection], None]) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SET LOCAL lock_timeout = '10s'"))
            if not await connection.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": SERVING}):
                raise Misconfigured(SERVED)
            driver = await _driver(connection)
            if not replace and not await copying.is_empty(driver):
                raise Misconfigured("There are people in this database: give --replace to lose everything in it for the backup.")
            await _to_schema(connection, manifest["schema"])
            await copying.copy_in(driver, folder, {"tables": manifest["tables"], "sequences": manifest["sequences"]})
            await connection.run_sync(migrate.bring, "head")
            await connection.run_sync(renew)
    except (DBAPIError, asyncpg.PostgresError) as error:
        raise Misconfigured(f"The backup could not be restored, and nothing was changed: {_first_line(error)}.") from None
    finally:
        await engine.dispose()


async def _to_schema(connection: AsyncConnection, revision: str) -> None:
    """An empty schema of the backup's revision; what comes after it is migrated with the rows inside."""
    if await connection.run_sync(migrate.current) != revision:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
        await connection.run_sync(migrate.bring, revision)


async def _driver(connection: AsyncConnection) -> "asyncpg.Connection[Any]":
    raw = await connection.get_raw_connection()
    driver: asyncpg.Connection[Any] | None = raw.driver_connection
    if driver is None:
        raise Misconfigured("The connection to the database is gone.")
    return driver


def _move(staged: Path, place: Path, *, replace: bool) -> int:
    """Put the files of `staged`, which lies in `place`, where they belong. Without `replace` others stay."""
    if replace:
        for other in [each for each in place.iterdir() if not each.name.startswith(UNFINISHED)]:
            shutil.rmtree(other) if other.is_dir() else other.unlink()
    moved = 0
    for path in [each for each in staged.rglob("*") if each.is_file()]:
        target = place / path.relative_to(staged)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        moved += 1
    return moved


def _first_line(error: Exception) -> str:
    told = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return str(told).splitlines()[0].rpartition(">: ")[2]

"""The database's schema: which revision it has, and bringing it to the one that this code knows."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from portal.config import Misconfigured

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = 0x706F7274616C


def configuration() -> Config:
    return Config(toml_file=ROOT / "pyproject.toml")


def newest() -> str | None:
    """The revision of this code."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


async def upgrade(url: str, revision: str = "head") -> bool:
    """Bring the database at `url` up to `revision`, whole or not at all. True when there was something to do.

    Raises Misconfigured when the schema is newer than this code."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            return await connection.run_sync(bring, revision)
    finally:
        await engine.dispose()


def current(connection: Connection) -> str | None:
    """The revision that the database has."""
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def known(revision: str) -> bool:
    try:
        return ScriptDirectory.from_config(configuration()).get_revision(revision) is not None
    except CommandError:
        return False


def bring(connection: Connection, revision: str) -> bool:
    """Bring the connection's database up to `revision` in its own transaction."""
    before = current(connection)
    if before is not None and not known(before):
        raise Misconfigured(
            f"The database's schema ({before}) is newer than this portal knows: start the portal that last ran on it, or a newer one."
        )
    if before == (newest() if revision == "head" else revision):
        return False
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    return True

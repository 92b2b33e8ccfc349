"""The database's schema: which revision it has, and bringing it to the one that this code knows."""

from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from portal.config import Misconfigured

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = 0x706F7274616C


def revisions() -> list[str]:
    """The revisions of this code in their order, which is that of their files' numbers: 0001_the_house.py and on."""
    return sorted(each.name[:4] for each in (ROOT / "alembic" / "versions").glob("[0-9]*.py"))


def newest() -> str:
    """The revision of this code."""
    return revisions()[-1]


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


def bring(connection: Connection, revision: str) -> bool:
    """Bring the connection's database up to `revision` in its own transaction."""
    before = current(connection)
    if before is not None and before not in revisions():
        raise Misconfigured(
            f"The database's schema ({before}) is newer than this portal knows: start the portal that last ran on it, or a newer one."
        )
    if before == (newest() if revision == "head" else revision):
        return False
    run("upgrade", revision, connection=connection)
    return True


def run(verb: str, *words: object, connection: Connection, **options: object) -> None:
    """An Alembic command on this connection. Alembic is loaded only here: a start finds nothing to do nearly every time."""
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    getattr(command, verb)(config, *words, **options)

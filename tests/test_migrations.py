"""The migrations make what the models say, and the queue's tables are those its library wants."""

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from portal import jobs
from portal.ground import migrate
from portal.tables import metadata
from tests.postgres import Server


def differences(connection: Connection) -> list[object]:
    def is_ours(_item: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        return kind != "table" or not (jobs.is_own_table(name or "") or name == "alembic_version")

    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_ours})
    return list(compare_metadata(context, metadata))


async def test_migrations_from_empty_make_the_tables_of_the_models(server: Server):
    url = await asyncio.to_thread(server.create_database, "migrated")
    assert await migrate.upgrade(url)
    assert not await migrate.upgrade(url)
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
        revision = await connection.run_sync(migrate.current)
    await engine.dispose()
    await asyncio.to_thread(server.drop_database, "migrated")
    assert found == []
    assert revision == migrate.newest()

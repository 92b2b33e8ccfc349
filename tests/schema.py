"""The schema for tests: what the migrations make."""

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from portal import jobs
from portal.search import swedish
from portal.tables import metadata


async def build_schema(url: str) -> None:
    """Make every table and function in the empty database at `url`."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
        await connection.run_sync(metadata.create_all)
        raw: asyncpg.Connection = (await connection.get_raw_connection()).driver_connection  # type: ignore[assignment]
        for statement in [*swedish.SQL, *jobs.schema_sql()]:
            await raw.execute(statement)
    await engine.dispose()

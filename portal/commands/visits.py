"""A short stay in the database, for commands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from portal.db import Session, engine_for, sessions_for, unit_of_work
from portal.tables import metadata

# A table is written only when all that it refers to are known, also those of rooms that the command does not enter.
__all__ = ["metadata", "visit"]


@asynccontextmanager
async def visit(url: str) -> AsyncIterator[Session]:
    """One unit of work on an engine of its own."""
    engine = engine_for(url, pool=1)
    try:
        async with unit_of_work(sessions_for(engine)) as session:
            yield session
    finally:
        await engine.dispose()

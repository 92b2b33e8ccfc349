"""`python -m tests.new_migration "what it does"` writes the next revision: what the models have and the migrations do not."""

import asyncio
import sys

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from portal.ground import migrate
from tests.postgres import Server


def write(connection: Connection, message: str) -> None:
    migrate.run("revision", message, connection=connection, autogenerate=True, rev_id=f"{int(migrate.newest()) + 1:04}")


async def compare(url: str, message: str) -> None:
    await migrate.upgrade(url)
    async with create_async_engine(url, poolclass=NullPool).connect() as connection:
        await connection.run_sync(write, message)


if __name__ == "__main__":
    with Server() as server:
        asyncio.run(compare(server.url(), " ".join(sys.argv[1:]) or "change"))

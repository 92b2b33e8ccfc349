"""One embedded PostgreSQL for a test run: many short-lived databases, nothing kept."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

import asyncpg

from portal.ground import embedded

QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "timezone": "UTC",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "io_method": "sync",
}


class Server:
    """`with Server() as server:` runs one in a temporary folder; durability is off, since nothing of it is kept."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="portal-"))
        self.folder.chmod(0o711)
        self._server = embedded.Server(self.folder, settings=QUICK)

    def start(self) -> None:
        self._server.ensure()

    def stop(self) -> None:
        self._server.stop()
        shutil.rmtree(self.folder)

    def url(self, name: str = embedded.DATABASE) -> str:
        """The address of a database, for SQLAlchemy: postgresql+asyncpg://… over the Unix socket."""
        return self._server.url(name)

    def create_database(self, name: str, template: str | None = None) -> str:
        """A new database, a copy of `template` when given (nobody may be connected to that). Returns its address."""
        copied = f' TEMPLATE "{template}" STRATEGY file_copy' if template else ""
        self.execute(f'CREATE DATABASE "{name}"{copied}')
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop it, with whoever is connected."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str, *, database: str = "postgres") -> None:
        asyncio.run(self.aexecute(statement, database=database))

    async def aexecute(self, statement: str, *, database: str = "postgres") -> None:
        """The same from within a running loop."""
        connection = await asyncpg.connect(host=str(self._server.sockets), user=embedded.USER, database=database)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

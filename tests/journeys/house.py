"""A portal for a journey: a real process on a port of its own."""

import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import asyncpg
import httpx

from tests.ground.test_commands import free_port
from tests.journeys.nursery import Child, nursery

PATIENCE = 200.0  # three portals may be starting at once
OURS = ("DATABASE_URL", "PORTAL_SECRET", "PORTAL_BASE_URL", "PORTAL_DATA", "PORT")


class House:
    """`start()` it, visit `address`, `stop()` it. Without `database_url` it has an embedded server in `data`."""

    def __init__(self, data: Path, *, database_url: str = "", **settings: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.data = data
        self.database_url = database_url
        self._journal = data / "journal"
        given = {"PORT": self.port, "PORTAL_DATA": str(data), "DATABASE_URL": database_url, **settings}
        self._environment = {name: value for name, value in os.environ.items() if name not in OURS} | given
        self._process: Child | subprocess.Popen[bytes] | None = None
        self._judged = 0

    def start(self, command: str = "serve") -> None:
        """Returns when the first page can be had."""
        self._process = self._begin(command)
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert self._process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def stop(self) -> None:
        """As Ctrl-C does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        assert self._process.wait(30) == 0, self.said

    def kill(self) -> None:
        """As a power cut does; nothing to one that is down."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)

    def run(self, *words: str) -> str:
        """Another command of the portal on the same data, beside the running one; returns what it said."""
        with tempfile.NamedTemporaryFile() as journal:
            said = Path(journal.name)
            assert nursery().bear([*words], self._environment, said).wait(PATIENCE) == 0, said.read_text()
            return said.read_text()

    async def put(self, statement: str, *given: object) -> None:
        """Straight into the database: what nobody waits for in a browser, such as a year of comments."""
        connection = await asyncpg.connect(self.database_url.replace("+asyncpg", ""))
        try:
            await connection.execute(statement, *given)
        finally:
            await connection.close()

    @property
    def said(self) -> str:
        """What it has printed, its log included."""
        return self._journal.read_text(encoding="utf-8", errors="replace")

    def errors(self) -> list[str]:
        """What it has logged as an error since one asked last."""
        said = self.said
        fresh, self._judged = said[self._judged :], len(said)
        return [line for line in fresh.splitlines() if " ERROR " in line or line.startswith("Traceback")]

    def _begin(self, command: str) -> "Child | subprocess.Popen[bytes]":
        return nursery().bear([command], self._environment, self._journal)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/health/ready", timeout=5, verify=False).is_success  # no certificates are read for it
        except httpx.TransportError:
            return False

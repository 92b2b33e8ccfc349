"""A PostgreSQL that keeps what it has acknowledged, and a keeper that starts it again: what `portal serve` has."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil

from portal.ground import keeper
from portal.ground.embedded import USER, program
from tests.postgres import Server


class Durable(Server):
    """`with Durable(folder) as server:` makes one there, and starts it again however often it is killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept = ExitStack()

    def start(self) -> None:
        self._server = self._kept.enter_context(keeper.kept(self.folder, connections=200))

    def stop(self) -> None:
        self._kept.close()
        shutil.rmtree(self.folder)

    def kill(self) -> None:
        """Its processes, all at once, with what they had not written; another one takes its place."""
        killed = self._server.pid
        assert killed is not None
        for process in (killed, *(each.pid for each in psutil.Process(killed).children())):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def stay_away(self, seconds: float) -> None:
        """Stopped as by a person, and started again after so long."""
        self._kept.close()
        time.sleep(seconds)
        self.start()

    async def awake(self) -> None:
        """Wait until it takes connections."""
        async with asyncio.timeout(30):
            while not await asyncio.to_thread(lambda: self._server.ready):
                await asyncio.sleep(0.05)

    def complaints(self, database: str) -> str:
        """What pg_amcheck finds wrong with the database's tables and indexes."""
        command = [
            program("pg_amcheck"),
            "--install-missing",
            "--heapallindexed",
            "-h",
            str(self._server.sockets),
            "-U",
            USER,
            "-d",
            database,
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        return done.stdout + done.stderr if done.returncode else ""

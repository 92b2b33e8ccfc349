"""The one LISTEN connection of a process. It is only a doorbell, and it comes back by itself."""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import make_url

from portal.db import SERVING
from portal.live.log import CHANNEL
from portal.live.reading import UNREACHABLE

log = logging.getLogger(__name__)

NAME = "portal bell"
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
CHECKED_EVERY = 10.0
PATIENCE = 5.0


class Bell:
    """Calls `rung` with each notification's payload, and `hears` whenever it hears (again)."""

    def __init__(self, database_url: str, *, rung: Callable[[str], None], hears: Callable[[], None]) -> None:
        self._address: dict[str, Any] = PGDialect_asyncpg().create_connect_args(make_url(database_url))[1]
        self._rung = rung
        self._hears = hears
        self.is_hearing = False

    async def listen(self) -> None:
        """Listen until cancelled."""
        pause = FIRST_PAUSE
        while True:
            try:
                connection = await asyncpg.connect(
                    **{**self._address, "timeout": PATIENCE, "command_timeout": PATIENCE, "server_settings": {"application_name": NAME}}
                )
            except UNREACHABLE as failure:
                log.warning("the bell has no database: %s", type(failure).__name__)
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            pause = FIRST_PAUSE
            await self._hear(connection)

    async def _hear(self, connection: "asyncpg.Connection[Any]") -> None:
        gone = asyncio.Event()
        connection.add_termination_listener(lambda _connection: gone.set())
        try:
            await connection.execute(f"SELECT pg_advisory_lock_shared({SERVING})")
            await connection.add_listener(CHANNEL, lambda _connection, _pid, _channel, payload: self._rung(str(payload)))
            self.is_hearing = True
            self._hears()
            while not gone.is_set():
                try:
                    async with asyncio.timeout(CHECKED_EVERY):
                        await gone.wait()
                except TimeoutError:
                    await connection.execute("SELECT 1")  # a half-dead connection is found out here
            log.warning("the bell's connection has ended")
        except UNREACHABLE as failure:
            log.warning("the bell lost its connection: %s", type(failure).__name__)
        finally:
            self.is_hearing = False
            connection.terminate()

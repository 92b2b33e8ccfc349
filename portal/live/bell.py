"""The one LISTEN connection of a process. It is only a doorbell, and it comes back by itself."""

import asyncio
import logging
import random
from collections.abc import Callable

import asyncpg

from portal.live.log import CHANNEL

log = logging.getLogger("portal.live")

LONGEST_PAUSE = 5.0
CHECKED_EVERY = 10.0


class Bell:
    """Calls `rung` with each notification's payload, and `connected` whenever it hears again."""

    def __init__(self, database_url: str, *, rung: Callable[[str], None], connected: Callable[[], None]) -> None:
        self.address = database_url.replace("postgresql+asyncpg://", "postgresql://", 1)
        self.rung = rung
        self.connected = connected

    async def listen(self) -> None:
        """Listen until cancelled."""
        pause = 0.1
        while True:
            try:
                connection = await asyncpg.connect(self.address, timeout=5, command_timeout=5, server_settings={"application_name": "portal bell"})
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as failure:
                log.warning("the bell has no database: %s", type(failure).__name__)
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            pause = 0.1
            await self._hear(connection)

    async def _hear(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        gone = asyncio.Event()
        connection.add_termination_listener(lambda _connection: gone.set())
        try:
            await connection.add_listener(CHANNEL, lambda _connection, _pid, _channel, payload: self.rung(str(payload)))
            self.connected()
            while not gone.is_set():
                try:
                    await asyncio.wait_for(gone.wait(), CHECKED_EVERY)
                except TimeoutError:
                    await connection.execute("SELECT 1")  # a half-dead connection is found out here
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as failure:
            log.warning("the bell lost its connection: %s", type(failure).__name__)
        finally:
            connection.terminate()

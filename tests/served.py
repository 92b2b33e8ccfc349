"""An ASGI application on loopback, served by uvicorn with uvloop in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

import uvicorn
import uvloop
from litestar.types import ASGIApp

from portal.live.protocol import PortalWebSocketProtocol

Result = TypeVar("Result")


class Served:
    """`start` returns when it serves; `call` runs something on the server's own loop. What is served says `opened`."""

    def __init__(self, *, port: int = 0, max_frame: int = 65536, send_buffer: int = 0) -> None:
        self.max_frame = max_frame
        self.socket = socket.create_server(("127.0.0.1", port))
        if send_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        self.port: int = self.socket.getsockname()[1]
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self.run, daemon=True)

    def opened(self) -> AbstractAsyncContextManager[ASGIApp]:
        """The application, opened and closed on the server's loop."""
        raise NotImplementedError

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread.start()
        if not self._ready.wait(60):
            raise TimeoutError("the server does not serve")

    def stop(self) -> None:
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(setattr, self.server, "should_exit", True)
            self._thread.join(60)
            if self._thread.is_alive():
                raise TimeoutError("the server does not stop")

    async def call(self, work: Awaitable[Result]) -> Result:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_awaited(work), self.loop))

    @property
    def open_sockets(self) -> int:
        return sum(isinstance(each, PortalWebSocketProtocol) for each in self.server.server_state.connections)

    def hears(self, port: int) -> bool:
        """Whether the socket that came from this port of somebody's is open."""
        sockets = [each for each in self.server.server_state.connections if isinstance(each, PortalWebSocketProtocol)]
        return any(each.client is not None and each.client[1] == port for each in sockets)

    async def rests(self) -> None:
        """Wait until everybody has gone."""
        async with asyncio.timeout(30):
            while self.open_sockets:
                await asyncio.sleep(0.01)

    def run(self) -> None:
        """Serve in this thread until told to stop."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        async with self.opened() as app:
            config = uvicorn.Config(
                app,
                http="httptools",
                ws=PortalWebSocketProtocol,
                ws_per_message_deflate=False,
                ws_max_size=self.max_frame,
                log_config=None,
                timeout_graceful_shutdown=5,
            )
            self.server = uvicorn.Server(config)
            self.server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
            self._ready.set()
            await self.server.serve(sockets=[self.socket])


async def _awaited(work: Awaitable[Result]) -> Result:
    return await work

"""`portal serve` and `portal run`: the portal on its address until it is told to stop."""

import argparse
import asyncio
import errno
import logging
import socket
import sys
from collections.abc import Callable
from contextlib import closing, suppress

import uvicorn
import uvloop

from portal.app import create_app
from portal.commands import showing
from portal.config import Misconfigured, Settings
from portal.ground import database, keeper, migrate
from portal.live.protocol import PortalWebSocketProtocol

PATIENCE_WITH_PEERS = 20_000
LONGEST_GOODBYE = 5
LARGEST_FRAME = 256 * 1024


def run(settings: Settings, arguments: argparse.Namespace) -> None:
    start(settings, showing.prepare)


def serve(settings: Settings, arguments: argparse.Namespace) -> None:
    start(settings, showing.require)


def start(settings: Settings, furnish: Callable[[Settings, str], None]) -> None:
    """Serve until a signal comes. `furnish` sees to what is in the database before anybody does."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("portal.web").setLevel(logging.INFO)  # the references that refused pages show
    if settings.secret is None and not settings.on_loopback:
        raise Misconfigured("PORTAL_SECRET is missing: a portal that others can reach needs one (32 characters or more).")
    with closing(listener(settings)) as listening:
        keeper.prepare(settings)
        with database.opened(settings) as url:
            asyncio.run(migrate.upgrade(url))
            furnish(settings, url)
            with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_serve(settings, url, listening))
    print("The portal has stopped.")


def listener(settings: Settings) -> socket.socket:
    """The portal's address, taken before anything else is started."""
    if not 0 < settings.port < 65536:
        raise Misconfigured(f"PORT must be between 1 and 65535, not {settings.port}.")
    try:
        family, kind, _, _, place = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.socket(family, kind)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, PATIENCE_WITH_PEERS)
        listening.bind(place)
    except OSError as error:
        raise Misconfigured(_why_not(settings, error)) from None
    return listening


def _why_not(settings: Settings, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {settings.port} is taken: stop the program that has it, or choose another with PORT."
    return f"The portal cannot listen on {settings.host} port {settings.port} ({error.strerror}): see PORTAL_HOST and PORT."


class _Announcing(uvicorn.Server):
    """Says where the portal is once it takes requests."""

    def __init__(self, config: uvicorn.Config, words: str) -> None:
        super().__init__(config)
        self.words = words

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self.words, flush=True)


async def _serve(settings: Settings, url: str, listening: socket.socket) -> None:
    portal = create_app(settings, url)
    config = uvicorn.Config(
        portal.asgi,
        http="httptools",
        ws=PortalWebSocketProtocol,
        ws_per_message_deflate=False,
        ws_max_size=LARGEST_FRAME,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=LONGEST_GOODBYE,
    )
    server = _Announcing(config, await showing.welcome(settings, portal.sessions))
    try:
        await server.serve(sockets=[listening])
    except OSError as error:
        raise Misconfigured(_why_not(settings, error)) from None
    if not server.started:
        sys.exit(3)

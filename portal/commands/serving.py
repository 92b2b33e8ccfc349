"""`portal serve` and `portal run`: the portal on its address until it is told to stop."""

import argparse
import asyncio
import errno
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace

from portal.commands import showing, workers, working
from portal.config import MOST_WORKERS, Misconfigured, Settings
from portal.ground import database, keeper, migrate

PATIENCE_WITH_PEERS = 20_000
BACKLOG = 2048


def run(settings: Settings, arguments: argparse.Namespace) -> None:
    start(settings, showing.prepare)


def serve(settings: Settings, arguments: argparse.Namespace) -> None:
    number = settings.workers if arguments.workers is None else arguments.workers
    if not 1 <= number <= MOST_WORKERS:
        raise Misconfigured(f"--workers must be between 1 and {MOST_WORKERS}, not {number}.")
    start(replace(settings, workers=number), showing.require)


def start(settings: Settings, furnish: Callable[[Settings, str], None]) -> None:
    """Serve until a signal comes. `furnish` sees to what is in the database before anybody does."""
    working.write_log()
    if settings.secret is None and not settings.on_loopback:
        raise Misconfigured("PORTAL_SECRET is missing: a portal that others can reach needs one (32 characters or more).")
    with closing(listener(settings)) as listening:
        keeper.prepare(settings)
        with database.opened(settings) as url:
            asyncio.run(migrate.upgrade(url))
            furnish(settings, url)
            words = asyncio.run(showing.welcome(settings, url))
            open_doors(settings, listening)
            if settings.workers == 1:
                working.serve(settings, url, listening, words)
            else:
                with suppress(KeyboardInterrupt):
                    workers.keep(settings.workers, url, listening, words)
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


def open_doors(settings: Settings, listening: socket.socket) -> None:
    """From here on nobody is turned away: who comes before a process can serve her, or while one is replaced, waits."""
    try:
        listening.listen(BACKLOG)
    except OSError as error:
        raise Misconfigured(_why_not(settings, error)) from None


def _why_not(settings: Settings, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {settings.port} is taken: stop the program that has it, or choose another with PORT."
    return f"The portal cannot listen on {settings.host} port {settings.port} ({error.strerror}): see PORTAL_HOST and PORT."

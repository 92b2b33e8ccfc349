"""`portal serve` and `portal run`: the portal on its address until it is told to stop."""

import argparse
import errno
import gc
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from importlib import import_module

from portal.config import MOST_WORKERS, Misconfigured, Settings
from portal.ground import database, keeper

PATIENCE_WITH_PEERS = 20_000
BACKLOG = 2048
REST = "portal.commands.opening"


def run(settings: Settings, arguments: argparse.Namespace) -> None:
    start(settings, has_demo=True)


def serve(settings: Settings, arguments: argparse.Namespace) -> None:
    number = settings.workers if arguments.workers is None else arguments.workers
    if not 1 <= number <= MOST_WORKERS:
        raise Misconfigured(f"--workers must be between 1 and {MOST_WORKERS}, not {number}.")
    start(replace(settings, workers=number), has_demo=False)


def start(settings: Settings, *, has_demo: bool) -> None:
    """Serve until a signal comes. With `has_demo` that goes into an empty database first."""
    write_log()
    if settings.secret is None and not settings.on_loopback:
        raise Misconfigured("PORTAL_SECRET is missing: a portal that others can reach needs one (32 characters or more).")
    with closing(listener(settings)) as listening:
        keeper.prepare(settings)
        with _loading() as loading, database.opened(settings) as url:
            loading.join()
            import_module(REST).open_portal(settings, url, listening, has_demo=has_demo)
    print("The portal has stopped.")


@contextmanager
def _loading() -> Iterator[threading.Thread]:
    """The rest of the portal is loaded while the database server starts. An import that fails does so again where it is asked for."""
    gc.disable()  # as in portal/__main__.py
    loading = threading.Thread(target=_load, name="loading")
    loading.start()
    try:
        yield loading
    finally:
        loading.join()


def _load() -> None:
    with suppress(Exception):
        import_module(REST)
    gc.freeze()
    gc.enable()


def write_log() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("portal.web").setLevel(logging.INFO)  # the references that refused pages show


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

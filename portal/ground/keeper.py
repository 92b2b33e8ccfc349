"""One portal to a data folder: its lock, and a watcher that starts a dead database server again."""

import fcntl
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.config import Misconfigured, Settings
from portal.ground.embedded import SAFE, Server

log = logging.getLogger(__name__)

EVERY = 0.2


def prepare(settings: Settings) -> None:
    """Make the data folder and its parts, and see that they can be written to."""
    _folder(settings.data, 0o711, "PORTAL_DATA")
    _folder(settings.mail_folder, 0o700, "PORTAL_DATA")
    _folder(settings.file_folder, 0o700, "PORTAL_FILES" if settings.files else "PORTAL_DATA")


def is_held(data: Path) -> bool:
    """Does a portal run on this data folder?"""
    try:
        with _held(data):
            return False
    except Misconfigured:
        return True


@contextmanager
def kept(data: Path, *, connections: int = 0) -> Iterator[Server]:
    """The folder's own server, for this portal alone: started or adopted, watched, and ended at the end.

    It takes `connections`, or PostgreSQL's usual hundred if that is more."""
    with _held(data):
        server = Server(data, settings={**SAFE, "max_connections": str(max(100, connections))})
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(server, ended), name="database keeper", daemon=True)
        try:
            server.ensure()
            watcher.start()
            yield server
        finally:
            ended.set()
            if watcher.ident is not None:
                watcher.join()
            with uninterrupted():
                server.stop()


@contextmanager
def borrowed(data: Path) -> Iterator[Server]:
    """The folder's server for a short errand: the one of a portal that runs there, else one for the time being."""
    if is_held(data):
        server = Server(data)
        server.await_ready()
        yield server
    else:
        with kept(data) as server:
            yield server


def _watch(server: Server, ended: threading.Event) -> None:
    while not ended.wait(EVERY):
        if server.pid is not None:
            continue
        log.error("the database server has died; starting it again")
        try:
            server.ensure()
            log.warning("the database server runs again")
        except (Misconfigured, OSError) as error:
            log.error("the database server could not be started: %s", error)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """A second Ctrl-C waits until the server has ended, so that no process stays behind."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _held(data: Path) -> Iterator[None]:
    # The lock belongs to the open file: it falls with the process however that ends, and PostgreSQL does not inherit it.
    with (data / "portal.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise Misconfigured(
                f"The data folder {data.resolve()} is in use by another portal (process {holder}): stop that one, or choose another folder with PORTAL_DATA."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _folder(folder: Path, mode: int, variable: str) -> None:
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
        probe = folder / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Misconfigured(
            f"The folder {folder.resolve()} cannot be written to ({error.strerror}): choose another with {variable}."
        ) from None

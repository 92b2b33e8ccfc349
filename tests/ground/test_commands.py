"""What the portal says when it cannot start: one sentence and an exit code, never a traceback."""

import asyncio
import importlib
import os
import re
import socket
import subprocess
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import pytest

from portal.commands import founding, grammar, schema, serving, showing
from portal.config import Misconfigured, Settings
from portal.ground import migrate
from tests.ground.test_backup import EPOCH, ask
from tests.postgres import Server

SECRET = "a secret of at least thirty-two characters"
LINES = {
    "run": ["run"],
    "serve": ["serve"],
    "init": ["init", "--network", "N", "--slug", "nn", "--municipality", "M", "--coordinator-name", "C", "--coordinator-email", "c@m.se"],
    "demo": ["demo", "--reset"],
    "migrate": ["migrate"],
    "backup": ["backup", "b"],
    "restore": ["restore", "--replace", "b"],
    "sources": ["sources", "import", "have-your-say", "f"],
    "config": ["config"],
}


def portal(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a person gives it, with none of the settings of whoever runs the tests."""
    own = {each.metadata["variable"] for each in fields(Settings)}
    inherited = {name: value for name, value in os.environ.items() if name not in own}
    return subprocess.run(
        [sys.executable, "-m", "portal", *words], capture_output=True, text=True, env={**inherited, **environment}, timeout=60, check=False
    )


def refusal(*words: str, **environment: str) -> str:
    """The one sentence that the command is refused with."""
    done = portal(*words, **environment)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.fullmatch(r"portal: .+\n", done.stderr), done.stderr
    return done.stderr.removeprefix("portal: ").rstrip("\n")


@contextmanager
def taken_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield str(taken.getsockname()[1])


def free_port() -> str:
    with taken_port() as port:
        return port


@contextmanager
def postgres_14() -> Iterator[str]:
    """A server that greets as PostgreSQL 14 does (constructed from the protocol's chapter "Message Flow")."""

    def message(kind: bytes, body: bytes) -> bytes:
        return kind + (len(body) + 4).to_bytes(4) + body

    def greet() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            with client:
                asked = client.recv(8192)
                if asked[4:8] == (80877103).to_bytes(4):
                    client.sendall(b"N")
                    client.recv(8192)
                told = {b"server_version": b"14.20", b"client_encoding": b"UTF8", b"standard_conforming_strings": b"on"}
                parameters = b"".join(message(b"S", name + b"\0" + value + b"\0") for name, value in told.items())
                client.sendall(message(b"R", bytes(4)) + parameters + message(b"K", bytes(8)) + message(b"Z", b"I"))
                client.recv(8192)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=greet, daemon=True).start()
        yield f"postgresql://portal@127.0.0.1:{listening.getsockname()[1]}/portal"


def test_every_command_is_explained_and_leads_to_an_errand() -> None:
    told = portal("--help").stdout
    for name, words in LINES.items():
        assert re.search(rf"^    {name} +\w", told, re.MULTILINE), name
        module, _, errand = grammar.parser().parse_args(words).errand.partition(":")
        assert callable(getattr(importlib.import_module(f"portal.commands.{module}"), errand))


def test_config_shows_every_setting_with_meaning_and_source_and_no_secret() -> None:
    shown = portal("config", PORTAL_SECRET=SECRET, PORT="8123", DATABASE_URL="postgresql://me:pass-word@db/portal").stdout
    for each in fields(Settings):
        assert re.search(rf"^{each.metadata['variable']} +.+ \[(default|environment)\]$", shown, re.MULTILINE)
        assert each.metadata["meaning"] in shown
    assert re.search(r"^PORT +8123  \[environment\]$", shown, re.MULTILINE)
    assert re.search(r"^PORTAL_SECRET +\(hidden\)  \[environment\]$", shown, re.MULTILINE)
    assert SECRET not in shown
    assert "pass-word" not in shown


def test_a_taken_port(fresh: Path) -> None:
    with taken_port() as port:
        assert refusal("run", PORT=port, PORTAL_DATA=str(fresh)) == (
            f"Port {port} is taken: stop the program that has it, or choose another with PORT."
        )
    assert list(fresh.iterdir()) == []


@pytest.mark.parametrize("port", [0, 65536])
def test_a_port_that_is_none(port: int) -> None:
    with pytest.raises(Misconfigured, match=f"PORT must be between 1 and 65535, not {port}"):
        serving.listener(Settings(port=port))


def test_a_data_folder_that_cannot_be_written_to(fresh: Path) -> None:
    (fresh / "file").touch()
    assert refusal("migrate", PORTAL_DATA=str(fresh / "file")) == (
        f"The folder {fresh / 'file'} cannot be written to (File exists): choose another with PORTAL_DATA."
    )
    if os.geteuid() == 0:
        shut = Path("/proc/sys")
    else:
        shut = fresh / "shut"
        shut.mkdir(mode=0o500)
    assert re.fullmatch(
        rf"The folder {shut}/data cannot be written to \([\w ]+\): choose another with PORTAL_DATA\.",
        refusal("migrate", PORTAL_DATA=str(shut / "data")),
    )


def test_a_data_folder_with_too_long_a_path(fresh: Path) -> None:
    assert "bytes too long for the database's socket" in refusal("migrate", PORTAL_DATA=str(fresh / ("x" * 100)))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (
            "postgresql://me:pass-word@127.0.0.1:1/portal",
            "The database at postgresql+asyncpg://me:***@127.0.0.1:1/portal cannot be reached: ",
        ),
        ("mysql://me@127.0.0.1/portal", "DATABASE_URL must begin with postgresql://, not mysql://."),
        ("nonsense", "DATABASE_URL is not an address: "),
        ("postgresql://127.0.0.1/portal?sslmod=x", "DATABASE_URL has options that the portal does not know: sslmod."),
    ],
)
def test_a_database_that_cannot_be_used(fresh: Path, url: str, words: str) -> None:
    said = refusal("migrate", PORTAL_DATA=str(fresh), DATABASE_URL=url)
    assert said.startswith(words)
    assert "pass-word" not in said


def test_a_database_that_does_not_exist(fresh: Path, server: Server) -> None:
    assert 'cannot be reached: database "nowhere" does not exist' in refusal(
        "migrate", PORTAL_DATA=str(fresh), DATABASE_URL=server.url("nowhere")
    )


def test_a_database_server_that_is_too_old(fresh: Path) -> None:
    with postgres_14() as url:
        assert refusal("migrate", PORTAL_DATA=str(fresh), DATABASE_URL=url) == (
            "The database server is PostgreSQL 14; the portal needs 15 or newer."
        )


def test_a_schema_that_is_newer_than_the_portal(fresh: Path, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(data=fresh, database_url=server.create_database("newer"))
    schema.bring_up(settings, Namespace())
    schema.bring_up(settings, Namespace())
    assert capsys.readouterr().out == (
        f"The database has been brought to schema {migrate.newest()}.\nThe database was already at schema {migrate.newest()}.\n"
    )
    server.execute("UPDATE alembic_version SET version_num = '9999'", database="newer")
    assert refusal("migrate", PORTAL_DATA=str(fresh), DATABASE_URL=server.url("newer")) == (
        "The database's schema (9999) is newer than this portal knows: start the portal that last ran on it, or a newer one."
    )


def test_no_secret_where_others_can_reach_the_portal(fresh: Path) -> None:
    assert refusal("serve", PORTAL_DATA=str(fresh), PORTAL_BASE_URL="https://portal.example.se") == (
        "PORTAL_SECRET is missing: a portal that others can reach needs one (32 characters or more)."
    )


def test_no_secret_on_a_real_network(fresh: Path, server: Server) -> None:
    url = server.create_database("real")
    founded = portal(*LINES["init"], PORTAL_DATA=str(fresh), DATABASE_URL=url)
    assert founded.stdout.startswith("N is at http://127.0.0.1:8000/nn.\nC signs in at http://127.0.0.1:8000/sign-in with c@m.se"), (
        founded.stderr
    )
    assert refusal("run", PORTAL_DATA=str(fresh), DATABASE_URL=url, PORT=free_port()) == (
        "PORTAL_SECRET is missing: only the demo runs without one (32 characters or more)."
    )
    with pytest.raises(Misconfigured, match="The demo goes into an empty database only, and there are people in this one"):
        showing.load(Settings(data=fresh, database_url=url), Namespace(reset=True))


@contextmanager
def at_a_terminal(typed: str) -> Iterator[None]:
    """Standard input is a terminal at which somebody has typed this."""
    keyboard, terminal = os.openpty()
    before = sys.stdin
    with os.fdopen(terminal, "r") as sys.stdin:
        os.write(keyboard, typed.encode())
        try:
            yield
        finally:
            sys.stdin = before
            os.close(keyboard)


def test_a_demo_of_last_month_is_offered_anew_and_loaded_anew(fresh: Path, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(data=fresh, database_url=server.create_database("old_demo"))
    founding.found(settings, grammar.parser().parse_args(LINES["init"]))
    server.execute("INSERT INTO demo_mark (id, loaded_at) VALUES (1, now() - interval '31 days')", database="old_demo")
    showing.prepare(settings, server.url("old_demo"))
    assert "The demo was loaded 31 days ago: `portal demo --reset` loads it anew, dated from today." in capsys.readouterr().out

    epoch = asyncio.run(ask(server.url("old_demo"), EPOCH))
    for declined in ("\n", "n\n", "j\n"):
        with at_a_terminal(declined):
            showing.prepare(settings, server.url("old_demo"))
        assert "Load it anew, and lose what has been done in it? [y/N]" in capsys.readouterr().out
    assert asyncio.run(ask(server.url("old_demo"), EPOCH)) == epoch
    with at_a_terminal("y\n"):
        showing.prepare(settings, server.url("old_demo"))
    assert asyncio.run(ask(server.url("old_demo"), "SELECT loaded_at > now() - interval '1 hour' FROM demo_mark"))
    assert asyncio.run(ask(server.url("old_demo"), EPOCH)) != epoch
    assert asyncio.run(ask(server.url("old_demo"), "SELECT count(*) FROM person WHERE email = 'c@m.se'")) == 0


def test_a_secret_that_is_too_short() -> None:
    assert refusal("serve", PORTAL_SECRET="short") == "PORTAL_SECRET is too short: use 32 characters or more."


@pytest.mark.parametrize("address", ["ftp://portal.example.se", "portal.example.se", "http://portal.example.se"])
def test_an_address_that_browsers_could_not_trust(address: str) -> None:
    assert refusal("serve", PORTAL_BASE_URL=address).startswith("PORTAL_BASE_URL must be")


def test_whoever_has_read_enough_of_the_settings_gets_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-m", "portal", "config"], stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_server_starts_while_the_portal_loads_and_the_queue_is_loaded_with_its_first_job():
    asked = "import sys, portal.commands.{}; print(*[name for name in ('litestar', 'pgqueuer') if name in sys.modules])"
    loaded = [
        subprocess.run([sys.executable, "-c", asked.format(each)], capture_output=True, text=True, check=True).stdout
        for each in ("serving", "opening")
    ]
    assert loaded == ["\n", "litestar\n"]

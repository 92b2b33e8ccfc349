"""`portal run` from nothing to a page, and what is left when it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

from tests.ground.test_commands import free_port
from tests.ground.test_server import processes_in

PATIENCE = 60.0


def start(data: Path, port: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PORTAL_SECRET", "PORTAL_BASE_URL")}
    return subprocess.Popen(
        [sys.executable, "-m", "portal", "run"],
        env={**kept, "PORTAL_DATA": str(data), "PORT": port},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def first_page(port: str, running: subprocess.Popen[str]) -> httpx.Response:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/sign-in", timeout=5)
        except httpx.TransportError:
            assert running.poll() is None, running.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.05)


def end(running: subprocess.Popen[str], kind: signal.Signals) -> str:
    running.send_signal(kind)
    said = running.communicate(timeout=30)[0]
    assert running.returncode == 0, said
    return said


def test_one_command_loads_the_demo_serves_and_leaves_nothing_behind(fresh: Path) -> None:
    port = free_port()
    running = start(fresh, port)
    assert first_page(port, running).status_code == 200
    said = end(running, signal.SIGINT)
    assert f"The portal is at http://127.0.0.1:{port} (Ctrl-C stops it)." in said
    assert "This is the demo." in said
    assert said.endswith("The portal has stopped.\n")
    assert "Traceback" not in said
    assert processes_in(fresh) == []

    running = start(fresh, port)
    assert first_page(port, running).status_code == 200
    server = int((fresh / "postgres" / "postmaster.pid").read_text().split()[0])
    running.kill()
    assert "Loading the demo" not in running.communicate()[0]
    assert psutil.pid_exists(server)

    running = start(fresh, port)
    assert first_page(port, running).status_code == 200
    assert int((fresh / "postgres" / "postmaster.pid").read_text().split()[0]) == server
    end(running, signal.SIGTERM)
    assert processes_in(fresh) == []

"""The embedded database server outlives whatever happens to the portal, and never outlives its end."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from portal.config import Misconfigured
from portal.ground import embedded, keeper

# Takes its note away, as PostgreSQL does, and then needs a while to end.
SLOW_TO_END = """
import signal, sys, time
from pathlib import Path
note = Path(sys.argv[1], "postmaster.pid")
signal.signal(signal.SIGINT, lambda *_: (note.unlink(), time.sleep(0.5), sys.exit()))
print("ready", flush=True)
time.sleep(30)
"""
BEARS_AND_FORGETS = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdout=subprocess.DEVNULL)
print(child.pid, flush=True)
time.sleep(60)
"""
LONG_QUERY = "SELECT count(*) FROM generate_series(1, 3000000000)"


def ask(data: Path, question: str) -> Any:
    async def answer() -> Any:
        connection = await asyncpg.connect(host=str(data / "run"), user=embedded.USER, database=embedded.DATABASE)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(answer())


def hold(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ground.holder", str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def held(data: Path) -> tuple[subprocess.Popen[str], int]:
    """A process that keeps the folder, and its server's process id."""
    holder = hold(data)
    assert holder.stdout is not None
    return holder, int(holder.stdout.readline())


def let_go(holder: subprocess.Popen[str]) -> None:
    holder.communicate(timeout=20)
    assert holder.returncode == 0


def until(true: Callable[[], bool], *, within: float) -> float:
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < within, f"not within {within} s"
        time.sleep(0.02)
    return time.monotonic() - started


def processes_in(data: Path) -> list[int]:
    return [each.pid for each in psutil.process_iter(["cwd"]) if (each.info["cwd"] or "").startswith(str(data))]


def answers(data: Path) -> bool:
    try:
        return bool(ask(data, "SELECT 1") == 1)
    except (OSError, asyncpg.PostgresError):
        return False


def test_a_new_folder_gets_a_durable_swedish_speaking_server_that_ends_with_the_portal(fresh: Path) -> None:
    half_a_cluster = fresh / "postgres.new-0001"
    half_a_cluster.mkdir()
    (half_a_cluster / "PG_VERSION").write_text("18\n")
    with keeper.kept(fresh):
        assert not half_a_cluster.exists()
        assert (
            ask(fresh, "SELECT current_setting('fsync') || current_setting('synchronous_commit') || current_setting('data_checksums')")
            == "ononon"
        )
        assert ask(fresh, "SELECT current_setting('recovery_init_sync_method')") == ("syncfs" if sys.platform == "linux" else "fsync")
        assert ask(fresh, "SELECT lower('ÅÄÖ')") == "åäö"
        assert ask(fresh, "SELECT current_setting('listen_addresses')") == ""
        assert (fresh / "run").stat().st_mode & 0o777 == 0o700
        assert processes_in(fresh)
    assert processes_in(fresh) == []


def test_the_next_portal_adopts_the_server_of_one_that_was_killed_and_ends_it(data: Path) -> None:
    holder, server = held(data)
    ask(data, "CREATE TABLE kept AS SELECT 1")
    holder.kill()
    holder.wait()
    assert psutil.pid_exists(server)
    with keeper.kept(data) as adopted:
        assert adopted.pid == server
        assert ask(data, "SELECT count(*) FROM kept") == 1
    assert processes_in(data) == []


def test_an_adopted_server_has_ended_when_it_is_stopped_and_not_only_its_note(fresh: Path) -> None:
    cluster = fresh / "postgres"
    cluster.mkdir()
    slow = subprocess.Popen([sys.executable, "-c", SLOW_TO_END, cluster], stdout=subprocess.PIPE)
    assert slow.stdout is not None
    assert slow.stdout.readline() == b"ready\n"
    (cluster / "postmaster.pid").write_text(f"{slow.pid}\n{cluster}\n")
    embedded.Server(fresh).stop()
    assert slow.poll() == 0


def test_a_killed_server_soon_runs_again_even_with_an_orphan_at_work(data: Path) -> None:
    holder, server = held(data)
    ask(data, "CREATE TABLE kept AS SELECT 1")
    busy = subprocess.Popen(
        [embedded.BINARIES / "psql", "-qX", "-h", data / "run", "-U", embedded.USER, "-c", LONG_QUERY, embedded.DATABASE],
        stderr=subprocess.DEVNULL,
    )
    until(
        lambda: ask(data, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_series(1%' AND pid <> pg_backend_pid()") == 1,
        within=30,
    )
    os.kill(server, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(server) or psutil.Process(server).status() == psutil.STATUS_ZOMBIE, within=20)
    # That it comes back, and does not wait for the orphan, which would be at work for minutes. The five seconds that are promised are for a
    # machine with time for it, and not for one that runs other tests beside: they are not asserted here.
    until(lambda: answers(data), within=20)
    assert ask(data, "SELECT count(*) FROM kept") == 1
    busy.wait(20)
    let_go(holder)
    assert processes_in(data) == []


def test_an_orphan_that_nobody_reaps_is_not_waited_for() -> None:
    mother = subprocess.Popen([sys.executable, "-c", BEARS_AND_FORGETS], stdout=subprocess.PIPE, text=True)
    assert mother.stdout is not None
    orphan = psutil.Process(int(mother.stdout.readline()))
    began = time.monotonic()
    embedded._end([orphan])
    took = time.monotonic() - began
    assert (orphan.status(), took < 3) == (psutil.STATUS_ZOMBIE, True)
    mother.kill()
    mother.wait()


@pytest.mark.parametrize("sign", ["postgres.new-*/PG_VERSION", "postgres"])
def test_a_first_start_that_was_killed_is_begun_again(fresh: Path, sign: str) -> None:
    holder = hold(fresh)
    until(lambda: bool(list(fresh.glob(sign))), within=20)
    holder.kill()
    holder.wait()
    with keeper.kept(fresh):
        assert ask(fresh, "SELECT 1") == 1
    assert list(fresh.glob("postgres.new-*")) == []
    assert processes_in(fresh) == []


def test_what_initdb_left_at_work_on_half_a_cluster_is_ended_before_that_is_taken_away(fresh: Path) -> None:
    unfinished = fresh / "postgres.new-0001"
    unfinished.mkdir()
    at_work = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], env={**os.environ, "PGDATA": str(unfinished)})
    with keeper.kept(fresh):
        assert at_work.poll() == -signal.SIGKILL
    assert not unfinished.exists()


def test_a_note_of_a_dead_server_that_names_another_program_is_passed_over(data: Path) -> None:
    with keeper.kept(data):
        note = (data / "postgres" / "postmaster.pid").read_text()
    (data / "postgres" / "postmaster.pid").write_text(note.replace(note.split("\n")[0], str(os.getpid()), 1))
    with keeper.kept(data) as server:
        assert server.pid not in (None, os.getpid())
        assert ask(data, "SELECT 1") == 1


def test_an_empty_note_is_passed_over(data: Path) -> None:
    (data / "postgres" / "postmaster.pid").touch()
    with keeper.kept(data):
        assert ask(data, "SELECT 1") == 1


def test_a_second_portal_on_the_folder_is_told_who_has_it(data: Path) -> None:
    holder, _ = held(data)
    refused = hold(data)
    assert refused.wait(10) == 1
    assert refused.stderr is not None
    said = refused.stderr.read()
    assert f"in use by another portal (process {holder.pid})" in said
    assert len(said.splitlines()) == 1
    assert answers(data)
    let_go(holder)


def test_an_errand_uses_the_running_portals_server_and_leaves_it_running(data: Path) -> None:
    holder, server = held(data)
    with keeper.borrowed(data) as borrowed:
        assert borrowed.pid == server
    assert answers(data)
    let_go(holder)
    with keeper.borrowed(data):
        assert answers(data)
    assert processes_in(data) == []


def test_a_cluster_of_another_major_version_is_refused_in_a_sentence(data: Path) -> None:
    (data / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(Misconfigured, match="written by PostgreSQL 17 and this portal brings 18"), keeper.kept(data):
        pass


def test_a_cluster_that_cannot_start_says_why(data: Path) -> None:
    shutil.rmtree(data / "postgres" / "global")
    with pytest.raises(Misconfigured, match=r"does not start: .*could not .*global"), keeper.kept(data):
        pass


def test_a_path_too_long_for_the_socket_is_said_before_anything_is_made(fresh: Path) -> None:
    deep = fresh / ("x" * 90)
    deep.mkdir()
    with pytest.raises(Misconfigured, match="bytes too long for the database's socket"), keeper.kept(deep):
        pass
    assert not (deep / "postgres").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")
def test_root_is_told_which_folder_the_servers_account_may_not_enter(fresh: Path) -> None:
    shut = fresh / "shut"
    (shut / "data").mkdir(parents=True)
    shut.chmod(0o700)
    with pytest.raises(Misconfigured, match=f"may not enter {shut}: start the portal as an ordinary user"), keeper.kept(shut / "data"):
        pass

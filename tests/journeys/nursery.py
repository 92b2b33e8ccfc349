"""Commands of the portal, forked from a process that has read its modules once: reading them takes three seconds of the processor,
which is most of a start. `python -m tests.journeys.nursery` is that process; how `python -m portal` itself starts, tests/ground shows."""

import gc
import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from portal.__main__ import main as portal


class Child:
    """A forked command; it is asked and ended as a `subprocess.Popen` is."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self.pid = pid
        self._nursery = nursery
        self._ended: int | None = None

    def poll(self) -> int | None:
        """Its exit code, or what killed it as a negative number; None while it lives."""
        if self._ended is None:
            self._ended = self._nursery.ask({"bury": self.pid})
        return self._ended

    def wait(self, timeout: float) -> int:
        deadline = time.monotonic() + timeout
        while (ended := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("portal", timeout)
            time.sleep(0.02)
        return ended

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Nursery:
    """One question at a time; it ends with the process that opened it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.nursery"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def bear(self, words: list[str], environment: dict[str, str], journal: Path) -> Child:
        """`portal words…` in this environment, which says everything to `journal`."""
        pid = self.ask({"bear": words, "environment": environment, "journal": str(journal)})
        assert pid is not None
        return Child(self, pid)

    def ask(self, question: dict[str, Any]) -> int | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: int | None = json.loads(self._process.stdout.readline())
        return answer


@lru_cache(maxsize=1)
def nursery() -> Nursery:
    """The one of this test process, opened when the first portal is wanted."""
    return Nursery()


def _bear(words: list[str], environment: dict[str, str], journal: str) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        with open(os.devnull) as nothing, open(journal, "ab") as said:
            os.dup2(nothing.fileno(), 0)
            for out in (1, 2):
                os.dup2(said.fileno(), out)
        os.environ.clear()
        os.environ.update(environment)
        random.seed()
        code = portal(words)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _bury(child: int) -> int | None:
    ended, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def main() -> None:
    for module in ("serving", "working", "backups", "importing"):
        import_module(f"portal.commands.{module}")
    gc.freeze()
    for line in sys.stdin:
        question = json.loads(line)
        answer = _bury(question["bury"]) if "bury" in question else _bear(question["bear"], question["environment"], question["journal"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

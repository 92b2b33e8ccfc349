"""Several serving processes on one address: started, replaced when one ends, and all ended at the end."""

import json
import logging
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

from portal.commands.working import LONGEST_GOODBYE, NOT_STARTED
from portal.ground.keeper import uninterrupted

log = logging.getLogger(__name__)

LOOK = 0.1
YOUNG = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0


@dataclass
class _Place:
    """One of the processes. After one that ended young its successor waits, longer each time."""

    process: subprocess.Popen[str]
    since: float
    pause: float = FIRST_PAUSE
    due: float | None = None


def keep(number: int, url: str, listening: socket.socket, words: str) -> None:
    """Have `number` processes serve on `listening` until interrupted; the first says `words`."""
    places: list[_Place] = []
    try:
        for nth in range(number):
            places.append(_Place(_start(url, listening, "" if nth else words), time.monotonic()))
        while True:
            time.sleep(LOOK)
            for place in places:
                _look_after(place, url, listening)
            if all(place.process.poll() == NOT_STARTED for place in places):
                sys.exit(NOT_STARTED)
    finally:
        with uninterrupted():
            _end([place.process for place in places])


def _start(url: str, listening: socket.socket, words: str) -> "subprocess.Popen[str]":
    # A process of its own, not a fork: the database keeper's thread would be copied in the middle of its work. And in a
    # session of its own: the terminal's Ctrl-C reaches the parent alone, which then ends all in one way.
    descriptor = listening.fileno()
    command = [sys.executable, "-m", "portal.commands.working", str(descriptor)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[descriptor], start_new_session=True, text=True)  # noqa: S603
    assert process.stdin is not None  # noqa: S101
    process.stdin.write(json.dumps({"url": url, "words": words}) + "\n")
    process.stdin.flush()
    return process


def _look_after(place: _Place, url: str, listening: socket.socket) -> None:
    code, now = place.process.poll(), time.monotonic()
    if code is None:
        return
    if place.due is None:
        place.pause = min(place.pause * 2, LONGEST_PAUSE) if now - place.since < YOUNG else FIRST_PAUSE
        place.due = now + place.pause
        log.error("serving process %s has ended (%s); another takes its place", place.process.pid, code)
    elif now >= place.due:
        place.process, place.since, place.due = _start(url, listening, ""), now, None


def _end(processes: list["subprocess.Popen[str]"]) -> None:
    """Ask all at once, then wait; who has not gone by then is killed."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + 2 * LONGEST_GOODBYE
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

"""Where a comment's way to the database can be cut, and the cut itself. The portal knows nothing of it."""

import os
import signal
from collections.abc import Callable
from contextvars import ContextVar
from inspect import iscoroutinefunction
from typing import Any

import pytest
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from portal.comments import actions
from portal.live.reader import Reader
from portal.live.streams import Streams

ARRIVED = "arrived"  # the request is there, nothing is done
WRITTEN = "written"  # all is written: durable, if the comment is one statement by itself; else rolled back
COMMITTED = "committed"  # committed, and not a word said
ANSWERED = "answered"  # the answer is on its way
POINTS = (ARRIVED, WRITTEN, COMMITTED, ANSWERED)
LINE: ContextVar[Any] = ContextVar("line")


class Cut(Exception):
    """What happens to the work in the middle of which the line is cut."""


class Faults:
    """Calls `strike` the first `times` times that a comment comes to `point`, not counting the `after` before them.

    `strike` says whether that is the end of the work."""

    def __init__(self, point: str, *, times: int, strike: Callable[[Any], bool], after: int = 0) -> None:
        self.strike = strike
        self.set(point, times=times, after=after)

    def set(self, point: str, *, times: int = 1, after: int = 0) -> None:
        self.point = point
        self.left = times
        self.after = after

    def at(self, point: str, transport: Any) -> bool:
        if point != self.point or not self.left:
            return False
        if self.after:
            self.after -= 1
            return False
        self.left -= 1
        return self.strike(transport)

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application with the points in its way that lie outside of it."""

        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].endswith("/comments"):
                await app(scope, receive, send)
                return
            transport = send.__self__.transport  # type: ignore[attr-defined]
            LINE.set(transport)
            if self.at(ARRIVED, transport):
                return

            async def watched(message: Message) -> None:
                if message["type"] == "http.response.start" and message["status"] == 201 and self.at(COMMITTED, transport):
                    return
                await send(message)
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    self.at(ANSWERED, transport)

            await app(scope, receive, watched)

        return faulty

    def inside(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The point that lies between the last write and the answer (and the commit, where one is needed)."""
        as_usual = actions.post

        async def post(*given: Any, **named: Any) -> Any:
            comment = await as_usual(*given, **named)
            if self.at(WRITTEN, LINE.get()):
                raise Cut
            return comment

        monkeypatch.setattr(actions, "post", post)


HANDED_OUT = "_write"  # in the middle of an event's way to all who follow
CAUGHT_UP = "_hand_over"  # in the middle of what somebody has missed


class CutLines:
    """Cuts the line of every third reader that is written to while the streams' `point` is at work, `times` times in all."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, point: str, *, times: int) -> None:
        self.left = times
        self.sends = 0
        within: ContextVar[bool] = ContextVar("within", default=False)
        as_usual, send_as_usual = getattr(Streams, point), Reader.send

        def at_work(*given: Any) -> Any:
            token = within.set(True)
            try:
                return as_usual(*given)
            finally:
                within.reset(token)

        async def at_work_for_a_while(*given: Any) -> Any:
            within.set(True)
            return await as_usual(*given)

        def send(reader: Reader, *given: Any) -> None:
            self.sends += within.get()
            if within.get() and self.left and self.sends % 3 == 0:
                self.left -= 1
                reader.protocol.transport.abort()
            send_as_usual(reader, *given)

        monkeypatch.setattr(Streams, point, at_work_for_a_while if iscoroutinefunction(as_usual) else at_work)
        monkeypatch.setattr(Reader, "send", send)


def cut(transport: Any) -> bool:
    """The line is gone, at once."""
    transport.abort()
    return True


def die(_transport: Any) -> bool:
    """So is the process."""
    os.kill(os.getpid(), signal.SIGKILL)
    return True

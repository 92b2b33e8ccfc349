"""Where the way of what is done to a comment can be cut, and the cut itself. The portal knows nothing of it."""

import os
import re
import signal
from collections.abc import Callable
from contextvars import ContextVar
from inspect import iscoroutinefunction
from typing import Any

import pytest
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from sqlalchemy import text

from portal import db
from portal.comments import actions
from portal.db import Sessions
from portal.files import incoming, store
from portal.live.reader import Reader
from portal.live.streams import Streams
from portal.moderation import actions as moderation

ARRIVED = "arrived"  # the request is there, nothing is done
LOCKED = "locked"  # in the database: the rows that decide are held, nothing is written
INSERTED = "inserted"  # in the database: the statement has written what it writes
UNCOMMITTED = "uncommitted"  # in the database: the transaction is about to be committed
WRITTEN = "written"  # all is written: durable, if the comment is one statement by itself; else rolled back
COMMITTED = "committed"  # committed, and not a word said
ANSWERED = "answered"  # the answer is on its way
TAKEN = "taken"  # a piece of a file has been written
STORED = "stored"  # a file is in its place, and no row says so yet
WITHIN = (LOCKED, INSERTED, UNCOMMITTED)
POINTS = (ARRIVED, *WITHIN, WRITTEN, COMMITTED, ANSWERED)
DONE = {201, 303}
SAYS = re.compile("/(comments|files)")
LINE: ContextVar[Any] = ContextVar("line")


class Cut(Exception):
    """What happens to the work in the middle of which the line is cut."""


class Faults:
    """Calls `strike` the first `times` times that a comment, an edit or a hiding comes to `point`, not counting the `after` before
    them; with `every=2` every other time, so that whoever asks again comes through.

    `strike` says whether that is the end of the work."""

    def __init__(self, point: str, *, times: int, strike: Callable[[Any], bool], after: int = 0, every: int = 1) -> None:
        self.strike = strike
        self.every = every
        self.arrived = 0
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
        self.arrived += 1
        if self.arrived % self.every:
            return False
        self.left -= 1
        return self.strike(transport)

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application with the points in its way that lie outside of it."""

        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["method"] != "POST" or not SAYS.search(scope["path"]):
                await app(scope, receive, send)
                return
            transport = send.__self__.transport  # type: ignore[attr-defined]
            LINE.set(transport)
            if self.at(ARRIVED, transport):
                return

            async def watched(message: Message) -> None:
                if message["type"] == "http.response.start" and message["status"] in DONE and self.at(COMMITTED, transport):
                    return
                await send(message)
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    self.at(ANSWERED, transport)

            await app(scope, receive, watched)

        return faulty

    def inside(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The point that lies between the last write and the answer (and the commit, where one is needed), and those on a file's way."""
        for deeds, name in ((actions, "post"), (actions, "edit"), (moderation, "hide"), (moderation, "restore")):
            monkeypatch.setattr(deeds, name, self._watched(getattr(deeds, name)))
        take, put = incoming._Intake.take, store.put

        async def take_and_watch(intake: incoming._Intake, piece: bytes | bytearray) -> None:
            await take(intake, piece)
            if intake.files:
                self.at(TAKEN, LINE.get())

        def put_and_watch(*given: Any) -> None:
            put(*given)
            self.at(STORED, None)

        monkeypatch.setattr(incoming._Intake, "take", take_and_watch)
        monkeypatch.setattr(store, "put", put_and_watch)

    def _watched(self, as_usual: Callable[..., Any]) -> Callable[..., Any]:
        async def watched(*given: Any, **named: Any) -> Any:
            done = await as_usual(*given, **named)
            if self.at(WRITTEN, LINE.get()):
                raise Cut
            return done

        return watched


# In the database triggers strike, on the connections whose application bears the point's name, every other time: `arrived` counts on
# whatever is rolled back. What is cut off there ends; what is told to the application goes on for a while, and may be committed.
STRIKES = (
    "CREATE SEQUENCE arrived",
    """
    CREATE FUNCTION strike() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('application_name') = TG_ARGV[0] AND nextval('arrived') % 2 = 1 THEN
            {strike};
            PERFORM pg_sleep(0.1);
        END IF;
        RETURN NEW;
    END $$
    """,
    f"CREATE TRIGGER strike_1 BEFORE INSERT OR UPDATE OF version, hidden_at ON comment FOR EACH ROW EXECUTE FUNCTION strike('{LOCKED}')",
    f"CREATE TRIGGER strike_2 AFTER INSERT OR UPDATE OF version, hidden_at ON comment FOR EACH ROW EXECUTE FUNCTION strike('{INSERTED}')",
    f"""
    CREATE CONSTRAINT TRIGGER strike_3 AFTER INSERT OR UPDATE OF version, hidden_at ON comment DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION strike('{UNCOMMITTED}')
    """,
)
CUT_OFF, TELL = "PERFORM pg_terminate_backend(pg_backend_pid())", "RAISE NOTICE 'struck'"


async def strike_within(sessions: Sessions, strike: str) -> None:
    """Have the database strike from now on."""
    async with sessions() as session:
        for each in STRIKES:
            await session.execute(text(each.format(strike=strike)))
        await session.commit()


def expect_strikes(monkeypatch: pytest.MonkeyPatch, point: str, told: Callable[[], Any] | None = None) -> None:
    """The portal's connections bear the point's name; `told` is called when the database says that it has struck."""
    as_usual = db._connect

    async def connect(*given: Any, server_settings: dict[str, str], **named: Any) -> Any:
        connection = await as_usual(*given, server_settings={**server_settings, "application_name": point}, **named)
        if told is not None:
            connection.add_log_listener(lambda _connection, message: told() if message.message == "struck" else None)
        return connection

    monkeypatch.setattr(db, "_connect", connect)


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

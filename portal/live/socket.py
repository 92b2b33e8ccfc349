"""The socket route /live: who may connect, what a client may say, and how often."""

import asyncio
import json
import time
from http.cookies import CookieError, SimpleCookie
from typing import Any

from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send
from sqlalchemy.exc import DBAPIError

from portal.live.hub import Hub
from portal.live.protocol import EXTENSION
from portal.live.reader import Reader, Viewer

HELLO_WITHIN = 10.0
MOST_STREAMS = 50
MOST_SOCKETS = 50
BURST, REFILL = 40.0, 5.0
BAD_FRAMES, BAD_WITHIN = 3, 60.0


def live_route(hub: Hub, origin: str) -> ASGIRouteHandler:
    """The handler of /live for pages served from `origin`."""

    @asgi("/live", copy_scope=True)
    async def live(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await _refuse_http(send, 426)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if headers.get("origin", "").lower() != origin:
            await _refuse(send, 403)
            return
        viewer = await _viewer(hub, headers.get("cookie", ""))
        if not isinstance(viewer, Viewer):
            await _refuse(send, viewer)
            return
        await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
        reader = Reader(viewer, scope["extensions"][EXTENSION])  # type: ignore[typeddict-item, index]
        hub.readers.add(reader)
        try:
            await Conversation(hub, reader, receive).go_on()
        finally:
            hub.leave(reader)

    return live


async def _viewer(hub: Hub, cookies: str) -> Viewer | int:
    """Who connects, or the status of a refusal."""
    try:
        jar = {name: morsel.value for name, morsel in SimpleCookie(cookies).items()}
        async with hub.sessions() as session:
            viewer = await hub.doors.authenticate(session, jar)
    except CookieError:
        return 400
    except (OSError, DBAPIError, TimeoutError):
        return 503
    if viewer is None:
        return 401
    if sum(reader.viewer.person_id == viewer.person_id for reader in hub.readers) >= MOST_SOCKETS:
        return 429
    return viewer


class Conversation:
    """What one socket says, until it closes."""

    def __init__(self, hub: Hub, reader: Reader, receive: Receive) -> None:
        self.hub = hub
        self.reader = reader
        self.receive = receive
        self.allowance = BURST
        self.counted_at = time.monotonic()
        self.bad: list[float] = []
        self.greeted = False

    async def go_on(self) -> None:
        while True:
            try:
                message: Any = await asyncio.wait_for(self.receive(), None if self.greeted else HELLO_WITHIN)
            except TimeoutError:
                self.reader.socket.cut(4408, "nothing was asked for")
                return
            if message["type"] == "websocket.disconnect":
                return
            if message["type"] == "websocket.receive" and not await self._take(message):
                return

    async def _take(self, message: Any) -> bool:
        """Answer one frame. False when the conversation is over."""
        if not self._within_rate():
            self.reader.socket.cut(4429, "too many frames")
            return False
        try:
            frame = _frame(message)
        except (ValueError, RecursionError):
            return self._complain(None)
        try:
            return await self._obey(frame)
        except (OSError, DBAPIError, TimeoutError):
            self.reader.socket.cut(1013, "the database is away")
            return False

    async def _obey(self, frame: dict[str, Any]) -> bool:
        kind, stream = frame.get("t"), frame.get("stream")
        if kind == "ping":
            self.reader.say(t="pong")
        elif kind == "hello" and _is_id(frame.get("network")):
            await self._greet(frame["network"])
        elif kind == "subscribe" and _is_id(stream) and isinstance(frame.get("cursor"), str | None):
            await self._subscribe(frame["stream"], frame.get("cursor"))
        elif kind == "unsubscribe" and _is_id(stream):
            if stream in self.reader.streams:
                self.hub.unfollow(self.reader, frame["stream"])
        else:
            return self._complain(frame.get("ref"))
        return True

    async def _greet(self, network: int) -> None:
        async with self.hub.sessions() as session:
            if network not in await self.hub.doors.networks(session, self.reader.viewer):
                self.reader.say(t="error", code=4404, network=network)
                return
        self.greeted = True
        self.reader.networks.add(network)
        self.reader.say(t="welcome", network=network)

    async def _subscribe(self, stream: int, cursor: str | None) -> None:
        self.greeted = True
        if stream in self.reader.streams:
            self.hub.unfollow(self.reader, stream)
        if len(self.reader.streams) >= MOST_STREAMS:
            self.reader.say(t="error", code=4400, stream=stream)
            return
        async with self.hub.sessions() as session:
            allowed = await self.hub.doors.may_read(session, self.reader.viewer, [stream])
        if stream not in allowed:
            self.reader.say(t="error", code=4404, stream=stream)
            return
        await self.hub.subscribe(self.reader, stream, cursor)

    def _within_rate(self) -> bool:
        moment = time.monotonic()
        self.allowance = min(BURST, self.allowance + (moment - self.counted_at) * REFILL) - 1
        self.counted_at = moment
        return self.allowance >= 0

    def _complain(self, ref: object) -> bool:
        """A frame that cannot be read answers an error; the third within a minute closes."""
        moment = time.monotonic()
        self.bad = [each for each in self.bad if moment - each < BAD_WITHIN] + [moment]
        if len(self.bad) >= BAD_FRAMES:
            self.reader.socket.cut(4400, "frames that cannot be read")
            return False
        self.reader.say(t="error", code=4400, ref=ref if isinstance(ref, str | int) else None)
        return True


def _frame(message: Any) -> dict[str, Any]:
    raw = message.get("text")
    frame = json.loads(raw) if raw else None
    if not isinstance(frame, dict):
        raise ValueError("a frame is a JSON object in a text message")
    return frame


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**62


async def _refuse(send: Send, status: int) -> None:
    """No before the handshake."""
    await send({"type": "websocket.http.response.start", "status": status, "headers": [(b"content-length", b"0")]})  # type: ignore[typeddict-item]
    await send({"type": "websocket.http.response.body", "body": b"", "more_body": False})  # type: ignore[typeddict-item]


async def _refuse_http(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"upgrade", b"websocket"), (b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b"", "more_body": False})

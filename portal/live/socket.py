"""The socket route /live: who may connect, and what a socket may ask for."""

import asyncio
import logging
from typing import Any

from litestar import asgi
from litestar.connection import ASGIConnection
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from portal.live import frames
from portal.live.doors import Viewer
from portal.live.hub import Hub
from portal.live.origin import is_own_page
from portal.live.protocol import EXTENSION, PortalWebSocketProtocol
from portal.live.reader import Reader
from portal.live.reading import UNREACHABLE

log = logging.getLogger(__name__)

WISH_WITHIN = 10.0
SIGNED_IN = 204


def live_route(hub: Hub, origin: str) -> ASGIRouteHandler:
    """The handler of /live for pages served from `origin`."""

    @asgi("/live", copy_scope=True)
    async def live(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["type"] == "websocket" and not is_own_page(_all(scope, b"origin"), _all(scope, b"host"), origin):
                await _refuse(scope, send, 403)
            else:
                await _open(hub, scope, receive, send)
        except Exception:
            log.exception("a socket broke off")  # what goes wrong on a socket is logged nowhere else
            raise

    return live


async def _open(hub: Hub, scope: Scope, receive: Receive, send: Send) -> None:
    alarms = hub.alarms
    viewer = await _viewer(hub, scope)
    if not isinstance(viewer, Viewer):
        await _refuse(scope, send, viewer)
        return
    if scope["type"] != "websocket":
        await _refuse(scope, send, SIGNED_IN)
        return
    reader = hub.admit(_protocol(scope), viewer)
    try:
        try:
            await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
        except OSError:  # ASGI's word for one who has left: before being let in, which is no error
            return
        hub.look_again(reader, since=alarms)
        await _converse(hub, reader, receive)
    finally:
        hub.dismiss(reader)


def _all(scope: Scope, name: bytes) -> list[bytes]:
    return [value for header, value in scope["headers"] if header == name]


def _protocol(scope: Scope) -> PortalWebSocketProtocol:
    protocol = (scope.get("extensions") or {}).get(EXTENSION)
    if not isinstance(protocol, PortalWebSocketProtocol):
        raise RuntimeError("live needs uvicorn with ws=PortalWebSocketProtocol: another server cannot write its frames")
    return protocol


async def _viewer(hub: Hub, scope: Scope) -> Viewer | int:
    """Who connects, or the status of a refusal."""
    connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
    try:
        async with hub.reads() as session:
            viewer = await hub.doors.authenticate(session, connection.cookies)
    except UNREACHABLE as failure:
        log.warning("a socket waits for the database: %s", type(failure).__name__)
        return 503
    if viewer is None:
        return 401
    return 429 if hub.is_full_for(viewer) else viewer


async def _refuse(scope: Scope, send: Send, status: int) -> None:
    """No before the handshake. A plain request learns by the status whether its sign-in still holds."""
    prefix = "websocket.http" if scope["type"] == "websocket" else "http"
    headers = [(b"cache-control", b"no-store")] + ([] if status == SIGNED_IN else [(b"content-length", b"0")])
    await send({"type": f"{prefix}.response.start", "status": status, "headers": headers})  # type: ignore[arg-type, misc]
    await send({"type": f"{prefix}.response.body", "body": b"", "more_body": False})  # type: ignore[arg-type, misc]


async def _converse(hub: Hub, reader: Reader, receive: Receive) -> None:
    """Until the socket closes: one wish after the other. Who gets nothing has some seconds to ask for something; the time that
    an answer takes is ours, not hers."""
    loop = asyncio.get_running_loop()
    left, is_served = WISH_WITHIN, False
    while True:
        begun = loop.time()
        deadline = None if is_served else loop.call_later(left, reader.protocol.leave, frames.NOTHING_WANTED, "nothing was asked for")
        try:
            message: Any = await receive()
        finally:
            if deadline is not None:
                deadline.cancel()
        left = max(0.0, left - (loop.time() - begun))
        if message["type"] == "websocket.disconnect":
            return
        if message["type"] == "websocket.receive":
            is_served |= await _answer(hub, reader, message.get("text"))


async def _answer(hub: Hub, reader: Reader, text: str | None) -> bool:
    """Do what one frame asks for. True when the reader now gets something."""
    try:
        wish = frames.parse(text)
    except frames.UnreadableError as problem:
        reader.send(frames.error(frames.BAD_FRAME, problem.reason, problem.ref))
        reader.misread_at(asyncio.get_running_loop().time())
        return False
    try:
        return await _do(hub, reader, wish)
    except UNREACHABLE as failure:
        log.warning("a wish waits for the database: %s", type(failure).__name__)
        reader.protocol.leave(frames.TRY_LATER, "retry 5")
        return False


async def _do(hub: Hub, reader: Reader, wish: frames.Wish) -> bool:
    match wish:
        case frames.Subscribe():
            return await hub.subscribe(reader, wish)
        case frames.Hello():
            return await hub.greet(reader, wish)
        case frames.Unsubscribe():
            hub.unsubscribe(reader, wish.stream)
        case frames.Writing():
            await hub.write(reader, wish)
        case frames.Edit() | frames.Cursor():
            await hub.edit(reader, wish)
        case frames.Ping():
            reader.send(frames.frame(t="pong", ref=wish.ref))
    return False

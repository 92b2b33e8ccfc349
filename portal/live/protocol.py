"""uvicorn's WebSocket protocol with what live needs: ready frames written without a task, and no patience with bad peers."""

import socket
from asyncio import TimerHandle
from asyncio.transports import BaseTransport
from collections import deque
from typing import Any

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.frames import Frame
from websockets.http11 import Request

from portal.live.frames import RESTARTING, TOO_MANY_FRAMES

EXTENSION = "portal.live"

LARGEST_FRAME = 64 * 1024
LARGEST_EDIT = 256 * 1024
EDITS = (b'{"t":"edit",', b'{"t":"cursor",')  # how frames begin that have a size and a rate of their own
LONGEST_EDITS = max(map(len, EDITS))
MOST_FRAGMENTS = 64
LONGEST_MESSAGE_TIME = 10.0
MOST_UNSENT_BYTES = 1024 * 1024
MOST_UNSENT_FRAMES = 256
DEAD_PEER_MS = 20_000
GOODBYE = 5.0
BURST, REFILL = 40.0, 5.0
EDIT_BURST, EDIT_REFILL = 100.0, 20.0
RETURNING_PER_SECOND = 250
TOO_BIG, BAD_TEXT, UNFINISHED = 1009, 1007, 1008


class PortalWebSocketProtocol(WebSocketsSansIOProtocol):
    """For `uvicorn.Config(ws=PortalWebSocketProtocol)`; the application finds it in scope["extensions"]["portal.live"]."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.conn.max_message_size = min(self.config.ws_max_size, LARGEST_EDIT)
        self._allowed = Allowance(BURST, REFILL, self.loop.time())
        self._edits_allowed = Allowance(EDIT_BURST, EDIT_REFILL, self.loop.time())
        self._unfinished: TimerHandle | None = None
        self._written = 0
        self._unsent: deque[tuple[int, int]] | None = None

    # Ready frames, and how far behind the reader is

    def write_frame(self, data: bytes, frames: int = 1) -> bool:
        """Send one whole server frame, or several joined, as they are; False if so much is waiting for this reader that she gets no more.
        Nothing happens on a closing socket."""
        transport = self.transport
        waiting = transport.get_write_buffer_size()  # before: the loop sends at the end of its round, also to the quickest
        if waiting and self.is_behind(waiting):
            return False
        if self.close_sent or not self.handshake_complete or transport.is_closing():
            return True
        transport.write(data)
        self._written += len(data)
        if not waiting:
            self._unsent = None
        elif self._unsent is None:
            self._unsent = deque([(self._written, frames)])
        else:
            self._unsent.append((self._written, frames))
        return True

    def is_behind(self, waiting: int) -> bool:
        """Are these bytes, or the frames that they are of, more than one may keep for anybody?"""
        unsent = self._unsent or deque()
        while unsent and unsent[0][0] <= self._written - waiting:
            unsent.popleft()
        return waiting > MOST_UNSENT_BYTES or sum(frames for _end, frames in unsent) > MOST_UNSENT_FRAMES

    @property
    def is_open(self) -> bool:
        return not (self.close_sent or self.disconnected or self.transport.is_closing())

    async def drained(self) -> None:
        """Wait until the transport takes more (or is lost)."""
        await self.writable.wait()

    def leave(self, code: int, reason: str = "", *, patience: float = GOODBYE) -> None:
        """Close with `code`. A peer that does not read is not waited for: it is cut after `patience` seconds."""
        if not self.is_open or not self.handshake_complete:
            return
        self.stop_keepalive()
        try:
            self.conn.send_close(code, reason)
        except InvalidState:
            self.transport.close()
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(patience, self.transport.abort)

    # What uvicorn calls

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        accepted = transport.get_extra_info("socket")
        if hasattr(socket, "TCP_USER_TIMEOUT") and accepted is not None and accepted.family in (socket.AF_INET, socket.AF_INET6):
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_MS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._finished_message()
        super().connection_lost(exc)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"][EXTENSION] = self  # type: ignore[assignment, index]

    def on_task_complete(self, task: Any) -> None:
        self.scope["extensions"].pop(EXTENSION, None)  # type: ignore[union-attr]
        super().on_task_complete(task)

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True  # else uvicorn logs an ordinary refusal as a broken application

    def shutdown(self) -> None:
        if self.handshake_complete and not self.close_sent:
            self.leave(RESTARTING, f"retry {1 + len(self.connections) // RETURNING_PER_SECOND}", patience=GOODBYE / 2)
        elif not self.close_sent:
            super().shutdown()
        else:
            self.loop.call_later(GOODBYE / 2, self.transport.abort)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.loop.call_later(GOODBYE, self.transport.abort)

    # Limits on what comes in

    def handle_text(self, event: Frame) -> None:
        self._begin_message(event)
        super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        self._begin_message(event)
        super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= MOST_FRAGMENTS:
            self.leave(TOO_BIG, "too many fragments")
        if not self.close_sent:
            super().handle_cont(event)

    def handle_ping(self) -> None:
        if self._take(self._allowed):
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        if bytes(event.data) == self.pending_ping_payload or self._take(self._allowed):
            super().handle_pong(event)

    def handle_parser_exception(self) -> None:
        self._finished_message()
        super().handle_parser_exception()
        self.loop.call_later(GOODBYE, self.transport.abort)

    def send_receive_event_to_app(self) -> None:
        self._finished_message()
        is_edit = bytes(self.frames[0][:LONGEST_EDITS]).startswith(EDITS)
        if not is_edit and sum(map(len, self.frames)) > LARGEST_FRAME:
            self.leave(TOO_BIG)
        if self.close_sent or not self._take(self._edits_allowed if is_edit else self._allowed):
            self.frames = []
            return
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.leave(BAD_TEXT)
                return
        super().send_receive_event_to_app()

    def _begin_message(self, event: Frame) -> None:
        if not event.fin:
            self._unfinished = self.loop.call_later(LONGEST_MESSAGE_TIME, self.leave, UNFINISHED, "unfinished message")

    def _finished_message(self) -> None:
        if self._unfinished is not None:
            self._unfinished.cancel()
            self._unfinished = None

    def _take(self, allowance: "Allowance") -> bool:
        """Is this frame within the rate? One that is not closes the socket."""
        is_within = allowance.take(self.loop.time())
        if not is_within:
            self.leave(TOO_MANY_FRAMES, "too many frames")
        return is_within


class Allowance:
    """So many at once, and so many a second after that."""

    def __init__(self, burst: float, refill: float, now: float) -> None:
        self._burst, self._refill = burst, refill
        self._left, self._at = burst, now

    def take(self, now: float) -> bool:
        self._left = min(self._burst, self._left + (now - self._at) * self._refill)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

"""uvicorn's WebSocket protocol with one more call: write a ready frame to this socket, at once and without a task."""

import socket
from asyncio import BaseTransport
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode

EXTENSION = "portal.live"
LARGEST_FRAME = 64 * 1024
DEAD_AFTER = 20_000
GRACE = 2.0


def encoded(text: str) -> bytes:
    """A server's text frame as it goes over the wire: made once, written to every reader."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


class PortalWebSocketProtocol(WebSocketsSansIOProtocol):
    """Offers itself to the application in the scope's extensions."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        connection = transport.get_extra_info("socket")
        # Without this a reader that is gone for good keeps its socket while data waits for it (over 100 s seen).
        if connection is not None and connection.family != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_AFTER)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:
            self.scope["extensions"][EXTENSION] = self  # type: ignore[index]

    def write_frame(self, frame: bytes) -> None:
        """Write a ready frame; nothing happens on a socket that is closing."""
        if not self.close_sent and not self.disconnected and not self.transport.is_closing():
            self.transport.write(frame)

    @property
    def waiting_bytes(self) -> int:
        """Bytes that the other end has not taken yet."""
        return self.transport.get_write_buffer_size()

    def cut(self, code: int, reason: str) -> None:
        """Close from outside the application; a socket that takes nothing any more is aborted soon after."""
        if self.close_sent or self.disconnected:
            return
        self.stop_keepalive()
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.close()
        self.loop.call_later(GRACE, self.transport.abort)

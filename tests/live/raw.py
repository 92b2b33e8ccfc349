"""A peer that speaks byte by byte, for what a browser would never send."""

import asyncio
import os
import socket
import struct
from typing import Any

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def frame(opcode: int, data: bytes, *, fin: bool = True, masked: bool = True, reserved: int = 0) -> bytes:
    head = bytes([(0x80 if fin else 0) | reserved | opcode])
    mask_bit = 0x80 if masked else 0
    if len(data) < 126:
        head += bytes([mask_bit | len(data)])
    elif len(data) < 65536:
        head += bytes([mask_bit | 126]) + struct.pack("!H", len(data))
    else:
        head += bytes([mask_bit | 127]) + struct.pack("!Q", len(data))
    if not masked:
        return head + data
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))


def text(data: str) -> bytes:
    return frame(1, data.encode())


def request(port: int, *, extra: list[str] | None = None, **changed: str | None) -> bytes:
    """A handshake; a header is changed by its name, or left out with None."""
    headers: dict[str, str | None] = {
        "Host": f"127.0.0.1:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Version": "13",
        "Origin": f"http://127.0.0.1:{port}",
        "Cookie": "who=1; device=1; locale=sv",
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None] + (extra or [])
    return ("GET /live HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class Raw:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def __del__(self) -> None:
        """Gone with the test that holds it; asyncio closes what nobody holds only from Python 3.11.5 on."""
        if not self.writer.transport.is_closing():
            self.cut()

    @classmethod
    async def connect(cls, port: int, *, receive_buffer: int | None = None) -> "Raw":
        """With a small receive buffer it takes little before the server notices that nobody reads."""
        sock = socket.socket()
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        return cls(*await asyncio.open_connection(sock=sock, limit=1024))

    @classmethod
    async def accepted(cls, port: int, **given: Any) -> "Raw":
        peer = await cls.connect(port, **given)
        assert await peer.shake_hands(port) == 101
        return peer

    async def shake_hands(self, port: int, **given: Any) -> int:
        """The status of the answer."""
        self.writer.write(request(port, **given))
        return await self.status()

    async def status(self) -> int:
        head = await asyncio.wait_for(self._until_blank(), 5)
        return int(head.split(b" ")[1])

    async def _until_blank(self) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += await self.reader.readexactly(1)
        self.head = head
        return head

    async def send(self, *frames: bytes) -> None:
        self.writer.write(b"".join(frames))
        await self.writer.drain()

    async def next(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame."""
        first, second = await self.reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
        return first & 0x0F, await self.reader.readexactly(length)

    async def closed(self, within: float = 5.0) -> int:
        """The code with which the server closes; frames before that are passed over."""
        async with asyncio.timeout(within):
            while True:
                opcode, data = await self.next()
                if opcode == 8:
                    return int(struct.unpack("!H", data[:2])[0]) if data else 1005

    def cut(self) -> None:
        self.writer.transport.abort()

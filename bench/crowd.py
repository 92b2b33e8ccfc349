"""A crowd of readers that costs the generator little: sockets that look for a number in each frame and note when it came."""

import asyncio
import base64
import json
import os
import re
import socket
import time
from dataclasses import dataclass, field
from typing import Any

AT_ONCE = 50
MARK = re.compile(rb"nummer[ =](\d+)\.")
SUBSCRIBED = b'{"t":"subscribed"'


@dataclass
class Crowd:
    """Its readers, and for each number when it was due and the delays in milliseconds with which it was seen."""

    port: int
    path: str = "/live"
    readers: list["Reader"] = field(default_factory=list)
    due: dict[int, float] = field(default_factory=dict)
    seen: list[float] = field(default_factory=list)
    subscribed: int = 0
    lost: int = 0

    async def gather(self, cookies: list[str], wishes: list[dict[str, Any]]) -> None:
        """One more reader for each cookie; each says its wishes."""
        for first in range(0, len(cookies), AT_ONCE):
            await asyncio.gather(*(self._admit(cookie, wishes) for cookie in cookies[first : first + AT_ONCE]))
        wanted = len(self.readers) if any(wish["t"] == "subscribe" for wish in wishes) else 0
        if not await self.until(lambda: self.subscribed >= wanted, within=60):
            print(f"only {self.subscribed} of {len(self.readers)} are subscribed, {self.lost} were closed", flush=True)

    async def _admit(self, cookie: str, wishes: list[dict[str, Any]]) -> None:
        loop = asyncio.get_running_loop()
        _transport, reader = await loop.create_connection(lambda: Reader(self, cookie), "127.0.0.1", self.port)
        async with asyncio.timeout(30):
            await reader.opened
        for wish in wishes:
            reader.say(1, json.dumps(wish).encode())
        self.readers.append(reader)

    async def until(self, true: Any, within: float = 30.0) -> bool:
        end = time.perf_counter() + within
        while not true() and time.perf_counter() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return bool(true())

    def forget(self) -> None:
        self.due.clear()
        self.seen.clear()

    async def leave(self) -> None:
        for reader in self.readers:
            reader.transport.abort()
        self.readers.clear()
        self.subscribed = 0
        await asyncio.sleep(0.3)


class Reader(asyncio.Protocol):
    """One socket. Answers pings; understands nothing else."""

    def __init__(self, crowd: Crowd, cookie: str) -> None:
        self.crowd = crowd
        self.cookie = cookie
        self.data = b""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        place = f"127.0.0.1:{self.crowd.port}"
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self.crowd.path} HTTP/1.1\r\nHost: {place}\r\nOrigin: http://{place}\r\nCookie: {self.cookie}\r\nConnection: Upgrade\r\n"
            f"Upgrade: websocket\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def say(self, opcode: int, data: bytes) -> None:
        """A frame; the mask is zero, which is a mask."""
        size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
        self.transport.write(bytes([0x80 | opcode]) + size + bytes(4) + data)

    def data_received(self, data: bytes) -> None:
        moment = time.perf_counter()
        self.data += data
        if not self.opened.done():
            head, blank, self.data = self.data.partition(b"\r\n\r\n")
            if not blank:
                self.data = head
                return
            if b" 101 " not in head[:20]:
                self.opened.set_exception(ConnectionError(head[:60].decode()))
                return
            self.opened.set_result(None)
        while (end := self._frame()) is not None:
            self._take(*end, moment)

    def _frame(self) -> tuple[int, bytes] | None:
        if len(self.data) < 2:
            return None
        size, start = self.data[1], 2
        if size >= 126:
            start = 4 if size == 126 else 10
            if len(self.data) < start:
                return None
            size = int.from_bytes(self.data[2:start], "big")
        if len(self.data) < start + size:
            return None
        opcode, payload, self.data = self.data[0] & 15, self.data[start : start + size], self.data[start + size :]
        return opcode, payload

    def _take(self, opcode: int, payload: bytes, moment: float) -> None:
        if opcode == 9:
            self.say(10, payload)
        elif opcode == 1 and (found := MARK.search(payload)):
            due = self.crowd.due.get(int(found[1]))
            if due is not None:
                self.crowd.seen.append((moment - due) * 1000)
        elif opcode == 1 and payload.startswith(SUBSCRIBED):
            self.crowd.subscribed += 1

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionError("closed"))
        self.crowd.lost += 1

"""A load generator small enough not to be what is measured: keep-alive HTTP and WebSockets on asyncio."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from statistics import quantiles


@dataclass
class Measured:
    """What one measure gave. Times in milliseconds."""

    name: str
    per_second: float = 0.0
    times: list[float] = field(default_factory=list)
    note: str = ""

    def at(self, percent: int) -> float:
        if len(self.times) < 2:
            return self.times[0] if self.times else float("nan")
        return quantiles(self.times, n=100, method="inclusive")[percent - 1]

    def row(self) -> str:
        rate = f"{self.per_second:10.1f}" if self.per_second else " " * 10
        spread = "".join(f"{self.at(percent):10.2f}" for percent in (50, 95, 99)) if self.times else " " * 30
        return f"{self.name:<58}{rate}{spread}  {self.note}"


HEAD = f"{'measure':<58}{'per second':>10}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}"


class Client:
    """One keep-alive connection."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.port = port
        self.head = "".join(f"{name}: {value}\r\n" for name, value in {"Host": f"127.0.0.1:{port}", **headers}.items())

    async def __aenter__(self) -> "Client":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def ask(self, method: str, path: str, body: bytes = b"", **more: str) -> tuple[int, bytes]:
        """Status and body of one exchange."""
        extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in more.items())
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{self.head}{extra}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return status, await self.reader.readexactly(int(lengths[0].split(b":")[1])) if lengths and status != 304 else b""


async def repeat(
    name: str, port: int, headers: dict[str, str], one: Callable[[Client, int], Awaitable[None]], *, clients: int, seconds: float
) -> Measured:
    """`clients` at once ask again and again for `seconds`; the first tenth is not counted."""
    times: list[float] = []
    start = time.perf_counter()
    warm, end = start + seconds / 10, start + seconds

    async def work(number: int) -> None:
        async with Client(port, headers) as client:
            while (begun := time.perf_counter()) < end:
                await one(client, number)
                if begun > warm:
                    times.append((time.perf_counter() - begun) * 1000)

    await asyncio.gather(*(work(number) for number in range(clients)))
    return Measured(name, len(times) / (end - warm), times)

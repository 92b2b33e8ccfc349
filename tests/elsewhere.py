"""Another system on this machine: answers HTTP byte by byte as a test wants it, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Write = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Elsewhere:
    """`answers` has the whole answer for a path, as bytes or as somebody who writes it; `asked` what came, headers and all."""

    port: int = 0
    answers: dict[str, bytes | Write] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.asked.append(request)
            answer = self.answers.get(request.split(" ")[1], head(404))
            if callable(answer):
                await answer(writer)
            else:
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def head(status: int, *lines: str, body: bytes = b"") -> bytes:
    """An answer with a length."""
    return "\r\n".join([f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", "Connection: close", *lines, "", ""]).encode() + body


@asynccontextmanager
async def elsewhere() -> AsyncIterator[Elsewhere]:
    place = Elsewhere()
    async with await asyncio.start_server(place.answer, "127.0.0.1", 0) as server:
        place.port = server.sockets[0].getsockname()[1]
        yield place

"""A browser page as far as the socket sees it."""

import asyncio
import json
from typing import Any

import pytest
import websockets
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed


class Client:
    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    @classmethod
    async def connect(
        cls,
        port: int,
        *,
        person: int = 1,
        device: int = 1,
        locale: str = "sv",
        origin: str | None = "own",
        cookie: str | None = None,
        **given: Any,
    ) -> "Client":
        return cls(
            await websockets.connect(
                f"ws://127.0.0.1:{port}/live",
                origin=f"http://127.0.0.1:{port}" if origin == "own" else origin,  # type: ignore[arg-type]
                additional_headers={"Cookie": f"who={person}; device={device}; locale={locale}" if cookie is None else cookie},
                proxy=None,
                **{"compression": None, "max_size": None, **given},
            )
        )

    async def say(self, t: str, **more: Any) -> None:
        await self.connection.send(json.dumps({"t": t, **more}))

    async def hear(self, within: float = 20.0) -> dict[str, Any]:
        """The next frame."""
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(self.connection.recv(), within))
        return frame

    async def hears_nothing(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self.connection.recv(), seconds)
        except TimeoutError:
            return True
        return False

    async def subscribe(self, stream: int, cursor: str | None = None) -> dict[str, Any]:
        """The answer to a subscription."""
        await self.say("subscribe", stream=stream, cursor=cursor)
        return await self.hear()

    async def events(self, number: int, within: float = 20.0) -> list[dict[str, Any]]:
        """The next frames, which must all be events."""
        heard: list[dict[str, Any]] = []
        async with asyncio.timeout(within):
            while len(heard) < number:
                frame = json.loads(await self.connection.recv())
                assert frame["t"] == "event", frame
                heard.append(frame)
        return heard

    async def closed(self, within: float = 20.0) -> tuple[int, str]:
        """Code and reason with which the server closes; frames before that are passed over."""
        with pytest.raises(ConnectionClosed) as end:
            await asyncio.wait_for(self._hear_out(), within)
        assert end.value.rcvd is not None, "closed without a word"
        return end.value.rcvd.code, end.value.rcvd.reason

    async def _hear_out(self) -> None:
        while True:
            await self.connection.recv()

    def cut(self) -> None:
        self.connection.transport.abort()


def numbers(frames: list[dict[str, Any]]) -> list[int]:
    return [frame["seq"] for frame in frames]

"""A second client, written from portal/live/PROTOCOL.md alone: it follows streams and signals through breaks of every kind."""

import asyncio
import json
import random
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

FIRST_PAUSE, LONGEST_PAUSE, AFTER_OUR_FAULT = 0.5, 30.0, 10.0
PING_EVERY, SILENCE = 25.0, 10.0
OUR_FAULT = {1002, 1007, 1008, 1009, 4400, 4403, 4408, 4429}
FOR_GOOD = {4401}


@dataclass
class Followed:
    """A stream: its cursor, and what came of it in order. `asking` until the server has said where it begins."""

    cursor: str | None
    asking: bool = True
    events: list[dict[str, Any]] = field(default_factory=list)
    voids: int = 0
    resyncs: list[str] = field(default_factory=list)
    refused: int | None = None
    here: list[dict[str, Any]] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        return [event["seq"] for event in self.events]


class Follower:
    """`async with Follower(…)` keeps a connection; what it has heard is in `streams` and `signals`."""

    def __init__(self, port: int, cookie: str, *, origin: str | None = None, network: int | None = None, presence: bool = False) -> None:
        self.address = f"ws://127.0.0.1:{port}/live"
        self.headers = {"Cookie": cookie, "Origin": origin or f"http://127.0.0.1:{port}"}
        self.network = network
        self.presence = presence
        self.streams: dict[int, Followed] = {}
        self.signals: list[str] = []
        self.closes: list[tuple[int, str]] = []
        self.pauses: list[float] = []
        self.state = "connecting"
        self.connection: ClientConnection | None = None
        self._pause = FIRST_PAUSE
        self._heard_at: float | None = None

    async def __aenter__(self) -> "Follower":
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        while not self._task.done():  # a cancellation that comes while a connection is closing can be lost there
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=1)
        if not self._task.cancelled() and (failure := self._task.exception()):
            raise failure

    async def follow(self, stream: int, cursor: str | None = None) -> Followed:
        """Returns when the server has answered."""
        followed = self.streams[stream] = Followed(cursor)
        if self.state == "online":
            await self._ask(stream)
        await self.until(lambda: not followed.asking or followed.refused is not None)
        return followed

    async def until(self, true: Any, *, within: float = 30.0) -> None:
        async with asyncio.timeout(within):
            while not true():
                if self._task.done():
                    self._task.result()
                await asyncio.sleep(0.005)

    async def say(self, **frame: Any) -> None:
        if self.connection is not None:
            with suppress(ConnectionClosed):  # the reading side finds out, and why
                await self.connection.send(json.dumps(frame))

    async def _run(self) -> None:
        while self.state not in ("signed out", "refused"):
            opened = False
            try:
                async with self._connecting() as self.connection:
                    opened = True
                    await self._greet()
                    await self._listen(self.connection)
            except InvalidStatus as refusal:
                self._refused(refusal.response.status_code)
            except (OSError, InvalidHandshake, TimeoutError):
                self.state = "offline"
            except ConnectionClosed as end:
                self._closed(end.rcvd.code if end.rcvd else 1006, end.rcvd.reason if end.rcvd else "")
            self.connection = None
            if self.state == "offline":
                await asyncio.sleep(self._wait(*(self.closes[-1] if opened and self.closes else (1006, ""))))

    def _connecting(self) -> connect:
        return connect(self.address, additional_headers=self.headers, compression=None, max_size=None, proxy=None, ping_interval=None)

    def _refused(self, status: int) -> None:
        self.state = {401: "signed out", 403: "refused"}.get(status, "offline")

    def _closed(self, code: int, reason: str) -> None:
        self.closes.append((code, reason))
        self.state = "signed out" if code in FOR_GOOD else "offline"

    def _wait(self, code: int, reason: str) -> float:
        """Rule 3: as told, or growing pauses with chance in them."""
        if hint := re.fullmatch(r"retry (\d+)", reason):
            pause = random.uniform(0, int(hint[1]))
        elif code == 4409:
            pause = 0.0
        else:
            self._pause = max(self._pause, AFTER_OUR_FAULT) if code in OUR_FAULT else self._pause
            pause = self._pause * random.uniform(0.5, 1.0)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self.pauses.append(pause)
        return pause

    async def _greet(self) -> None:
        self.state = "online"
        self._pause = FIRST_PAUSE
        if self.network is not None:
            age = None if self._heard_at is None else time.monotonic() - self._heard_at
            await self.say(t="hello", network=self.network, age=age)
        for stream, followed in self.streams.items():
            if followed.refused is None:
                await self._ask(stream)

    async def _ask(self, stream: int) -> None:
        followed = self.streams[stream]
        followed.asking = True
        await self.say(t="subscribe", stream=stream, cursor=followed.cursor, **({"presence": True} if self.presence else {}))

    async def _listen(self, connection: ClientConnection) -> None:
        while True:
            try:
                message = await asyncio.wait_for(connection.recv(), PING_EVERY)
            except TimeoutError:
                await self.say(t="ping")
                message = await asyncio.wait_for(connection.recv(), SILENCE)
            self._heard_at = time.monotonic()
            await self._take(json.loads(message))

    async def _take(self, frame: dict[str, Any]) -> None:
        followed = self.streams.get(frame.get("stream", 0))
        match frame["t"]:
            case "signal":
                self.signals.append(frame["what"])
            case "event" if followed is not None:
                await self._event(frame, followed)
            case "subscribed" | "resync" if followed is not None:
                followed.asking, followed.cursor = False, frame["cursor"]
                if frame["t"] == "resync":
                    followed.resyncs.append(frame["cursor"])
            case "presence" if followed is not None:
                followed.here = frame["here"]
            case "error" if followed is not None and frame["code"] != 4400:
                followed.refused = frame["code"]

    async def _event(self, frame: dict[str, Any], followed: Followed) -> None:
        """Rules 1 and 2: a number already taken is passed over, a gap is asked for."""
        epoch, _dot, last = (followed.cursor or "").rpartition(".")
        if followed.asking or frame["seq"] <= int(last):
            return
        if frame["seq"] > int(last) + 1:
            await self._ask(frame["stream"])
            return
        followed.cursor = f"{epoch}.{frame['seq']}"
        if frame.get("void"):
            followed.voids += 1
        else:
            followed.events.append(frame)

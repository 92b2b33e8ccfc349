"""A page's socket as the checker needs it: it takes down what comes, goes on from its numbers, and mends nothing."""

import asyncio
import json
import random
from dataclasses import dataclass, field
from typing import Any

import websockets
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.promises.history import History, Seen


@dataclass
class Reader:
    """`cursors`: stream → cursor to begin with. `drops` is the chance that it cuts its own line after an event."""

    name: str
    sid: str
    ports: list[int]
    history: History
    cursors: dict[int, str]
    drops: float = 0.0
    resyncs: int = 0
    taken: int = 0
    subscriptions: int = 0
    posted: set[int] = field(default_factory=set)
    ended: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.name)
        for stream, cursor in self.cursors.items():
            self.history.began[self.name, stream] = self._number(cursor)

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._converse(self._random.choice(self.ports))
            except ConnectionClosed as end:
                self.ended.append(end.rcvd.code if end.rcvd else 1006)
            except (OSError, InvalidHandshake, TimeoutError):
                pass
            await asyncio.sleep(0.02 + self._random.random() * 0.1)

    async def _converse(self, port: int) -> None:
        headers = {"Cookie": f"sid={self.sid}"}
        async with websockets.connect(
            f"ws://127.0.0.1:{port}/live", origin=f"http://127.0.0.1:{port}", additional_headers=headers, proxy=None, compression=None
        ) as line:
            self.subscriptions += 1
            for stream, cursor in self.cursors.items():
                await line.send(json.dumps({"t": "subscribe", "stream": stream, "cursor": cursor}))
            async for raw in line:
                self._take(json.loads(raw))
                if self._random.random() < self.drops:
                    line.transport.abort()

    def _take(self, frame: dict[str, Any]) -> None:
        if frame["t"] == "event":
            stream, seq = frame["stream"], frame["seq"]
            self.history.seen[self.name].append(Seen(self.subscriptions, stream, seq, frame["ref"]))
            epoch = self.cursors[stream].rpartition(".")[0]
            self.cursors[stream] = f"{epoch}.{seq}"
            if frame["kind"] == "comment.posted":
                self.posted.add(frame["ref"])
        elif frame["t"] == "subscribed":
            self.taken += 1
        elif frame["t"] == "error":
            self.refused.append(frame["code"])
        elif frame["t"] == "resync":
            self.resyncs += 1
            self.cursors[frame["stream"]] = frame["cursor"]

    def has(self, heads: dict[int, int]) -> bool:
        return all(self._number(self.cursors[stream]) >= head for stream, head in heads.items() if stream in self.cursors)

    def _number(self, cursor: str) -> int:
        return int(cursor.rpartition(".")[2])


async def all_have(readers: list[Reader], heads: dict[int, int], *, within: float) -> bool:
    """Whether every reader comes to the end of her streams in time."""
    try:
        async with asyncio.timeout(within):
            while not all(reader.has(heads) for reader in readers):
                await asyncio.sleep(0.05)
    except TimeoutError:
        return False
    return True

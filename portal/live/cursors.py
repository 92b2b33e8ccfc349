"""Where each writes in a shared text: gathered for a moment, told with names to all who follow it here, and kept nowhere."""

import asyncio
from asyncio import TimerHandle
from typing import Any

from portal.live import frames
from portal.live.reader import Subscription
from portal.live.streams import Streams

ONCE_IN = 0.1
LONGEST_NAME = 64


class Cursors:
    """The first that moves is told at once; what moves in the tenth of a second after that is told together, each where it stands then."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._moved: dict[int, dict[int, dict[str, Any]]] = {}
        self._resting: dict[int, TimerHandle] = {}

    def point(self, subscription: Subscription, wish: frames.Cursor) -> None:
        viewer = subscription.reader.viewer
        subscription.client = wish.client
        subscription.cursor = frames.cursor(wish, viewer.person_id, shortened(viewer.name))
        self._move(subscription, subscription.cursor)

    def introduce(self, subscription: Subscription) -> None:
        """Show her the others' cursors."""
        others = [each.cursor for each in self._streams.followers(subscription.stream_id) if each is not subscription and each.cursor is not None]
        if others:
            shown = others if subscription.sees_names else map(frames.unnamed, others)
            subscription.reader.send(frames.cursors(subscription.stream_id, shown))

    def withdraw(self, subscription: Subscription) -> None:
        """She has gone: so has her cursor."""
        if subscription.client is not None:
            self._move(subscription, frames.no_cursor(subscription.client))

    def stop(self) -> None:
        for timer in self._resting.values():
            timer.cancel()

    def _move(self, subscription: Subscription, cursor: dict[str, Any]) -> None:
        stream = subscription.stream_id
        self._moved.setdefault(stream, {})[cursor["client"]] = cursor
        if stream not in self._resting:
            self._tell(stream)

    def _tell(self, stream: int) -> None:
        """What has moved until now, and then a rest."""
        self._resting.pop(stream, None)
        moved = self._moved.pop(stream, None)
        if moved is None:
            return
        named = frames.cursors(stream, moved.values())
        unnamed = frames.cursors(stream, map(frames.unnamed, moved.values()))
        for each in self._streams.followers(stream):
            if moved.keys() != {each.client}:
                each.reader.send(named if each.sees_names else unnamed)
        self._resting[stream] = asyncio.get_running_loop().call_later(ONCE_IN, self._tell, stream)


def shortened(name: str) -> str:
    """As much of the name as 64 bytes hold."""
    return name.encode()[:LONGEST_NAME].decode("utf-8", "ignore")

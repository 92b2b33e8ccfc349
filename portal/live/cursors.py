"""Where each writes in a shared text: gathered for a moment, told with names to all who follow it, and kept nowhere.

Processes tell each other by notification, as long as somebody takes part in more than one of them."""

import asyncio
import json
import logging
from asyncio import TimerHandle
from collections.abc import Iterator, Mapping
from typing import Any

from portal.db import Sessions
from portal.live import frames
from portal.live.presence import Presence
from portal.live.reader import Subscription
from portal.live.reading import UNREACHABLE
from portal.live.streams import Streams
from portal.live.whispers import fits, say, whisper

log = logging.getLogger(__name__)

ONCE_IN = 0.1
ONCE_BETWEEN = 0.2  # seconds between two rounds of telling the other processes: each is a transaction
LONGEST_NAME = 64
PAUSE = 1.0

Moved = dict[int, dict[str, Any]]  # by the page's Yjs client: where it is, as a frame says it


class Cursors:
    """The first that moves is told at once; what moves in the tenth of a second after that is told together, each where it stands then.
    `run` tells the other processes in the same way, a little less often."""

    def __init__(self, streams: Streams, presence: Presence, sessions: Sessions) -> None:
        self._streams = streams
        self._presence = presence
        self._sessions = sessions
        self._moved: dict[int, Moved] = {}
        self._resting: dict[int, TimerHandle] = {}
        self._elsewhere: dict[int, dict[str, Moved]] = {}
        self._unsaid: dict[int, Moved] = {}
        self._whole: set[int] = set()
        self._bell = asyncio.Event()

    def point(self, subscription: Subscription, wish: frames.Cursor) -> None:
        viewer = subscription.reader.viewer
        subscription.client = wish.client
        subscription.cursor = frames.cursor(wish, viewer.person_id, shortened(viewer.name))
        self._move(subscription, subscription.cursor)

    def introduce(self, subscription: Subscription) -> None:
        """Show her the others' cursors."""
        stream = subscription.stream_id
        others = [each.cursor for each in self._streams.followers(stream) if each is not subscription and each.cursor is not None]
        others += [cursor for theirs in self._elsewhere.get(stream, {}).values() for cursor in theirs.values()]
        if others:
            shown = others if subscription.sees_names else map(frames.unnamed, others)
            subscription.reader.send(frames.cursors(stream, shown))

    def is_others(self, stream: int, client: int, person: int) -> bool:
        """Whether a page of another process shows somebody else's cursor as this client."""
        return any(client in theirs and theirs[client]["id"] != person for theirs in self._elsewhere.get(stream, {}).values())

    def withdraw(self, subscription: Subscription) -> None:
        """She has gone: so has her cursor."""
        if subscription.client is not None:
            self._move(subscription, frames.no_cursor(subscription.client))

    def stop(self) -> None:
        for timer in self._resting.values():
            timer.cancel()

    def _move(self, subscription: Subscription, cursor: dict[str, Any]) -> None:
        stream = subscription.stream_id
        self._gather(stream, {cursor["client"]: cursor})
        if self._presence.is_elsewhere(stream):
            self._unsaid.setdefault(stream, {})[cursor["client"]] = cursor
            self._bell.set()

    def _gather(self, stream: int, moved: Moved) -> None:
        self._moved.setdefault(stream, {}).update(moved)
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

    # Between processes

    def met(self, stream: int) -> None:
        """Another process has people in the stream that know nothing of the cursors here."""
        self._whole.add(stream)
        self._bell.set()

    def lost(self, stream: int, process: str) -> None:
        """It has nobody in the stream any more: so their cursors have gone."""
        theirs = self._elsewhere.get(stream, {}).pop(process, {})
        if not self._elsewhere.get(stream):
            self._elsewhere.pop(stream, None)
        if theirs:
            self._gather(stream, {client: self._now(stream, client) for client in theirs})

    def heard(self, stream: int, said: str) -> None:
        """What has moved in another process; or, when it says the `whole`, everything that there is."""
        try:
            given = json.loads(said)
            process, is_whole = str(given["by"]), bool(given["whole"])
            moved = {int(each["client"]): _read(each) for each in given["cursors"]}
        except (ValueError, KeyError, TypeError, AttributeError):
            log.warning("somebody spoke of cursors in a way that nobody understands")
            return
        if process == self._presence.me or not self._presence.gathers(stream):
            return
        self._presence.speaks(stream, process)
        theirs = self._elsewhere.setdefault(stream, {}).setdefault(process, {})
        if is_whole:
            moved = {client: frames.no_cursor(client) for client in theirs} | moved
        for client, cursor in moved.items():
            theirs.pop(client, None)
            if "name" in cursor:
                theirs[client] = cursor
        if moved:
            self._gather(stream, {client: cursor if "name" in cursor else self._now(stream, client) for client, cursor in moved.items()})

    def _now(self, stream: int, client: int) -> dict[str, Any]:
        """Where the page's cursor is, if it has come to this process or to another one; else nowhere."""
        here = (each.cursor for each in self._streams.followers(stream) if each.client == client and each.cursor is not None)
        there = (theirs[client] for theirs in self._elsewhere.get(stream, {}).values() if client in theirs)
        return next(here, None) or next(there, None) or frames.no_cursor(client)

    async def run(self) -> None:
        """Tell the other processes what has moved here, until cancelled."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            unsaid, self._unsaid = self._unsaid, {}
            whole, self._whole = self._whole, set()
            try:
                payloads = [
                    each for stream in unsaid.keys() | whole for each in self._payloads(stream, unsaid.get(stream, {}), stream in whole)
                ]
                await say(self._sessions, payloads)
                await asyncio.sleep(ONCE_BETWEEN)
            except UNREACHABLE as failure:
                log.warning("cursors wait for the database: %s", type(failure).__name__)
                for stream, moved in unsaid.items():
                    self._unsaid[stream] = moved | self._unsaid.get(stream, {})
                self._whole |= whole
                await asyncio.sleep(PAUSE)
                self._bell.set()

    def _payloads(self, stream: int, moved: Moved, whole: bool) -> Iterator[str]:
        """As many as it takes; the first says whether it is about everything that there is."""
        cursors = [*moved.values()]
        if whole:
            cursors = [each.cursor for each in self._streams.followers(stream) if each.cursor is not None]
        while cursors or whole:
            count = len(cursors)
            while not fits(payload := whisper("c", stream, {"by": self._presence.me, "whole": whole, "cursors": cursors[:count]})):
                count = (count + 1) // 2
            yield payload
            cursors, whole = cursors[count:], False


def _read(given: Mapping[str, Any]) -> dict[str, Any]:
    """A cursor as another process tells of it, with nothing else in it."""
    told = {"client": int(given["client"]), "anchor": given["anchor"], "head": given["head"]}
    return told | ({"id": int(given["id"]), "name": shortened(str(given["name"]))} if "name" in given else {})


def shortened(name: str) -> str:
    """As much of the name as 64 bytes hold."""
    return name.encode()[:LONGEST_NAME].decode("utf-8", "ignore")

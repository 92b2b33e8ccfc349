"""One per process: hears the database's bell, reads what is new for all streams at once, writes ready frames to readers."""

import asyncio
import contextlib
import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.db import Session, Sessions
from portal.live.bell import Bell
from portal.live.protocol import encoded
from portal.live.reader import Doors, Happened, Reader

log = logging.getLogger("portal.live")

POLL = 5.0
BATCH = 1000
NEWER = text(
    """
    SELECT e.stream_id, e.seq, e.kind, e.ref
    FROM unnest(CAST(:ids AS bigint[]), CAST(:seqs AS bigint[])) AS known(id, seq)
    JOIN live_event e ON e.stream_id = known.id AND e.seq > known.seq
    ORDER BY e.stream_id, e.seq LIMIT :batch
    """
)
HEADS = text("SELECT s.id, s.last_seq, (SELECT epoch FROM live_epoch) AS epoch FROM live_stream s WHERE s.id = ANY(:ids)")


class Hub:
    """Readers of this process. `start` and `stop` belong to the application's lifespan."""

    def __init__(self, database_url: str, sessions: Sessions, doors: Doors, *, poll: float = POLL) -> None:
        self.sessions = sessions
        self.doors = doors
        self.poll = poll
        self.bell = Bell(database_url, rung=self._rung, connected=self._connected)
        self.readers: set[Reader] = set()
        self._cursors: dict[int, int] = {}
        self._followers: dict[int, set[Reader]] = defaultdict(set)
        self._dirty: set[int] = set()
        self._doubtful: set[int] = set()
        self._signals: set[tuple[int, str]] = set()
        self._wake = asyncio.Event()
        self._recheck = asyncio.Event()
        self._ring = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to listen; returns at once, also when the database is away."""
        self._tasks = [asyncio.create_task(work()) for work in (self.bell.listen, self._pump, self._watch, self._send_signals)]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # What the bell says: "e:stream", "s:network:what", "a:person".

    def _rung(self, payload: str) -> None:
        kind, _colon, rest = payload.partition(":")
        if kind == "e" and int(rest) in self._followers:
            self._dirty.add(int(rest))
            self._wake.set()
        elif kind == "s":
            network, _colon, what = rest.partition(":")
            self._signals.add((int(network), what))
            self._ring.set()
        elif kind == "a":
            self._doubtful.add(int(rest))
            self._recheck.set()

    def _connected(self) -> None:
        """The bell may have been deaf for a while: look at everything."""
        self._dirty.update(self._followers)
        self._wake.set()
        self._doubtful.update(reader.viewer.person_id for reader in self.readers)
        self._recheck.set()
        self._signals.update((network, "*") for reader in self.readers for network in reader.networks)
        self._ring.set()

    # Events

    async def _pump(self) -> None:
        while True:
            polled = not await _within(self._wake, self.poll)
            wanted = set(self._followers) if polled else self._dirty & set(self._followers)
            self._dirty -= wanted
            self._wake.clear()
            try:
                while wanted and not await self._deliver(wanted):
                    pass
            except (OSError, DBAPIError, TimeoutError) as failure:
                log.warning("events wait for the database: %s", type(failure).__name__)
                self._dirty |= wanted
                await asyncio.sleep(0.5)
                self._wake.set()

    async def _deliver(self, streams: Iterable[int]) -> bool:
        """Send what is newer than each stream's cursor. True when there is nothing more."""
        known = [(stream, self._cursors[stream]) for stream in streams if stream in self._cursors]
        if not known:
            return True
        async with self.sessions() as session:
            ids, seqs = zip(*known, strict=True)
            rows = (await session.execute(NEWER, {"ids": list(ids), "seqs": list(seqs), "batch": BATCH})).all()
            by_stream: dict[int, list[Happened]] = defaultdict(list)
            for row in rows:
                by_stream[row.stream_id].append(Happened(row.seq, row.kind, row.ref))
            for stream, events in by_stream.items():
                await self._fan_out(session, stream, events)
        return len(rows) < BATCH

    async def _fan_out(self, session: Session, stream: int, events: Sequence[Happened]) -> None:
        locales = {reader.viewer.locale for reader in self._followers.get(stream, ())}
        frames = {locale: await self.frames(session, stream, events, locale) for locale in locales}
        # From here on nothing waits, so no reader can come or go between two events.
        for reader in tuple(self._followers.get(stream, ())):
            ready = frames.get(reader.viewer.locale)
            if ready is None:  # came while the frames were made, in another language
                self._dirty.add(stream)
                self._wake.set()
                continue
            last = reader.streams[stream]
            for event, frame in zip(events, ready, strict=True):
                if event.seq > last:
                    reader.write(frame)
            reader.streams[stream] = max(last, events[-1].seq)
        if stream in self._cursors:
            self._cursors[stream] = min(reader.streams[stream] for reader in self._followers[stream])

    async def frames(self, session: Session, stream: int, events: Sequence[Happened], locale: str) -> list[bytes]:
        """The events as wire frames in one language."""
        parts = await self.doors.render(session, stream, events, locale)
        return [
            encoded(json.dumps({"t": "event", "stream": stream, "seq": event.seq, "kind": event.kind, "ref": event.ref, **part}, ensure_ascii=False))
            for event, part in zip(events, parts, strict=True)
        ]

    # Readers

    async def subscribe(self, reader: Reader, stream: int, cursor: str | None) -> None:
        """Send what the reader has missed since `cursor`, then everything that comes."""
        async with self.sessions() as session:
            head = (await session.execute(HEADS, {"ids": [stream]})).one()
            last = _number(cursor, epoch=head.epoch, head=head.last_seq)
            if last is None:
                reader.say(t="resync", stream=stream, cursor=f"{head.epoch}.{head.last_seq}")
                last = head.last_seq
            reader.say(t="subscribed", stream=stream, cursor=f"{head.epoch}.{last}", head=head.last_seq)
            while True:
                events = await self._missed(session, stream, last)
                for frame in await self.frames(session, stream, events, reader.viewer.locale) if events else []:
                    reader.write(frame)
                last = events[-1].seq if events else last
                if len(events) < BATCH and last >= self._cursors.get(stream, 0):
                    break
        self._follow(reader, stream, last)

    async def _missed(self, session: Session, stream: int, last: int) -> list[Happened]:
        rows = await session.execute(NEWER, {"ids": [stream], "seqs": [last], "batch": BATCH})
        return [Happened(row.seq, row.kind, row.ref) for row in rows]

    def _follow(self, reader: Reader, stream: int, last: int) -> None:
        if reader not in self.readers:
            return
        reader.streams[stream] = last
        self._followers[stream].add(reader)
        self._cursors[stream] = min(last, self._cursors.get(stream, last))
        self._dirty.add(stream)  # the bell may have rung for it while nobody here followed
        self._wake.set()

    def unfollow(self, reader: Reader, stream: int) -> None:
        reader.streams.pop(stream, None)
        self._followers[stream].discard(reader)
        if not self._followers[stream]:
            del self._followers[stream]
            self._cursors.pop(stream, None)

    def leave(self, reader: Reader) -> None:
        self.readers.discard(reader)
        for stream in tuple(reader.streams):
            self.unfollow(reader, stream)

    # Signals: at most one a second for each network and subject

    async def _send_signals(self) -> None:
        while True:
            await self._ring.wait()
            self._ring.clear()
            ready, self._signals = self._signals, set()
            for network, what in ready:
                frame = encoded(json.dumps({"t": "signal", "network": network, "what": what}))
                for reader in [each for each in self.readers if network in each.networks]:
                    reader.write(frame)
            await asyncio.sleep(1.0)

    # Access: whoever loses it loses the socket's frames within a second, also when the bell is deaf

    async def _watch(self) -> None:
        while True:
            polled = not await _within(self._recheck, self.poll)
            persons = None if polled else self._doubtful
            self._doubtful = set()
            self._recheck.clear()
            try:
                await self._check([each for each in self.readers if persons is None or each.viewer.person_id in persons])
            except (OSError, DBAPIError, TimeoutError) as failure:
                log.warning("access waits for the database: %s", type(failure).__name__)
                self._doubtful.update(reader.viewer.person_id for reader in self.readers)
                await asyncio.sleep(0.5)
                self._recheck.set()

    async def _check(self, readers: Sequence[Reader]) -> None:
        if not readers:
            return
        async with self.sessions() as session:
            alive = await self.doors.alive(session, [reader.viewer.device_id for reader in readers])
            for reader in readers:
                if reader.viewer.device_id not in alive:
                    reader.socket.cut(4401, "signed out")
                    self.leave(reader)
                    continue
                reader.networks &= await self.doors.networks(session, reader.viewer)
                await self._drop_lost(session, reader)

    async def _drop_lost(self, session: Session, reader: Reader) -> None:
        followed = list(reader.streams)
        if not followed:
            return
        for stream in set(followed) - await self.doors.may_read(session, reader.viewer, followed):
            self.unfollow(reader, stream)
            reader.say(t="error", code=4403, stream=stream)


def _number(cursor: str | None, *, epoch: str, head: int) -> int | None:
    """The number in a cursor of this epoch that is not ahead of the head; None asks for a resync. No cursor means from now."""
    if cursor is None:
        return head
    theirs, _dot, number = cursor.rpartition(".")
    if theirs != epoch or not (number.isascii() and number.isdigit() and len(number) <= 18) or int(number) > head:
        return None
    return int(number)


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event comes in time."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
        return True
    return False

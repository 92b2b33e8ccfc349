"""Readers of streams in this process: what each has missed, and then the same frames for all as events come."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field

from portal.db import Session, Sessions
from portal.live import frames, reading
from portal.live.doors import Happened, Rendered
from portal.live.reader import Subscription
from portal.live.reading import Reads

log = logging.getLogger(__name__)

Openings = Callable[[], AbstractAsyncContextManager[Session]]
Render = Callable[[Session, int, Sequence[Happened], str], Awaitable[Rendered]]

LIVE_AT_ONCE = 50
MISSED_AT_ONCE = 200
PORTION = 64 * 1024
DRAIN = 30.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
# Rounds begin this far apart (s): what comes more often goes out together. Nobody sees so short a wait, and a round costs a read,
# a rendering and a write for each reader however many events are in it.
PACE = 0.02


@dataclass(slots=True, eq=False)
class Feed:
    """A stream somebody here wants. Events up to `cursor` have gone to all who follow it live; others are still catching up."""

    stream_id: int
    cursor: int | None = None
    wanted: set[Subscription] = field(default_factory=set)
    live: dict[str, set[Subscription]] = field(default_factory=dict)

    def join(self, subscription: Subscription) -> None:
        self.live.setdefault(subscription.reader.viewer.locale, set()).add(subscription)

    def drop(self, subscription: Subscription) -> None:
        self.wanted.discard(subscription)
        locale = subscription.reader.viewer.locale
        if locale in self.live:
            self.live[locale].discard(subscription)
            if not self.live[locale]:
                del self.live[locale]


class Streams:
    """`run` is the pump. `broken` is called when the database's history is no longer the one that the readers know."""

    def __init__(self, sessions: Sessions, reads: Reads, render: Render, *, broken: Callable[[], None]) -> None:
        self._sessions = sessions
        self._reads = reads
        self._render = render
        self._broken = broken
        self._epoch: str | None = None
        self._feeds: dict[int, Feed] = {}
        self._rung: set[int] = set()
        self._bell = asyncio.Event()

    def ring(self, stream_id: int) -> None:
        """There may be something new in the stream."""
        if stream_id in self._feeds:
            self._rung.add(stream_id)
            self._bell.set()

    def ring_all(self) -> None:
        self._rung.update(self._feeds)
        self._bell.set()

    async def look(self) -> None:
        """Find out what the bell should have said."""
        known = {feed.stream_id: feed.cursor for feed in self._feeds.values() if feed.cursor is not None}
        if not known:
            return
        async with self._sessions() as session:
            epoch, heads = await reading.heads(session, known)
        self._know(epoch)
        if any(heads.get(stream, 0) < cursor for stream, cursor in known.items()):
            self._start_over()
        for stream, cursor in known.items():
            if heads.get(stream, 0) > cursor:
                self.ring(stream)

    def _know(self, epoch: str) -> None:
        if self._epoch not in (None, epoch):
            self._start_over()
        self._epoch = epoch

    def _start_over(self) -> None:
        self._feeds.clear()
        self._broken()

    # A reader comes and goes

    async def follow(self, subscription: Subscription, cursor: str | None) -> bool:
        """Say where the subscription begins, send what it has missed, and let it follow live. False: there is no such stream."""
        feed = self._feeds.setdefault(subscription.stream_id, Feed(subscription.stream_id))
        feed.wanted.add(subscription)  # before the head is read: from here on a bell is heard
        async with self._reads() as session:
            epoch, heads = await reading.heads(session, [feed.stream_id])
        self._know(epoch)
        head = heads.get(feed.stream_id)
        if head is None or not subscription.is_wanted:
            return False
        if feed.cursor is None:
            feed.cursor = head
            if feed.stream_id in self._rung:
                self._bell.set()
        at = frames.position(cursor, epoch, head)
        subscription.seq = head if at is None else at
        if at is None:
            subscription.reader.send(frames.resync(feed.stream_id, epoch, head))
        else:
            subscription.reader.send(frames.subscribed(feed.stream_id, epoch, at, head))
        await self._catch_up(subscription, feed)
        return True

    def followers(self, stream_id: int) -> tuple[Subscription, ...]:
        """Who follows the stream here or is still catching up."""
        feed = self._feeds.get(stream_id)
        return tuple(feed.wanted) if feed is not None else ()

    def startle(self, stream_id: int) -> None:
        """Everybody in the stream has to fetch it anew, and to forget what it was shown of what did not come to be."""
        feed = self._feeds.get(stream_id)
        ready = frames.resync(stream_id, self._epoch or "", (feed and feed.cursor) or 0, anew=True)
        for subscription in self.followers(stream_id):
            subscription.reader.send(ready)

    def leave(self, subscription: Subscription) -> None:
        feed = self._feeds.get(subscription.stream_id)
        if feed is not None:
            feed.drop(subscription)
            if not feed.wanted:
                del self._feeds[subscription.stream_id]

    async def _catch_up(self, subscription: Subscription, feed: Feed) -> None:
        while subscription.is_wanted:
            if subscription.seq >= (feed.cursor or 0):
                feed.join(subscription)  # nothing has waited since the comparison: neither gap nor double
                return
            async with self._reads() as session:
                found = await reading.newer(session, {feed.stream_id: subscription.seq}, MISSED_AT_ONCE)
            events = found.get(feed.stream_id, [])
            ready = await self._frames(self._reads, feed.stream_id, events, subscription.reader.viewer.locale)
            if events and events[0].seq == subscription.seq + 1:
                await self._hand_over(subscription, events, ready)
            else:
                self._resync(subscription, feed)

    async def _hand_over(self, subscription: Subscription, events: Sequence[Happened], ready: Sequence[bytes]) -> None:
        """Write in portions, each after the reader has taken the one before."""
        protocol = subscription.reader.protocol
        for first, end in _portions([ready]):
            if not subscription.is_wanted:
                return
            subscription.reader.send(b"".join(ready[first:end]))
            subscription.seq = events[end - 1].seq
            try:
                async with asyncio.timeout(DRAIN):
                    await protocol.drained()
            except TimeoutError:
                protocol.leave(frames.TOO_SLOW, "resync")

    def _resync(self, subscription: Subscription, feed: Feed) -> None:
        """The log does not go back that far."""
        subscription.seq = feed.cursor or 0
        subscription.reader.send(frames.resync(feed.stream_id, self._epoch or "", subscription.seq))

    # The pump

    async def run(self) -> None:
        """Deliver what the bell announces, until cancelled."""
        loop = asyncio.get_running_loop()
        pause, due = FIRST_PAUSE, 0.0
        while True:
            await asyncio.sleep(due - loop.time())
            await self._bell.wait()
            self._bell.clear()
            due = loop.time() + PACE
            rung = {stream for stream in self._rung if stream in self._feeds and self._feeds[stream].cursor is not None}
            self._rung = (self._rung & set(self._feeds)) - rung
            try:
                await self._round([self._feeds[stream] for stream in rung])
                pause = FIRST_PAUSE
            except Exception as failure:
                if isinstance(failure, reading.UNREACHABLE):
                    log.warning("events wait for the database: %s", type(failure).__name__)
                else:
                    log.exception("events could not be delivered")
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
                pause = min(pause * 2, LONGEST_PAUSE)
                self._rung |= rung
                self._bell.set()

    async def _round(self, feeds: Sequence[Feed]) -> None:
        """One read for all the streams, then each event to all who follow."""
        if not feeds:
            return
        cursors = {feed.stream_id: feed.cursor or 0 for feed in feeds}
        async with self._sessions() as session:
            found = await reading.newer(session, cursors, LIVE_AT_ONCE)
            for feed in feeds:
                events = found.get(feed.stream_id, [])
                if events:
                    await self._deliver(session, feed, events)
                if len(events) == LIVE_AT_ONCE:
                    self.ring(feed.stream_id)

    async def _deliver(self, session: Session, feed: Feed, events: Sequence[Happened]) -> None:
        ready: dict[str, list[bytes]] = {}
        await self._make(session, feed, events, ready)
        for first, end in _portions(list(ready.values())) or [(0, len(events))]:
            await self._make(session, feed, events, ready)  # somebody may have come meanwhile who reads in another language
            self._write(feed, events[first:end], {locale: each[first:end] for locale, each in ready.items()})
            await asyncio.sleep(0)  # let the transports send before it is judged who is behind

    async def _make(self, session: Session, feed: Feed, events: Sequence[Happened], ready: dict[str, list[bytes]]) -> None:
        while missing := [locale for locale in feed.live if locale not in ready]:
            ready[missing[0]] = await self._frames(lambda: nullcontext(session), feed.stream_id, events, missing[0])

    def _write(self, feed: Feed, events: Sequence[Happened], ready: dict[str, list[bytes]]) -> None:
        """Give every reader the same bytes, at once: no task, no await, one write for each."""
        before, last, count = events[0].seq - 1, events[-1].seq, len(events)
        for locale, subscriptions in feed.live.items():
            joined = b"".join(ready[locale])
            for subscription in tuple(subscriptions):
                seq = subscription.seq
                if seq == before:
                    subscription.seq = last
                    subscription.reader.send(joined, count)
                elif seq < last:
                    subscription.seq = last
                    rest = ready[locale][seq - before :]
                    subscription.reader.send(b"".join(rest), len(rest))
        feed.cursor = last

    # Frames

    async def _frames(self, sessions: Openings, stream_id: int, events: Sequence[Happened], locale: str) -> list[bytes]:
        """The events in one language. An event that cannot be shown becomes a resync: it holds nobody up, and nobody misses it."""
        try:
            return await self._rendered(sessions, stream_id, events, locale)
        except Exception as failure:
            await self._probe()
            log.warning("stream %s is rendered one by one: %s", stream_id, type(failure).__name__)
            return [await self._alone(sessions, stream_id, each, locale) for each in events]

    async def _alone(self, sessions: Openings, stream_id: int, happened: Happened, locale: str) -> bytes:
        try:
            return (await self._rendered(sessions, stream_id, [happened], locale))[0]
        except Exception:
            await self._probe()
            log.exception("stream %s: event %s cannot be rendered", stream_id, happened.seq)
            return frames.resync(stream_id, self._epoch or "", happened.seq)

    async def _rendered(self, sessions: Openings, stream_id: int, events: Sequence[Happened], locale: str) -> list[bytes]:
        if not events:
            return []
        async with sessions() as session:
            parts = await self._render(session, stream_id, events, locale)
        return [frames.event(stream_id, happened, part) for happened, part in zip(events, parts, strict=True)]

    async def _probe(self) -> None:
        """Raises what the database raises if it is away."""
        async with self._sessions() as session:
            await session.execute(reading.EPOCH)


def _portions(ready: Sequence[Sequence[bytes]]) -> list[tuple[int, int]]:
    """Where to cut the events so that a portion is small in every language, though never less than one event."""
    return list(_cut([max(map(len, same)) for same in zip(*ready, strict=True)]))


def _cut(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = size = 0
    for end, each in enumerate(sizes):
        if end > first and size + each > PORTION:
            yield first, end
            first, size = end, 0
        size += each
    if first < len(sizes):
        yield first, len(sizes)

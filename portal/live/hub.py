"""One per process: its readers, the bell they are woken by, and what keeps the two together."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from portal.db import Sessions, for_reading
from portal.live import frames, reading
from portal.live.bell import Bell
from portal.live.cursors import Cursors
from portal.live.doors import Doors, Texts, Viewer
from portal.live.editing import Editing
from portal.live.presence import Presence
from portal.live.protocol import PortalWebSocketProtocol
from portal.live.reader import Reader, Subscription
from portal.live.signals import Signals
from portal.live.streams import Streams
from portal.live.watch import Watch

log = logging.getLogger(__name__)

POLL = 5.0
MOST_SOCKETS = 50
MOST_STREAMS = 50
RIGHT_LASTS = 30.0
LONGEST_PAGE = 60.0


class Hub:
    """`start` and `stop` belong to the application's lifespan; the rest is for the socket route."""

    def __init__(self, database_url: str, sessions: Sessions, doors: Doors, texts: Texts, *, poll: float = POLL) -> None:
        self.doors = doors
        self._sessions = sessions
        sessions = for_reading(sessions)
        self.reads = reading.Reads(sessions)
        self._poll = poll
        self._readers: dict[int, set[Reader]] = {}
        self._bell = Bell(database_url, rung=self._rung, hears=self._hears)
        self._streams = Streams(sessions, self.reads, doors.render, broken=self._start_over)
        self._signals = Signals()
        self._presence = Presence(
            sessions, met=lambda stream: self._cursors.met(stream), lost=lambda stream, name: self._cursors.lost(stream, name)
        )
        self._texts = texts
        self._cursors = Cursors(self._streams, self._presence, sessions)
        self._editing = Editing(self._streams, self._cursors, texts, self._may_write)
        self._watch = Watch(sessions, doors, self._readers, lose=self._lose, unname=self._unname, end=self._end)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to listen; returns at once, also when the database is away."""
        try:
            async with self._sessions() as session:
                await reading.begin(session)
        except reading.UNREACHABLE as failure:
            log.warning("live starts without a database: %s", type(failure).__name__)
        work = (
            self._bell.listen,
            self._streams.run,
            self._watch.run,
            self._presence.run,
            self._cursors.run,
            self._texts.run,
            self._look_round,
        )
        self._tasks = [asyncio.create_task(_for_ever(each), name=f"live {each.__qualname__}") for each in work]

    async def stop(self) -> None:
        """Close what is still open and be quiet."""
        self._start_over()
        self._signals.stop()
        self._presence.stop()
        self._cursors.stop()
        await self._texts.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # Readers

    @property
    def alarms(self) -> int:
        """Rises whenever access may have changed for somebody."""
        return self._watch.alarms

    def admit(self, protocol: PortalWebSocketProtocol, viewer: Viewer) -> Reader:
        reader = Reader(protocol, viewer)
        self._readers.setdefault(viewer.person_id, set()).add(reader)
        return reader

    def look_again(self, reader: Reader, *, since: int) -> None:
        """Look at the reader again if access may have changed for somebody since `alarms` had that value."""
        if since != self.alarms:
            self._watch.ask(reader.viewer.person_id)

    def is_full_for(self, viewer: Viewer) -> bool:
        return len(self._readers.get(viewer.person_id, ())) >= MOST_SOCKETS

    def dismiss(self, reader: Reader) -> None:
        """The socket is gone."""
        for stream in tuple(reader.subscriptions):
            self.unsubscribe(reader, stream)
        for network in tuple(reader.networks):
            self._signals.leave(reader, network)
        readers = self._readers.get(reader.viewer.person_id, set())
        readers.discard(reader)
        if not readers:
            self._readers.pop(reader.viewer.person_id, None)

    async def subscribe(self, reader: Reader, wish: frames.Subscribe) -> bool:
        """What was missed since the cursor, then what comes. A second wish for a stream takes the place of the first."""
        self.unsubscribe(reader, wish.stream)
        if len(reader.subscriptions) >= MOST_STREAMS:
            reader.send(frames.error(frames.TOO_MANY_STREAMS, "too_many_streams", wish.ref, stream=wish.stream))
            return False
        subscription = Subscription(reader, wish.stream, ref=wish.ref)
        reader.subscriptions[wish.stream] = subscription  # before the check: losing access while it runs is noticed
        async with self.reads() as session:
            allowed = await self.doors.may_read(session, reader.viewer, [wish.stream])
            if wish.presence and allowed:
                subscription.sees_names = bool(await self.doors.may_name(session, reader.viewer, [wish.stream]))
        if not subscription.is_wanted:
            return False
        subscription.is_given = wish.stream in allowed
        if subscription.is_given and await self._streams.follow(subscription, wish.cursor):
            if wish.presence and subscription.is_wanted:
                self._presence.join(subscription)
                self._cursors.introduce(subscription)
            reader.has_lost = False
            return True
        if subscription.is_wanted:
            self.unsubscribe(reader, wish.stream)
            reader.send(frames.error(frames.NOT_READABLE, "not_readable", wish.ref, stream=wish.stream))
            self._let_go(reader)
        return False

    def unsubscribe(self, reader: Reader, stream: int, *, at_once: bool = False) -> None:
        subscription = reader.subscriptions.pop(stream, None)
        if subscription is not None:
            self._streams.leave(subscription)
            self._cursors.withdraw(subscription)
            self._presence.leave(subscription, at_once=at_once)

    async def write(self, reader: Reader, wish: frames.Writing) -> None:
        """She writes in a stream in which she takes part: others see it, if she may write there."""
        subscription = reader.subscriptions.get(wish.stream)
        if subscription is None or not self._presence.takes_part(subscription):
            reader.send(frames.error(frames.NOT_READABLE, "not_present", wish.ref))
            return
        may = not wish.on or await self._may_write(subscription)
        if self._presence.takes_part(subscription):
            self._presence.writes(subscription, on=wish.on and may)
        if not may:
            reader.send(frames.error(frames.MEMBERSHIP_ENDED, "may_not_write", wish.ref))

    async def edit(self, reader: Reader, wish: frames.Edit | frames.Cursor) -> None:
        """She changes a shared text, or moves her cursor in it."""
        subscription = reader.subscriptions.get(wish.stream)
        if isinstance(wish, frames.Edit):
            if subscription is None:
                reader.send(frames.unsaved(wish.stream, wish.ref, "not_present"))
            else:
                await self._editing.edit(subscription, wish)
        elif subscription is None or not self._presence.takes_part(subscription):
            reader.send(frames.error(frames.NOT_READABLE, "not_present", wish.ref))
        else:
            await self._editing.point(subscription, wish)

    async def _may_write(self, subscription: Subscription) -> bool:
        """Asked of the database now and then, and whenever access may have changed for somebody."""
        moment, alarms = asyncio.get_running_loop().time(), self.alarms
        seen = subscription.writing_seen
        if seen is not None and seen[1] == alarms and moment < seen[0] + RIGHT_LASTS:
            return True
        async with self.reads() as session:
            allowed = subscription.stream_id in await self.doors.may_write(session, subscription.reader.viewer, [subscription.stream_id])
        subscription.writing_seen = (moment, alarms) if allowed else None
        return allowed

    async def greet(self, reader: Reader, wish: frames.Hello) -> bool:
        """Signals of the network from now on."""
        alarms = self.alarms
        async with self.reads() as session:
            allowed = await self.doors.networks(session, reader.viewer)
        if wish.network not in allowed:
            reader.send(frames.error(frames.NOT_READABLE, "not_readable", wish.ref, network=wish.network))
            self._let_go(reader)
            return False
        reader.has_lost = False
        reader.send(frames.frame(t="welcome", network=wish.network))
        self._signals.join(reader, wish.network, wish.age)
        self.look_again(reader, since=alarms)
        return True

    def _lose(self, reader: Reader, streams: set[int], networks: set[int]) -> None:
        had = {stream for stream in streams if reader.subscriptions[stream].is_given}
        for stream in streams:
            ref = reader.subscriptions[stream].ref
            self.unsubscribe(reader, stream, at_once=True)
            if stream in had:
                reader.send(frames.error(frames.MEMBERSHIP_ENDED, "access_ended", stream=stream))
            else:  # what was still being looked at she never had
                reader.send(frames.error(frames.NOT_READABLE, "not_readable", ref, stream=stream))
        for network in networks:
            self._signals.leave(reader, network)
            reader.send(frames.error(frames.MEMBERSHIP_ENDED, "access_ended", network=network))
        reader.has_lost |= bool(had or networks)
        self._let_go(reader)

    def _unname(self, reader: Reader, streams: set[int]) -> None:
        for stream in streams:
            reader.subscriptions[stream].sees_names = False
            self._presence.tell_again(stream)

    def _let_go(self, reader: Reader) -> None:
        """Close the socket of somebody who has lost what she had, also when the last thing was still being looked at then."""
        if reader.has_lost and reader.wants_nothing:
            reader.protocol.leave(frames.MEMBERSHIP_ENDED, "access ended")

    def _end(self, reader: Reader) -> None:
        """Her sign-in is over: she hears no more, and nobody sees her."""
        for subscription in reader.subscriptions.values():
            self._presence.leave(subscription, at_once=True)
        reader.protocol.leave(frames.SESSION_ENDED, "signed out")

    # What the database says: "e:stream", "s:network:what", "a:person", "p:stream:who", "c:stream:where", "f:network"

    def _rung(self, payload: str) -> None:
        kind, _colon, rest = payload.partition(":")
        number, _colon, what = rest.partition(":")
        if not number.isdigit():
            log.warning("the bell rang in a way that nobody understands")
        elif kind == "e":
            self._streams.ring(int(number))
        elif kind == "s":
            self._signals.heard(int(number), what)
        elif kind == "a":
            self._watch.ask(int(number))
        elif kind == "p":
            self._presence.heard(int(number), what)
        elif kind == "c":
            self._cursors.heard(int(number), what)
        elif kind == "f":
            self._forget()

    def _forget(self) -> None:
        """Now, and once more when no page is being made any more of what was read before."""
        self.doors.forget()
        asyncio.get_running_loop().call_later(LONGEST_PAGE, self.doors.forget)

    def _hears(self) -> None:
        """The bell may have been deaf for a while: look at everything."""
        self._streams.ring_all()
        self._signals.everything()
        self._watch.ask_all()
        self._presence.ask_all()
        self._forget()

    async def _look_round(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + self._poll
            try:
                if self._readers:
                    await self._look()
            except reading.UNREACHABLE as failure:
                log.warning("a look round waits for the database: %s", type(failure).__name__)
            await asyncio.sleep(due - loop.time())

    async def _look(self) -> None:
        await self._streams.look()
        if self._bell.is_hearing:
            await self._watch.look_round(within=self._poll / 2)
        else:
            self._watch.ask_all()

    def _start_over(self) -> None:
        """Everybody out; they come back with their cursors, spread over a while."""
        for readers in tuple(self._readers.values()):
            for reader in tuple(readers):
                reader.protocol.shutdown()


async def _for_ever(work: Callable[[], Awaitable[None]]) -> None:
    """A fault in one of the loops is logged, and the loop begins anew."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("live stumbled and goes on")
            await asyncio.sleep(1)

"""Who is here in a stream and who is writing: told to those who take part, and kept nowhere.

Each process tells the others, by notification, whom it has; what one has not repeated for a while is forgotten."""

import asyncio
import json
import logging
import secrets
from asyncio import TimerHandle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from portal.db import Sessions
from portal.live import frames
from portal.live.reader import Subscription
from portal.live.reading import UNREACHABLE
from portal.live.whispers import fits, say, whisper

log = logging.getLogger(__name__)

SETTLE = 0.2
ONCE_IN = 1.0
AT_EASE = 100
WRITING_LASTS = 6.0
MOST_NAMED = 50
SOMEBODY = 0
REPEATED = 10.0
FORGOTTEN = 25.0
PAUSE = 1.0


@dataclass(slots=True)
class Elsewhere:
    """Whom another process has in the stream, the last time it said so."""

    here: dict[int, str]
    writing: set[int]
    more: int
    at: float


@dataclass(slots=True, eq=False)
class Gathering:
    """A stream in which somebody of this process takes part."""

    members: set[Subscription] = field(default_factory=set)
    writing: dict[int, TimerHandle] = field(default_factory=dict)
    elsewhere: dict[str, Elsewhere] = field(default_factory=dict)
    due: TimerHandle | None = None
    told_at: float = 0.0

    @property
    def people(self) -> dict[int, str]:
        return {each.reader.viewer.person_id: each.reader.viewer.name for each in self.members}


class Presence:
    """`run` tells the other processes. Everything else is called as people come, write and go."""

    def __init__(self, sessions: Sessions, *, met: Callable[[int], None], lost: Callable[[int, str], None]) -> None:
        """`sessions` for reading. `met` is called when another process has come into a stream, or asks what it may not have heard,
        `lost` with the name of one that has nobody there any more."""
        self._sessions = sessions
        self._met = met
        self._lost = lost
        self.me = secrets.token_hex(4)
        self._gatherings: dict[int, Gathering] = {}
        self._unsaid: dict[int, dict[str, bool]] = {}
        self._bell = asyncio.Event()

    # People of this process

    def join(self, subscription: Subscription) -> None:
        is_first = subscription.stream_id not in self._gatherings
        self._gatherings.setdefault(subscription.stream_id, Gathering()).members.add(subscription)
        self._changed(subscription.stream_id, ask=is_first)

    def leave(self, subscription: Subscription, *, at_once: bool = False) -> None:
        """`at_once`: she may not be seen any more."""
        stream = subscription.stream_id
        gathering = self._gatherings.get(stream)
        if gathering is None or subscription not in gathering.members:
            return
        gathering.members.discard(subscription)
        if subscription.reader.viewer.person_id not in gathering.people:
            self._stop_writing(gathering, subscription.reader.viewer.person_id)
        self._changed(stream, at_once=at_once)
        if not gathering.members:
            self._end(self._gatherings.pop(stream))
            for name in gathering.elsewhere:
                self._lost(stream, name)

    def tell_again(self, stream: int) -> None:
        """Somebody who takes part may learn less than before."""
        if stream in self._gatherings:
            self._tell_soon(stream, at_once=True)

    def takes_part(self, subscription: Subscription) -> bool:
        gathering = self._gatherings.get(subscription.stream_id)
        return gathering is not None and subscription in gathering.members

    def gathers(self, stream: int) -> bool:
        """Whether somebody takes part in this process."""
        return stream in self._gatherings

    def is_elsewhere(self, stream: int) -> bool:
        """Whether somebody takes part in this process and in another."""
        gathering = self._gatherings.get(stream)
        return gathering is not None and bool(gathering.elsewhere)

    def expect(self, stream: int, process: str) -> None:
        """The process has somebody in the stream, and will say whom; else it is forgotten like one that says no more."""
        self._gatherings[stream].elsewhere.setdefault(process, Elsewhere({}, set(), 0, asyncio.get_running_loop().time()))

    def writes(self, subscription: Subscription, *, on: bool) -> None:
        """She writes, which holds for some seconds; or has stopped."""
        stream, person = subscription.stream_id, subscription.reader.viewer.person_id
        gathering = self._gatherings[stream]
        before = person in gathering.writing
        self._stop_writing(gathering, person)
        if on:
            gathering.writing[person] = asyncio.get_running_loop().call_later(WRITING_LASTS, self._has_paused, stream, person)
        if before != on:
            self._changed(stream)

    def stop(self) -> None:
        for gathering in self._gatherings.values():
            self._end(gathering)

    def _has_paused(self, stream: int, person: int) -> None:
        self._stop_writing(self._gatherings[stream], person)
        self._changed(stream)

    def _stop_writing(self, gathering: Gathering, person: int) -> None:
        if timer := gathering.writing.pop(person, None):
            timer.cancel()

    def _end(self, gathering: Gathering) -> None:
        for timer in (*gathering.writing.values(), gathering.due):
            if timer is not None:
                timer.cancel()

    # Telling the readers here

    def _changed(self, stream: int, *, at_once: bool = False, ask: bool = False) -> None:
        self._tell_soon(stream, at_once=at_once)
        flags = self._unsaid.setdefault(stream, {})
        flags.update({name: True for name, given in (("now", at_once), ("ask", ask)) if given})
        self._bell.set()

    def _tell_soon(self, stream: int, *, at_once: bool) -> None:
        """Several changes become one frame; where very many take part it comes less often."""
        gathering = self._gatherings[stream]
        loop = asyncio.get_running_loop()
        if gathering.due is not None:
            if not at_once:
                return
            gathering.due.cancel()
        pause = ONCE_IN * max(1.0, len(gathering.members) / AT_EASE)
        wait = 0.0 if at_once else max(SETTLE, gathering.told_at + pause - loop.time())
        gathering.due = loop.call_later(wait, self._tell, stream, gathering)

    def _tell(self, stream: int, gathering: Gathering) -> None:
        gathering.due = None
        gathering.told_at = asyncio.get_running_loop().time()
        people, writing = gathering.people, set(gathering.writing)
        for other in gathering.elsewhere.values():
            people |= other.here
            writing |= other.writing
        more = sum(other.more for other in gathering.elsewhere.values())
        ready = frames.presence(stream, *_named(people, writing, more))
        for subscription in tuple(gathering.members):
            told = ready if subscription.sees_names else _unnamed(subscription, len(people) + more, writing)
            if subscription.told != told:
                subscription.told = told
                subscription.reader.send(told)

    # Between processes

    def heard(self, stream: int, said: str) -> None:
        """What a process says of itself."""
        try:
            given = json.loads(said)
            name, ask, now = str(given["by"]), bool(given.get("ask")), bool(given.get("now"))
            here = {int(person): str(known) for person, known in given["here"].items()}
            news = Elsewhere(here, {int(each) for each in given["writing"]}, int(given["more"]), asyncio.get_running_loop().time())
        except (ValueError, KeyError, TypeError, AttributeError):
            log.warning("somebody spoke of presence in a way that nobody understands")
            return
        gathering = self._gatherings.get(stream)
        if gathering is None or name == self.me:
            return
        is_new = name not in gathering.elsewhere or not gathering.elsewhere[name].here
        if news.here:
            gathering.elsewhere[name] = news
        elif gathering.elsewhere.pop(name, None):
            self._lost(stream, name)
        self._tell_soon(stream, at_once=now)
        if news.here and (is_new or ask):
            self._met(stream)
        if ask:
            self._unsaid.setdefault(stream, {})
            self._bell.set()

    def ask_all(self) -> None:
        """Others may have gone by unheard: tell them and have them tell."""
        for stream in self._gatherings:
            self._unsaid.setdefault(stream, {})["ask"] = True
        self._bell.set()

    async def run(self) -> None:
        """Say what has changed, and now and then everything, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(REPEATED):
                    await self._bell.wait()
            except TimeoutError:
                self._repeat()
            if not any("now" in flags for flags in self._unsaid.values()):
                await asyncio.sleep(SETTLE)
            self._bell.clear()
            unsaid, self._unsaid = self._unsaid, {}
            if unsaid:
                await self._say(unsaid)

    async def _say(self, unsaid: Mapping[int, dict[str, bool]]) -> None:
        payloads = [self._payload(stream, flags) for stream, flags in unsaid.items()]
        try:
            await say(self._sessions, payloads)
        except UNREACHABLE as failure:
            log.warning("presence waits for the database: %s", type(failure).__name__)
            for stream in unsaid:
                self._unsaid.setdefault(stream, {}).update(unsaid[stream])
            await asyncio.sleep(PAUSE)
            self._bell.set()

    def _payload(self, stream: int, flags: Mapping[str, bool]) -> str:
        gathering = self._gatherings.get(stream) or Gathering()
        people, more, writing = _named(gathering.people, set(gathering.writing), 0)
        while True:
            payload = whisper("p", stream, {"by": self.me, "here": dict(people), "more": more, "writing": writing, **flags})
            if fits(payload):
                return payload
            people, more = people[:-1], more + 1

    def _repeat(self) -> None:
        """What is so anyway, for those who did not hear it; and an end to what nobody repeats."""
        moment = asyncio.get_running_loop().time()
        for stream, gathering in self._gatherings.items():
            self._unsaid.setdefault(stream, {})
            silent = [name for name, other in gathering.elsewhere.items() if other.at < moment - FORGOTTEN]
            for name in silent:
                del gathering.elsewhere[name]
                self._lost(stream, name)
            if silent:
                self._tell_soon(stream, at_once=False)


def _unnamed(subscription: Subscription, here: int, writing: set[int]) -> bytes:
    """How many are here and whether one of the others writes, for somebody who may not learn who they are."""
    me = subscription.reader.viewer
    return frames.presence(subscription.stream_id, [(me.person_id, me.name)], here - 1, [SOMEBODY] if writing - {me.person_id} else [])


def _named(people: Mapping[int, str], writing: set[int], more: int) -> tuple[list[tuple[int, str]], int, list[int]]:
    """Whom a frame names, those who write first; how many more there are; who writes."""
    order = sorted(people, key=lambda person: (person not in writing, person))
    named = [(person, people[person]) for person in order[:MOST_NAMED]]
    return named, more + len(order) - len(named), sorted(writing & {person for person, _name in named})

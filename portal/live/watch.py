"""Looks again at what each reader may see: at once when told, and round after round in any case."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping

from portal.db import Session, Sessions
from portal.live import frames
from portal.live.doors import Doors
from portal.live.reader import Reader
from portal.live.reading import UNREACHABLE

log = logging.getLogger(__name__)

PERSONS_A_ROUND = 50
ROUNDS = 6  # until it is the same person's turn again, unless there are more than 50 for each
PATIENCE = 0.4

Lose = Callable[[Reader, set[int], set[int]], None]
Unname = Callable[[Reader, set[int]], None]


class Watch:
    """`lose(reader, streams, networks)` is called with what a reader may no longer have, `unname(reader, streams)` with where she may no
    longer learn who is there, `end` when her sign-in is over."""

    def __init__(
        self,
        sessions: Sessions,
        doors: Doors,
        readers: Mapping[int, set[Reader]],
        *,
        lose: Lose,
        unname: Unname,
        end: Callable[[Reader], None],
    ) -> None:
        self._sessions = sessions
        self._doors = doors
        self._readers = readers
        self._lose = lose
        self._unname = unname
        self._end = end
        self._urgent: set[int] = set()
        self._waiting: set[int] = set()
        self._bell = asyncio.Event()
        self._turn = 0
        self.alarms = 0

    def ask(self, person_id: int) -> None:
        """This person's access may have changed."""
        self.alarms += 1
        self._urgent.add(person_id)
        self._bell.set()

    def ask_all(self) -> None:
        """Anybody's may have; whoever is asked for by name comes first."""
        self.alarms += 1
        self._waiting.update(self._readers)
        self._bell.set()

    async def run(self) -> None:
        """Do what is asked until cancelled. Where it cannot be found out in time, the door is shut."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            while self._urgent or self._waiting:
                if self._urgent:
                    await self._answer(self._urgent.pop())
                elif not await self._looked(person := self._waiting.pop()):
                    self._waiting.add(person)
                    break  # the next round asks again

    async def _answer(self, person: int) -> None:
        if await self._looked(person) or await self._looked(person):
            return
        for reader in tuple(self._readers.get(person, ())):
            reader.protocol.leave(frames.TRY_LATER, "retry 5")

    async def look_round(self, *, within: float) -> None:
        """A part of all the people, so that everybody's turn comes: dates pass and sign-ins run out without a word.

        Few at a time and spread over `within` seconds, since whoever waits for an event should not wait for this as well.
        """
        people = list(self._readers)
        number = min(PERSONS_A_ROUND, -(-len(people) // ROUNDS))
        first = self._turn if self._turn < len(people) else 0
        self._turn = first + number
        for person in people[first : self._turn]:
            async with self._sessions() as session:
                await self._look(session, person)
            await asyncio.sleep(within / number)

    async def _looked(self, person: int) -> bool:
        try:
            async with asyncio.timeout(PATIENCE), self._sessions() as session:
                await self._look(session, person)
        except Exception as failure:
            if isinstance(failure, UNREACHABLE):
                log.warning("access waits for the database: %s", type(failure).__name__)
            else:
                log.exception("access of person %s could not be looked at", person)
            return False
        return True

    async def _look(self, session: Session, person: int) -> None:
        readers = tuple(self._readers.get(person, ()))
        if not readers:
            return
        viewer = readers[0].viewer
        alive = await self._doors.alive(session, [reader.viewer.device_id for reader in readers])
        streams = _union(reader.subscriptions for reader in readers)
        may_read = await self._doors.may_read(session, viewer, sorted(streams)) if streams else set()
        named = {stream for reader in readers for stream, each in reader.subscriptions.items() if each.sees_names}
        may_name = await self._doors.may_name(session, viewer, sorted(named & may_read)) if named & may_read else set()
        networks = _union(reader.networks for reader in readers)
        may_hear = await self._doors.networks(session, viewer) if networks else set()
        for reader in readers:
            self._unname(reader, (named - may_name) & set(reader.subscriptions))
            if reader.viewer.device_id in alive:
                self._lose(reader, (streams - may_read) & set(reader.subscriptions), (networks - may_hear) & reader.networks)
            else:
                self._end(reader)


def _union(parts: Iterable[Collection[int]]) -> set[int]:
    return {each for part in parts for each in part}

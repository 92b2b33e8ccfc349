"""One reading for all who ask at the same time, or while nothing changes: a thread that fifty open
when a letter comes is read a few times."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

Given = TypeVar("Given")
Found = TypeVar("Found")
MOST_KEPT = 40_000_000  # bytes, about
ROWS = 100_000  # as much as a few rows take when they are full of words


@dataclass(slots=True)
class _Round:
    """What is asked in one go, and what each of those who ask will be told; None if they are to ask for themselves."""

    asked: list[Any] = field(default_factory=list)
    told: "asyncio.Future[Sequence[Any] | None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass(slots=True)
class _Lane:
    """Who is at it has the lock; `next` is the round of who comes after her, for herself and all who have come since."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    next: _Round | None = None


class Readings:
    """Of one database in one process. What somebody gets was read after she asked, or earlier and is `known` to be as it was.

    What was read is kept `as_of` a snapshot of PostgreSQL's (pg_current_snapshot: up to which transaction all are seen, and which before it
    are not over): whatever is committed makes another one, so where two are the same there is nothing that would be read differently."""

    def __init__(self) -> None:
        self._lanes: dict[Hashable, _Lane] = {}
        self._as_of = ""
        self._known: dict[Hashable, Any] = {}
        self._size = 0

    def known(self, key: Hashable, as_of: str) -> Any:
        """What was read with this key from the database as it is `as_of` then; None if that is not kept."""
        return self._known.get(key) if as_of == self._as_of else None

    def keep(self, key: Hashable, found: Any, as_of: str, *, size: int = ROWS) -> None:
        """What was `found` `as_of` then, until something is found as of another moment. It takes some `size` bytes, with what is made of
        it; of what takes a whole quarter of the room nothing is kept."""
        if as_of == self._as_of and key in self._known:
            self._known[key] = found
            return
        if as_of != self._as_of or self._size + size > MOST_KEPT:
            self.forget()
            self._as_of = as_of
        if size <= MOST_KEPT // 4:
            self._known[key] = found
            self._size += size

    @property
    def kept(self) -> int:
        """How much is kept."""
        return len(self._known)

    def forget(self) -> None:
        """Keep nothing."""
        self._known.clear()
        self._as_of, self._size = "", 0

    async def shared(self, key: Hashable, read: Callable[[], Awaitable[Found]], let_go: Callable[[], None] = lambda: None) -> Found:
        """What `read` gives, or what the `read` of somebody gave who asked with the same key and began after this was called."""

        async def read_for(asked: Sequence[None]) -> Sequence[Found]:
            return [await read()] * len(asked)

        return await self.in_one_round(key, None, read_for, let_go)

    async def in_one_round(
        self, key: Hashable, given: Given, do: Callable[[Sequence[Given]], Awaitable[Sequence[Found]]], let_go: Callable[[], None]
    ) -> Found:
        """What comes of what is `given`: of a question that is read for, or a comment that is posted. It is done (`do`: what comes of each,
        in their order) here, or by somebody who asked with the same key and does it for all who came before she began.

        Whoever does it uses her own session, and who waits for her may `let_go` of what she needs for it herself. If it fails, or she goes
        away, the others do it for themselves."""
        lane = self._lanes.setdefault(key, _Lane())
        if lane.next is not None:
            number = len(lane.next.asked)
            lane.next.asked.append(given)
            let_go()
            found = await asyncio.shield(lane.next.told)
            return found[number] if found is not None else (await do([given]))[0]
        mine = lane.next = _Round([given])
        try:
            await asyncio.sleep(0)  # the loop has more questions at hand when it is busy
            if lane.lock.locked():
                let_go()
            async with lane.lock:
                lane.next = None  # who comes from here on is too late for this round
                found = await do(mine.asked)
                mine.told.set_result(found)
                return found[0]
        finally:
            if lane.next is mine:
                lane.next = None
            if not mine.told.done():
                mine.told.set_result(None)
            if not lane.lock.locked() and lane.next is None:
                self._lanes.pop(key, None)

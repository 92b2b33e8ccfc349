"""One reading for all who ask for the same at the same time: a thread that fifty open when a letter comes is read a few times."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

Found = TypeVar("Found")


@dataclass(slots=True)
class _Lane:
    """Who is reading has the lock; `next` is what will be found by who reads after her, for herself and all who have come since."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    next: "asyncio.Future[Any] | None" = None


class Readings:
    """Of one database in one process. Nothing is kept: what somebody gets was read after she asked."""

    def __init__(self) -> None:
        self._lanes: dict[Hashable, _Lane] = {}

    async def shared(self, key: Hashable, read: Callable[[], Awaitable[Found]]) -> Found:
        """What `read` gives, or what the `read` of somebody gave who asked with the same key and began after this was called.

        Nobody waits with more than she has: whoever reads uses her own session. If that fails, or she goes away, the others read for themselves."""
        lane = self._lanes.setdefault(key, _Lane())
        if lane.next is not None:
            found = await asyncio.shield(lane.next)
            return found if found is not None else await read()
        told = lane.next = asyncio.get_running_loop().create_future()
        try:
            await asyncio.sleep(0)  # the loop has more questions at hand when it is busy
            async with lane.lock:
                lane.next = None  # who comes from here on is too late for this reading
                found = await read()
                told.set_result(found)
                return found
        finally:
            if lane.next is told:
                lane.next = None
            if not told.done():
                told.set_result(None)
            if not lane.lock.locked() and lane.next is None:
                self._lanes.pop(key, None)

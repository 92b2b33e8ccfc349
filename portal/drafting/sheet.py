"""A document that is written in here, as this process keeps it while somebody writes."""

import asyncio
from asyncio import Future, TimerHandle
from dataclasses import dataclass, field

from portal.live import Edited

MOST_CLIENTS = 1000


@dataclass(frozen=True, slots=True)
class Accepted:
    """A change that has been checked: as it is kept, or None where nothing in it was new."""

    edited: Edited
    update: str | None


Coming = tuple[Edited, "Future[None]"]


@dataclass(eq=False)
class Sheet:
    """`life` is the worker's when it took the document in, `seq` how far the log is in there; `coming` is what waits to be checked.
    `weight` is what waits to be stored, and it `is_behind` while its section does not show all that is. `clients` tells whose the Yjs
    clients are that began to write here."""

    stream_id: int
    section_id: int
    text_id: int
    network_id: int
    life: int = 0
    seq: int = 0
    writers: dict[int, object] = field(default_factory=dict)
    clients: dict[int, int] = field(default_factory=dict)
    coming: list[Coming] = field(default_factory=list)
    batch: list[Accepted] = field(default_factory=list)
    weight: int = 0
    is_behind: bool = False
    checking: asyncio.Lock = field(default_factory=asyncio.Lock)
    looking: "asyncio.Task[None] | None" = None
    storing: "asyncio.Task[None] | None" = None
    showing: "asyncio.Task[None] | None" = None
    closing: TimerHandle | None = None

    def take(self, accepted: Accepted) -> None:
        self.batch.append(accepted)
        self.weight += len(accepted.update or "")

    def empty(self) -> list[Accepted]:
        """Nothing waits to be stored any more, and what the worker knows does not hold."""
        batch, self.batch = self.batch, []
        self.weight = self.life = 0
        return batch

    def claim(self, client: int, person_id: int) -> None:
        if len(self.clients) < MOST_CLIENTS:
            self.clients.setdefault(client, person_id)

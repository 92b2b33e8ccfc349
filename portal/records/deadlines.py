"""A closing day is moved. Rooms above that show closing days hear of it; portal/rooms.py fills the list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from portal.db import Session
from portal.records.models import Record


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What calendars know by this `name`, as it is now at `sequence`: its last moment was `before` and is `after`. `owner_id` is the
    person whose own task it is; None for what concerns the whole network. `by_id` has moved it; None: a source."""

    name: str
    sequence: int
    before: datetime
    after: datetime
    owner_id: int | None = None
    by_id: int | None = None


class Hearer(Protocol):
    """Do what the change asks for, in its transaction."""

    async def __call__(self, session: Session, record: Record, moved: Moved) -> None: ...


HEARERS: list[Hearer] = []


async def spread(session: Session, record: Record, moved: Moved) -> None:
    """Let every room know."""
    for hearer in HEARERS:
        await hearer(session, record, moved)

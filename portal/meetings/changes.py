"""A meeting gets another time or place, or is cancelled. Rooms above that show meetings hear of it; portal/rooms.py fills the list."""

from collections.abc import Set
from datetime import datetime
from typing import Protocol

from portal.db import Session
from portal.meetings.models import Meeting
from portal.networks.models import Membership


class Hearer(Protocol):
    """Do what the change asks for, in its transaction. `before` is when the meeting was to begin; the people `told` are mailed the
    change as an invitation and need no other letter."""

    async def __call__(self, session: Session, meeting: Meeting, *, before: datetime, told: Set[int], by: Membership) -> None: ...


HEARERS: list[Hearer] = []


async def spread(session: Session, meeting: Meeting, *, before: datetime, told: Set[int], by: Membership) -> None:
    """Let every room know."""
    for hearer in HEARERS:
        await hearer(session, meeting, before=before, told=told, by=by)

"""What a leaving member has open goes to a successor, and what else her leaving asks for. Rooms
above say how; portal/rooms.py fills the lists."""

from typing import Protocol

from portal.db import Session
from portal.live import access_changed
from portal.networks.models import Membership


class Handover(Protocol):
    """Give what is open with `leaving` to `successor`, in the same network and transaction; returns how many things that was."""

    async def __call__(self, session: Session, leaving: Membership, successor: Membership, by: Membership) -> int: ...


HANDOVERS: list[Handover] = []


class Left(Protocol):
    """Do what is to be done when `member` has left, in the same transaction."""

    async def __call__(self, session: Session, member: Membership) -> None: ...


LEAVING: list[Left] = []


async def hand_over(session: Session, leaving: Membership, *, successor: Membership, by: Membership) -> int:
    """Run every handover; how many things changed hands."""
    return sum([await handover(session, leaving, successor, by) for handover in HANDOVERS])


async def see_out(session: Session, member: Membership) -> None:
    """The membership is over: windows that are open close, and rooms do what a leaving asks for. A second time does nothing more."""
    await access_changed(session, member.person_id)
    for left in LEAVING:
        await left(session, member)

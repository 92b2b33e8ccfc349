"""Reads for the pages that need no sign-in."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, or_, select
from sqlmodel import col

from portal import clock, words
from portal.accounts.models import Person
from portal.consultations.models import Initiative
from portal.db import Session
from portal.networks.access import Role
from portal.networks.models import Membership, Network
from portal.networks.queries import WHOLE, lasting
from portal.networks.words import role


async def is_empty(session: Session) -> bool:
    """Whether nobody and nothing has been entered yet."""
    anything = or_(*(exists().where(col(each.id).is_not(None)) for each in (Person, Network, Initiative)))
    return not await session.scalar(select(anything))


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to sign in as with one click."""

    person: Person
    role: str
    place: str


async def demo_people(session: Session) -> list[DemoPerson]:
    """Everyone in the demo once, in her strongest role: network by network, the coordinator first."""
    wanted = select(Membership).options(*WHOLE).where(lasting(clock.today())).order_by(col(Membership.network_id), col(Membership.id))
    order = list(Role)
    strongest: dict[int, Membership] = {}
    for each in sorted((await session.scalars(wanted)).unique(), key=lambda each: order.index(Role(each.role))):
        strongest.setdefault(each.person_id, each)
    first = min((each.network_id for each in strongest.values()), default=0)
    return [
        DemoPerson(each.person, role(each.role, each.network), _place_of(each, first))
        for each in sorted(strongest.values(), key=lambda each: each.network_id)
    ]


def _place_of(membership: Membership, first_network: int) -> str:
    """The unit; in another network than the first, its name instead."""
    if membership.network_id != first_network:
        return membership.network.name
    return membership.unit.name if membership.unit else ""


async def networks(session: Session) -> Sequence[Network]:
    """Every network of the portal, in the order of names."""
    return sorted((await session.scalars(select(Network))).all(), key=lambda network: words.sort_key(network.name))

"""Who comes, and where she belongs: the sign-in, the person and her places, read in one statement a request."""

from collections.abc import Sequence
from typing import Any

from litestar import Request
from sqlalchemy import bindparam, select
from sqlmodel import col

from portal import clock
from portal.accounts import limits
from portal.accounts.models import Person, SignedIn
from portal.accounts.queries import hash_of, is_alive, is_token, note_sight
from portal.db import Session
from portal.networks.models import Membership, Network, Unit
from portal.networks.queries import COUNTS, lasting, strongest, whole
from portal.reading import Entities, relate
from portal.web import Forbidden, NotFound, SignInFirst

ARRIVAL = Entities(
    select(SignedIn, Person, Membership, Network, Unit)
    .join(Person, col(Person.id) == col(SignedIn.person_id))
    .outerjoin(Membership, (col(Membership.person_id) == col(Person.id)) & lasting(bindparam("today")))
    .outerjoin(Network, col(Network.id) == col(Membership.network_id))
    .outerjoin(Unit, col(Unit.id) == col(Membership.unit_id))
    .where(col(SignedIn.token_hash) == bindparam("token_hash"))
    .order_by(Network.name, col(Membership.id))
)


async def provide_person(request: Request[Any, Any, Any], session: Session) -> Person:
    """Dependency `person`: who is signed in, else SignInFirst. Her memberships are kept for `membership`."""
    token = request.cookies.get(request.app.state.frame.cookie("sid"), "")
    rows = await _arrivals(session, token)
    if not rows or not is_alive(rows[0][0], clock.now()):
        raise SignInFirst
    signed_in, person = rows[0][:2]
    state = request.scope["state"]
    state["person"], state["signed_in"] = person, signed_in
    limits.hold_back(request, session, signed_in)
    state["arrived_for"] = strongest([each[2] for each in rows if each[2] is not None])
    note_sight(signed_in)
    return person


async def _arrivals(session: Session, token: str) -> Sequence[Any]:
    if not is_token(token):
        return []
    rows = await ARRIVAL.all(session, token_hash=hash_of(token), today=clock.today())
    for signed_in, person, membership, network, unit in rows:
        relate(signed_in, person=person)
        if membership is not None:
            whole(membership, person, network, unit)
    return rows


async def provide_membership(network: str, request: Request[Any, Any, Any], person: Person, session: Session) -> Membership:
    """Dependency `membership`: the person's place in the network of this address, else NotFound."""
    state = request.scope["state"]
    mine: Sequence[Membership] = state["arrived_for"]
    for membership in mine:
        if membership.network.slug == network:
            state["membership"], state["memberships"] = membership, mine
            state["counts"] = {key: await count(session, membership) for key, count in COUNTS.items()}
            return membership
    raise NotFound


async def provide_administrator(membership: Membership) -> Membership:
    """Dependency `administrator`: the member, if she administers the network; a guest learns nothing of these pages."""
    if membership.is_guest:
        raise NotFound
    if not membership.can("network:administer"):
        raise Forbidden
    return membership

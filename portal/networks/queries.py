"""Reads of networks and their members. `member_of` is the check that every route below /{network} passes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import BindParameter, ColumnElement, SQLColumnExpression, and_, bindparam, or_, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col

from portal import clock, words
from portal.accounts.models import Person
from portal.db import Session
from portal.networks.access import Role
from portal.networks.board_models import Board, BoardMeeting
from portal.networks.models import Invitation, Membership, Network, Theme, Unit, UnitKind
from portal.reading import Entities, relate
from portal.web import Forbidden, NotFound

Day = date | BindParameter[date] | SQLColumnExpression[date]
WHOLE = (joinedload(Membership.network), joinedload(Membership.person), joinedload(Membership.unit))  # type: ignore[arg-type]


class Count(Protocol):
    """How much waits for the member in a room."""

    async def __call__(self, session: Session, membership: Membership, /) -> int: ...


# By the place in the menu where the number stands. Rooms live above; portal/rooms.py says how they count.
COUNTS: dict[str, Count] = {}


def lasting(day: Day, seat: type[Membership] = Membership) -> ColumnElement[bool]:
    """Where-clause: memberships that last on `day`."""
    return and_(col(seat.starts_on) <= day, or_(col(seat.ends_on).is_(None), col(seat.ends_on) >= day))


PLACES = Entities(
    select(Membership, Person, Network, Unit)
    .join(Person, col(Person.id) == col(Membership.person_id))
    .join(Network, col(Network.id) == col(Membership.network_id))
    .outerjoin(Unit, col(Unit.id) == col(Membership.unit_id))
    .where(col(Membership.person_id) == bindparam("person"), lasting(bindparam("today")))
    .order_by(Network.name, col(Membership.id))
)


async def memberships_of(session: Session, person_id: int) -> Sequence[Membership]:
    """The person's lasting memberships, by name of network. Sockets ask this for everybody, round after round."""
    return strongest([whole(*each) for each in await PLACES.all(session, person=person_id, today=clock.today())])


def whole(membership: Membership, person: Person, network: Network, unit: Unit | None) -> Membership:
    """The membership with what is read beside it."""
    relate(membership, person=person, network=network, unit=unit)
    return membership


def strongest(memberships: Sequence[Membership]) -> list[Membership]:
    """One membership a network: who is contact for two units, or deputy besides, acts in the strongest role."""
    order = list(Role)
    best: dict[int, Membership] = {}
    for each in memberships:
        known = best.get(each.network_id)
        if known is None or order.index(Role(each.role)) < order.index(Role(known.role)):
            best[each.network_id] = each
    return list(best.values())


async def members(session: Session, network_id: int, *, day: date | None = None) -> Sequence[Membership]:
    """Everyone in the network on `day` (today), in the order of names; of one person the oldest membership first."""
    found = await session.scalars(
        select(Membership)
        .options(*WHOLE)
        .where(col(Membership.network_id) == network_id, lasting(day or clock.today()))
        .order_by(col(Membership.id))
    )
    return sorted(found.unique().all(), key=lambda each: words.sort_key(each.person.name))


async def names_beside(session: Session, person: Person) -> Sequence[str]:
    """What the others are called in the networks where this person has her place today."""
    today = lasting(clock.today())
    mine = select(col(Membership.network_id)).where(col(Membership.person_id) == person.id, today)
    wanted = select(col(Person.name)).join(Membership, col(Membership.person_id) == col(Person.id)).distinct()
    wanted = wanted.where(col(Membership.network_id).in_(mine), today, col(Person.id) != person.id, col(Person.closed_at).is_(None))
    return (await session.scalars(wanted)).all()


async def suggest(session: Session, by: Membership, typed: str, *, most: int = 10) -> Sequence[Membership]:
    """Members (no guests) with a first or a last name that begins as typed, in the order of names."""
    begun = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found = await session.scalars(
        select(Membership)
        .options(*WHOLE)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Membership.network_id) == by.network_id, lasting(clock.today()), col(Membership.role) != Role.guest)
        .where(or_(col(Person.name).ilike(f"{begun}%"), col(Person.name).ilike(f"% {begun}%")), col(Person.closed_at).is_(None))
        .order_by(Person.name, col(Membership.id))
    )
    by_person = {each.person_id: each for each in found.unique()}
    return sorted(by_person.values(), key=lambda each: words.sort_key(each.person.name))[:most]


async def member(session: Session, by: Membership, membership_id: int) -> Membership:
    """A membership of the same network, lasting or ended; else NotFound."""
    found = await session.scalars(
        select(Membership).options(*WHOLE).where(col(Membership.id) == membership_id, col(Membership.network_id) == by.network_id)
    )
    membership = found.unique().first()
    if membership is None:
        raise NotFound
    return membership


async def units(session: Session, network_id: int, *, closed: bool = False) -> Sequence[Unit]:
    """The network's units in Swedish order; closed ones only when asked for."""
    wanted = select(Unit).where(col(Unit.network_id) == network_id)
    if not closed:
        wanted = wanted.where(col(Unit.closed_on).is_(None))
    return sorted((await session.scalars(wanted)).all(), key=lambda unit: words.sort_key(unit.name))


async def themes(session: Session, network_id: int) -> Sequence[Theme]:
    found = await session.scalars(
        select(Theme).where(col(Theme.network_id) == network_id, col(Theme.retired).is_(False)).order_by(col(Theme.position), col(Theme.id))
    )
    return found.all()


@dataclass(frozen=True)
class Desk:
    """A unit and those who answer for it."""

    unit: Unit
    people: list[Membership]

    @property
    def is_vacant(self) -> bool:
        """Departments and municipal companies owe the network a contact person; others take part as they like."""
        owes = self.unit.kind in (UnitKind.department, UnitKind.municipal_company)
        return owes and not any(each.role in (Role.contact, Role.coordinator) for each in self.people)


async def directory(session: Session, network_id: int) -> list[Desk]:
    """Every open unit with its people: who answers for what, and which units have nobody."""
    people = await members(session, network_id)
    return [Desk(unit, [each for each in people if each.unit_id == unit.id]) for unit in await units(session, network_id)]


@dataclass(frozen=True)
class BoardDay:
    board: Board
    meeting: BoardMeeting


async def board_days(session: Session, network_id: int, *, since: date | None = None) -> list[BoardDay]:
    """The boards' meetings from `since` (today) on, nearest first."""
    rows = await session.execute(
        select(Board, BoardMeeting)
        .join(BoardMeeting, col(BoardMeeting.board_id) == col(Board.id))
        .where(col(Board.network_id) == network_id, col(BoardMeeting.meets_on) >= (since or clock.today()))
        .order_by(col(BoardMeeting.meets_on), Board.name)
    )
    return [BoardDay(board, meeting) for board, meeting in rows]


async def boards(session: Session, network_id: int) -> Sequence[Board]:
    return (await session.scalars(select(Board).where(col(Board.network_id) == network_id).order_by(Board.name))).all()


async def waiting_invitations(session: Session, network_id: int) -> Sequence[Invitation]:
    found = await session.scalars(
        select(Invitation)
        .where(col(Invitation.network_id) == network_id, col(Invitation.accepted_at).is_(None), col(Invitation.withdrawn_at).is_(None))
        .where(col(Invitation.expires_at) > clock.now())
        .order_by(col(Invitation.id).desc())
    )
    return found.all()


async def authorise(session: Session, by: Membership, permission: str) -> None:
    """How a member's write begins: Forbidden unless she may, by what she is until the commit."""
    await hold(session, by)
    require(by, permission)


def require(by: Membership, permission: str) -> None:
    """For a page, and before a form is read: Forbidden unless she may, by what she was when the request came."""
    if not by.can(permission):
        raise Forbidden


async def hold(session: Session, membership: Membership) -> None:
    """Keep the membership as it is until the commit, with the role and unit of this moment; NotFound if it has ended since it was read."""
    wanted = select(col(Membership.role), col(Membership.unit_id)).where(col(Membership.id) == membership.id, lasting(clock.today()))
    seat = (await session.execute(wanted.with_for_update(read=True))).first()
    if seat is None:
        raise NotFound
    set_committed_value(membership, "role", seat.role)
    set_committed_value(membership, "unit_id", seat.unit_id)

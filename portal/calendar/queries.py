"""Reads of feeds: whose they are, who reads them, and what a feed that is asked for is made from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import aliased, contains_eager, joinedload
from sqlmodel import col

from portal import clock
from portal.accounts.models import Person
from portal.accounts.queries import hash_of
from portal.calendar.models import GROUP, Change, Feed, Reading, Scope
from portal.calendar.programs import GIVEN_UP, IN_USE, Program
from portal.db import Session
from portal.meetings import queries as meetings
from portal.meetings.models import Meeting
from portal.networks.access import Role
from portal.networks.models import Membership, Network
from portal.networks.queries import lasting
from portal.reading import Statement
from portal.web import NotFound


async def feeds(session: Session, membership: Membership) -> Sequence[Feed]:
    """The member's addresses that work, from whichever of her seats in the network, the newest first."""
    wanted = select(Feed).where(is_hers(membership), col(Feed.revoked_at).is_(None))
    return (await session.scalars(wanted.order_by(col(Feed.id).desc()))).all()


async def feed(session: Session, membership: Membership, feed_id: int, *, ended: bool = False) -> Feed:
    """One of the member's own addresses that works, or has `ended`; else NotFound."""
    wanted = select(Feed).where(col(Feed.id) == feed_id, is_hers(membership))
    if not ended:
        wanted = wanted.where(col(Feed.revoked_at).is_(None))
    found = (await session.scalars(wanted)).first()
    if found is None:
        raise NotFound
    return found


def is_hers(membership: Membership) -> ColumnElement[bool]:
    """Where-clause on Feed: it was made by this person in this network."""
    seats = select(col(Membership.id)).where(
        col(Membership.network_id) == membership.network_id, col(Membership.person_id) == membership.person_id
    )
    return col(Feed.membership_id).in_(seats)


def _seat() -> ScalarSelect[int]:
    """In a query of feeds: the seat in which its maker is a member today, the strongest, as on pages. A feed outlasts the seat that it was
    made from as long as she has another."""
    made_by, seat = aliased(Membership), aliased(Membership)
    same = (col(seat.person_id) == col(made_by.person_id)) & (col(seat.network_id) == col(made_by.network_id))
    strength = case({role.value: number for number, role in enumerate(Role)}, value=col(seat.role))
    found = (
        select(col(seat.id)).join_from(made_by, seat, same).where(col(made_by.id) == col(Feed.membership_id), lasting(clock.today(), seat))
    )
    return found.order_by(strength, col(seat.id)).limit(1).correlate(Feed).scalar_subquery()


async def seat(session: Session, feed_id: int) -> Membership | None:
    """Who reads the feed, as what she is in the network today; None for who has left, or is a guest."""
    found = await session.scalar(select(Membership).join(Feed, col(Membership.id) == _seat()).where(col(Feed.id) == feed_id))
    return found if found is not None and not found.is_guest else None


async def feeds_in(session: Session, network_id: int) -> Sequence[Feed]:
    """Every address in the network that works, with whose it is; by name."""
    return (await session.scalars(_feeds_in(network_id).order_by(Person.name, col(Feed.id)))).all()


async def feed_in(session: Session, network_id: int, feed_id: int) -> Feed:
    """One of them; else NotFound."""
    found = (await session.scalars(_feeds_in(network_id).where(col(Feed.id) == feed_id))).first()
    if found is None:
        raise NotFound
    return found


def _feeds_in(network_id: int) -> Select[Feed]:
    member = contains_eager(Feed.membership)  # type: ignore[arg-type]
    return (
        select(Feed)
        .join(Feed.membership)  # type: ignore[arg-type]
        .join(Person, col(Person.id) == col(Membership.person_id))
        .options(member.options(joinedload(Membership.person), joinedload(Membership.unit)))  # type: ignore[arg-type]
        .where(col(Membership.network_id) == network_id, col(Feed.revoked_at).is_(None), col(Person.closed_at).is_(None))
    )


async def readings(session: Session, of: Sequence[Feed]) -> dict[int, list[Reading]]:
    """Who has read these feeds, by the feed's number, the latest first."""
    known: dict[int, list[Reading]] = {each.id: [] for each in of}
    found = await session.scalars(select(Reading).where(col(Reading.feed_id).in_(known)).order_by(col(Reading.read_at).desc()))
    for each in found:
        known[each.feed_id].append(each)
    return known


@dataclass(frozen=True)
class Reader:
    """Somebody in whose calendar a meeting or a closing day stands, and by which program."""

    person_id: int
    program: str


async def readers(session: Session, meeting: Meeting) -> list[Reader]:
    """Who has the meeting in her calendar, by each program that reads one of her feeds still."""
    return [Reader(*row) for row in await session.execute(_showing(meeting))]


def _showing(meeting: Meeting) -> Select[int, str]:
    """As `_readers`, of feeds that show the meeting."""
    shown = or_(
        col(Feed.scope).in_((Scope.meetings, Scope.everything)),
        and_(col(Feed.scope) == Scope.mine, meetings.is_own(col(Membership.id))),
        col(Feed.scope) == _of_group(meeting),
    )
    return _readers(meeting.record.network_id).join(Meeting, col(Meeting.record_id) == meeting.record_id).where(shown)


async def deadline_readers(session: Session, network_id: int, *, person_id: int | None = None) -> list[Reader]:
    """Who has the network's closing days in her calendar (or whether this person has), by each
    program that reads one of her feeds still."""
    wanted = _readers(network_id).where(col(Feed.scope).in_((Scope.deadlines, Scope.everything)))
    if person_id is not None:
        wanted = wanted.where(col(Membership.person_id) == person_id)
    return [Reader(*row) for row in await session.execute(wanted)]


def _readers(network_id: int) -> Select[int, str]:
    return (
        select(col(Membership.person_id), col(Reading.program))
        .join(Feed, col(Feed.id) == col(Reading.feed_id))
        .join(Membership, col(Membership.id) == _seat())
        .where(col(Membership.network_id) == network_id, col(Membership.role) != Role.guest)
        .where(col(Feed.revoked_at).is_(None), col(Reading.read_at) > clock.now() - GIVEN_UP)
    )


def _of_group(meeting: Meeting) -> str | None:
    """The scope that shows the meetings of its working group alone; None for one of the whole network."""
    return f"{GROUP}{meeting.group_id}" if meeting.group_id is not None else None


async def subscribers(session: Session, meeting: Meeting) -> set[int]:
    """The people in whose calendars the meeting stands by itself: a program has read such meetings within a week. To one's own meetings
    none belongs to which one has said no."""
    wanted = _showing(meeting).with_only_columns(col(Membership.person_id))
    return set(await session.scalars(wanted.where(col(Reading.read_at) > clock.now() - IN_USE)))


def _content(network_id: SQLColumnExpression[int]) -> ColumnElement[str]:
    """Another text whenever anything has changed that a calendar of the network could show, from the moment on in which one sees it."""
    known = func.string_agg(cast(col(Change.id), Text), aggregate_order_by(literal("/"), col(Change.id)))
    return func.coalesce(select(known).where(or_(col(Change.network_id) == 0, col(Change.network_id) == network_id)).scalar_subquery(), "")


def _polled(*more: SQLColumnExpression[Any]) -> Select[*tuple[Any, ...]]:
    """Feeds that work, as `Polled` has them."""
    wanted = select(
        col(Feed.id), col(Feed.tag), col(Feed.changed_at), *more, col(Feed.scope), col(Feed.alarm), col(Membership.id).label("membership_id"),
        col(Membership.starts_on), col(Membership.ends_on), col(Membership.role), col(Membership.unit_id), col(Network.name), col(Network.slug),
        col(Person.locale), _content(col(Network.id)).label("content"),
    )  # fmt: skip
    return (
        wanted.select_from(Feed)
        .join(Membership, col(Membership.id) == col(Feed.membership_id))
        .join(Network, col(Network.id) == col(Membership.network_id))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Feed.revoked_at).is_(None), col(Person.closed_at).is_(None))
    )


POLL = Statement(
    _polled(col(Reading.read_at), col(Reading.status), col(Reading.events))
    .outerjoin(Reading, and_(col(Reading.feed_id) == col(Feed.id), col(Reading.program) == bindparam("program")))
    .where(col(Feed.token_hash) == bindparam("token_hash"))
)
POLL_MANY = Statement(
    _polled(col(Feed.token_hash)).where(col(Feed.token_hash) == any_(bindparam("token_hashes", type_=ARRAY(LargeBinary))))
)


@dataclass(frozen=True)
class Polled:
    """A feed that is asked for: what it is, and everything that the bytes of its calendar are made from.

    `content` changes whenever anything does that calendars of the network show, who is in it as what included; what this member sees of it
    hangs on the rest. What is not compared tells who has read it before.
    """

    id: int = field(compare=False)
    tag: str = field(compare=False)
    changed_at: datetime | None = field(compare=False)
    scope: str
    alarm: str
    membership_id: int
    starts_on: date
    ends_on: date | None
    role: str
    unit_id: int | None
    name: str
    slug: str
    locale: str
    content: str
    day: date
    read_at: datetime | None = field(default=None, compare=False)
    status: int | None = field(default=None, compare=False)
    events: int | None = field(default=None, compare=False)


async def polled(session: Session, token: str, program: Program) -> Polled:
    """The feed of a secret address, with what is known of this program's reading; unknown and revoked alike are NotFound."""
    found = await POLL.rows(session, token_hash=hash_of(token), program=program.value)
    if not found:
        raise NotFound
    return Polled(**found[0], day=clock.today())


async def working(session: Session, token_hashes: Collection[bytes]) -> dict[bytes, dict[str, Any]]:
    """Those of these feeds that work, by the hash of their address: all that `Polled` wants but the day."""
    found = [dict(each) for each in await POLL_MANY.rows(session, token_hashes=list(token_hashes))]
    return {each.pop("token_hash"): each for each in found}


POLL_PUBLIC = Statement(
    select(
        col(Network.id).label("network_id"), col(Network.name), col(Network.slug), col(Network.language).label("locale"),
        _content(col(Network.id)).label("content"),
    ).where(col(Network.slug) == bindparam("slug"), col(Network.public_calendar))
)  # fmt: skip


@dataclass(frozen=True)
class Published:
    """A network's open calendar that is asked for, and everything that its bytes are made from."""

    network_id: int
    name: str
    slug: str
    locale: str
    content: str
    day: date


async def published(session: Session, slug: str) -> Published:
    """The open calendar of a network that has one; else NotFound."""
    found = await POLL_PUBLIC.rows(session, slug=slug)
    if not found:
        raise NotFound
    return Published(**found[0], day=clock.today())

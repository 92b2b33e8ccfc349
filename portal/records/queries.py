"""Who may read which record: one clause, used before every LIMIT."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, exists, false, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from portal.db import Session
from portal.networks.access import Role
from portal.networks.models import Membership
from portal.reading import Entities, Statement
from portal.records.models import Audience, Record, RecordLink, Share
from portal.web import NotFound

MOST_SHARED = 50


@dataclass(frozen=True)
class Reader:
    """A member reduced to what `readable` asks, with parameters in place of ids: a statement for it is made once, not once a request."""

    role: str
    has_unit: bool

    network_id: ClassVar[Any] = bindparam("reader_network", type_=BigInteger)
    id: ClassVar[Any] = bindparam("reader_id", type_=BigInteger)
    person_id: ClassVar[Any] = bindparam("reader_person", type_=BigInteger)

    @property
    def is_guest(self) -> bool:
        return self.role == Role.guest

    @property
    def unit_id(self) -> Any:
        return bindparam("reader_unit", type_=BigInteger) if self.has_unit else None


def reader(membership: Membership) -> Reader:
    """What a statement is made for."""
    return Reader(membership.role, membership.unit_id is not None)


def as_reader(membership: Membership) -> dict[str, int | None]:
    """The parameters of a statement that was made for a reader like this member."""
    return {
        "reader_network": membership.network_id,
        "reader_id": membership.id,
        "reader_person": membership.person_id,
        "reader_unit": membership.unit_id,
    }


def readable(membership: Membership | Reader) -> ColumnElement[bool]:
    """Where-clause on Record: what this member may read. The one answer for page, list, count, search, feed and socket."""
    ours = col(Record.network_id) == membership.network_id
    if membership.is_guest:
        return and_(ours, col(Record.audience) != Audience.author, or_(_is_public(), _shared_with(membership)))
    return and_(ours, or_(_is_public(), col(Record.audience) == Audience.network, _own_unit(membership), _own_words(membership)))


def _is_public() -> ColumnElement[bool]:
    return col(Record.audience) == Audience.public


def _shared_with(membership: Membership | Reader) -> ColumnElement[bool]:
    return exists().where(col(Share.record_id) == col(Record.id), col(Share.membership_id) == membership.id)


def _own_unit(membership: Membership | Reader) -> ColumnElement[bool]:
    is_unit = col(Record.audience) == Audience.unit
    if membership.role == Role.coordinator:
        return is_unit
    if membership.unit_id is None:
        return false()
    return and_(is_unit, col(Record.owner_unit_id) == membership.unit_id)


def _own_words(membership: Membership | Reader) -> ColumnElement[bool]:
    """What somebody is still writing is hers alone; not even the coordinator reads over her shoulder."""
    return and_(col(Record.audience) == Audience.author, col(Record.created_by_id) == membership.person_id)


@lru_cache
def _record(reader: Reader) -> Entities:
    return Entities(select(Record).where(col(Record.id) == bindparam("record_id"), readable(reader)))


async def found_by(session: Session, memberships: Sequence[Membership], made: Callable[[Reader], Statement], **given: Any) -> set[int]:
    """The numbers that a statement, made once for each kind of reader, finds for one of the memberships or another."""
    found: set[int] = set()
    for each in memberships:
        found |= {number for (number,) in await made(reader(each)).rows(session, **given, **as_reader(each))}
    return found


async def get(session: Session, membership: Membership, record_id: int) -> Record:
    """The record alone, if this member may read it; else NotFound."""
    found = await _record(reader(membership)).all(session, record_id=record_id, **as_reader(membership))
    if not found:
        raise NotFound
    record: Record = found[0][0]
    return record


async def titles(session: Session, membership: Membership, record_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Title, in the language spoken now, and path of those among the records that the member may read."""
    found = await session.scalars(select(Record).where(col(Record.id).in_(record_ids), readable(membership)))
    return {record.id: (record.heading, record.path) for record in found}


async def titles_at(session: Session, membership: Membership, paths: Sequence[str]) -> dict[str, str]:
    """The titles, in the language spoken now, of those records among these paths (below the network's) that the member may read."""
    found = await session.scalars(select(Record).where(col(Record.id).in_(_numbers(paths)), readable(membership)))
    return {record.path: record.heading for record in found if record.path in paths}


def _numbers(paths: Sequence[str]) -> list[int]:
    tails = [path.rpartition("/")[2] for path in paths]
    return [int(tail) for tail in tails if tail.isascii() and tail.isdigit() and len(tail) <= 18]


async def origins(session: Session, membership: Membership, record: Record) -> Sequence[Record]:
    """Records this one came from or led to, as far as the member may read them."""
    either = or_(
        and_(col(RecordLink.to_id) == record.id, col(RecordLink.from_id) == col(Record.id)),
        and_(col(RecordLink.from_id) == record.id, col(RecordLink.to_id) == col(Record.id)),
    )
    found = await session.scalars(select(Record).join(RecordLink, either).where(readable(membership)).order_by(col(Record.id)))
    return found.all()


async def shared_with(session: Session, guest: Membership) -> Sequence[tuple[Record, datetime]]:
    """What a guest has been shown, and since when, the latest first."""
    own = aliased(Share)  # beside the one that `readable` asks about
    shared = select(Record, col(own.created_at)).join(own, col(own.record_id) == col(Record.id))
    shared = shared.where(readable(guest), col(own.membership_id) == guest.id)
    rows = await session.execute(shared.order_by(col(own.created_at).desc(), col(Record.id).desc()).limit(MOST_SHARED))
    return [(record, since) for record, since in rows]


async def guests_of(session: Session, record: Record) -> Sequence[int]:
    """Membership ids of the guests whom the record is shared with."""
    return (await session.scalars(select(col(Share.membership_id)).where(col(Share.record_id) == record.id))).all()

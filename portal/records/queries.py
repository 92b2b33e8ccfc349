"""Who may read which record: one clause, used before every LIMIT."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import col

from portal.db import Session
from portal.networks.access import Role
from portal.networks.models import Membership
from portal.records.models import Audience, Record, RecordLink, Share
from portal.web import NotFound

EVERYTHING = (
    joinedload(Record.created_by),  # type: ignore[arg-type]
    joinedload(Record.owner_unit),  # type: ignore[arg-type]
    selectinload(Record.themes),  # type: ignore[arg-type]
)


def readable(membership: Membership) -> ColumnElement[bool]:
    """Where-clause on Record: what this member may read. The one answer for page, list, count, search, feed and socket."""
    ours = col(Record.network_id) == membership.network_id
    if membership.is_guest:
        return and_(ours, col(Record.audience) != Audience.author, or_(_is_public(), _shared_with(membership)))
    return and_(ours, or_(_is_public(), col(Record.audience) == Audience.network, _own_unit(membership), _own_words(membership)))


def _is_public() -> ColumnElement[bool]:
    return col(Record.audience) == Audience.public


def _shared_with(membership: Membership) -> ColumnElement[bool]:
    return exists().where(col(Share.record_id) == col(Record.id), col(Share.membership_id) == membership.id)


def _own_unit(membership: Membership) -> ColumnElement[bool]:
    is_unit = col(Record.audience) == Audience.unit
    if membership.role == Role.coordinator:
        return is_unit
    if membership.unit_id is None:
        return false()
    return and_(is_unit, col(Record.owner_unit_id) == membership.unit_id)


def _own_words(membership: Membership) -> ColumnElement[bool]:
    is_private = col(Record.audience) == Audience.author
    if membership.role == Role.coordinator:
        return is_private
    return and_(is_private, col(Record.created_by_id) == membership.person_id)


async def get(session: Session, membership: Membership, record_id: int, *, kind: str | None = None) -> Record:
    """The record with its author, unit and themes, if this member may read it; else NotFound."""
    wanted = select(Record).options(*EVERYTHING).where(col(Record.id) == record_id, readable(membership))
    if kind is not None:
        wanted = wanted.where(col(Record.kind) == kind)
    record = (await session.scalars(wanted)).unique().first()
    if record is None:
        raise NotFound
    return record


async def titles(session: Session, membership: Membership, record_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Title and path of those among the records that the member may read."""
    found = await session.scalars(select(Record).where(col(Record.id).in_(record_ids), readable(membership)))
    return {record.id: (record.title, record.path) for record in found}


async def titles_at(session: Session, membership: Membership, paths: Sequence[str]) -> dict[str, str]:
    """The titles of those records among these paths (below the network's) that the member may read."""
    wanted = select(col(Record.path), col(Record.title)).where(col(Record.id).in_(_numbers(paths)), readable(membership))
    return {path: title for path, title in await session.execute(wanted) if path in paths}


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


async def guests_of(session: Session, record: Record) -> Sequence[int]:
    """Membership ids of the guests whom the record is shared with."""
    return (await session.scalars(select(col(Share.membership_id)).where(col(Share.record_id) == record.id))).all()

"""Reads of findings, always through who may read their record."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, select
from sqlalchemy.orm import contains_eager, joinedload
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col

from portal.accounts.models import Person
from portal.comments.models import Thread
from portal.db import Session
from portal.findings.models import Fate, Finding
from portal.networks.models import Membership, Theme, Unit
from portal.reading import Entities, relate
from portal.records.models import Audience, Record, RecordTheme
from portal.records.queries import Reader, as_reader, readable, reader
from portal.web import NotFound

SHOWN = 30


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed to; stands in the address."""

    theme: int | None = None
    fate: str | None = None
    unit: int | None = None
    before: int | None = None


@dataclass(frozen=True)
class Row:
    """A finding in a list, with how many comments its thread has, as that says itself."""

    finding: Finding
    comments: int


@dataclass(frozen=True)
class Findings:
    rows: list[Row]
    count: int
    more: int | None


async def findings(session: Session, membership: Membership, wanted: Filter) -> Findings:
    """Published findings, newest first; `more` is the `before` of the next page."""
    base = _narrowed(select(Finding).join(Finding.record), membership, wanted)  # type: ignore[arg-type]
    count = await session.scalar(select(func.count()).select_from(base.subquery())) or 0
    listed: Select[Any] = (
        base.join(Thread, col(Thread.record_id) == col(Record.id))
        .add_columns(col(Thread.comments))
        .options(
            contains_eager(Finding.record).joinedload(Record.created_by),  # type: ignore[arg-type]
            contains_eager(Finding.record).joinedload(Record.owner_unit),  # type: ignore[arg-type]
            contains_eager(Finding.record).selectinload(Record.themes),  # type: ignore[arg-type]
        )
    )
    if wanted.before is not None:
        listed = listed.where(col(Record.id) < wanted.before)
    found = (await session.execute(listed.order_by(col(Record.id).desc()).limit(SHOWN + 1))).unique().all()
    rows = [Row(finding, total) for finding, total in found[:SHOWN]]
    return Findings(rows, count, rows[-1].finding.record_id if len(found) > SHOWN else None)


def _narrowed(query: Select[Any], membership: Membership, wanted: Filter) -> Select[Any]:
    query = query.where(readable(membership), col(Record.audience) != Audience.author)
    if wanted.theme is not None:
        query = query.where(exists().where(col(RecordTheme.record_id) == col(Record.id), col(RecordTheme.theme_id) == wanted.theme))
    if wanted.fate in set(Fate):
        query = query.where(col(Finding.fate) == wanted.fate)
    if wanted.unit is not None:
        query = query.where(col(Record.owner_unit_id) == wanted.unit)
    return query


@lru_cache
def _finding(reader: Reader) -> Entities:
    return Entities(
        select(Finding, Record, Person, Unit, Theme)
        .join(Record, col(Record.id) == col(Finding.record_id))
        .join(Person, col(Person.id) == col(Record.created_by_id))
        .outerjoin(Unit, col(Unit.id) == col(Record.owner_unit_id))
        .outerjoin(RecordTheme, col(RecordTheme.record_id) == col(Record.id))
        .outerjoin(Theme, col(Theme.id) == col(RecordTheme.theme_id))
        .where(col(Finding.record_id) == bindparam("record_id"), readable(reader))
        .order_by(col(Theme.position))
    )


async def finding(session: Session, membership: Membership, record_id: int) -> Finding:
    """A finding that this member may read, with its record whole; else NotFound."""
    rows = await _finding(reader(membership)).all(session, record_id=record_id, **as_reader(membership))
    if not rows:
        raise NotFound
    found, record, author, unit, _theme = rows[0]
    relate(found, record=record)
    relate(record, created_by=author, owner_unit=unit)
    set_committed_value(record, "themes", [row[4] for row in rows if row[4] is not None])
    return found


async def own_draft(session: Session, membership: Membership) -> Finding | None:
    """The finding this member began and has not published."""
    found = await session.scalars(
        select(Finding)
        .join(Finding.record)  # type: ignore[arg-type]
        .options(contains_eager(Finding.record).selectinload(Record.themes))  # type: ignore[arg-type]
        .where(col(Record.network_id) == membership.network_id, col(Record.created_by_id) == membership.person_id)
        .where(col(Finding.published_at).is_(None))
        .order_by(col(Record.id).desc())
        .limit(1)
    )
    return found.unique().first()


async def drafts_of(session: Session, person_id: int) -> Sequence[Finding]:
    """What the person has begun and not published, in any network."""
    found = await session.scalars(
        select(Finding)
        .join(Finding.record)  # type: ignore[arg-type]
        .options(contains_eager(Finding.record).selectinload(Record.themes))  # type: ignore[arg-type]
        .where(col(Record.created_by_id) == person_id, col(Finding.published_at).is_(None))
    )
    return found.unique().all()


async def twins(session: Session, membership: Membership, finding_id: int | None, key: str | None) -> Sequence[Record]:
    """Earlier findings with the same link, as far as this member may read them."""
    if key is None:
        return []
    same = select(Record).join(Finding, col(Finding.record_id) == col(Record.id)).options(joinedload(Record.created_by))  # type: ignore[arg-type]
    same = same.where(col(Finding.source_key) == key, readable(membership), col(Record.audience) != Audience.author)
    if finding_id is not None:
        same = same.where(col(Record.id) != finding_id)
    return (await session.scalars(same.order_by(col(Record.id)).limit(3))).all()

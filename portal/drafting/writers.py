"""Who may read and write which shared texts, asked of the tables for many at once."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, and_, bindparam, exists, false, func, or_, select
from sqlmodel import col

from portal import clock
from portal.db import Session
from portal.drafting.models import DraftText, Section, SectionDocument
from portal.drafting.queries import authors
from portal.networks.models import Membership
from portal.networks.queries import WHOLE, lasting, strongest
from portal.reading import Statement, rows
from portal.records.models import Record
from portal.records.queries import Reader, found_by, readable

SEATS = """
    SELECT person_id, id, role, unit_id FROM membership
    WHERE network_id = $1 AND person_id = ANY($2) AND starts_on <= $3 AND (ends_on IS NULL OR ends_on >= $3) ORDER BY id FOR SHARE
"""
ABOUT = """
    SELECT record.audience, record.owner_unit_id, record.created_by_id,
        (SELECT array_agg((unit_id, membership_id)::text ORDER BY id) FROM co_author WHERE text_id = draft_text.id)
    FROM section JOIN draft_text ON draft_text.id = section.text_id JOIN record ON record.id = draft_text.record_id WHERE section.id = $1
"""


_STREAMS = (
    select(col(SectionDocument.stream_id))
    .join(Section, col(Section.id) == col(SectionDocument.section_id))
    .join(DraftText, col(DraftText.id) == col(Section.text_id))
    .join(Record, col(Record.id) == col(DraftText.record_id))
)


async def readable_streams(session: Session, memberships: Sequence[Membership], stream_ids: Sequence[int]) -> set[int]:
    """Which of these streams are texts of records that one of the memberships may read."""
    return await found_by(session, memberships, _readable, streams=list(stream_ids))


@lru_cache
def _readable(reader: Reader) -> Statement:
    return Statement(
        _STREAMS.where(col(SectionDocument.stream_id) == func.any(bindparam("streams", type_=ARRAY(BigInteger))), readable(reader))
    )


async def writable_streams(session: Session, memberships: Sequence[Membership], stream_ids: Sequence[int]) -> set[int]:
    """Which of them are open texts that one of the memberships may write in now."""
    may = or_(false(), *(_writes(each) for each in memberships))
    return set(
        await session.scalars(_STREAMS.where(col(SectionDocument.stream_id).in_(stream_ids), col(DraftText.locked_at).is_(None), may))
    )


def _writes(membership: Membership) -> ColumnElement[bool]:
    return and_(readable(membership), authors(membership))


async def held_writers(
    session: Session, section_id: int, text_id: int, network_id: int, people: Collection[int], known: dict[int, object]
) -> set[int] | None:
    """Those of the people who may write in a section of a text that is open and held; their
    memberships are held from now on too. None if the section has been taken away.

    `known` remembers for whom it was found out, and upon what: who sits where, who is asked, who may read the record. As long as all of
    that is as it was, so is the answer, and fifty who write four times a second cost two small statements each time."""
    seats: dict[int, list[Any]] = {}
    for seat in map(tuple, await rows(session, SEATS, network_id, list(people), clock.today())):
        seats.setdefault(seat[0], []).append(seat)
    found = await rows(session, ABOUT, section_id)
    if not found:
        return None
    about = tuple(found[0])
    upon = {person: (about, tuple(theirs)) for person, theirs in seats.items()}
    for person in upon:
        if known.get(person) != upon[person]:
            known.pop(person, None)
            if await _may_write(session, text_id, network_id, person):
                known[person] = upon[person]
    return {person for person in upon if person in known}


async def _may_write(session: Session, text_id: int, network_id: int, person_id: int) -> bool:
    wanted = select(Membership).options(*WHOLE).where(col(Membership.network_id) == network_id, col(Membership.person_id) == person_id)
    found = await session.scalars(wanted.where(lasting(clock.today())).execution_options(populate_existing=True))
    may = [_writes(each) for each in strongest(found.unique().all())]
    asked = exists().where(col(Record.id) == col(DraftText.record_id), col(DraftText.id) == text_id, or_(false(), *may))
    return bool(await session.scalar(select(asked)))

"""Who may read and write which shared texts, asked of the tables for many at once."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, exists, false, literal, or_, select, union_all
from sqlmodel import col

from portal import clock
from portal.db import Session
from portal.drafting.models import DraftText, Section, SectionDocument
from portal.drafting.queries import authors
from portal.networks.models import Membership
from portal.networks.queries import WHOLE, lasting, strongest
from portal.records.models import Record
from portal.records.queries import readable


async def readable_streams(session: Session, memberships: Sequence[Membership], stream_ids: Sequence[int]) -> set[int]:
    """Which of these streams are texts of records that one of the memberships may read."""
    return await _streams(session, [readable(each) for each in memberships], stream_ids)


async def writable_streams(session: Session, memberships: Sequence[Membership], stream_ids: Sequence[int]) -> set[int]:
    """Which of them are open texts that one of the memberships may write in now."""
    return await _streams(session, [and_(col(DraftText.locked_at).is_(None), _writes(each)) for each in memberships], stream_ids)


async def _streams(session: Session, allowed: Sequence[ColumnElement[bool]], stream_ids: Sequence[int]) -> set[int]:
    wanted = select(col(SectionDocument.stream_id)).join(Section, col(Section.id) == col(SectionDocument.section_id))
    wanted = wanted.join(DraftText, col(DraftText.id) == col(Section.text_id)).join(Record, col(Record.id) == col(DraftText.record_id))
    return set(await session.scalars(wanted.where(col(SectionDocument.stream_id).in_(stream_ids), or_(false(), *allowed))))


def _writes(membership: Membership) -> ColumnElement[bool]:
    return and_(readable(membership), authors(membership))


async def held_writers(session: Session, text: DraftText, network_id: int, people: Collection[int]) -> dict[int, Membership]:
    """Those of the people who may write in the text, which is open and held, with their memberships, which are held from now on too."""
    found = await session.scalars(
        select(Membership)
        .options(*WHOLE)
        .where(col(Membership.network_id) == network_id, col(Membership.person_id).in_(people), lasting(clock.today()))
        .order_by(col(Membership.id))
        .with_for_update(read=True, of=Membership)
        .execution_options(populate_existing=True)
    )
    by_person: dict[int, list[Membership]] = {}
    for each in found.unique():
        by_person.setdefault(each.person_id, []).append(each)
    seats = [strongest(each)[0] for each in by_person.values()]
    record = col(Record.id) == col(DraftText.record_id)
    asked = [select(literal(each.person_id)).where(exists().where(record, col(DraftText.id) == text.id, _writes(each))) for each in seats]
    allowed = set(await session.scalars(union_all(*asked))) if asked else set()
    return {each.person_id: each for each in seats if each.person_id in allowed}

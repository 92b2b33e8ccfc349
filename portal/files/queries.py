"""Reads of attachments. Who may read the record may read its files; a comment's files go with its words."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal.db import Session
from portal.files.models import Attachment
from portal.networks.models import Membership
from portal.records.models import Record
from portal.records.queries import readable
from portal.web import NotFound

WordsOf = Callable[[Session, Membership, int], Awaitable[bool]]

# Comments live in a room above; portal/rooms.py says how one learns whether a comment's words may be read.
WORDS_OF: list[WordsOf] = []


async def attachment(session: Session, membership: Membership, number: int) -> tuple[Attachment, Record]:
    """The file with its record, if this member may have its bytes now; else NotFound. Every request for bytes asks here."""
    is_theirs = or_(col(Attachment.posted_at).is_not(None), col(Attachment.uploader_id) == membership.id)
    found = await session.execute(
        select(Attachment, Record)
        .options(joinedload(Attachment.uploader).joinedload(Membership.person))  # type: ignore[arg-type]
        .join(Record, col(Record.id) == col(Attachment.record_id))
        .where(col(Attachment.id) == number, readable(membership), is_theirs)
    )
    row = found.first()
    if row is None:
        raise NotFound
    if row[0].comment_id is not None and not await _may_read_words(session, membership, row[0].comment_id):
        raise NotFound
    return row[0], row[1]


async def _may_read_words(session: Session, membership: Membership, comment_id: int) -> bool:
    answers = [await words_of(session, membership, comment_id) for words_of in WORDS_OF]
    return bool(answers) and all(answers)


async def shown(session: Session, membership: Membership, record_id: int, comment_ids: Sequence[int]) -> dict[int | None, list[Attachment]]:
    """The files of these comments of a record, by comment; under None those that wait for this member to post them."""
    ours = and_(col(Attachment.network_id) == membership.network_id, col(Attachment.record_id) == record_id)
    waiting = and_(col(Attachment.posted_at).is_(None), col(Attachment.uploader_id) == membership.id)
    return await _by_comment(
        session, and_(ours, or_(col(Attachment.comment_id).in_(comment_ids), waiting))
    )


async def of_comments(session: Session, comment_ids: Sequence[int]) -> dict[int | None, list[Attachment]]:
    """The files of these comments, by comment, for those who may read them."""
    return await _by_comment(session, col(Attachment.comment_id).in_(comment_ids)) if comment_ids else {}


async def _by_comment(session: Session, wanted: object) -> dict[int | None, list[Attachment]]:
    found: dict[int | None, list[Attachment]] = {}
    for each in await session.scalars(select(Attachment).where(wanted).order_by(col(Attachment.id))):  # type: ignore[arg-type]
        found.setdefault(each.comment_id, []).append(each)
    return found


async def waiting(session: Session, membership: Membership, record: Record) -> Sequence[Attachment]:
    """What this member has uploaded to the record and not posted."""
    return (await shown(session, membership, record.id, [])).get(None, [])


async def waiting_everywhere(session: Session, membership: Membership) -> int:
    """How many files of this member wait, in all records."""
    wanted = select(func.count()).where(col(Attachment.uploader_id) == membership.id, col(Attachment.posted_at).is_(None))
    return await session.scalar(wanted) or 0

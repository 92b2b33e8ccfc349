"""Reads of attachments. Who may read the record may read its files; a comment's files go with its words."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import func, or_, select
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


async def of_comment(session: Session, comment_id: int) -> Sequence[Attachment]:
    """The files of a comment, for those who may read its words."""
    return (await session.scalars(select(Attachment).where(col(Attachment.comment_id) == comment_id).order_by(col(Attachment.id)))).all()


async def waiting(session: Session, membership: Membership, record: Record) -> Sequence[Attachment]:
    """What this member has uploaded to the record and not posted."""
    wanted = select(Attachment).where(
        col(Attachment.network_id) == membership.network_id,
        col(Attachment.record_id) == record.id,
        col(Attachment.posted_at).is_(None),
        col(Attachment.uploader_id) == membership.id,
    )
    return (await session.scalars(wanted.order_by(col(Attachment.id)))).all()


async def waiting_everywhere(session: Session, membership: Membership) -> int:
    """How many files of this member wait, in all records."""
    wanted = select(func.count()).where(col(Attachment.uploader_id) == membership.id, col(Attachment.posted_at).is_(None))
    return await session.scalar(wanted) or 0

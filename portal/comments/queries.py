"""Reads of threads. Whoever may read the record may read its thread; hidden words are for author and moderators."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal.comments import conclusions, following
from portal.comments.models import Comment, CommentDraft, CommentVersion, Level, Thread
from portal.comments.voices import Voices, voices
from portal.db import Session
from portal.live import head
from portal.networks.models import Membership, Unit
from portal.records.models import Record
from portal.records.queries import readable
from portal.web import NotFound

SHOWN = 50
WITH_AUTHOR = (
    joinedload(Comment.author),  # type: ignore[arg-type]
    joinedload(Comment.membership).joinedload(Membership.unit),  # type: ignore[arg-type]
)


@dataclass
class Exchange:
    """A comment and the replies below it."""

    comment: Comment
    replies: list[Comment] = field(default_factory=list)


@dataclass
class ThreadView:
    """A thread as one member sees it now; `cursor` is where the live stream goes on."""

    record_id: int
    stream_id: int
    cursor: str
    is_locked: bool
    exchanges: list[Exchange]
    count: int
    earlier: int | None
    may_write: bool
    may_hide: bool
    may_lock: bool
    draft: CommentDraft | None
    replying_to: Comment | None = None
    new_since: datetime | None = None
    level: Level = Level.mentions
    voices: Voices = field(default_factory=Voices)
    conclusion: Comment | None = None
    may_conclude: bool = False


def may_comment(membership: Membership) -> bool:
    """Members write; guests do where the network lets them, in what they can see."""
    if membership.is_guest:
        return membership.network.guests_comment and membership.can("comment:create_shared")
    return membership.can("comment:create")


async def thread(
    session: Session, membership: Membership, record: Record, *, before: int | None = None, reply_to: int | None = None, asked: Sequence[Unit] = ()
) -> ThreadView:
    """The last exchanges of the record's thread, or those before stream number `before`. `asked` are the units to speak in it."""
    row = await session.get(Thread, record.id)
    if row is None:
        raise NotFound
    new_since = await following.note_reading(session, membership, record)
    cursor = await head(session, row.stream_id)  # read first: what comes later is delivered again, which is harmless
    exchanges = await _exchanges(session, record.id, before)
    is_open = row.locked_at is None
    replying_to = await _replying_to(session, record.id, reply_to)
    return ThreadView(
        record_id=record.id,
        stream_id=row.stream_id,
        cursor=cursor,
        is_locked=not is_open,
        exchanges=exchanges,
        count=await session.scalar(select(func.count()).where(col(Comment.record_id) == record.id)) or 0,
        earlier=await _earlier(session, record.id, exchanges),
        may_write=is_open and may_comment(membership),
        may_hide=membership.can("comment:hide"),
        may_lock=membership.can("thread:lock"),
        draft=await session.get(CommentDraft, (membership.person_id, record.id, replying_to.id if replying_to else 0)),
        replying_to=replying_to,
        new_since=new_since or membership.before_at,
        level=await following.level(session, membership, record, asked=membership.unit_id in {unit.id for unit in asked}),
        voices=await voices(session, record, asked),
        conclusion=await conclusions.conclusion(session, record.id),
        may_conclude=membership.can("thread:conclude"),
    )


async def _exchanges(session: Session, record_id: int, before: int | None) -> list[Exchange]:
    wanted = select(Comment).options(*WITH_AUTHOR).where(col(Comment.record_id) == record_id, col(Comment.parent_id).is_(None))
    if before is not None:
        wanted = wanted.where(col(Comment.seq) < before)
    tops = (await session.scalars(wanted.order_by(col(Comment.seq).desc()).limit(SHOWN))).unique().all()
    shown = {top.id: Exchange(top) for top in reversed(tops)}
    if shown:
        replies = select(Comment).options(*WITH_AUTHOR).where(col(Comment.parent_id).in_(shown)).order_by(col(Comment.seq))
        for reply in (await session.scalars(replies)).unique():
            shown[reply.parent_id or 0].replies.append(reply)
    return list(shown.values())


async def _earlier(session: Session, record_id: int, exchanges: Sequence[Exchange]) -> int | None:
    """The stream number to ask `before`, if there is anything earlier."""
    if len(exchanges) < SHOWN:
        return None
    first = exchanges[0].comment.seq
    more = select(col(Comment.id)).where(col(Comment.record_id) == record_id, col(Comment.parent_id).is_(None), col(Comment.seq) < first)
    return first if await session.scalar(more.limit(1)) is not None else None


async def _replying_to(session: Session, record_id: int, comment_id: int | None) -> Comment | None:
    if comment_id is None:
        return None
    found = await session.scalars(
        select(Comment).options(*WITH_AUTHOR).where(col(Comment.id) == comment_id, col(Comment.record_id) == record_id)
    )
    return found.unique().first()


async def comment(session: Session, membership: Membership, comment_id: int) -> tuple[Comment, Record]:
    """A comment in a thread that this member may read, with its record; else NotFound."""
    found = await session.execute(
        select(Comment, Record)
        .options(*WITH_AUTHOR)
        .join(Record, col(Record.id) == col(Comment.record_id))
        .where(col(Comment.id) == comment_id, readable(membership))
    )
    row = found.unique().first()
    if row is None:
        raise NotFound
    return row[0], row[1]


async def comments_by_id(session: Session, ids: Sequence[int]) -> dict[int, Comment]:
    """Comments with their authors, for the frames of a stream."""
    found = await session.scalars(select(Comment).options(*WITH_AUTHOR).where(col(Comment.id).in_(ids)))
    return {each.id: each for each in found.unique()}


async def versions(session: Session, comment: Comment) -> Sequence[CommentVersion]:
    """What the comment said before, the oldest first."""
    wanted = select(CommentVersion).where(col(CommentVersion.comment_id) == comment.id).order_by(col(CommentVersion.version))
    return (await session.scalars(wanted)).all()


def may_read_words(comment: Comment, membership: Membership) -> bool:
    """Hidden words stay readable for their author and for those who moderate or register."""
    return not comment.is_hidden or comment.author_id == membership.person_id or membership.can("comment:read_hidden")


async def readable_streams(session: Session, memberships: Sequence[Membership], stream_ids: Sequence[int]) -> set[int]:
    """Which of these streams are threads of records that one of the memberships may read."""
    allowed: set[int] = set()
    for membership in memberships:
        found = await session.scalars(
            select(col(Thread.stream_id))
            .join(Record, col(Record.id) == col(Thread.record_id))
            .where(col(Thread.stream_id).in_(stream_ids), readable(membership))
        )
        allowed |= set(found)
    return allowed

"""Reads of comments. Whoever may read the record may read its thread; hidden words are for author and moderators."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, and_, bindparam, exists, func, or_, select, true
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal.comments.markup import Shown
from portal.comments.models import Comment, CommentVersion, Removal, Thread
from portal.db import Session
from portal.files.models import Attached
from portal.networks.models import Membership
from portal.reading import Statement, rows
from portal.records.models import Record
from portal.records.queries import Reader, found_by, readable
from portal.web import NotFound

WITH_AUTHOR = (
    joinedload(Comment.author),  # type: ignore[arg-type]
    joinedload(Comment.membership).joinedload(Membership.unit),  # type: ignore[arg-type]
)


# `comments` is a table or a part of the statement, `files` is FILES or what knows that there are none.
SHOWN_COMMENT = """
    SELECT c.id, c.parent_id, c.seq, c.author_id, person.name, unit.name AS unit, c.html, c.created_at, c.edited_at,
        c.hidden_at, c.hidden_reason, c.hidden_words, c.held_at, c.redacted_at, c.redacted_reason,
        {files} AS files
    FROM {comments} AS c
    JOIN person ON person.id = c.author_id
    JOIN membership ON membership.id = c.membership_id
    LEFT JOIN unit ON unit.id = membership.unit_id
"""
FILES = "(SELECT json_agg(json_build_array(id, name, kind, size, alt, width, height) ORDER BY id) FROM attachment WHERE comment_id = c.id)"
BY_ID = SHOWN_COMMENT.format(comments="comment", files=FILES) + "WHERE c.id = ANY($1)"


def may_comment(membership: Membership) -> bool:
    """Members write; guests do where the network lets them, in what they can see."""
    if membership.is_guest:
        return membership.network.guests_comment and membership.can("comment:create_shared")
    return membership.can("comment:create")


def must_wait(membership: Membership) -> bool:
    """Whether what this member writes is held until a coordinator has approved it."""
    return membership.is_guest and membership.network.guests_wait


def visible(membership: Membership) -> ColumnElement[bool]:
    """Where-clause on Comment: what is held exists for its author and for those who approve it, and for nobody else."""
    if membership.can("comment:hide"):
        return true()
    return or_(col(Comment.held_at).is_(None), col(Comment.author_id) == membership.person_id)


def has_words() -> ColumnElement[bool]:
    """Where-clause on Comment: there is something to read in it, for everybody; no placeholder stands for it, and it waits for nobody."""
    return and_(col(Comment.held_at).is_(None), col(Comment.hidden_at).is_(None), col(Comment.redacted_at).is_(None))


def sees_held(membership: Membership) -> int | None:
    """Whose held comments this member sees, as in `visible`: None is everybody's."""
    return None if membership.can("comment:hide") else membership.person_id


def shown(row: Any) -> Shown:
    """A row of SHOWN_COMMENT, or of a statement whose rows end as its rows do."""
    found = Shown._make(row[-len(Shown._fields) :])
    return found if found.files is None else found._replace(files=tuple(Attached(*each) for each in found.files))  # type: ignore[misc]


async def comment(session: Session, membership: Membership, comment_id: int) -> tuple[Comment, Record]:
    """A comment in a thread that this member may read, with its record; else NotFound."""
    found = await session.execute(
        select(Comment, Record)
        .options(*WITH_AUTHOR)
        .join(Record, col(Record.id) == col(Comment.record_id))
        .where(col(Comment.id) == comment_id, readable(membership), visible(membership))
    )
    row = found.unique().first()
    if row is None:
        raise NotFound
    return row[0], row[1]


async def comments_by_id(session: Session, ids: Sequence[int]) -> dict[int, Shown]:
    """Comments as they are shown, for the frames of a stream."""
    return {each["id"]: shown(each) for each in await rows(session, BY_ID, ids)}


async def versions(session: Session, comment: Comment) -> Sequence[CommentVersion]:
    """What the comment said before, the oldest first."""
    wanted = select(CommentVersion).where(col(CommentVersion.comment_id) == comment.id).order_by(col(CommentVersion.version))
    return (await session.scalars(wanted)).all()


def may_read_words(comment: Comment, membership: Membership) -> bool:
    """Hidden words stay readable for their author and for those who moderate or register."""
    return not comment.is_hidden or comment.author_id == membership.person_id or membership.can("comment:read_hidden")


async def may_read_words_of(session: Session, membership: Membership, comment_id: int) -> bool:
    """The same for a comment by its number, in a record that the member may read."""
    comment = (await session.scalars(select(Comment).where(col(Comment.id) == comment_id, visible(membership)))).first()
    return comment is not None and not comment.is_redacted and may_read_words(comment, membership)


async def readable_streams(session: Session, memberships: Sequence[Membership], stream_ids: Sequence[int]) -> set[int]:
    """Which of these streams are threads of records that one of the memberships may read."""
    return await found_by(session, memberships, _readable, streams=list(stream_ids))


@lru_cache
def _readable(reader: Reader) -> Statement:
    wanted = select(col(Thread.stream_id)).join(Record, col(Record.id) == col(Thread.record_id))
    return Statement(wanted.where(col(Thread.stream_id) == func.any(bindparam("streams", type_=ARRAY(BigInteger))), readable(reader)))


async def writable_streams(session: Session, memberships: Sequence[Membership], stream_ids: Sequence[int]) -> set[int]:
    """Which of them are threads that one of the memberships may write in now: open ones, from which nobody has removed her."""
    writers = [each for each in memberships if may_comment(each)]
    removed = exists().where(
        col(Removal.record_id) == col(Thread.record_id), col(Removal.person_id).in_({each.person_id for each in writers})
    )
    closed = select(col(Thread.stream_id)).where(col(Thread.stream_id).in_(stream_ids), or_(col(Thread.locked_at).is_not(None), removed))
    return await readable_streams(session, writers, stream_ids) - set(await session.scalars(closed))

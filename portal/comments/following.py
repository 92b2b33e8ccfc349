"""Following a thread: what somebody wants to hear of it, and up to when she has read it. Only choices are stored."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, exists, false, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock
from portal.comments.models import Comment, CommentMention, Following, Level, Reading
from portal.db import Session
from portal.networks.models import Membership
from portal.networks.queries import hold
from portal.reading import rows
from portal.records.models import Record

VISIT = timedelta(minutes=30)
MOMENT = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)

NOTE = text(
    """
    INSERT INTO reading AS mine (person_id, record_id, read_at) VALUES (:person, :record, :now)
    ON CONFLICT (person_id, record_id) DO UPDATE
    SET read_at = :now, before_at = CASE WHEN mine.read_at < :visit THEN mine.read_at ELSE mine.before_at END
    """
)
# Who is named in what she has before her waits for it no longer, though something that was said earlier stands elsewhere, unread.
SEEN = text("UPDATE comment_mention SET at = :until WHERE person_id = :person AND comment_id = ANY(:comments) AND at > :until")

# What others have said since $2, and the exchanges it is said in: a new answer may stand in an old one.
_NEWS = """
    FROM comment AS said JOIN comment AS top ON top.id = coalesce(said.parent_id, said.id)
    WHERE said.record_id = $1 AND said.created_at > $2 AND said.author_id <> $3 AND said.held_at IS NULL AND said.hidden_at IS NULL
        AND said.redacted_at IS NULL
"""
FIRST_NEW = f"SELECT min(top.seq) AS seq {_NEWS}"
# Of that what stands outside the exchanges from $4 until before $5: the first of it, and the exchange to go on at, further down if there is
# one.
UNSEEN = f"""
    SELECT min(said.created_at) AS at, coalesce(min(top.seq) FILTER (WHERE top.seq >= $5), min(top.seq)) AS seq
    {_NEWS} AND (top.seq < $4 OR top.seq >= $5)
"""


class Unseen(NamedTuple):
    """What is new in a thread and not on a page of it: when the first of it was said, and the stream number of an exchange with some."""

    at: datetime
    seq: int


def new_since(read_at: datetime | None, before_at: datetime | None) -> datetime | None:
    """What has come since this moment is new to who had the thread before her at `read_at`, throughout her visit."""
    return read_at if read_at is not None and read_at < clock.now() - VISIT else before_at


async def note_reading(
    session: Session, membership: Membership, record: Record, *, read_at: datetime | None, said_at: datetime | None
) -> None:
    """The thread is before this member now. Written only when a minute has passed since `read_at`, or something was said."""
    now = clock.now()
    if read_at is None or read_at < now - MOMENT or (said_at is not None and said_at > read_at):
        await session.execute(NOTE, {"person": membership.person_id, "record": record.id, "now": now, "visit": now - VISIT})


async def note_part(session: Session, membership: Membership, record: Record, *, unseen: Unseen, comments: Sequence[int]) -> None:
    """Only these comments of the thread are before this member now: she has read it until the first that she cannot have seen."""
    until, now = unseen.at - INSTANT, clock.now()
    await session.execute(NOTE, {"person": membership.person_id, "record": record.id, "now": until, "visit": now - VISIT})
    await session.execute(SEEN, {"person": membership.person_id, "until": until, "comments": list(comments)})


async def first_new(session: Session, membership: Membership, record: Record, since: datetime) -> int | None:
    """The stream number of the first exchange in which others have said something to this member since then."""
    found: int | None = (await rows(session, FIRST_NEW, record.id, since, membership.person_id))[0]["seq"]
    return found


async def unseen(session: Session, membership: Membership, record: Record, since: datetime, *, first: int, end: int) -> Unseen | None:
    """What others have said since then outside the exchanges from stream number `first` until before `end`."""
    found = (await rows(session, UNSEEN, record.id, since, membership.person_id, first, end))[0]
    return Unseen(found["at"], found["seq"]) if found["at"] is not None else None


async def choose(session: Session, record: Record, *, by: Membership, level: Level) -> None:
    """From now on this is what `by` hears of the record's thread."""
    await hold(session, by)
    chosen = {"level": level.value, "chosen_at": clock.now()}
    key = {"person_id": by.person_id, "record_id": record.id}
    await session.execute(insert(Following).values(**key, **chosen).on_conflict_do_update(index_elements=list(key), set_=chosen))


def level_of(membership: Membership, asked: ColumnElement[bool] = false()) -> ColumnElement[str]:
    """In a query of Record: her choice; without one all, if she wrote in the thread, was named in it, owns the record or was asked."""
    me = membership.person_id
    chosen = (
        select(col(Following.level)).where(col(Following.record_id) == col(Record.id), col(Following.person_id) == me).correlate(Record)
    )
    wrote = exists().where(col(Comment.record_id) == col(Record.id), col(Comment.author_id) == me).correlate(Record)
    named = (
        exists()
        .where(
            col(Comment.record_id) == col(Record.id), col(CommentMention.comment_id) == col(Comment.id), col(CommentMention.person_id) == me
        )
        .correlate(Record)
    )
    concerned = or_(col(Record.created_by_id) == me, asked, wrote, named)
    return func.coalesce(chosen.scalar_subquery(), case((concerned, Level.all.value), else_=Level.mentions.value))


def read_at(membership: Membership) -> ColumnElement[datetime]:
    """In a query of Record: when this member last had its thread before her, or null."""
    mine = (col(Reading.record_id) == col(Record.id)) & (col(Reading.person_id) == membership.person_id)
    return select(col(Reading.read_at)).where(mine).correlate(Record).scalar_subquery()

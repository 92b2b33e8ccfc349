"""Following a thread: what somebody wants to hear of it, and up to when she has read it. Only choices are stored."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, exists, false, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock
from portal.comments.models import Comment, CommentMention, Following, Level, Reading
from portal.db import Session
from portal.networks.models import Membership
from portal.networks.queries import hold
from portal.records.models import Record

VISIT = timedelta(minutes=30)
MOMENT = timedelta(minutes=1)

NOTE = text(
    """
    INSERT INTO reading AS mine (person_id, record_id, read_at) VALUES (:person, :record, :now)
    ON CONFLICT (person_id, record_id) DO UPDATE
    SET read_at = :now, before_at = CASE WHEN mine.read_at < :visit THEN mine.read_at ELSE mine.before_at END
    """
)


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


async def choose(session: Session, record: Record, *, by: Membership, level: Level) -> None:
    """From now on this is what `by` hears of the record's thread."""
    await hold(session, by)
    chosen = {"level": level.value, "chosen_at": clock.now()}
    key = {"person_id": by.person_id, "record_id": record.id}
    await session.execute(insert(Following).values(**key, **chosen).on_conflict_do_update(index_elements=list(key), set_=chosen))


def level_of(membership: Membership, asked: ColumnElement[bool] = false()) -> ColumnElement[str]:
    """In a query of Record: her choice; without one all, if she wrote in the thread, was named in it, owns the record or was asked."""
    me = membership.person_id
    chosen = select(col(Following.level)).where(col(Following.record_id) == col(Record.id), col(Following.person_id) == me).correlate(Record)
    wrote = exists().where(col(Comment.record_id) == col(Record.id), col(Comment.author_id) == me).correlate(Record)
    named = (
        exists()
        .where(col(Comment.record_id) == col(Record.id), col(CommentMention.comment_id) == col(Comment.id), col(CommentMention.person_id) == me)
        .correlate(Record)
    )
    concerned = or_(col(Record.created_by_id) == me, asked, wrote, named)
    return func.coalesce(chosen.scalar_subquery(), case((concerned, Level.all.value), else_=Level.mentions.value))


def read_at(membership: Membership) -> ColumnElement[datetime]:
    """In a query of Record: when this member last had its thread before her, or null."""
    mine = (col(Reading.record_id) == col(Record.id)) & (col(Reading.person_id) == membership.person_id)
    return select(col(Reading.read_at)).where(mine).correlate(Record).scalar_subquery()

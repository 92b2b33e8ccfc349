"""Following a thread: what somebody wants to hear of it, and up to when she has read it. Only choices are stored."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, exists, false, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock
from portal.comments.models import Comment, CommentMention, Following, Level, Reading
from portal.db import Instant, Session
from portal.networks.models import Membership
from portal.records.models import Record

VISIT = timedelta(minutes=30)
MOMENT = timedelta(minutes=1)

# What is known before is told as it was; it is written anew only when a minute has passed or something has come.
NOTE = text(
    """
    WITH known AS (SELECT read_at, before_at FROM reading WHERE person_id = :person AND record_id = :record),
    noted AS (
        INSERT INTO reading AS mine (person_id, record_id, read_at) VALUES (:person, :record, :now)
        ON CONFLICT (person_id, record_id) DO UPDATE
        SET read_at = :now, before_at = CASE WHEN mine.read_at < :visit THEN mine.read_at ELSE mine.before_at END
        WHERE mine.read_at < :moment
           OR EXISTS (SELECT FROM comment WHERE record_id = :record AND coalesce(edited_at, created_at) > mine.read_at)
    )
    SELECT CASE WHEN read_at < :visit THEN read_at ELSE before_at END AS since FROM known
    """
).columns(since=Instant())


async def note_reading(session: Session, membership: Membership, record: Record) -> datetime | None:
    """The thread is before this member now; what has come since the moment returned is new to her throughout the visit."""
    now = clock.now()
    given = {"person": membership.person_id, "record": record.id, "now": now, "visit": now - VISIT, "moment": now - MOMENT}
    since: datetime | None = await session.scalar(NOTE, given)
    return since


async def choose(session: Session, record: Record, *, by: Membership, level: Level) -> None:
    """From now on this is what `by` hears of the record's thread."""
    chosen = {"level": level.value, "chosen_at": clock.now()}
    key = {"person_id": by.person_id, "record_id": record.id}
    await session.execute(insert(Following).values(**key, **chosen).on_conflict_do_update(index_elements=list(key), set_=chosen))


async def level(session: Session, membership: Membership, record: Record, *, asked: bool = False) -> Level:
    """What this member hears of the record's thread; `asked` says whether she was asked to speak in it."""
    found = await session.scalar(select(level_of(membership, literal(asked))).select_from(Record).where(col(Record.id) == record.id))
    return Level(found or Level.mentions)


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

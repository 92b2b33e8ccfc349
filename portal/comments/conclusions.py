"""The comment that says what a thread came to: one a thread, marked by the coordinator, gone when the comment is hidden."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.comments.actions import lock_row
from portal.comments.models import Comment, Conclusion, Thread
from portal.comments.queries import WITH_AUTHOR
from portal.db import Session
from portal.live import append
from portal.networks.models import Membership
from portal.networks.queries import authorise
from portal.records.models import Record
from portal.web import Forbidden, _l


async def conclusion(session: Session, record_id: int) -> Comment | None:
    """The thread's conclusion, if it has one."""
    wanted = select(Comment).options(*WITH_AUTHOR).join(Conclusion, col(Conclusion.comment_id) == col(Comment.id))
    return (await session.scalars(wanted.where(col(Conclusion.record_id) == record_id))).unique().first()


async def draw(session: Session, comment: Comment, record: Record, *, by: Membership) -> None:
    """This comment is what the thread came to; an earlier conclusion gives way."""
    row = await _held(session, record, by=by)
    await session.refresh(comment)
    if comment.is_hidden or comment.is_held or comment.is_redacted:
        raise Forbidden(_l("Kommentaren är dold och kan inte vara trådens slutsats."))
    drawn = {"comment_id": comment.id, "drawn_by_id": by.person_id, "drawn_at": clock.now()}
    await session.execute(
        insert(Conclusion).values(record_id=record.id, **drawn).on_conflict_do_update(index_elements=["record_id"], set_=drawn)
    )
    await append(session, row.stream_id, kind="conclusion.drawn", ref=comment.id, actor_id=by.person_id)
    activity.record(session, verb="conclusion.drawn", by=by, record=record, comment=comment.id)


async def withdraw(session: Session, comment: Comment, record: Record, *, by: Membership) -> None:
    """The comment is no longer the thread's conclusion."""
    row = await _held(session, record, by=by)
    await drop(session, comment, record, row, by=by)


async def drop(session: Session, comment: Comment, record: Record, row: Thread, *, by: Membership) -> None:
    """Take the mark off the comment if it has it; the thread's row is held by the caller."""
    mine = (col(Conclusion.record_id) == record.id) & (col(Conclusion.comment_id) == comment.id)
    gone = await session.scalar(delete(Conclusion).where(mine).returning(col(Conclusion.comment_id)))
    if gone is not None:
        await append(session, row.stream_id, kind="conclusion.withdrawn", ref=comment.id, actor_id=by.person_id)
        activity.record(session, verb="conclusion.withdrawn", by=by, record=record, comment=comment.id)


async def _held(session: Session, record: Record, *, by: Membership) -> Thread:
    await authorise(session, by, "thread:conclude")
    return await lock_row(session, record)

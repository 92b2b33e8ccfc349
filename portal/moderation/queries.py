"""Reads of what waits for a coordinator, and of what somebody is told."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager, joinedload
from sqlmodel import col

from portal import words
from portal.comments.models import Comment, Removal, Thread
from portal.comments.queries import WITH_AUTHOR
from portal.db import Session
from portal.moderation.models import Notice, Report, Ruling
from portal.networks.models import Membership
from portal.networks.queries import members
from portal.records.models import Record
from portal.records.queries import readable
from portal.web import NotFound

# Asked for the headings of texts that hold a comment's words; rooms above say (portal/rooms.py).
TAKEN_INTO: list[Callable[[Session, Comment], Awaitable[list[str]]]] = []


def may_report(comment: Comment, membership: Membership) -> bool:
    """Another's comment, in what one may read, as long as there are words in it to report."""
    may = membership.can("comment:report_shared" if membership.is_guest else "comment:report")
    return may and comment.author_id != membership.person_id and not (comment.is_hidden or comment.is_redacted)


@dataclass
class Case:
    """A comment that waits for a ruling: with open reports, or held until it is approved."""

    comment: Comment
    record: Record
    reports: list[Report] = field(default_factory=list)


@dataclass(frozen=True)
class Waiting:
    reported: int = 0
    held: int = 0


@dataclass(frozen=True)
class Queue:
    """What waits, the oldest first; and the threads where something holds that can be lifted."""

    held: list[Case]
    reported: list[Case]
    locked: Sequence[Record]
    removals: Sequence[tuple[Removal, Record]]


async def waiting(session: Session, membership: Membership) -> Waiting:
    """How many comments wait for this member to rule."""
    if not membership.can("comment:hide"):
        return Waiting()
    ours = (
        select(func.count(func.distinct(col(Comment.id))))
        .join(Record, col(Record.id) == col(Comment.record_id))
        .where(readable(membership))
    )
    reported = ours.join(Report, col(Report.comment_id) == col(Comment.id)).where(col(Report.ruling_id).is_(None))
    held = ours.where(_awaits_approval())
    row = (await session.execute(select(reported.scalar_subquery(), held.scalar_subquery()))).one()
    return Waiting(*row)


async def waiting_count(session: Session, membership: Membership) -> int:
    """The number beside Moderering in the menu."""
    found = await waiting(session, membership)
    return found.reported + found.held


async def queue(session: Session, membership: Membership) -> Queue:
    """What waits for those who moderate: held comments, the oldest first; reported ones; locked threads and removals, the latest first."""
    comments = select(Comment, Record).options(*WITH_AUTHOR).join(Record, col(Record.id) == col(Comment.record_id))
    held = await session.execute(comments.where(readable(membership), _awaits_approval()).order_by(col(Comment.held_at)))
    locked = (
        select(Record).join(Thread, col(Thread.record_id) == col(Record.id)).where(readable(membership), col(Thread.locked_at).is_not(None))
    )
    removed = select(Removal, Record).options(joinedload(Removal.person))  # type: ignore[arg-type]
    removed = removed.join(Record, col(Record.id) == col(Removal.record_id)).where(readable(membership)).order_by(col(Removal.at).desc())
    return Queue(
        held=[Case(comment, record) for comment, record in held.unique()],
        reported=await _reported(session, membership),
        locked=(await session.scalars(locked.order_by(col(Thread.locked_at).desc()))).all(),
        removals=[(removal, record) for removal, record in await session.execute(removed)],
    )


async def _reported(session: Session, membership: Membership) -> list[Case]:
    found = await session.execute(
        select(Report, Record)
        .join(Report.comment)  # type: ignore[arg-type]
        .join(Record, col(Record.id) == col(Comment.record_id))
        .options(joinedload(Report.person), contains_eager(Report.comment).options(*WITH_AUTHOR))  # type: ignore[arg-type]
        .where(readable(membership), col(Report.ruling_id).is_(None))
        .order_by(col(Report.id))
    )
    cases: dict[int, Case] = {}
    for report, record in found.unique():
        cases.setdefault(report.comment_id, Case(report.comment, record)).reports.append(report)
    return list(cases.values())


def _awaits_approval() -> ColumnElement[bool]:
    return (col(Comment.held_at).is_not(None)) & (col(Comment.hidden_at).is_(None)) & (col(Comment.redacted_at).is_(None))


async def removals(session: Session, record: Record) -> Sequence[Removal]:
    """Who may not write in the record's thread."""
    wanted = select(Removal).options(joinedload(Removal.person)).where(col(Removal.record_id) == record.id)  # type: ignore[arg-type]
    return (await session.scalars(wanted.order_by(col(Removal.at)))).all()


async def writers(session: Session, membership: Membership, record: Record) -> list[Membership]:
    """The members who have written in the thread and can be stopped from it, in the order of names."""
    removed = select(col(Removal.person_id)).where(col(Removal.record_id) == record.id)
    authors = select(col(Comment.author_id)).where(col(Comment.record_id) == record.id, col(Comment.author_id).not_in(removed))
    wrote = set(await session.scalars(authors))
    here = [each for each in await members(session, membership.network_id) if each.person_id in wrote and not each.can("thread:lock")]
    return sorted({each.person_id: each for each in here}.values(), key=lambda each: words.sort_key(each.person.name))


async def notices(session: Session, membership: Membership) -> Sequence[Ruling]:
    """What this member has not yet read about her own comments and places, the latest first."""
    return (await session.scalars(_told(membership).where(col(Notice.read_at).is_(None)).order_by(col(Ruling.id).desc()))).unique().all()


async def notice(session: Session, membership: Membership, ruling_id: int) -> tuple[Ruling, Notice]:
    """A ruling about oneself, with the note of it; else NotFound."""
    ruling = (await session.scalars(_told(membership).where(col(Ruling.id) == ruling_id))).unique().first()
    note = await session.get(Notice, ruling_id)
    if ruling is None or note is None:
        raise NotFound
    return ruling, note


def _told(membership: Membership) -> Select[Ruling]:
    wanted = select(Ruling).join(Ruling.record).options(contains_eager(Ruling.record))  # type: ignore[arg-type]
    wanted = wanted.join(Notice, col(Notice.ruling_id) == col(Ruling.id))
    return wanted.where(col(Notice.person_id) == membership.person_id, readable(membership))

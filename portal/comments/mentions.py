"""@Name in a comment: who is meant, who is told, and of whom the author hears that they cannot be."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import contains_eager
from sqlmodel import col

from portal import clock
from portal.accounts.models import Person
from portal.comments import following, markdown, telling
from portal.comments.models import Comment, CommentMention, Level
from portal.db import Session
from portal.networks.models import Membership
from portal.networks.queries import lasting
from portal.records.models import Record
from portal.records.queries import readable
from portal.web import _

MOST = 20
SHOWN = 10


@dataclass(frozen=True)
class Named:
    """A member whom a comment names, and whether she may read it."""

    membership: Membership
    may_read: bool


@dataclass(frozen=True)
class Waiting:
    """The latest comment of a thread in which one is named and that one has not seen."""

    comment_id: int
    author: str
    record: Record


async def named(session: Session, record_id: int, body: str, *, by: Membership) -> list[Membership]:
    """Those whom the text names and who may read it."""
    return [each.membership for each in await _named(session, record_id, body, by=by) if each.may_read]


def names(told: Sequence[Membership]) -> set[str]:
    return {each.person.name for each in told}


async def tell(session: Session, comment_id: int, told: Sequence[Membership], *, by: Membership) -> None:
    """Keep whom the comment names; who was named in it before is not told again."""
    people = {each.person_id for each in told} - {by.person_id}
    if people:
        rows = [{"comment_id": comment_id, "person_id": each, "at": clock.now()} for each in sorted(people)]
        await session.execute(insert(CommentMention).values(rows).on_conflict_do_nothing())


async def tell_again(session: Session, comment: Comment) -> None:
    """The comment has been held, and is said only now."""
    await session.execute(update(CommentMention).where(col(CommentMention.comment_id) == comment.id).values(at=clock.now()))


async def forget(session: Session, comment_id: int) -> None:
    """Whom the comment named stands nowhere any more."""
    await session.execute(delete(CommentMention).where(col(CommentMention.comment_id) == comment_id))


async def note(session: Session, comment: Comment, *, by: Membership) -> None:
    """After an edit: the names stand out, those who are new in it are told, and it waits no longer for those who are named no more."""
    told = await named(session, comment.record_id, comment.body, by=by)
    gone = col(CommentMention.person_id).not_in({each.person_id for each in told})
    await session.execute(delete(CommentMention).where(col(CommentMention.comment_id) == comment.id, gone))
    if told:
        comment.html = markdown.render(comment.body, names(told))
        await tell(session, comment.id, told, by=by)
        if not comment.is_held:
            await telling.ask(session, comment)


async def untold(session: Session, record_id: int, body: str, *, by: Membership) -> str:
    """A sentence about those whom the text names but who may not read it; nothing if there are none."""
    left_out = [each.membership for each in await _named(session, record_id, body, by=by) if not each.may_read]
    if not left_out or by.is_guest:
        return ""
    return _("%(names)s kan inte läsa det här och har inte fått veta att du skrev.", names=", ".join(sorted(names(left_out))))


async def _named(session: Session, record_id: int, body: str, *, by: Membership) -> list[Named]:
    members = await _members(session, record_id, body, by=by) if "@" in body else []
    try:
        addressed = {name.casefold() for name in markdown.named(body, names(members))[:MOST]} if members else set()
    except markdown.TooComplex:  # it is refused as a comment, too
        return []
    meant = [each for each in members if each.person.name.casefold() in addressed]
    if not meant:
        return []
    reads = (await session.execute(select(*(_reads(each, record_id).label(f"m{each.id}") for each in meant)))).one()
    return [Named(each, may_read) for each, may_read in zip(meant, reads, strict=True)]


def _reads(membership: Membership, record_id: int) -> ColumnElement[bool]:
    return exists(select(col(Record.id)).where(col(Record.id) == record_id, readable(membership)))


async def _members(session: Session, record_id: int, body: str, *, by: Membership) -> Sequence[Membership]:
    """Lasting members whose names stand after an @. A guest knows those who have spoken in the thread, and names no others."""
    wanted = (
        select(Membership)
        .join(Membership.person)  # type: ignore[arg-type]
        .options(contains_eager(Membership.person))  # type: ignore[arg-type]
        .where(col(Membership.network_id) == by.network_id, lasting(clock.today()), col(Person.closed_at).is_(None))
        .where(func.strpos(func.lower(body), func.lower("@" + col(Person.name))) > 0)
    )
    if by.is_guest:
        spoke = exists().where(
            col(Comment.record_id) == record_id, col(Comment.author_id) == col(Person.id), col(Comment.held_at).is_(None)
        )
        began = exists().where(col(Record.id) == record_id, col(Record.created_by_id) == col(Person.id))
        wanted = wanted.where(or_(spoke, began))
    return (await session.scalars(wanted.order_by(col(Membership.id)))).unique().all()


async def waiting(session: Session, membership: Membership) -> list[Waiting]:
    """Threads in which this member is named and which she has not opened since, the latest first."""
    me, read_at = membership.person_id, following.read_at(membership)
    latest = (
        select(col(Comment.id), col(Comment.record_id), col(Person.name), col(CommentMention.at))
        .join(CommentMention, col(CommentMention.comment_id) == col(Comment.id))
        .join(Record, col(Record.id) == col(Comment.record_id))
        .join(Person, col(Person.id) == col(Comment.author_id))
        .where(col(CommentMention.person_id) == me, readable(membership), col(Comment.hidden_at).is_(None))
        .where(col(Comment.held_at).is_(None), col(Comment.redacted_at).is_(None))
        .where(following.level_of(membership) != Level.off, or_(read_at.is_(None), col(CommentMention.at) > read_at))
        .ext(distinct_on(col(Record.id)))
        .order_by(col(Record.id), col(CommentMention.at).desc())
        .subquery()
    )
    wanted = select(latest.c.id, latest.c.name, Record).join(latest, latest.c.record_id == col(Record.id))
    return [Waiting(*row) for row in await session.execute(wanted.order_by(latest.c.at.desc()).limit(SHOWN))]

"""Nytt sedan sist: what others have done in records that this member may read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, cast, exists, func, or_, select
from sqlmodel import col

from portal import clock
from portal.accounts.models import Person
from portal.activity.models import Activity
from portal.comments import following
from portal.comments.models import Comment, Level
from portal.comments.queries import has_words
from portal.db import Session
from portal.drafting.queries import asked
from portal.networks.models import Membership
from portal.records.models import Audience, Record
from portal.records.queries import readable

SHOWN = 12
VISIT = timedelta(minutes=30)
FIRST_TIME = timedelta(days=30)
TOLD = (
    "finding.published",
    "meeting.planned",
    "meeting.summoned",
    "meeting.changed",
    "meeting.cancelled",
    "minutes.finalised",
    "minutes.amended",
    "consultation.registered",
    "consultation.triaged",
    "call.registered",
    "section.edited",
    "comment.posted",
)


@dataclass(frozen=True)
class News:
    """A record in which something has happened: the latest deed, by whom, and how many new comments."""

    record: Record
    verb: str
    who: str | None
    at: datetime
    comments: int


def since(membership: Membership) -> datetime:
    """When this member was here the visit before; a month back the first time."""
    return membership.before_at or clock.now() - FIRST_TIME


def note_visit(membership: Membership) -> None:
    """A visit begins when there was none in the last half hour; what was new then stays new throughout it."""
    moment = clock.now()
    if membership.seen_at is None or moment - membership.seen_at > VISIT:
        membership.before_at = membership.seen_at
    membership.seen_at = moment


async def news(session: Session, membership: Membership, *, after: datetime | None) -> list[News]:
    """What is new since `after`: first the threads one follows that have comments one has not read, then other records; or the
    latest deeds ever. A record that one wants to hear nothing of is never among them, whatever is done with it."""
    threads = await _threads(session, membership, after) if after is not None else []
    known = {each.record.id for each in threads}
    return (threads + [each for each in await _deeds(session, membership, after) if each.record.id not in known])[:SHOWN]


async def _threads(session: Session, membership: Membership, after: datetime) -> list[News]:
    """Followed threads by their last comment, with how many have come since one read them."""
    since = func.coalesce(following.read_at(membership), after)
    followed = (
        select(col(Record.id), since.label("since"))
        .where(readable(membership), following.level_of(membership, asked(membership)) == Level.all)
        .subquery()
    )
    latest = (
        select(col(Comment.record_id), func.max(Comment.id).label("last"), func.count().label("comments"))
        .join(followed, followed.c.id == col(Comment.record_id))
        .where(col(Comment.created_at) > followed.c.since, col(Comment.author_id) != membership.person_id)
        .where(has_words())
        .group_by(col(Comment.record_id))
        .order_by(func.max(Comment.id).desc())
        .limit(SHOWN)
        .subquery()
    )
    rows = await session.execute(
        select(Record, col(Person.name), col(Comment.created_at), latest.c.comments)
        .join(latest, latest.c.record_id == col(Record.id))
        .join(Comment, col(Comment.id) == latest.c.last)
        .join(Person, col(Person.id) == col(Comment.author_id))
        .order_by(col(Comment.id).desc())
    )
    return [News(record, "comment.posted", who, at, comments) for record, who, at, comments in rows]


async def _deeds(session: Session, membership: Membership, after: datetime | None) -> list[News]:
    """The latest deed in each record since `after` (or ever), newest first; of comments, those that one has not read."""
    is_comment = col(Activity.verb) == "comment.posted"
    has_gone = exists().where(col(Comment.id) == cast(col(Activity.data)["comment"].as_string(), BigInteger), ~has_words())
    told = (
        select(
            col(Activity.record_id),
            func.max(Activity.id).label("last"),
            func.count().filter(is_comment).label("comments"),
        )
        .join(Record, col(Record.id) == col(Activity.record_id))
        .where(readable(membership), col(Record.audience) != Audience.author, col(Activity.verb).in_(TOLD), ~(is_comment & has_gone))
        .where(col(Activity.actor_id).is_distinct_from(membership.person_id))
        .where(following.level_of(membership) != Level.off)
        .group_by(col(Activity.record_id))
    )
    if after is not None:
        read_at = following.read_at(membership)
        told = told.where(col(Activity.at) > after, or_(~is_comment, read_at.is_(None), col(Activity.at) > read_at))
    latest = told.order_by(func.max(Activity.id).desc()).limit(SHOWN).subquery()
    rows = await session.execute(
        select(Record, col(Activity.verb), col(Person.name), col(Activity.at), latest.c.comments)
        .join(latest, latest.c.record_id == col(Record.id))
        .join(Activity, col(Activity.id) == latest.c.last)
        .join(Person, col(Person.id) == col(Activity.actor_id), isouter=True)
        .order_by(col(Activity.id).desc())
    )
    return [News(*row) for row in rows]

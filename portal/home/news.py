"""Nytt sedan sist: what others have done in records that this member may read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from portal import clock
from portal.accounts.models import Person
from portal.activity.models import Activity
from portal.db import Session
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
    "consultation.registered",
    "consultation.triaged",
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
    """The latest deed in each record since `after` (or ever), newest first."""
    told = (
        select(
            col(Activity.record_id),
            func.max(Activity.id).label("last"),
            func.count().filter(col(Activity.verb) == "comment.posted").label("comments"),
        )
        .join(Record, col(Record.id) == col(Activity.record_id))
        .where(readable(membership), col(Record.audience) != Audience.author, col(Activity.verb).in_(TOLD))
        .where(col(Activity.actor_id).is_distinct_from(membership.person_id))
        .group_by(col(Activity.record_id))
    )
    if after is not None:
        told = told.where(col(Activity.at) > after)
    latest = told.order_by(func.max(Activity.id).desc()).limit(SHOWN).subquery()
    rows = await session.execute(
        select(Record, col(Activity.verb), col(Person.name), col(Activity.at), latest.c.comments)
        .join(latest, latest.c.record_id == col(Record.id))
        .join(Activity, col(Activity.id) == latest.c.last)
        .join(Person, col(Person.id) == col(Activity.actor_id), isouter=True)
        .order_by(col(Activity.id).desc())
    )
    return [News(*row) for row in rows]

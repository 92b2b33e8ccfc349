"""Making, renewing and ending secret addresses."""

import secrets
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col

from portal import clock
from portal.accounts.queries import hash_of
from portal.activity import actions as activity
from portal.calendar.models import Feed, FeedForm
from portal.calendar.queries import Polled, feeds
from portal.db import Session
from portal.networks.models import Membership
from portal.networks.queries import authorise, hold
from portal.web import Conflict, _l

MOST = 10
NOTED_EVERY = timedelta(minutes=10)


async def make(session: Session, *, by: Membership, form: FeedForm) -> str:
    """A new secret address; its token, which is shown once and stored nowhere."""
    await authorise(session, by, "feed:create")
    if len(await feeds(session, by)) >= MOST:
        raise Conflict(_l("Du har redan tio kalenderlänkar. Ta bort en som inte används."))
    token = secrets.token_urlsafe(32)
    session.add(Feed(membership_id=by.id, name=form.name, token_hash=hash_of(token), created_at=clock.now()))
    activity.record(session, verb="feed.made", by=by)
    return token


async def end(session: Session, feed: Feed, *, by: Membership) -> None:
    """The address stops working at once."""
    await hold(session, by)
    feed.revoked_at = clock.now()
    activity.record(session, verb="feed.ended", by=by)


async def note_reading(session: Session, feed: Polled, *, program: str) -> None:
    """Remember when, and by what, the feed was read (at most every ten minutes)."""
    moment = clock.now()
    if feed.read_at is None or moment - feed.read_at > NOTED_EVERY:
        await session.execute(update(Feed).where(col(Feed.id) == feed.id).values(read_at=moment, read_by=program[:100]))

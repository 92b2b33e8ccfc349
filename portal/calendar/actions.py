"""Making, renewing and ending secret addresses."""

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta

from sqlalchemy import select, update
from sqlmodel import col

from portal import clock
from portal.accounts.queries import hash_of
from portal.activity import actions as activity
from portal.calendar.models import Feed, FeedForm
from portal.calendar.queries import Polled, feeds
from portal.db import Session
from portal.networks.actions import lock_name
from portal.networks.models import Membership
from portal.networks.queries import authorise, hold
from portal.web import Conflict, NotFound, _l

MOST = 10
NOTED_EVERY = timedelta(minutes=10)


def token_of(key: bytes, by: Membership, *, form: str) -> str:
    """The token that a form makes: the same whenever the same form (its key and path) is sent, so that a second answer shows the
    address that the first one made. Without the portal's own key nobody can work it out, and the form's is kept nowhere."""
    digest = hmac.new(key, f"feed:{by.id}:{form}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def make(session: Session, *, by: Membership, form: FeedForm, token: str | None = None) -> str:
    """A new secret address; its token, which is shown once and stored nowhere. A token that is in use already is that address."""
    await _begin(session, by)
    if token is None or not await _is_made(session, by, token):
        token = await _add(session, by=by, name=form.name, token=token or secrets.token_urlsafe(32))
    return token


async def renew(session: Session, feed: Feed, *, by: Membership, token: str) -> str:
    """The same feed under the address of `token`; the old one stops working. NotFound if it had stopped before."""
    await _begin(session, by)
    if await _is_made(session, by, token):
        return token
    await session.refresh(feed, ["revoked_at"])
    if feed.revoked_at is not None:
        raise NotFound
    await end(session, feed, by=by)
    await session.flush()
    return await _add(session, by=by, name=feed.name, token=token)


async def _begin(session: Session, by: Membership) -> None:
    await authorise(session, by, "feed:create")
    await lock_name(session, f"feeds:{by.id}")


async def _is_made(session: Session, by: Membership, token: str) -> bool:
    """Whether the address exists. Conflict if it has been taken away since."""
    known = (await session.scalars(select(Feed).where(col(Feed.token_hash) == hash_of(token), col(Feed.membership_id) == by.id))).first()
    if known is not None and known.revoked_at is not None:
        raise Conflict(_l("Kalenderlänken är redan bytt eller borttagen."))
    return known is not None


async def _add(session: Session, *, by: Membership, name: str, token: str) -> str:
    if len(await feeds(session, by)) >= MOST:
        raise Conflict(_l("Du har redan tio kalenderlänkar. Ta bort en som inte används."))
    session.add(Feed(membership_id=by.id, name=name, token_hash=hash_of(token), created_at=clock.now()))
    activity.record(session, verb="feed.made", by=by)
    await session.flush()
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

"""Making, changing, renewing and ending secret addresses; and noting who reads them."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Interval, case, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock
from portal.accounts.queries import hash_of
from portal.activity import actions as activity
from portal.calendar import programs
from portal.calendar.models import Feed, FeedForm, Reading, group_in
from portal.calendar.queries import Polled, feeds, is_hers
from portal.db import Session, lock_name
from portal.networks.actions import administer
from portal.networks.groups import groups
from portal.networks.models import Membership
from portal.networks.queries import authorise, hold
from portal.networks.wrong import Wrong
from portal.web import Conflict, NotFound, _l, check_version, held_in

MOST = 10
NOTED_EVERY = timedelta(minutes=10)
MOST_NOTED = 10_000
SECOND = literal(timedelta(seconds=1), Interval())

_noted: dict[tuple[int, str], tuple[datetime, int]] = {}


def token_of(key: bytes, by: Membership, *, form: str) -> str:
    """The token that a form makes: the same whenever the same form (its key and path) is sent, so that a second answer shows the
    address that the first one made. Without the portal's own key nobody can work it out, and the form's is kept nowhere."""
    digest = hmac.new(key, f"feed:{by.id}:{form}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def make(session: Session, *, by: Membership, form: FeedForm, token: str | None = None) -> str:
    """A new secret address; its token, which is shown once and stored nowhere. A token that is in use already is that address."""
    await _begin(session, by)
    await _check_scope(session, by, form.scope)
    if token is None or not await _is_made(session, by, token):
        token = await _add(session, by=by, form=form, token=token or secrets.token_urlsafe(32))
    return token


async def change(session: Session, feed: Feed, *, by: Membership, form: FeedForm, version: str = "") -> None:
    """Another name, content or alarm under the same address: the programs that subscribe follow. Changed if they are no longer those
    of `version`."""
    await _begin(session, by)
    await session.refresh(feed)
    if feed.revoked_at is not None:
        raise NotFound
    check_version(version, held_in(feed, FeedForm))
    if form.scope != feed.scope:
        await _check_scope(session, by, form.scope)
    feed.name, feed.scope, feed.alarm = form.name, form.scope, form.alarm.value
    activity.record(session, verb="feed.changed", by=by)


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
    return await _add(session, by=by, form=FeedForm.model_validate(held_in(feed, FeedForm)), token=token)


async def _check_scope(session: Session, by: Membership, scope: str) -> None:
    """Wrong for a working group that has ended or is another network's."""
    number = group_in(scope)
    if number is not None and number not in {each.id for each in await groups(session, by.network_id)}:
        raise Wrong("scope", _l("Välj ett av alternativen."))


async def _begin(session: Session, by: Membership) -> None:
    await authorise(session, by, "feed:create")
    await lock_name(session, f"feeds:{by.id}")


async def _is_made(session: Session, by: Membership, token: str) -> bool:
    """Whether the address exists. Conflict if it has been taken away since."""
    known = (await session.scalars(select(Feed).where(col(Feed.token_hash) == hash_of(token), is_hers(by)))).first()
    if known is not None and known.revoked_at is not None:
        raise Conflict(_l("Kalenderlänken är redan bytt eller borttagen."))
    return known is not None


async def _add(session: Session, *, by: Membership, form: FeedForm, token: str) -> str:
    if len(await feeds(session, by)) >= MOST:
        raise Wrong("name", _l("Du har redan tio kalenderlänkar. Ta bort en som inte används."))
    feed = Feed(membership_id=by.id, name=form.name, token_hash=hash_of(token), created_at=clock.now())
    feed.scope, feed.alarm = form.scope, form.alarm.value
    session.add(feed)
    activity.record(session, verb="feed.made", by=by)
    await session.flush()
    return token


async def end(session: Session, feed: Feed, *, by: Membership) -> None:
    """One's own address stops working at once."""
    await hold(session, by)
    await _end(session, feed)
    activity.record(session, verb="feed.ended", by=by)


async def end_for(session: Session, feed: Feed, *, by: Membership) -> None:
    """A member's address stops working at once, by somebody who administers the network; the feed's member is loaded."""
    await administer(session, by)
    await _end(session, feed)
    activity.record(session, verb="feed.ended_for", by=by, name=feed.membership.person.name)


async def _end(session: Session, feed: Feed) -> None:
    """Who has read it is of no use any more."""
    feed.revoked_at = clock.now()
    await session.execute(delete(Reading).where(col(Reading.feed_id) == feed.id))


async def note_content(session: Session, feed: Polled, *, tag: str) -> datetime:
    """Since when the feed has been what `tag` is the validator of, in whole seconds; remembered when it was something else before."""
    if feed.tag == tag and feed.changed_at is not None:
        return feed.changed_at
    moment = clock.now().replace(microsecond=0)
    # Never back, never twice within a second, whichever of two requests comes first and however the clock is set.
    later = func.greatest(moment, col(Feed.changed_at) + SECOND)
    known = case((col(Feed.tag) == tag, func.coalesce(col(Feed.changed_at), moment)), else_=later)
    noted = update(Feed).where(col(Feed.id) == feed.id).values(tag=tag, changed_at=known).returning(col(Feed.changed_at))
    since = (await session.execute(noted)).scalar_one()
    return since or moment


async def note_reading(session: Session, feed: Polled, *, program: str, agent: str, status: int, events: int) -> None:
    """Remember when a program read the feed and what it got; the same again at most every ten minutes."""
    moment = read_at = clock.now()
    same = (feed.status, feed.events) == (status, events)
    if not same or feed.read_at is None or moment - feed.read_at > NOTED_EVERY:
        await keep_reading(session, feed.id, program=program, agent=programs.shown(agent), status=status, events=events)
    else:
        read_at = feed.read_at
    if len(_noted) >= MOST_NOTED:
        _noted.clear()
    _noted[feed.id, program] = read_at, status


def is_noted(feed: Polled, *, program: str, status: int) -> bool:
    """Whether this process knows the reading to be noted already: `note_reading` would do nothing."""
    read_at, last = _noted.get((feed.id, program), (None, 0))
    return read_at is not None and last == status and timedelta(0) <= clock.now() - read_at <= NOTED_EVERY


async def keep_reading(session: Session, feed_id: int, *, program: str, agent: str, status: int, events: int) -> None:
    """The program has read the feed just now; what it got before is forgotten."""
    got = {"agent": agent, "read_at": clock.now(), "status": status, "events": events}
    row = insert(Reading).values(feed_id=feed_id, program=program, **got)
    await session.execute(row.on_conflict_do_update(index_elements=["feed_id", "program"], set_=got))

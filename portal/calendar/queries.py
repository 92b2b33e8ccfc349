"""Reads of feeds: whose they are and what stands in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col

from portal import clock, ical
from portal.accounts.models import Person
from portal.accounts.queries import hash_of
from portal.calendar.models import Feed
from portal.db import Session
from portal.meetings.models import Meeting, State
from portal.meetings.queries import fingerprint, for_calendar
from portal.networks.models import Membership, Network
from portal.reading import Entities
from portal.web import NotFound, _, speaking

REFRESH = timedelta(hours=4)
COLOR = "teal"
MOST_KEPT = 256


async def feeds(session: Session, membership: Membership) -> Sequence[Feed]:
    """The member's addresses that work, the newest first."""
    wanted = select(Feed).where(col(Feed.membership_id) == membership.id, col(Feed.revoked_at).is_(None))
    return (await session.scalars(wanted.order_by(col(Feed.id).desc()))).all()


async def feed(session: Session, membership: Membership, feed_id: int) -> Feed:
    """One of the member's own addresses; else NotFound."""
    wanted = select(Feed).where(col(Feed.id) == feed_id, col(Feed.membership_id) == membership.id, col(Feed.revoked_at).is_(None))
    found = (await session.scalars(wanted)).first()
    if found is None:
        raise NotFound
    return found


FEED = Entities(
    select(Feed, Membership, Network, Person)
    .join(Membership, col(Membership.id) == col(Feed.membership_id))
    .join(Network, col(Network.id) == col(Membership.network_id))
    .join(Person, col(Person.id) == col(Membership.person_id))
    .where(col(Feed.token_hash) == bindparam("token_hash"), col(Feed.revoked_at).is_(None), col(Person.closed_at).is_(None))
)


async def feed_at(session: Session, token: str) -> Feed:
    """The feed of a secret address, with its member, network and person; unknown and revoked alike are NotFound."""
    rows = await FEED.all(session, token_hash=hash_of(token))
    if not rows:
        raise NotFound
    found, membership, network, person = rows[0]
    feed: Feed = found
    set_committed_value(feed, "membership", membership)
    set_committed_value(membership, "network", network)
    set_committed_value(membership, "person", person)
    return feed


@dataclass(frozen=True)
class Inputs:
    """Everything that the bytes of a calendar are made from; `meetings` is a fingerprint of all columns that are shown."""

    meetings: str
    network: str
    page: str
    locale: str
    day: date


_made: dict[Inputs, bytes] = {}


async def content(session: Session, feed: Feed, *, address: str) -> bytes:
    """The calendar file: every meeting of the network while the membership lasts, an empty calendar after.

    The members of a network poll the same meetings day and night, so the bytes are kept until an input changes.
    """
    membership = feed.membership
    lasts = membership.lasts(clock.today()) and not membership.is_guest
    inputs = Inputs(
        meetings=await fingerprint(session, membership) if lasts else "",
        network=membership.network.name,
        page=f"{address}/{membership.network.slug}",
        locale=membership.person.locale,
        day=clock.today(),
    )
    if inputs not in _made:
        if len(_made) >= MOST_KEPT:
            _made.clear()
        _made[inputs] = await _make(session, membership, page=inputs.page, lasts=lasts)
    return _made[inputs]


async def _make(session: Session, membership: Membership, *, page: str, lasts: bool) -> bytes:
    meetings = await for_calendar(session, membership) if lasts else []
    with speaking(membership.person.locale):
        name = _("Träffar – %(network)s", network=membership.network.name)
    calendar = ical.Calendar(
        name=name,
        url=f"{page}/meetings",
        refresh=REFRESH,
        color=COLOR,
        events=ical.current([event_of(each, page=page) for each in meetings], clock.today()),
    )
    return ical.feed(calendar, language=membership.person.locale)


def event_of(meeting: Meeting, *, page: str) -> ical.Event:
    """What a calendar needs of a meeting, and nothing about persons."""
    link = f"{page}{meeting.record.path}"
    return ical.Event(
        uid=meeting.uid,
        title=meeting.record.title,
        created_at=meeting.created_at,
        updated_at=meeting.changed_at,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place=meeting.place or meeting.online_url or "",
        url=link,
        description="\n\n".join(part for part in (meeting.purpose, meeting.online_url or "", link) if part),
        sequence=meeting.sequence,
        cancelled=meeting.state == State.cancelled,
        cancelled_at=meeting.cancelled_at,
    )

"""Reads of feeds: whose they are and what stands in them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlmodel import col

from portal import clock, ical
from portal.accounts.models import Person
from portal.accounts.queries import hash_of
from portal.calendar.models import Feed
from portal.db import Session
from portal.meetings.events import event_of
from portal.meetings.queries import fingerprint, for_calendar, shown_since
from portal.networks.access import Role
from portal.networks.models import Membership, Network
from portal.networks.queries import lasting
from portal.reading import Statement
from portal.web import NotFound, _, speaking

REFRESH = timedelta(hours=4)
FORGOTTEN = timedelta(days=7)  # no program that is still in use waits so long
COLOR = "teal"
MOST_KEPT = 256


async def feeds(session: Session, membership: Membership) -> Sequence[Feed]:
    """The member's addresses that work, the newest first."""
    wanted = select(Feed).where(col(Feed.membership_id) == membership.id, col(Feed.revoked_at).is_(None))
    return (await session.scalars(wanted.order_by(col(Feed.id).desc()))).all()


async def feed(session: Session, membership: Membership, feed_id: int, *, ended: bool = False) -> Feed:
    """One of the member's own addresses that works, or has `ended`; else NotFound."""
    wanted = select(Feed).where(col(Feed.id) == feed_id, col(Feed.membership_id) == membership.id)
    if not ended:
        wanted = wanted.where(col(Feed.revoked_at).is_(None))
    found = (await session.scalars(wanted)).first()
    if found is None:
        raise NotFound
    return found


async def subscribers(session: Session, network_id: int) -> set[int]:
    """The people whose calendars follow the network by themselves: some program has read a feed of theirs within a week."""
    wanted = select(col(Membership.person_id)).join(Feed, col(Feed.membership_id) == col(Membership.id))
    wanted = wanted.where(col(Membership.network_id) == network_id, lasting(clock.today()), col(Membership.role) != Role.guest)
    return set(await session.scalars(wanted.where(col(Feed.revoked_at).is_(None), col(Feed.read_at) > clock.now() - FORGOTTEN)))


POLL = Statement(
    select(
        col(Feed.id), col(Feed.read_at), col(Membership.id).label("membership_id"), col(Membership.starts_on), col(Membership.ends_on),
        col(Membership.role), col(Membership.unit_id), col(Network.name), col(Network.slug), col(Person.locale),
        fingerprint(col(Membership.network_id)).label("meetings"),
    )
    .join(Membership, col(Membership.id) == col(Feed.membership_id))
    .join(Network, col(Network.id) == col(Membership.network_id))
    .join(Person, col(Person.id) == col(Membership.person_id))
    .where(col(Feed.token_hash) == bindparam("token_hash"), col(Feed.revoked_at).is_(None), col(Person.closed_at).is_(None))
)  # fmt: skip


@dataclass(frozen=True)
class Polled:
    """A feed that is asked for: what it is, and everything that the bytes of its calendar are made from.

    `meetings` changes whenever any meeting of the network does; what this member sees of them hangs on the rest.
    """

    id: int = field(compare=False)
    read_at: datetime | None = field(compare=False)
    membership_id: int
    starts_on: date
    ends_on: date | None
    role: str
    unit_id: int | None
    name: str
    slug: str
    locale: str
    meetings: str
    day: date

    @property
    def lasts(self) -> bool:
        """Whether the calendar shows anything; the feed of somebody who has left is an empty one."""
        return self.starts_on <= self.day and (self.ends_on is None or self.day <= self.ends_on) and self.role != Role.guest


async def polled(session: Session, token: str) -> Polled:
    """The feed of a secret address; unknown and revoked alike are NotFound."""
    found = await POLL.rows(session, token_hash=hash_of(token), since=shown_since())
    if not found:
        raise NotFound
    return Polled(**found[0], day=clock.today())


class Made(NamedTuple):
    """A calendar file and its validator."""

    content: bytes
    etag: str


_made: dict[tuple[Polled, str], Made] = {}


async def calendar(session: Session, feed: Polled, *, address: str) -> Made:
    """The calendar file: every meeting of the network while the membership lasts, an empty calendar after.

    Programs poll the same meetings day and night, so the bytes are kept until anything changes that they are made from.
    """
    key = feed, address
    if key not in _made:
        content = await _make(session, feed, page=f"{address}/{feed.slug}")
        if len(_made) >= MOST_KEPT:
            _made.clear()
        _made[key] = Made(content, ical.etag(content))
    return _made[key]


async def _make(session: Session, feed: Polled, *, page: str) -> bytes:
    meetings = await for_calendar(session, await session.get_one(Membership, feed.membership_id)) if feed.lasts else []
    with speaking(feed.locale):
        name = _("Träffar – %(network)s", network=feed.name)
    events = [event_of(each, page=page) for each in meetings]
    shown = ical.Calendar(name=name, url=f"{page}/meetings", refresh=REFRESH, color=COLOR, events=ical.current(events, feed.day))
    return ical.feed(shown, language=feed.locale)

"""Reads of feeds: whose they are and what stands in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal import clock, ical
from portal.accounts.queries import hash_of
from portal.calendar.models import Feed
from portal.db import Session
from portal.meetings.models import Meeting, State
from portal.meetings.queries import fingerprint, for_calendar
from portal.networks.models import Membership
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


async def feed_at(session: Session, token: str) -> Feed:
    """The feed of a secret address, with its member, network and person; unknown and revoked alike are NotFound."""
    whole = joinedload(Feed.membership)  # type: ignore[arg-type]
    wanted = select(Feed).options(
        whole.joinedload(Membership.network),  # type: ignore[arg-type]
        whole.joinedload(Membership.person),  # type: ignore[arg-type]
    )
    found = (await session.scalars(wanted.where(col(Feed.token_hash) == hash_of(token), col(Feed.revoked_at).is_(None)))).unique().first()
    if found is None or found.membership.person.closed_at is not None:
        raise NotFound
    return found


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

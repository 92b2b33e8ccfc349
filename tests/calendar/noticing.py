"""Who has been told of a change, and whose programs have read which feed. It is noon by the fixture `noon` of the tests that use this."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import select
from sqlmodel import col

from portal.accounts.queries import hash_of
from portal.calendar.models import Feed, Reading
from portal.clock import STOCKHOLM
from portal.db import Session
from portal.networks.models import Membership
from portal.notifications.models import Mailing, Notification

TODAY = date(2026, 5, 4)
NOON = datetime(2026, 5, 4, 12, tzinfo=STOCKHOLM)  # meetings begin at 13


async def subscribe(session: Session, member: Membership, *programs: str, scope: str, read_at: datetime = NOON) -> Feed:
    """A feed of the member's that these programs have read."""
    feed = Feed(membership_id=member.id, name="Kalender", scope=scope, token_hash=hash_of(str(uuid4())), created_at=NOON)
    session.add(feed)
    await session.flush()
    session.add_all(Reading(feed_id=feed.id, program=each, agent="", read_at=read_at, status=200, events=1) for each in programs)
    await session.commit()
    return feed


async def told(session: Session) -> Sequence[tuple[str, int]]:
    """Kind of mailing and person, of everybody who has been told anything."""
    found = select(col(Mailing.kind), col(Notification.person_id)).join(Mailing, col(Mailing.id) == col(Notification.mailing_id))
    return [tuple(row) for row in await session.execute(found.order_by(col(Mailing.id), col(Notification.person_id)))]

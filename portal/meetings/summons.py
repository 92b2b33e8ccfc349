"""Who is told of a meeting by mail: all when they are summoned, and of changes those whose calendars would not follow."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from portal import clock, notifications
from portal.db import Session
from portal.meetings import invitations, letters
from portal.meetings.models import Invited, Meeting
from portal.networks.models import Membership
from portal.networks.queries import members
from portal.records.queries import guests_of

NEAR = timedelta(hours=48)  # a calendar program may read a feed once a day, and somebody may look at her calendar the evening before


async def people(session: Session, meeting: Meeting) -> set[int]:
    """Whom the meeting is for: every member of the network, and the guests whom it is shared with."""
    guests = await guests_of(session, meeting.record)
    everyone = await members(session, meeting.record.network_id)
    return {each.person_id for each in everyone if not each.is_guest or each.id in guests}


async def summon(session: Session, meeting: Meeting, *, by: Membership) -> int:
    """Mail everybody what, when and where. How many are told."""
    return await _tell(session, meeting, letters.SUMMONED, by=by, people=await people(session, meeting))


async def tell_cancelled(session: Session, meeting: Meeting, *, by: Membership) -> set[int]:
    """Mail everybody that the meeting will not be; whom."""
    told = await people(session, meeting)
    await _tell(session, meeting, letters.CANCELLED, by=by, people=told)
    return told


async def tell_change(session: Session, meeting: Meeting, *, by: Membership, before: datetime) -> set[int]:
    """Mail those who have been sent an invitation, or want one; if the meeting is near, or was near when it was to begin `before`,
    everybody. Whom."""
    told = await people(session, meeting)
    if min(before, meeting.starts_at) > clock.now() + NEAR:
        told -= await invitations.following_by_feed(session, meeting.record.network_id) - await _invited(session, meeting)
    await _tell(session, meeting, letters.CHANGED, by=by, people=told)
    return told


async def _invited(session: Session, meeting: Meeting) -> set[int]:
    return set(await session.scalars(select(col(Invited.person_id)).where(col(Invited.meeting_id) == meeting.record_id)))


async def _tell(session: Session, meeting: Meeting, kind: str, *, by: Membership, people: set[int]) -> int:
    return await notifications.tell(
        session,
        kind,
        event=f"{kind}:{meeting.record_id}:{meeting.sequence}",
        people=people,
        network_id=by.network_id,
        record=meeting.record,
        ref=meeting.sequence,
        by=by.person_id,
    )

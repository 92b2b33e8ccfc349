"""Who is told of a meeting by mail: all when they are summoned, and of changes those whose calendars would not follow."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal import clock, notifications
from portal.db import Session
from portal.meetings import invitations, letters
from portal.meetings.models import Invited, Meeting, State
from portal.networks import groups
from portal.networks.models import Membership
from portal.networks.queries import members
from portal.notifications.models import Mailing
from portal.records.queries import guests_of

NEAR = timedelta(hours=48)  # a calendar program may read a feed once a day, and somebody may look at her calendar the evening before


async def people(session: Session, meeting: Meeting) -> set[int]:
    """Whom the meeting is for: every member of the network, or of the members of today those who come to the meetings of its working group
    on its day (see groups.comers); and the guests whom it is shared with."""
    if meeting.group_id is None:
        return await _reading(session, meeting)
    guests = await guests_of(session, meeting.record)
    everyone = await members(session, meeting.record.network_id)
    comers = await groups.comers(session, meeting.group_id, day=clock.local(meeting.starts_at).date())
    group = {each.person_id for each in comers}
    return {each.person_id for each in everyone if (each.id in guests if each.is_guest else each.person_id in group)}


async def _reading(session: Session, meeting: Meeting) -> set[int]:
    """The network's members, and the guests whom the meeting is shared with."""
    guests = await guests_of(session, meeting.record)
    return {each.person_id for each in await members(session, meeting.record.network_id) if not each.is_guest or each.id in guests}


async def hearing(session: Session, meeting: Meeting, *, began: datetime) -> set[int]:
    """Whom a change is mailed: once the meeting is summoned those who have been sent an invitation, or want one; if it is near, or
    was near when it still `began` then, everybody whom it is for. What is put right in one that is over is mailed to nobody."""
    if meeting.state != State.summoned or (is_over(meeting) and began <= clock.now()):
        return set()
    everyone, invited = await people(session, meeting), await _invited(session, meeting)
    if min(began, meeting.starts_at) <= clock.now() + NEAR:
        return everyone | invited
    return everyone - await invitations.following_by_feed(session, meeting) | invited


async def concerned(session: Session, meeting: Meeting) -> set[int]:
    """Whom it concerns that the meeting is off: those it is for, and those who had it as an invitation before they left its group. Nobody
    when they were not summoned, or its day has been."""
    if meeting.state != State.summoned or is_over(meeting):
        return set()
    return await people(session, meeting) | await _invited(session, meeting)


def is_over(meeting: Meeting) -> bool:
    """Whether its time has been, whatever has been said of it."""
    return meeting.ends_at <= clock.now()


async def _invited(session: Session, meeting: Meeting) -> set[int]:
    return set(await session.scalars(select(col(Invited.person_id)).where(col(Invited.meeting_id) == meeting.record_id)))


async def tell_newcomers(session: Session) -> None:
    """Whoever has come since a meeting was summoned, such as a deputy or a guest whom it is shared with, is summoned, too."""
    wanted = select(Mailing, Meeting).join(Meeting, col(Meeting.record_id) == col(Mailing.record_id)).options(joinedload(Meeting.record))  # type: ignore[arg-type]
    wanted = wanted.where(col(Mailing.kind) == letters.SUMMONED, col(Meeting.state) == State.summoned, col(Meeting.starts_at) > clock.now())
    for mailing, meeting in (await session.execute(wanted)).all():
        await notifications.tell(
            session,
            mailing.kind,
            event=mailing.event,
            people=await people(session, meeting),
            network_id=mailing.network_id,
            record=meeting.record,
            ref=mailing.ref,
            by=mailing.by_id,
        )


async def tell_departed(session: Session, *, person_id: int | None = None) -> None:
    """Take what is ahead out of the calendars of those (or of one) who were sent it and have left the network since, or are guests now
    whom it is not shared with. Who closes her account has no address after that, so that nobody can write to her."""
    wanted = select(Invited, Meeting).join(Meeting, col(Meeting.record_id) == col(Invited.meeting_id)).options(joinedload(Meeting.record))  # type: ignore[arg-type]
    wanted = wanted.where(col(Meeting.state) == State.summoned, col(Meeting.starts_at) > clock.now())
    if person_id is not None:
        wanted = wanted.where(col(Invited.person_id) == person_id)
    staying: dict[int, set[int]] = {}
    for invited, meeting in (await session.execute(wanted.order_by(col(Invited.meeting_id), col(Invited.person_id)))).all():
        if meeting.record_id not in staying:
            staying[meeting.record_id] = await _reading(session, meeting)
        if invited.person_id not in staying[meeting.record_id]:
            await _withdraw(session, invited, meeting)


async def _withdraw(session: Session, invited: Invited, meeting: Meeting) -> None:
    """Should she come back before the meeting, she is summoned anew."""
    await notifications.tell(
        session,
        letters.WITHDRAWN,
        event=f"{letters.WITHDRAWN}:{meeting.record_id}:{invited.person_id}:{invited.at:%Y%m%d%H%M%S}",
        people={invited.person_id},
        network_id=meeting.record.network_id,
        record=meeting.record,
        ref=invited.sequence,
    )
    for kind in (letters.SUMMONED, letters.CHANGED):
        await notifications.untell(session, kind, record_id=meeting.record_id, person_id=invited.person_id)
    await session.delete(invited)


async def take_out(session: Session, member: Membership) -> None:
    """What a membership's end asks for, in its transaction."""
    await tell_departed(session, person_id=member.person_id)


async def tell(session: Session, meeting: Meeting, kind: str, *, people: set[int], by: Membership) -> int:
    """How many are told of the meeting as it is now. A summons to a group that nobody is in yet is for those who come."""
    if not people and kind != letters.SUMMONED:
        return 0
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

"""Reminders of a meeting: in the morning a week before, and on the last working day; to those who come or have not said."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal import clock, jobs, notifications
from portal.clock import STOCKHOLM
from portal.db import Session, Sessions, unit_of_work
from portal.meetings import letters, summons
from portal.meetings.models import Answer, Attendance, Meeting, State
from portal.networks.models import Membership
from portal.notifications.models import Mailing, Notification

# Whether nearly everybody is free on a day, as on a public holiday. The year is known above; portal/rooms.py fills the list.
FREE: list[Callable[[date], bool]] = []
JOB = "reminder"
MORNING = time(8)
SATURDAY = 5
# By how many days before: after a summons or a change, silence for so long.
QUIET = {7: timedelta(days=3), 1: timedelta(hours=20)}
IN_SIGHT = timedelta(days=1)  # what is planned; what the meeting is by then is asked in the moment itself
TOO_LATE = timedelta(hours=8)


def moment(starts_at: datetime, days: int) -> datetime:
    """The morning so many days before by a Swedish clock, or that of the last working day before if nobody is at work then."""
    day = clock.local(starts_at).date() - timedelta(days=days)
    while day.weekday() >= SATURDAY or any(is_free(day) for is_free in FREE):
        day -= timedelta(days=1)
    return datetime.combine(day, MORNING, STOCKHOLM)


async def plan(session: Session) -> None:
    """See that each reminder of the next day has a job. It waits in the database, however often the portal stops meanwhile."""
    now = clock.now()
    soon = select(Meeting).where(col(Meeting.state) == State.summoned, col(Meeting.starts_at).between(now, now + timedelta(days=12)))
    for meeting in await session.scalars(soon):
        for days in QUIET:
            due = moment(meeting.starts_at, days)
            if now < due <= now + IN_SIGHT:
                payload = {"meeting": meeting.record_id, "days": days, "due": due.isoformat()}
                await jobs.enqueue(session, JOB, payload, key=f"{JOB}.{meeting.record_id}.{due:%Y%m%d}", pause=due - now)


async def post(sessions: Sessions, payload: dict[str, Any]) -> None:
    """The job: tell everyone whom it concerns. A second time it finds that all have been told."""
    due, days = datetime.fromisoformat(payload["due"]), payload["days"]
    async with unit_of_work(sessions) as session:
        meeting = await session.get(Meeting, payload["meeting"], options=[joinedload(Meeting.record)])  # type: ignore[arg-type]
        if meeting is None or meeting.state != State.summoned or moment(meeting.starts_at, days) != due:
            return
        if clock.now() - due > TOO_LATE:
            return
        left_out = await _not_coming(session, meeting) | await _told_lately(session, meeting, since=due - QUIET[days])
        await notifications.tell(
            session,
            letters.REMINDED,
            event=f"{letters.REMINDED}:{meeting.record_id}:{due:%Y-%m-%d}",
            people=await summons.people(session, meeting) - left_out,
            network_id=meeting.record.network_id,
            record=meeting.record,
            ref=days,
        )


async def _told_lately(session: Session, meeting: Meeting, *, since: datetime) -> set[int]:
    """Who has been mailed a summons or a change; of a change that is not near those who follow by feed are not."""
    told = select(col(Notification.person_id)).join(Mailing, col(Mailing.id) == col(Notification.mailing_id))
    told = told.where(col(Mailing.record_id) == meeting.record_id, col(Mailing.kind).in_((letters.SUMMONED, letters.CHANGED)))
    return set(await session.scalars(told.where(col(Mailing.made_at) > since)))


async def _not_coming(session: Session, meeting: Meeting) -> set[int]:
    wanted = select(col(Membership.person_id)).join(Attendance, col(Attendance.membership_id) == col(Membership.id))
    wanted = wanted.where(col(Attendance.meeting_id) == meeting.record_id, col(Attendance.answer) == Answer.no)
    return set(await session.scalars(wanted))

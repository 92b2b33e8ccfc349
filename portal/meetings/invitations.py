"""Meetings as invitations into one person's calendar, beside or instead of the feed that she may have."""

from collections.abc import Awaitable, Callable, Collection
from email.utils import parseaddr

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock, itip
from portal.db import Session
from portal.mail import About, CalendarPart, address_about
from portal.meetings.events import event_of
from portal.meetings.models import Invited, Meeting, State
from portal.meetings.queries import attendance
from portal.meetings.replies import KIND
from portal.networks.models import Membership
from portal.notifications import Seal
from portal.notifications.models import Calendar, MailChoice

# Who reads a meeting by a feed. Feeds live above; portal/rooms.py fills it.
FEED_READERS: list[Callable[[Session, Meeting], Awaitable[Collection[int]]]] = []


async def following_by_feed(session: Session, meeting: Meeting) -> set[int]:
    """The people whose calendars learn of every change to the meeting by a feed, and who want no invitations beside it."""
    wanted = select(col(MailChoice.person_id), col(MailChoice.calendar)).where(col(MailChoice.network_id) == meeting.record.network_id)
    chosen = {row.person_id: row.calendar for row in await session.execute(wanted)}
    readers = {person for read in FEED_READERS for person in await read(session, meeting)}
    return {person for person in readers if chosen.get(person, Calendar.auto) in (Calendar.auto, Calendar.feed)}


async def enclosed(session: Session, member: Membership, meeting: Meeting) -> Callable[[Seal], CalendarPart] | None:
    """What her calendar program is to make of the letter that leaves in this transaction, if she wants invitations. Who has been
    sent the meeting once is sent each change, and that it is off, whatever she has chosen since."""
    known = await session.get(Invited, (meeting.record_id, member.person_id))
    if known is None and (meeting.state == State.cancelled or not await _wants(session, member, meeting)):
        return None
    await _note(session, member, meeting)
    mine = await attendance(session, member, meeting)
    answer = mine.answer if mine else None
    return lambda seal: _part(seal, member, meeting, answer)


async def _wants(session: Session, member: Membership, meeting: Meeting) -> bool:
    known = await session.get(MailChoice, (member.person_id, member.network_id))
    chosen = known.calendar if known else Calendar.auto
    if chosen == Calendar.auto:
        return member.person_id not in await following_by_feed(session, meeting)
    return chosen != Calendar.feed


async def _note(session: Session, member: Membership, meeting: Meeting) -> None:
    row = {"meeting_id": meeting.record_id, "person_id": member.person_id, "sequence": meeting.sequence, "at": clock.now()}
    await session.execute(insert(Invited).values(row).on_conflict_do_update(index_elements=["meeting_id", "person_id"], set_=row))


def _part(seal: Seal, member: Membership, meeting: Meeting, answer: str | None) -> CalendarPart:
    reads = address_about(seal.settings, seal.sign, About(KIND, (member.person_id, meeting.record_id)))
    asked = itip.Invitation(
        event=event_of(meeting, page=f"{seal.settings.address}/{member.network.slug}"),
        organizer=reads or parseaddr(seal.settings.mail_from)[1],
        organizer_name=member.network.name,
        attendee=member.person.email or "",
        attendee_name=member.person.name,
        read=reads is not None,
        answer=answer,
    )
    return CalendarPart(asked.method, itip.invitation(asked, language=member.person.locale))

"""Meetings as invitations into one person's calendar, beside or instead of the feed that she may have."""

from collections.abc import Awaitable, Callable, Collection
from email.utils import parseaddr

from sqlalchemy import ColumnElement, SQLColumnExpression, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock, ical, itip
from portal.accounts.models import Person
from portal.db import Session
from portal.mail import About, CalendarPart, address_about
from portal.meetings.events import event_of
from portal.meetings.models import Invited, Meeting, State
from portal.meetings.queries import attendance
from portal.meetings.replies import KIND
from portal.networks.models import Membership, Network
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


def is_invited(person_id: SQLColumnExpression[int], meeting_id: int) -> ColumnElement[bool]:
    """Where-clause: the person has been sent the meeting, so that her calendar would be wrong if she were not sent what changes in it."""
    return exists().where(col(Invited.meeting_id) == meeting_id, col(Invited.person_id) == person_id)


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
    row = {
        "meeting_id": meeting.record_id,
        "person_id": member.person_id,
        "sequence": meeting.sequence,
        "at": clock.now(),
        "came_back": False,
    }
    await session.execute(insert(Invited).values(row).on_conflict_do_update(index_elements=["meeting_id", "person_id"], set_=row))


async def not_arrived(session: Session, meeting_id: int, person_id: int, *, has_earlier: bool) -> None:
    """She has not got what she was sent last, so her feed shows the meeting. Who `has_earlier` invitations in her calendar stays invited:
    she is sent the next change, and that it is off."""
    hers = (col(Invited.meeting_id) == meeting_id, col(Invited.person_id) == person_id)
    await session.execute(update(Invited).where(*hers).values(came_back=True) if has_earlier else delete(Invited).where(*hers))


def withdrawn(person: Person, network: Network, meeting: Meeting, *, sequence: int) -> Callable[[Seal], CalendarPart]:
    """The meeting, which the person has been sent as it was at `sequence`, is taken out of her calendar. If it has changed since, the
    cancellation names it by its UID alone."""
    is_known = meeting.sequence == sequence
    event = ical.Event(
        uid=meeting.uid,
        title=meeting.record.title if is_known else network.name,
        created_at=meeting.created_at,
        updated_at=clock.now(),
        starts_at=meeting.starts_at if is_known else None,
        ends_at=meeting.ends_at if is_known else None,
        sequence=sequence,
        cancelled=True,
    )
    return lambda seal: _sealed(seal, person, network, event, meeting.record_id, answer=None)


def _part(seal: Seal, member: Membership, meeting: Meeting, answer: str | None) -> CalendarPart:
    event = event_of(meeting, page=f"{seal.settings.address}/{member.network.slug}")
    return _sealed(seal, member.person, member.network, event, meeting.record_id, answer=answer)


def _sealed(seal: Seal, person: Person, network: Network, event: ical.Event, meeting_id: int, *, answer: str | None) -> CalendarPart:
    reads = address_about(seal.settings, seal.sign, About(KIND, (person.id, meeting_id)))
    asked = itip.Invitation(
        event=event,
        organizer=reads or parseaddr(seal.settings.mail_from)[1],
        organizer_name=network.name,
        attendee=person.email or "",
        attendee_name=person.name,
        read=reads is not None,
        at=clock.now(),
        answer=answer,
    )
    return CalendarPart(asked.method, itip.invitation(asked, language=person.locale))

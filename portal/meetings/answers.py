"""Answers to a meeting, by whichever way they come: from its page, or by the links of a letter, which need no sign-in."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import and_, func, true
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock
from portal.accounts.models import Person
from portal.db import Session
from portal.itip import Reply
from portal.live import signal
from portal.meetings import queries
from portal.meetings.models import Answer, Attendance, Meeting
from portal.networks.models import Membership
from portal.networks.queries import authorise, memberships_of
from portal.records import actions as records
from portal.records.models import Record
from portal.web import Conflict, Forbidden, NotFound, _l

TOKEN = re.compile(r"([1-9][0-9]{0,17})\.([1-9][0-9]{0,17})\.([0-9a-f]{40})")
WORDS = {Answer.yes: _l("Jag kommer"), Answer.maybe: _l("Kanske"), Answer.no: _l("Kan inte")}
Sign = Callable[[str], str]


@dataclass(frozen=True)
class Asked:
    """A member who is asked whether she comes to a meeting that she may read."""

    member: Membership
    meeting: Meeting


def path(sign: Sign, person_id: int, meeting_id: int) -> str:
    """Where this person can answer without signing in; nobody can make the link for anybody else."""
    return f"/answers/{person_id}.{meeting_id}.{_mark(sign, person_id, meeting_id)}"


async def asked_by(session: Session, sign: Sign, token: str) -> Asked:
    """Whom the link was made for, and which meeting. NotFound for one that the portal has not made, and when she has left."""
    parts = TOKEN.fullmatch(token)
    if parts is None or not hmac.compare_digest(parts[3], _mark(sign, int(parts[1]), int(parts[2]))):
        raise NotFound
    return await asked(session, int(parts[1]), int(parts[2]))


async def asked(session: Session, person_id: int, meeting_id: int) -> Asked:
    """The person as a member of the meeting's network; NotFound if she is none, or may not read it."""
    person, record = await session.get(Person, person_id), await session.get(Record, meeting_id)
    if person is None or record is None or person.closed_at is not None:
        raise NotFound
    member = next((each for each in await memberships_of(session, person.id) if each.network_id == record.network_id), None)
    if member is None:
        raise NotFound
    return Asked(member, await queries.meeting(session, member, meeting_id))


def _mark(sign: Sign, person_id: int, meeting_id: int) -> str:
    return sign(f"answer:{person_id}.{meeting_id}")[:40]


def is_welcome(meeting: Meeting) -> bool:
    """Whether it can still be answered."""
    return meeting.is_open and meeting.ends_at > clock.now()


async def answer(session: Session, meeting: Meeting, *, by: Membership, answer: Answer) -> None:
    """Yes, maybe or no, for oneself; may be changed until the meeting is over. The last one holds."""
    await _begin(session, meeting, by=by)
    key = {"meeting_id": meeting.record_id, "membership_id": by.id}
    values = {"answer": answer, "answered_at": clock.now(), "answered_sequence": meeting.sequence}
    await session.execute(insert(Attendance).values(**key, **values).on_conflict_do_update(index_elements=list(key), set_=values))
    await signal(session, by.network_id, "meetings")


async def hear(session: Session, meeting: Meeting, *, by: Membership, reply: Reply) -> bool:
    """What her calendar program answers for her. False, and nothing, if it is older than her last answer, or has come before."""
    await _begin(session, meeting, by=by)
    key = {"meeting_id": meeting.record_id, "membership_id": by.id}
    given = min(reply.at, clock.now())
    values = {"answer": reply.answer, "answered_at": given, "answered_sequence": reply.sequence, "replied_at": reply.at}
    is_newer = and_(
        func.coalesce(col(Attendance.answered_at) < given, true()),
        func.coalesce(col(Attendance.answered_sequence) <= reply.sequence, true()),
        func.coalesce(col(Attendance.replied_at) < reply.at, true()),
    )
    put = insert(Attendance).values(**key, **values).on_conflict_do_update(index_elements=list(key), set_=values, where=is_newer)
    counted = (await session.execute(put.returning(col(Attendance.id)))).first() is not None
    if counted:
        await signal(session, by.network_id, "meetings")
    return counted


async def _begin(session: Session, meeting: Meeting, *, by: Membership) -> None:
    await authorise(session, by, "meeting:answer_shared" if by.is_guest else "meeting:answer")
    if not await queries.is_asked(session, by, meeting):
        raise Forbidden(_l("Träffen är för en arbetsgrupp som du inte är med i."))
    await records.lock(session, meeting.record, meeting, share=True)
    if not is_welcome(meeting):
        raise Conflict(_l("Träffen är över eller inställd och går inte att svara på."))

"""Answers that calendar programs mail back."""

from datetime import timedelta

from portal import clock, itip
from portal.db import Session
from portal.itip import Reply, Unreadable
from portal.mail import Incoming, Outcome
from portal.meetings import answers
from portal.web import Conflict, Forbidden, NotFound

KIND = "m"  # of the address that calendars answer to: about a person and a meeting
AHEAD = timedelta(days=1)  # a program's clock may be wrong, but not by more


async def receive(session: Session, incoming: Incoming) -> Outcome:
    """Let the answer count for whom the address was made, if it is her answer to that meeting and newer than what she has said.

    A program that an invitation was forwarded to answers to the same address, but for somebody else."""
    reply = _reply(incoming)
    if isinstance(reply, Outcome):
        return reply
    try:
        asked = await answers.asked(session, *incoming.about.numbers)
        if asked.meeting.uid != reply.uid or reply.at > clock.now() + AHEAD:
            return Outcome.irrelevant
        if reply.attendee != (asked.member.person.email or "").lower():
            return Outcome.another
        counted = await answers.hear(session, asked.meeting, by=asked.member, reply=reply)
    except (Conflict, Forbidden, NotFound):
        return Outcome.closed
    return Outcome.counted if counted else Outcome.known


def _reply(incoming: Incoming) -> Reply | Outcome:
    """The first answer in the message; programs send it as a way to read the message, as a file, or both."""
    found = Outcome.irrelevant
    for content in incoming.parts("text/calendar", "application/ics"):
        try:
            return itip.reply(content)
        except Unreadable:
            found = Outcome.unreadable
    return found

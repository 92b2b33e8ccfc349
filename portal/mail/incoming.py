"""The one door for mail that comes in. A message is matched by the address that it came to, which only the portal can have made,
and never by who says that she has sent it. Whatever it holds, what becomes of it is an Outcome; only the database can be away."""

import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from enum import Enum

from portal.config import Settings
from portal.db import Session, Sessions, unit_of_work
from portal.mail.addresses import About, Sign, read_addresses

log = logging.getLogger("portal.mail")

LONGEST = 512 * 1024  # octets; an answer has some thousand, a returned letter some ten thousand
MOST_PARTS, MOST_HEADERS = 32, 500
BOUNDARY = re.compile(rb"boundary|message/|multipart/", re.IGNORECASE)
HEADER = re.compile(rb"(?m)^[!-9;-~]{1,100}:")
# Where servers and programs say to which address a message came.
ADDRESSED = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")


class Outcome(Enum):
    """What has become of a message, in the words of the log."""

    counted = "counted"
    known = "nothing new: known already, older than what is known, or about a delay"
    unaddressed = "refused: it came to no address of the portal's own"
    unreadable = "refused: it could not be read"
    irrelevant = "refused: it is neither an answer nor a letter that could not be delivered"
    closed = "refused: what it is about is over, or its sender has left"

    @property
    def is_refusal(self) -> bool:
        return self not in (Outcome.counted, Outcome.known)


@dataclass(frozen=True)
class Incoming:
    """A message that came to an address about something: its parts of the kinds that rooms ask for, decoded."""

    about: About
    whole: Message

    def parts(self, *kinds: str) -> Iterator[bytes]:
        """The content of every part of these types, such as text/calendar."""
        for part in self.whole.walk():
            if part.get_content_type() in kinds and isinstance(content := part.get_payload(decode=True), bytes):
                yield content

    def reports(self) -> Iterator[list[Message]]:
        """The blocks of each delivery status (RFC 3464): of the message, then one for each recipient."""
        for part in self.whole.walk():
            if part.get_content_type() == "message/delivery-status" and isinstance(blocks := part.get_payload(), list):
                yield [each for each in blocks if isinstance(each, Message)]


Receiver = Callable[[Session, Incoming], Awaitable[Outcome]]

# By the kind of address. Rooms live above; portal/rooms.py fills it.
RECEIVERS: dict[str, Receiver] = {}


async def receive(settings: Settings, sessions: Sessions, sign: Sign, content: bytes) -> Outcome:
    """Let the message count, in a transaction of its own; the log tells what became of it. The same message twice counts once."""
    outcome, about = await _receive(settings, sessions, sign, content)
    log.log(logging.WARNING if outcome.is_refusal else logging.INFO, "mail that came in, %s: %s", about or "about nothing", outcome.value)
    return outcome


async def _receive(settings: Settings, sessions: Sessions, sign: Sign, content: bytes) -> tuple[Outcome, str | None]:
    whole = _parsed(content)
    if whole is None:
        return Outcome.unreadable, None
    found = read_addresses(settings, sign, "\n".join(_addressed(whole)))
    if len(found) != 1:
        return Outcome.unaddressed, None
    about = found.pop()
    if about.kind not in RECEIVERS:
        return Outcome.unaddressed, None
    async with unit_of_work(sessions) as session:
        return await RECEIVERS[about.kind](session, Incoming(about, whole)), str(about)


def _parsed(content: bytes) -> Message | None:
    """None for what is too large, too deep, or no message. Python's parser goes down as deep as a message does, so it is asked first."""
    if len(content) > LONGEST or len(BOUNDARY.findall(content)) > MOST_PARTS or len(HEADER.findall(content)) > MOST_HEADERS:
        return None
    try:
        whole = message_from_bytes(content, policy=compat32)
    except Exception as error:  # the parser promises no set of errors
        log.warning("mail that came in could not be parsed: %s", type(error).__name__)
        return None
    return whole if whole.keys() else None


def _addressed(whole: Message) -> Iterator[str]:
    for name in ADDRESSED:
        yield from (str(value) for value in whole.get_all(name, []))

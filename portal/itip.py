"""RFC 5546 and 6047, pure: a meeting → an invitation for one person, and what her calendar program answers → a Reply."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import icalendar
from icalendar.prop import vCalAddress, vDatetime

from portal import ical

# What a calendar says of somebody who is invited, by what she has answered (RFC 5545 section 3.2.12).
ANSWERS = {"yes": "ACCEPTED", "maybe": "TENTATIVE", "no": "DECLINED"}
SAID = {word: answer for answer, word in ANSWERS.items()}

LONGEST = 64 * 1024  # octets; a reply has about one thousand
MOST_LINES, MOST_PARTS, DEEPEST = 1000, 20, 4
LONGEST_LINE = 8192
FOLD = re.compile(rb"\r?\n[ \t]")
HIGHEST = 2**31 - 1


class Unreadable(ValueError):
    """Not an answer to an invitation; the message says why, in a few words for the log."""


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """One person is asked to one event, and nobody else stands in it. `organizer` is the address that her program answers to, and `read`
    tells whether anybody reads what comes there; `answer` is what she has said already, a key of ANSWERS. It is written `at` a moment: of
    two for one SEQUENCE, as when she is let out and asked anew, programs heed the later one (RFC 5546 section 2.1.5)."""

    event: ical.Event
    organizer: str
    organizer_name: str
    attendee: str
    attendee_name: str
    read: bool
    at: datetime
    answer: str | None = None

    @property
    def method(self) -> str:
        return "CANCEL" if self.event.cancelled else "REQUEST"


def invitation(invited: Invitation, *, language: str) -> bytes:
    """The invitation, or with the same UID and a higher SEQUENCE its change; or that it is off."""
    whole = icalendar.Calendar()
    whole.add("version", "2.0")
    whole.add("prodid", f"-//Portal//Network calendar//{language.upper()}")
    whole.add("calscale", "GREGORIAN")
    whole.add("method", invited.method)
    whole.add_component(ical.zone_of(ical.STOCKHOLM))
    component = ical.component_of(invited.event, ical.CANCELLED[language])
    component["dtstamp"] = vDatetime(invited.at.astimezone(UTC))
    component.add("organizer", _party(invited.organizer, CN=_name(invited.organizer_name)))
    stands = ANSWERS.get(invited.answer or "", "NEEDS-ACTION")
    asked = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": stands, "RSVP": "TRUE" if invited.read else "FALSE"}
    component.add("attendee", _party(invited.attendee, CUTYPE="INDIVIDUAL", **asked, CN=_name(invited.attendee_name)))
    whole.add_component(component)
    return whole.to_ical()


def _party(address: str, **parameters: str) -> vCalAddress:
    party = vCalAddress(f"mailto:{address}")
    for name, value in parameters.items():
        party.params[name] = value
    return party


def _name(text: str) -> str:
    """A parameter's value can hold no quotation mark and no line end (RFC 5545 section 3.2)."""
    return " ".join("".join(each if each.isprintable() and each != '"' else " " for each in text).split())


@dataclass(frozen=True)
class Reply:
    """An answer (a key of ANSWERS) to the event of this UID as it was at `sequence`, given at the moment `at` by who has the address
    `attendee` (in small letters)."""

    uid: str
    attendee: str
    answer: str
    sequence: int
    at: datetime


def reply(content: bytes) -> Reply:
    """What a calendar program has sent. Raises Unreadable for anything else, whatever it is: nothing large or deep is parsed."""
    _check_shape(content)
    try:
        whole = icalendar.Calendar.from_ical(content)
        return _reply(whole)
    except Unreadable:
        raise
    except Exception as error:  # the library promises no set of errors for what is no calendar
        raise Unreadable(f"no calendar: {type(error).__name__}") from error


def _check_shape(content: bytes) -> None:
    lines = FOLD.sub(b"", content).splitlines()
    if len(content) > LONGEST or len(lines) > MOST_LINES or max(map(len, lines), default=0) > LONGEST_LINE:
        raise Unreadable("too large")
    depth = parts = 0
    for line in lines:
        word = line[:5].upper()
        if word == b"BEGIN":
            depth, parts = depth + 1, parts + 1
        elif word.startswith(b"END"):
            depth -= 1
        if depth > DEEPEST or parts > MOST_PARTS:
            raise Unreadable("too many parts")


def _reply(whole: icalendar.Calendar) -> Reply:
    if str(whole.get("METHOD", "")).upper() != "REPLY":
        raise Unreadable("no reply")
    events = whole.walk("VEVENT")
    if len(events) != 1 or "RECURRENCE-ID" in events[0]:
        raise Unreadable("not about one event")
    event = events[0]
    attendee = event.get("ATTENDEE")
    if attendee is None or isinstance(attendee, list):
        raise Unreadable("not from one person")
    said = SAID.get(str(attendee.params.get("PARTSTAT", "")).upper())
    if said is None:
        raise Unreadable("neither yes, maybe nor no")
    sequence = int(event.get("SEQUENCE", 0))
    if not 0 <= sequence <= HIGHEST:
        raise Unreadable("no sequence")
    return Reply(str(event["UID"]), _address(attendee), said, sequence, _moment(getattr(event["DTSTAMP"], "dt", None)))


def _address(party: vCalAddress) -> str:
    return str(party).strip().lower().removeprefix("mailto:")


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise Unreadable("no moment")
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)

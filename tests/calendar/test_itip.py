"""Invitations (RFC 5546) as two libraries read them, and answers from programs that mean well, or do not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
import vobject

from portal import ical, itip
from portal.itip import Invitation, Reply, Unreadable

STARTS = datetime(2026, 12, 1, 12, tzinfo=UTC)
MADE = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
SENT = datetime(2026, 11, 23, 9, tzinfo=UTC)
EVENT = ical.Event(
    uid="a-1@portal",
    title="Träff; ett, två",
    created_at=MADE,
    updated_at=MADE,
    starts_at=STARTS,
    ends_at=STARTS + timedelta(hours=2),
    place="Örnen",
    sequence=3,
)
ASKED = Invitation(
    event=EVENT,
    organizer="kallelse+m1.2.abc@granby.example",
    organizer_name="Granby nätverk",
    attendee="maja@granby.example",
    attendee_name="Maja Åberg",
    read=True,
    at=SENT,
)
# As Outlook sends it, with what it adds; constructed.
REPLY = """BEGIN:VCALENDAR\r
METHOD:REPLY\r
PRODID:Microsoft Exchange Server 2010\r
VERSION:2.0\r
BEGIN:VTIMEZONE\r
TZID:W. Europe Standard Time\r
BEGIN:STANDARD\r
DTSTART:16010101T030000\r
TZOFFSETFROM:+0200\r
TZOFFSETTO:+0100\r
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
ATTENDEE;PARTSTAT=ACCEPTED;CN=Maja:mailto:maja@granby.example\r
COMMENT;LANGUAGE=sv-SE:\\n\r
UID:a-1@portal\r
SUMMARY;LANGUAGE=sv-SE:Accepterat: Träff\r
DTSTART;TZID=W. Europe Standard Time:20261201T130000\r
DTEND;TZID=W. Europe Standard Time:20261201T150000\r
DTSTAMP:20261121T091500Z\r
SEQUENCE:3\r
X-MICROSOFT-CDO-APPT-SEQUENCE:3\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_two_libraries_read_the_same_person_time_and_organizer():
    content = itip.invitation(ASKED, language="sv")
    whole = icalendar.Calendar.from_ical(content)
    (event,) = whole.walk("VEVENT")
    other = vobject.readOne(content.decode())
    assert (str(whole["METHOD"]), other.method.value) == ("REQUEST", "REQUEST")
    assert event["DTSTART"].dt.astimezone(UTC) == other.vevent.dtstart.value.astimezone(UTC) == STARTS
    assert (str(event["ORGANIZER"]), other.vevent.organizer.value) == (("mailto:kallelse+m1.2.abc@granby.example",) * 2)
    assert (str(event["ATTENDEE"]), other.vevent.attendee.value) == (("mailto:maja@granby.example",) * 2)
    asked = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE", "CUTYPE": "INDIVIDUAL", "CN": "Maja Åberg"}
    assert {name: str(value) for name, value in event["ATTENDEE"].params.items()} == asked
    assert (str(event["UID"]), int(event["SEQUENCE"]), str(event["STATUS"])) == ("a-1@portal", 3, "CONFIRMED")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))


def test_a_cancellation_is_for_the_same_event():
    off = replace(EVENT, cancelled=True, sequence=4)
    whole = icalendar.Calendar.from_ical(itip.invitation(replace(ASKED, event=off), language="en"))
    (event,) = whole.walk("VEVENT")
    assert (str(whole["METHOD"]), str(event["STATUS"]), str(event["UID"]), int(event["SEQUENCE"])) == (
        "CANCEL",
        "CANCELLED",
        "a-1@portal",
        4,
    )
    assert str(event["SUMMARY"]).startswith("CANCELLED: ")


def test_the_feed_and_the_invitation_say_the_same_of_the_meeting_but_when_they_were_written():
    feed = ical.Calendar(name="x", url="https://x.example/", refresh=timedelta(hours=1), color="teal", events=[EVENT])
    (published,) = icalendar.Calendar.from_ical(ical.feed(feed, language="sv")).walk("VEVENT")
    (asked,) = icalendar.Calendar.from_ical(itip.invitation(ASKED, language="sv")).walk("VEVENT")
    for name in ("ATTENDEE", "ORGANIZER"):
        assert name not in published
        asked.pop(name)
    assert (asked.pop("DTSTAMP").dt, published.pop("DTSTAMP").dt) == (SENT, MADE)
    assert asked.to_ical() == published.to_ical()


def test_what_she_has_answered_stays_answered_and_nobody_is_asked_where_nobody_reads():
    (event,) = icalendar.Calendar.from_ical(itip.invitation(replace(ASKED, answer="no", read=False), language="sv")).walk("VEVENT")
    assert (event["ATTENDEE"].params["PARTSTAT"], event["ATTENDEE"].params["RSVP"]) == ("DECLINED", "FALSE")


@pytest.mark.parametrize("name", ['"; X="1', "Maja\r\nATTENDEE:mailto:x@y.se", "a:b;c,d", "", "å" * 300, "\x00\x07"])
def test_a_name_adds_nothing_but_a_name(name: str):
    content = itip.invitation(replace(ASKED, attendee_name=name, organizer_name=name), language="sv")
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert str(event["ATTENDEE"]) == "mailto:maja@granby.example"
    assert set(event["ATTENDEE"].params) - {"CN"} == {"ROLE", "PARTSTAT", "RSVP", "CUTYPE"}
    assert vobject.readOne(content.decode()).vevent.organizer.value.startswith("mailto:kallelse+")


@pytest.mark.parametrize(("word", "answer"), [("ACCEPTED", "yes"), ("tentative", "maybe"), ("DECLINED", "no")])
def test_an_answer_is_read(word: str, answer: str):
    read = itip.reply(REPLY.replace("ACCEPTED", word).encode())
    assert read == Reply("a-1@portal", "maja@granby.example", answer, 3, datetime(2026, 11, 21, 9, 15, tzinfo=UTC))


def test_an_answer_without_a_sequence_is_to_the_first():
    assert itip.reply(REPLY.replace("\nSEQUENCE:3\r", "").encode()).sequence == 0


HOSTILE = {
    "nothing": b"",
    "no calendar": b"hello",
    "not text": b"\xff\xfe\x00\x01" * 100,
    "no end": REPLY.split("DTSTAMP")[0].encode(),
    "an invitation": REPLY.replace("METHOD:REPLY", "METHOD:REQUEST").encode(),
    "another time is proposed": REPLY.replace("METHOD:REPLY", "METHOD:COUNTER").encode(),
    "two methods": REPLY.replace("METHOD:REPLY", "METHOD:REPLY\r\nMETHOD:REPLY").encode(),
    "two calendars": REPLY.encode() * 2,
    "two events": REPLY.replace("END:VEVENT", "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:b\r\nEND:VEVENT").encode(),
    "two people": REPLY.replace("COMMENT;", "ATTENDEE;PARTSTAT=DECLINED:mailto:b@c.se\r\nCOMMENT;").encode(),
    "nobody": REPLY.replace("ATTENDEE;", "X-ATTENDEE;").encode(),
    "one day of many": REPLY.replace("SEQUENCE:3", "SEQUENCE:3\r\nRECURRENCE-ID:20261201T120000Z").encode(),
    "no answer": REPLY.replace("ACCEPTED", "NEEDS-ACTION").encode(),
    "handed on": REPLY.replace("ACCEPTED", "DELEGATED").encode(),
    "no moment": REPLY.replace("DTSTAMP:20261121T091500Z", "DTSTAMP;VALUE=DATE:20261121").encode(),
    "a false moment": REPLY.replace("20261121T091500Z", "20261399T999999Z").encode(),
    "no uid": REPLY.replace("UID:", "X-UID:").encode(),
    "a sequence of letters": REPLY.replace("SEQUENCE:3", "SEQUENCE:three").encode(),
    "a sequence below nothing": REPLY.replace("\nSEQUENCE:3", "\nSEQUENCE:-1").encode(),
    "a huge sequence": REPLY.replace("\nSEQUENCE:3", "\nSEQUENCE:" + "9" * 4000).encode(),
    "many lines": REPLY.replace("COMMENT;", "X-A:1\r\n" * 2000 + "COMMENT;").encode(),
    "one long line": REPLY.replace("SUMMARY;", "X-A:" + "x" * 9000 + "\r\nSUMMARY;").encode(),
    "one long line, folded": REPLY.replace("SUMMARY;", "X-A:" + "x\r\n " * 9000 + "\r\nSUMMARY;").encode(),
    "many events": (REPLY.split("BEGIN:VEVENT")[0] + "BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 400 + "END:VCALENDAR\r\n").encode(),
    "deep": ("BEGIN:VEVENT\r\n" * 400).encode(),
    "deep, folded": ("BEG\r\n IN:VEVENT\r\n" * 400).encode(),
    "large": REPLY.encode() + b"X" * 100_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_anything_else_is_unreadable_and_no_crash(content: bytes):
    assert itip.reply(REPLY.encode()).answer == "yes"
    with pytest.raises(Unreadable):
        itip.reply(content)

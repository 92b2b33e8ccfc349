"""What calendars and mail servers send back: it counts by the secret address it came to, once, and only if it is newer (I12)."""

import asyncio
import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from io import BytesIO, TextIOWrapper
from typing import Any

import icalendar
import pytest
from sqlalchemy import select, text

from portal import clock
from portal.commands.posting import take_in
from portal.config import Misconfigured, Settings
from portal.mail import Outcome, receive, tokens
from portal.mail.incoming import HEAD, LONGEST
from portal.mail.mailbox import checked, read
from portal.meetings import actions as meetings
from portal.meetings import answers
from portal.meetings.models import Answer, Attendance, CancelForm, Meeting
from portal.meetings.queries import for_calendar
from portal.networks.models import Membership
from portal.notifications.actions import send_again
from portal.notifications.queries import undelivered
from tests.elsewhere import elsewhere, head
from tests.factories import Cast
from tests.making import change_meeting, make_meeting
from tests.post.conftest import House
from tests.post.mailbox import Mailbox
from tests.post.test_summons import subscribe

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@dataclass
class Round:
    """A summons that has reached everybody, and what their programs make of it."""

    house: House
    cast: Cast
    session: Any
    meeting: Meeting

    def asked(self, member: Membership) -> icalendar.Event:
        """The latest that her calendar got."""
        letters = [each for each in self.house.office.letters if str(each["To"]) == member.person.email]
        (file,) = list(letters[-1].iter_attachments())
        whole = icalendar.Calendar.from_ical(file.get_content())
        (event,) = whole.walk("VEVENT")
        event["METHOD"] = whole["METHOD"]
        return event

    def reply(self, member: Membership, partstat: str, *, at: datetime | None = None, **changed: Any) -> EmailMessage:
        """As a calendar program answers (constructed): for who was invited, from whatever address, to the organizer."""
        event = self.asked(member)
        organizer = str(event["ORGANIZER"]).removeprefix("mailto:")
        answer = icalendar.Event()
        answer.add("uid", changed.get("uid", str(event["UID"])))
        answer.add("dtstamp", at or clock.now())
        answer.add("sequence", changed.get("sequence", int(event["SEQUENCE"])))
        answer.add("attendee", f"mailto:{changed.get('attendee', (member.person.email or '').upper())}", {"PARTSTAT": partstat})
        answer.add("organizer", f"mailto:{organizer}")
        whole = icalendar.Calendar()
        whole.add("version", "2.0")
        whole.add("prodid", "-//Constructed//Client//EN")
        whole.add("method", changed.get("method", "REPLY"))
        whole.add_component(answer)
        made = EmailMessage()
        made["From"], made["To"], made["Subject"] = "Vem som helst <vem@annan.example>", changed.get("to", f"Granby <{organizer}>"), "Accepterat: Träff"
        made.set_content("Jag kommer.")
        made.add_alternative(whole.to_ical().decode(), subtype="calendar", params={"method": "REPLY"})
        return made

    async def comes_in(self, message: EmailMessage | bytes) -> Outcome:
        content = message if isinstance(message, bytes) else message.as_bytes()
        return await receive(self.house.settings, self.house.sessions, self.house.frame.sign, content)

    async def held(self) -> dict[int, str | None]:
        async with self.house.sessions() as session:
            rows = await session.execute(select(Attendance.membership_id, Attendance.answer))
            return {row.membership_id: row.answer for row in rows}


@pytest.fixture
async def round_(house: House, cast: Cast, session) -> Round:
    house.settings = replace(house.settings, reply_address="Kallelse@granby.example")
    meeting = await make_meeting(session, cast.coordinator, title="Träff")
    await meetings.summon(session, meeting, by=cast.coordinator)
    await session.commit()
    await house.everything()
    return Round(house, cast, session, meeting)


async def test_request_reply_update_and_cancel_go_round(round_: Round):
    maja, tomas = round_.cast.contact, round_.cast.deputy
    assert await round_.comes_in(round_.reply(maja, "ACCEPTED")) == Outcome.counted
    assert await round_.comes_in(round_.reply(tomas, "TENTATIVE")) == Outcome.counted
    assert await round_.held() == {maja.id: "yes", tomas.id: "maybe"}
    await change_meeting(round_.session, round_.cast.coordinator, round_.meeting.record_id, place="Lärkan")
    await round_.house.everything()
    update = round_.asked(maja)
    assert (str(update["LOCATION"]), int(update["SEQUENCE"]), update["ATTENDEE"].params["PARTSTAT"]) == ("Lärkan", 1, "ACCEPTED")
    assert await round_.comes_in(round_.reply(maja, "DECLINED", at=clock.now() + timedelta(seconds=1))) == Outcome.counted
    assert await round_.held() == {maja.id: "no", tomas.id: "maybe"}
    await meetings.cancel(round_.session, round_.meeting, by=round_.cast.coordinator, form=CancelForm(reason="Snö"))
    await round_.session.commit()
    await round_.house.everything()
    assert (str(round_.asked(maja)["METHOD"]), int(round_.asked(maja)["SEQUENCE"])) == ("CANCEL", 2)
    assert await round_.comes_in(round_.reply(maja, "ACCEPTED", at=clock.now() + timedelta(seconds=2))) == Outcome.closed
    assert await round_.held() == {maja.id: "no", tomas.id: "maybe"}


async def test_the_same_message_twice_counts_once_and_an_older_one_not_at_all(round_: Round):
    maja, now = round_.cast.contact, clock.now()
    accepted, declined = round_.reply(maja, "ACCEPTED", at=now - timedelta(minutes=2)), round_.reply(maja, "DECLINED", at=now - timedelta(minutes=1))
    outcomes = [await round_.comes_in(each) for each in (declined, accepted, declined)]
    assert outcomes == [Outcome.counted, Outcome.known, Outcome.known]
    assert await round_.held() == {maja.id: "no"}
    await answers.answer(round_.session, round_.meeting, by=maja, answer=Answer.maybe)
    await round_.session.commit()
    assert await round_.comes_in(declined) == Outcome.known
    assert await round_.held() == {maja.id: "maybe"}
    ahead = round_.reply(maja, "ACCEPTED", at=now + timedelta(hours=1))  # a clock that is wrong
    assert [await round_.comes_in(ahead) for _time in range(2)] == [Outcome.counted, Outcome.known]


async def test_an_answer_to_an_earlier_sequence_than_the_last_one_is_ignored(round_: Round):
    maja = round_.cast.contact
    await round_.house.execute(f"UPDATE meeting SET sequence = 4 WHERE record_id = {round_.meeting.record_id}")
    assert await round_.comes_in(round_.reply(maja, "ACCEPTED", sequence=4)) == Outcome.counted
    late = clock.now() + timedelta(seconds=5)
    assert await round_.comes_in(round_.reply(maja, "DECLINED", sequence=3, at=late)) == Outcome.known
    assert await round_.comes_in(round_.reply(maja, "DECLINED", sequence=4, at=late)) == Outcome.counted


async def test_ten_at_once_are_ten_answers_of_which_the_newest_holds(round_: Round):
    maja, now = round_.cast.contact, clock.now()
    words = ["ACCEPTED", "DECLINED"] * 5
    sent = [round_.reply(maja, word, at=now - timedelta(minutes=10 - n)) for n, word in enumerate(words)]
    outcomes = await asyncio.gather(*(round_.comes_in(each) for each in reversed(sent)))
    assert set(outcomes) <= {Outcome.counted, Outcome.known}
    assert await round_.held() == {maja.id: "no"}


Spoil = Callable[[Round, EmailMessage], EmailMessage | bytes]


def to(address: str) -> Spoil:
    def spoiled(_round: Round, message: EmailMessage) -> EmailMessage:
        message.replace_header("To", address.format(to=str(message["To"]).split("<")[1].rstrip(">")))
        return message

    return spoiled


def body(change: Callable[[bytes], bytes]) -> Spoil:
    return lambda _round, message: change(message.as_bytes())


# Python's parser looks at each semicolon within a quotation once for every other.
ENDLESS = b'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; x="' + b";" * 200_000 + b"\r\n\r\n--b--\r\n"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000))
WRONG: dict[str, tuple[Spoil, Outcome]] = {
    "to nobody": (to("kallelse@granby.example"), Outcome.unaddressed),
    "a guessed mark": (to("kallelse+m1.1.00000000000000000000@granby.example"), Outcome.unaddressed),
    "one letter more": (to("x{to}"), Outcome.unaddressed),
    "at another host": (to("{to}.elsewhere.example"), Outcome.unaddressed),
    "another's numbers": (lambda r, m: to(str(m["To"]).split("<")[1].rstrip(">").replace("+m", "+m1"))(r, m), Outcome.unaddressed),
    "a kind that nobody receives": (lambda r, m: to(str(m["To"]).split("<")[1].rstrip(">").replace("+m", "+q"))(r, m), Outcome.unaddressed),
    "another meeting": (lambda r, _m: r.reply(r.cast.contact, "ACCEPTED", uid="other@portal"), Outcome.irrelevant),
    "next year": (lambda r, _m: r.reply(r.cast.contact, "ACCEPTED", at=clock.now() + timedelta(days=400)), Outcome.irrelevant),
    "an invitation": (lambda r, _m: r.reply(r.cast.contact, "ACCEPTED", method="REQUEST"), Outcome.unreadable),
    "a cancellation": (lambda r, _m: r.reply(r.cast.contact, "ACCEPTED", method="CANCEL"), Outcome.unreadable),
    "no answer": (lambda r, _m: r.reply(r.cast.contact, "NEEDS-ACTION"), Outcome.unreadable),
    "words alone": (body(lambda content: content.split(b"--==")[0] + b"\r\nJa"), Outcome.irrelevant),
    "cut off": (body(lambda content: content[: content.index(b"DTSTAMP")]), Outcome.unreadable),
    "nothing": (body(lambda _content: b""), Outcome.unreadable),
    "no message": (body(lambda _content: b"\x00\xff" * 1000), Outcome.unreadable),
    "too large": (body(lambda content: content + b"x" * LONGEST), Outcome.unreadable),
    "too deep": (body(lambda content: content.replace(b"MIME-Version", NESTED + b"MIME-Version", 1)), Outcome.unreadable),
    "many headers": (body(lambda content: b"X-A: 1\r\n" * 5000 + content), Outcome.unreadable),
    "a long head": (body(lambda content: b"X-A: " + b"x" * HEAD + b"\r\n" + content), Outcome.unreadable),
    "many parameters": (body(lambda content: b"X-A: a" + b";" * 2000 + b"\r\n" + content), Outcome.unreadable),
    "many parameters, folded": (body(lambda content: b"X-A: a" + b";\r\n " * 2000 + b"\r\n" + content), Outcome.unreadable),
    "many lines": (body(lambda content: content + b"\r\n" * 25_000), Outcome.unreadable),
    "a forwarded invitation": (lambda r, _m: r.reply(r.cast.contact, "ACCEPTED", attendee="kollega@granby.example"), Outcome.another),
    "what takes for ever, to nobody": (lambda _r, _m: b"To: kallelse@granby.example\r\n" + ENDLESS, Outcome.unaddressed),
    "what takes for ever": (lambda _r, m: b"To: " + str(m["To"]).encode() + b"\r\n" + ENDLESS, Outcome.unreadable),
}


async def test_anything_else_is_refused_and_changes_nothing(round_: Round, caplog: pytest.LogCaptureFixture):
    outcomes = {name: await round_.comes_in(spoil(round_, round_.reply(round_.cast.contact, "ACCEPTED"))) for name, (spoil, _outcome) in WRONG.items()}
    assert outcomes == {name: outcome for name, (_spoil, outcome) in WRONG.items()}
    assert await round_.held() == {}
    said = [each.getMessage() for each in caplog.records if each.name == "portal.mail" and "refused" in each.getMessage()]
    assert len(said) == len(WRONG)
    assert not [each for each in said if "annan.example" in each]


ENDED = (
    ("UPDATE membership SET ends_on = current_date - 1 WHERE id = {member}", "UPDATE membership SET ends_on = NULL WHERE id = {member}"),
    ("UPDATE person SET closed_at = now() WHERE id = {person}", "UPDATE person SET closed_at = NULL WHERE id = {person}"),
    ("UPDATE meeting SET state = 'held'", "UPDATE meeting SET state = 'summoned'"),
    ("UPDATE record SET audience = 'unit', owner_unit_id = {housing}", "UPDATE record SET audience = 'network'"),
    ("UPDATE meeting SET starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour'", "SELECT 1"),
)


async def test_an_address_ends_with_the_right_to_answer(round_: Round):
    cast = round_.cast
    numbers = {"member": cast.contact.id, "person": cast.contact.person_id, "housing": cast.housing.id}
    for end, undone in ENDED:
        await round_.house.execute(end.format(**numbers))
        assert await round_.comes_in(round_.reply(cast.contact, "ACCEPTED")) == Outcome.closed, end
        await round_.house.execute(undone.format(**numbers))
    assert await round_.held() == {}


async def test_the_command_takes_one_message_and_says_by_its_exit_code_what_became_of_it(round_: Round):
    settings = round_.house.settings
    given = {"DATABASE_URL": round_.house.url, "PORTAL_DATA": str(settings.data), "PORTAL_REPLY_ADDRESS": settings.reply_address or "", "PORTAL_SECRET": KEY}

    async def run(content: bytes) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "portal", "mail", "receive", env=os.environ | given, stdin=-1, stdout=-1, stderr=-1)
        out, err = await process.communicate(content)
        return process.returncode, (out + err).decode()

    round_.house.frame.key = KEY.encode()
    await round_.house.execute("TRUNCATE notification, mailing, mail_out CASCADE")
    round_.house.office.letters.clear()
    again = await make_meeting(round_.session, round_.cast.coordinator)
    await meetings.summon(round_.session, again, by=round_.cast.coordinator)
    await round_.session.commit()
    await round_.house.everything()
    message = round_.reply(round_.cast.contact, "ACCEPTED").as_bytes()
    (counted, said), (refused, why) = await asyncio.gather(run(message), run(b"Subject: hej\r\n\r\nhej"))
    assert (counted, refused) == (0, 65)
    assert ("counted" in said, "no address of the portal's own" in why) == (True, True)
    assert await round_.held() == {round_.cast.contact.id: "yes"}


def test_while_the_portal_can_take_no_mail_it_is_to_come_again(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"Subject: hej\r\n\r\nhej")))
    with pytest.raises(SystemExit) as ended:
        take_in(Settings(), Namespace())
    assert (ended.value.code, "PORTAL_REPLY_ADDRESS" in capsys.readouterr().err) == (75, True)


KEY = "a secret of the tests that is long enough for it"


def bounced(round_: Round, member: Membership, *, action: str = "failed", latest: bool = False) -> bytes:
    """As a mail server tells that it could not deliver the first letter to her, or the `latest` (RFC 3464; constructed)."""
    returns_to = [sender for sender, to in round_.house.office.envelopes if to == [member.person.email]][-1 if latest else 0]
    report = f"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; x@example.se\r\nAction: {action}\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user\r\n"
    made = (
        f"From: <>\r\nTo: <{returns_to}>\r\nSubject: Undeliverable\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\nDin post kom inte fram.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n{report}\r\n--b--\r\n"
    )
    return made.encode()


async def test_a_letter_that_comes_back_is_marked_and_why(round_: Round):
    maja, tomas = round_.cast.contact, round_.cast.deputy
    assert await round_.comes_in(bounced(round_, tomas, action="delayed")) == Outcome.known
    assert [await round_.comes_in(bounced(round_, maja)) for _time in range(2)] == [Outcome.counted, Outcome.known]
    states = await round_.house.states()
    assert (states.pop("Maja Lindqvist"), set(states.values())) == ("bounced", {"sent"})
    async with round_.house.sessions() as session:
        assert (await session.execute(text("SELECT error FROM mail_out WHERE state = 'bounced'"))).scalars().all() == ["550 5.1.1 No such user"]


async def test_a_letter_of_a_kind_that_there_is_no_longer_is_marked_too(round_: Round):
    report = bounced(round_, round_.cast.contact)
    async with round_.house.sessions() as session:
        await session.execute(text("UPDATE mailing SET kind = 'was.once'"))
        await session.commit()
    assert await round_.comes_in(report) == Outcome.counted
    assert (await round_.house.states())["Maja Lindqvist"] == "bounced"


async def test_a_meeting_whose_invitation_came_back_is_in_the_feed_until_one_is_sent_again(round_: Round):
    maja, tomas = round_.cast.contact, round_.cast.deputy

    async def in_feeds() -> list[int]:
        async with round_.house.sessions() as session:
            return [len(await for_calendar(session, each)) for each in (maja, tomas)]

    assert await in_feeds() == [0, 0]
    report = bounced(round_, maja)
    assert await round_.comes_in(report) == Outcome.counted
    assert await in_feeds() == [1, 0]
    await change_meeting(round_.session, round_.cast.coordinator, round_.meeting.record_id, place="Lärkan")
    await round_.house.everything()
    assert await in_feeds() == [0, 0]
    late = bounced(round_, tomas)
    assert await round_.comes_in(late) == Outcome.counted
    assert await in_feeds() == [0, 0]


async def test_a_later_letter_that_the_server_refused_at_once_is_no_invitation_that_holds(round_: Round):
    maja, report = round_.cast.contact, bounced(round_, round_.cast.contact)
    round_.house.office.answers = {"RCPT": ["550 5.1.1 No such user"] * 50}
    await change_meeting(round_.session, round_.cast.coordinator, round_.meeting.record_id, place="Lärkan")
    await round_.house.everything()
    refused = f"SELECT count(*) FROM notification JOIN mail_out USING (message_id) WHERE state = 'failed' AND person_id = {maja.person_id}"
    assert await round_.house.scalar(refused) == 1
    assert await round_.comes_in(report) == Outcome.counted
    async with round_.house.sessions() as session:
        assert len(await for_calendar(session, maja)) == 1


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
async def test_an_invitation_that_the_server_refuses_leaves_the_meeting_in_the_feed(command: str, house: House, cast: Cast, session: Any):
    meeting = await make_meeting(session, cast.coordinator)
    await session.commit()
    house.office.answers = {command: ["554 5.7.1 Not accepted"] * 50}
    told = await meetings.summon(session, meeting, by=cast.coordinator)
    await session.commit()
    await house.everything()
    assert set((await house.states()).values()) == {"failed"}
    assert await house.scalar("SELECT count(*) FROM invited") == 0
    async with house.sessions() as reading:
        assert [each.record_id for each in await for_calendar(reading, cast.contact)] == [meeting.record_id]
    house.office.answers = {}
    for row in await undelivered(session, cast.network.id):
        await send_again(session, row, by=cast.coordinator)
    await session.commit()
    await house.everything()
    assert (set((await house.states()).values()), await house.scalar("SELECT count(*) FROM invited")) == ({"sent"}, told)
    async with house.sessions() as reading:
        assert await for_calendar(reading, cast.contact) == []


async def test_who_has_an_earlier_invitation_stays_invited_when_a_change_is_refused_and_her_feed_shows_what_holds(round_: Round):
    maja, tomas, house, session = round_.cast.contact, round_.cast.deputy, round_.house, round_.session
    await subscribe(session, tomas, read_at=clock.now())
    await session.commit()

    async def in_feeds() -> list[list[str]]:
        async with house.sessions() as reading:
            return [[each.place for each in await for_calendar(reading, member)] for member in (maja, tomas)]

    house.office.answers = {"DATA": ["554 5.7.1 Not accepted"] * 50}
    await change_meeting(session, round_.cast.coordinator, round_.meeting.record_id, place="Lärkan")
    await house.everything()
    assert await in_feeds() == [["Lärkan"]] * 2
    house.office.answers = {}
    await change_meeting(session, round_.cast.coordinator, round_.meeting.record_id, place="Tranan")
    await house.everything()
    assert await in_feeds() == [[], []]
    assert [(round_.asked(each)["METHOD"], round_.asked(each)["LOCATION"], round_.asked(each)["SEQUENCE"]) for each in (maja, tomas)] == [("REQUEST", "Tranan", 2)] * 2


async def test_who_has_an_earlier_invitation_is_sent_its_cancellation_when_the_change_between_them_came_back(round_: Round):
    tomas, house, session = round_.cast.deputy, round_.house, round_.session
    await subscribe(session, tomas, read_at=clock.now())
    await session.commit()
    await change_meeting(session, round_.cast.coordinator, round_.meeting.record_id, place="Lärkan")
    await house.everything()
    assert await round_.comes_in(bounced(round_, tomas, latest=True)) == Outcome.counted
    await meetings.cancel(session, await session.merge(round_.meeting), by=round_.cast.coordinator, form=CancelForm(reason="Storm"))
    await session.commit()
    await house.everything()
    assert (round_.asked(tomas)["METHOD"], round_.asked(tomas)["STATUS"]) == ("CANCEL", "CANCELLED")
    async with house.sessions() as reading:
        assert await for_calendar(reading, tomas) == []
    assert await round_.comes_in(bounced(round_, tomas, latest=True)) == Outcome.counted
    async with house.sessions() as reading:
        assert [each.state for each in await for_calendar(reading, tomas)] == ["cancelled"]


async def test_an_answer_to_where_letters_return_is_no_bounce_and_a_bounce_to_where_calendars_answer_no_answer(round_: Round):
    maja = round_.cast.contact
    (returns_to,) = [sender for sender, to in round_.house.office.envelopes if to == [maja.person.email]]
    answer = round_.reply(maja, "ACCEPTED")
    organizer = str(answer["To"])
    answer.replace_header("To", returns_to)
    assert await round_.comes_in(answer) == Outcome.irrelevant
    report = bounced(round_, maja).replace(returns_to.encode(), organizer.encode())
    assert await round_.comes_in(report) == Outcome.irrelevant
    assert (await round_.held(), set((await round_.house.states()).values())) == ({}, {"sent"})


@pytest.fixture
async def mailbox():
    box = Mailbox()
    await box.open()
    yield box
    await box.close()


async def test_the_mailbox_is_read_through_the_same_door_and_each_message_once(round_: Round, mailbox: Mailbox):
    house, maja = round_.house, round_.cast.contact
    settings = replace(house.settings, imap_url=mailbox.url)
    too_large = round_.reply(maja, "DECLINED").as_bytes() + b"x" * LONGEST
    mailbox.messages = [b"\x00", too_large, round_.reply(maja, "ACCEPTED").as_bytes(), b"Subject: hej\r\n\r\nhej"]
    for _look in range(2):
        await read(settings, house.sessions, house.frame.sign, {})
    assert await round_.held() == {maja.id: "yes"}
    assert mailbox.seen == {1, 2, 3, 4}
    assert set(mailbox.logins) == {'\0kallelse\0å "'.encode()}
    fetched = [each.split()[2] for each in mailbox.asked if "BODY.PEEK[]" in each]
    assert fetched == ["1", "3", "4"]
    assert await house.scalar("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'mailbox' AND status = 'queued'") in (1, 2)


def token_answer(status: int, **said: Any) -> bytes:
    return head(status, "Content-Type: application/json", body=json.dumps(said).encode())


async def test_a_mailbox_that_takes_no_password_is_read_with_a_token_that_is_asked_for_when_it_is_needed(round_: Round, mailbox: Mailbox):
    house, maja = round_.house, round_.cast.contact
    box = mailbox.url.replace(":%C3%A5%20%22@", "@")
    async with elsewhere() as place:
        where = place.address.replace("//", "//client%2D1:s%26cret@") + "/t/token"
        settings = replace(house.settings, imap_url=box, imap_token_url=where, inside="127.0.0.1/32")
        assert checked(settings).username == "kallelse"
        mailbox.messages = [round_.reply(maja, "ACCEPTED").as_bytes()]
        for refusal in (token_answer(401, error="invalid_client"), token_answer(200, token="?"), head(200, body=b"<html>"), head(200, body=b"[" * 100_000), head(302, "Location: /elsewhere")):
            place.answers["/t/token"] = refusal
            await read(settings, house.sessions, house.frame.sign, {})
        assert (mailbox.asked, await round_.held()) == ([], {})

        mailbox.token = b"first"
        place.answers["/t/token"] = token_answer(200, access_token="first", token_type="Bearer", expires_in=3600)
        place.asked.clear()
        for _look in range(2):
            await read(settings, house.sessions, house.frame.sign, {})
        assert await round_.held() == {maja.id: "yes"}
        assert set(mailbox.logins) == {b"user=kallelse\x01auth=Bearer first\x01\x01"}
        assert [each.splitlines()[0] for each in place.asked] == ["POST /t/token HTTP/1.1"]
        assert "client" not in place.asked[0]  # the secret stands in the body alone

        mailbox.token = b"second"  # the server has given up the first
        place.answers["/t/token"] = token_answer(200, access_token="second", expires_in="3600")
        mailbox.seen.clear()
        await read(settings, house.sessions, house.frame.sign, {})
        assert mailbox.seen == set()
        await read(settings, house.sessions, house.frame.sign, {})
        assert mailbox.seen == {1}
        with clock.fixed(clock.now() + timedelta(seconds=3550)):
            await read(settings, house.sessions, house.frame.sign, {})
        assert len(place.asked) == 3


@pytest.mark.parametrize("url", ["http://a:b@login.example/token", "https://login.example/token", "https://a@login.example/t", "ftp://a:b@x/t", "https://a:b@x:y/t", ""])
def test_a_token_server_that_cannot_be_used_is_refused_before_anything_starts(url: str):
    with pytest.raises(Misconfigured, match="PORTAL_IMAP_TOKEN_URL"):
        checked(Settings(imap_url="imaps://kallelse@example.se", reply_address="kallelse@example.se", imap_token_url=url))


def test_a_token_is_asked_for_what_the_server_calls_reading_mail():
    asked = tokens.checked("https://id:s%2Fx@login.microsoftonline.com/granby.se/oauth2/v2.0/token")
    assert (asked.url, asked.client, asked.secret) == ("https://login.microsoftonline.com/granby.se/oauth2/v2.0/token", "id", "s/x")
    assert asked.scope == "https://outlook.office365.com/.default"
    assert tokens.checked("https://id:s@x.se/t?scope=mail.read").scope == "mail.read"


async def test_a_message_is_marked_as_read_before_it_is_looked_at(round_: Round, mailbox: Mailbox):
    house = round_.house
    settings = replace(house.settings, imap_url=mailbox.url)
    mailbox.messages = [round_.reply(each, "ACCEPTED").as_bytes() for each in (round_.cast.contact, round_.cast.deputy)]
    seen: list[set[int]] = []

    def sessions() -> Any:
        seen.append(set(mailbox.seen))
        return house.sessions()

    await read(settings, sessions, house.frame.sign, {})
    assert seen[:2] == [{1}, {1, 2}]


async def test_what_the_database_was_away_for_and_what_the_server_refuses_is_read_later(round_: Round, mailbox: Mailbox, monkeypatch):
    house, maja = round_.house, round_.cast.contact
    settings = replace(house.settings, imap_url=mailbox.url)
    mailbox.messages = [round_.reply(maja, "ACCEPTED").as_bytes()]
    mailbox.refuses = True
    await read(settings, house.sessions, house.frame.sign, {})
    assert (mailbox.seen, await round_.held()) == (set(), {})
    mailbox.refuses = False
    await house.execute("ALTER TABLE attendance RENAME TO away")
    try:
        await read(settings, house.sessions, house.frame.sign, {})
    finally:
        await house.execute("ALTER TABLE away RENAME TO attendance")
    assert (mailbox.seen, await round_.held()) == (set(), {})
    await read(settings, house.sessions, house.frame.sign, {})
    assert (mailbox.seen, await round_.held()) == ({1}, {maja.id: "yes"})


@pytest.mark.parametrize(
    ("babbled", "limits"),
    [
        (b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n", {"MOST_SAID": 2_000}),
        (b"* 1 FETCH (FLAGS ())\r\n", {"MOST_SAID": 2_000}),
        (b"x", {"LONGEST_VISIT": 0.5}),
    ],
    ids=["a large answer", "many answers", "a line without end"],
)
async def test_a_server_that_comes_to_no_end_is_left_and_asked_again_later(babbled: bytes, limits: dict[str, float], round_: Round, mailbox: Mailbox, monkeypatch, caplog):
    house, maja = round_.house, round_.cast.contact
    settings = replace(house.settings, imap_url=mailbox.url)
    for name, most in limits.items():
        monkeypatch.setattr(f"portal.mail.mailbox.{name}", most)
    mailbox.messages, mailbox.babbles = [round_.reply(maja, "ACCEPTED").as_bytes()], babbled
    async with asyncio.timeout(15):
        await read(settings, house.sessions, house.frame.sign, {})
    assert "the mailbox could not be read" in caplog.text
    assert (mailbox.seen, await round_.held()) == (set(), {})
    mailbox.babbles = b""
    monkeypatch.undo()
    await read(settings, house.sessions, house.frame.sign, {})
    assert (mailbox.seen, await round_.held()) == ({1}, {maja.id: "yes"})


@pytest.mark.parametrize("url", ["imaps://mail.example/INBOX", "pop3://a:b@mail.example", "imaps://a:b@mail.example:x/", "nonsense", 'imaps://a:b@mail.example/"'])
def test_a_mailbox_that_cannot_be_used_is_told_before_anything_starts(url: str):
    with pytest.raises(Misconfigured, match="PORTAL_IMAP_URL"):
        checked(Settings(imap_url=url, reply_address="kallelse@granby.example"))
    with pytest.raises(Misconfigured, match="PORTAL_REPLY_ADDRESS"):
        checked(Settings(imap_url="imaps://a:b@mail.example/INBOX"))

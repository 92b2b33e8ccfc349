"""What mail servers send back, and what waits in the mailbox: each message counts once."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from portal import clock
from portal.config import Misconfigured, Settings
from portal.mail import Outcome, tokens
from portal.mail.incoming import LONGEST
from portal.mail.mailbox import checked, read
from portal.meetings import actions as meetings
from portal.meetings.models import CancelForm
from portal.meetings.queries import for_calendar
from portal.networks.models import Membership
from portal.notifications.actions import send_again
from portal.notifications.queries import undelivered
from tests.elsewhere import elsewhere, head
from tests.factories import Cast
from tests.making import change_meeting, make_meeting
from tests.post.conftest import House, Round
from tests.post.mailbox import Mailbox
from tests.post.test_summons import subscribe

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


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

"""What mail servers send back: which letter it was that did not come, and what that changes."""

from typing import Any

import pytest
from sqlalchemy import text

from portal import clock
from portal.mail import Outcome
from portal.meetings import actions as meetings
from portal.meetings.models import CancelForm
from portal.meetings.queries import for_calendar
from portal.networks.models import Membership
from portal.notifications.actions import send_again
from portal.notifications.queries import undelivered
from tests.factories import Cast
from tests.making import change_meeting, make_meeting
from tests.post.conftest import House, Round
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
        assert (await session.execute(text("SELECT error FROM mail_out WHERE state = 'bounced'"))).scalars().all() == [
            "550 5.1.1 No such user"
        ]


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
    assert [(round_.asked(each)["METHOD"], round_.asked(each)["LOCATION"], round_.asked(each)["SEQUENCE"]) for each in (maja, tomas)] == [
        ("REQUEST", "Tranan", 2)
    ] * 2


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

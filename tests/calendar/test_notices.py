"""Whose program may read of a change too late is mailed it: once, and never who gets it as an invitation."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from portal import clock
from portal.db import Session
from portal.meetings.actions import cancel, summon
from portal.meetings.answers import answer
from portal.meetings.models import Answer, CancelForm, Meeting
from tests.calendar.noticing import NOON, TODAY, told
from tests.calendar.noticing import subscribe as subscribe_to
from tests.factories import Cast
from tests.making import change_meeting, make_meeting


@pytest.fixture(autouse=True)
def noon():
    with clock.fixed(NOON):
        yield


subscribe = partial(subscribe_to, scope="meetings")


async def planned(session: Session, cast: Cast, days: int = 0) -> Meeting:
    return await make_meeting(session, cast.coordinator, day=TODAY + timedelta(days=days))


async def test_a_notice_is_for_whose_program_may_take_longer_than_is_left(cast: Cast, session):
    programs = {"contact": "thunderbird", "head": "google", "deputy": "apple", "reader": "outlook", "registrar": "other"}
    for role, program in programs.items():
        await subscribe(session, getattr(cast, role), program)
    noticed: list[set[str]] = []
    for days in range(3):  # 1, 25 and 49 hours are left
        meeting = await planned(session, cast, days)
        before = await told(session)
        await change_meeting(session, cast.coordinator, meeting.record_id, place="Storken")
        people = {person for _kind, person in (await told(session))[len(before) :]}
        noticed.append({program for role, program in programs.items() if getattr(cast, role).person_id in people})
    assert noticed == [{"google", "apple", "outlook", "other"}, {"outlook", "other"}, set()]


async def test_a_change_is_of_time_or_place(cast: Cast, session):
    await subscribe(session, cast.contact, "google")
    in_vain = {"day": TODAY + timedelta(days=40)}
    late = ({"starts": "14:00"}, {"ends": "16:00"}, in_vain, {"place": "Storken"}, {"online_url": "https://meet.example.se/1"})
    other: tuple[dict[str, Any], ...] = ({"title": "Bättre namn"}, {"purpose": "Mer att säga"}, {"announced": True}, {})
    for given in (*other, *late):
        before = await told(session)
        meeting = await planned(session, cast)
        await change_meeting(session, cast.coordinator, meeting.record_id, **given)
        assert (given, (await told(session))[len(before) :]) == (
            given,
            [("calendar.late", cast.contact.person_id)] if given in late else [],
        )


async def test_a_meeting_that_comes_nearer_is_noticed_and_one_that_is_over_is_not(cast: Cast, session):
    meeting, past = await planned(session, cast, 40), await planned(session, cast, -3)
    await subscribe(session, cast.contact, "google")
    await change_meeting(session, cast.coordinator, past.record_id, place="Storken")
    assert await told(session) == []
    await change_meeting(session, cast.coordinator, meeting.record_id, day=TODAY)
    assert await told(session) == [("calendar.late", cast.contact.person_id)]


async def test_a_cancellation_is_noticed(cast: Cast, session):
    meeting = await planned(session, cast)
    await subscribe(session, cast.contact, "google")
    await cancel(session, meeting, by=cast.coordinator, form=CancelForm(reason="Storm"))
    await session.commit()
    assert await told(session) == [("calendar.late", cast.contact.person_id)]


async def test_who_gets_the_change_as_an_invitation_gets_no_notice(cast: Cast, session):
    meeting = await planned(session, cast)
    await subscribe(session, cast.contact, "google", "outlook")
    await summon(session, meeting, by=cast.coordinator)
    await session.commit()
    await change_meeting(session, cast.coordinator, meeting.record_id, place="Storken")
    await cancel(session, await session.merge(meeting), by=cast.coordinator, form=CancelForm(reason="Storm"))
    await session.commit()
    maja = [kind for kind, person in await told(session) if person == cast.contact.person_id]
    assert maja == ["meeting.summoned", "meeting.changed", "meeting.cancelled"]


async def test_many_programs_are_one_notice_and_each_change_one_more(cast: Cast, session):
    meeting = await planned(session, cast)
    for _feed in range(2):
        await subscribe(session, cast.contact, "google", "outlook", "apple")
    await change_meeting(session, cast.coordinator, meeting.record_id, place="Storken")
    await change_meeting(session, cast.coordinator, meeting.record_id, place="Storken")  # saved again as it is
    assert await told(session) == [("calendar.late", cast.contact.person_id)]
    await change_meeting(session, cast.coordinator, meeting.record_id, place="Ekan")
    assert await told(session) == [("calendar.late", cast.contact.person_id)] * 2


async def test_only_those_whose_feed_shows_the_meeting_and_is_read_are_told(cast: Cast, session):
    meeting = await planned(session, cast)
    await answer(session, meeting, by=cast.head, answer=Answer.yes)
    await subscribe(session, cast.head, "google", scope="mine")
    await subscribe(session, cast.deputy, "google", scope="mine")  # has not answered, and nobody is summoned
    await subscribe(session, cast.contact, "google", scope="everything")
    await subscribe(session, cast.reader, "google", scope="deadlines")
    await subscribe(session, cast.registrar, "google", read_at=NOON - timedelta(days=31))
    await subscribe(session, cast.registrar)
    await subscribe(session, cast.coordinator, "google")  # who changes it
    await subscribe(session, cast.outsider, "google")
    (await subscribe(session, cast.registrar, "google")).revoked_at = NOON
    await subscribe(session, cast.admin, "google")
    cast.admin.ends_on = TODAY - timedelta(days=1)
    session.add(cast.admin)
    await session.commit()
    await change_meeting(session, cast.coordinator, meeting.record_id, place="Storken")
    assert await told(session) == [("calendar.late", person) for person in sorted((cast.contact.person_id, cast.head.person_id))]

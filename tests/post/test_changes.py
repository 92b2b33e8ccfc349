"""Whom the letter of a change or a cancellation reaches, by how the meeting comes into her calendar and whether it is still ahead."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal import clock
from portal.meetings import actions as meetings
from portal.meetings import answers
from portal.meetings.models import Answer, CancelForm
from portal.meetings.queries import for_calendar
from tests.factories import Cast
from tests.making import change_meeting, make_meeting
from tests.post.conftest import House
from tests.post.test_summons import methods, subscribe

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


async def summon(house: House, cast: Cast, session, **given):
    meeting = await make_meeting(session, cast.coordinator, title="Träff", **given)
    await meetings.summon(session, meeting, by=cast.coordinator)
    await session.commit()
    await house.everything()
    house.office.letters.clear()
    return meeting


async def test_what_is_put_right_in_a_meeting_that_is_over_is_mailed_to_nobody(house: House, cast: Cast, session):
    meeting = await summon(house, cast, session)
    with clock.fixed(meeting.ends_at + timedelta(hours=20)):
        await change_meeting(session, cast.coordinator, meeting.record_id, place="Lärkan", purpose="Vi talade om energi.")
        await meetings.cancel(session, meeting, by=cast.coordinator, form=CancelForm(reason="Ingen kom"))
        await session.commit()
        await house.everything()
    assert house.subjects == {}


async def test_a_meeting_of_today_that_is_put_off_is_told_while_the_old_one_or_the_new_is_ahead(house: House, cast: Cast, session):
    meeting = await summon(house, cast, session)
    began, day = meeting.starts_at, clock.local(meeting.starts_at).date()
    with clock.fixed(meeting.ends_at + timedelta(hours=1)):  # forgotten until then
        await change_meeting(session, cast.coordinator, meeting.record_id, day=day + timedelta(days=7))
        await house.everything()
    assert set(house.subjects[cast.contact.person.email]) == {"Träffen är ändrad: Träff"}
    house.office.letters.clear()
    with clock.fixed(began + timedelta(days=1)):
        await change_meeting(session, cast.coordinator, meeting.record_id, day=day)
        await house.everything()
    assert set(house.subjects[cast.contact.person.email]) == {"Träffen är ändrad: Träff"}


async def test_who_has_said_no_and_has_her_own_meetings_alone_in_her_feed_is_mailed_that_it_is_moved(house: House, cast: Cast, session):
    for member in (cast.contact, cast.head):
        await subscribe(session, member, read_at=clock.now())
    await session.execute(text("UPDATE feed SET scope = 'mine'"))
    meeting = await summon(house, cast, session)
    await answers.answer(session, meeting, by=cast.contact, answer=Answer.no)
    await session.commit()
    assert [len(await for_calendar(session, member, own=True)) for member in (cast.contact, cast.head)] == [0, 1]
    await change_meeting(session, cast.coordinator, meeting.record_id, day=clock.today() + timedelta(days=20))
    await house.everything()
    assert (methods(house, cast.contact), methods(house, cast.head)) == (["REQUEST"], [])

"""Whom the letter of a change or a cancellation reaches, by how the meeting comes into her calendar and whether it is still ahead."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from portal import clock, mail
from portal.db import unit_of_work
from portal.meetings import actions as meetings
from portal.meetings import answers, letters
from portal.meetings.models import Answer, CancelForm
from portal.meetings.queries import for_calendar
from portal.meetings.summons import tell_departed, tell_newcomers
from portal.notifications import bounces
from portal.notifications.models import Mailing, Notification
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


async def test_who_came_back_and_whose_summons_then_bounced_has_the_meeting_in_her_feed(house: House, cast: Cast, session):
    """What she was sent before she left has been taken out of her calendar, so it stands for nothing."""
    meeting = await summon(house, cast, session)
    await change_meeting(session, cast.coordinator, meeting.record_id, place="Lärkan")
    await house.everything()
    for minutes, ends_on in ((1, "current_date - 1"), (2, "NULL")):
        await house.execute(f"UPDATE membership SET ends_on = {ends_on} WHERE id = {cast.contact.id}")
        with clock.fixed(clock.now() + timedelta(minutes=minutes)):
            async with unit_of_work(house.sessions) as looking:
                await tell_newcomers(looking)
                await tell_departed(looking)
            await house.everything()
    assert methods(house, cast.contact) == ["REQUEST", "CANCEL", "REQUEST"]
    async with unit_of_work(house.sessions) as other:
        told = select(col(Notification.message_id)).join(Mailing, col(Mailing.id) == col(Notification.mailing_id))
        told = told.where(col(Mailing.kind) == letters.SUMMONED, col(Notification.person_id) == cast.contact.person_id)
        message_id = (await other.scalars(told)).one()
        assert await mail.bounce(other, message_id, said="550 5.1.1 No such user")
        await bounces.heed(other, message_id)
    assert [each.record_id for each in await for_calendar(session, cast.contact)] == [meeting.record_id]

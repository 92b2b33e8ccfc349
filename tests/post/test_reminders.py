"""Reminders come a week and a working day before, once, to those who come or have not said, and not on the heels of a summons."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from portal import clock
from portal.meetings import actions as meetings
from portal.meetings import answers, reminders
from portal.meetings.models import Answer, CancelForm
from portal.records.actions import share
from tests.factories import Cast
from tests.making import change_meeting, make_meeting
from tests.post.conftest import House
from tests.post.test_summons import subscribe

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

THURSDAY = date(2031, 7, 31)  # the week before lies in July, when what is merely new is silent
SUMMONED = datetime(2031, 7, 10, 8, tzinfo=UTC)
WEEK, DAY = datetime(2031, 7, 24, 6, tzinfo=UTC), datetime(2031, 7, 30, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "days", "due"),
    [
        (THURSDAY, 7, WEEK),
        (THURSDAY, 1, DAY),
        (date(2031, 7, 28), 1, datetime(2031, 7, 25, 6, tzinfo=UTC)),  # a Monday: on Friday
        (date(2027, 3, 30), 1, datetime(2027, 3, 25, 7, tzinfo=UTC)),  # the Tuesday after Easter
        (date(2027, 5, 13), 7, datetime(2027, 5, 5, 6, tzinfo=UTC)),  # a week after Ascension Day
        (date(2027, 7, 6), 1, datetime(2027, 7, 5, 6, tzinfo=UTC)),  # July is no holiday
        (date(2031, 3, 31), 1, datetime(2031, 3, 28, 7, tzinfo=UTC)),  # the clock changes on the Sunday between
    ],
)
def test_they_are_due_on_a_working_day_at_eight_by_a_swedish_clock(day: date, days: int, due: datetime):
    assert reminders.moment(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), days) == due


async def summon(house: House, cast: Cast, session, **given):
    with clock.fixed(SUMMONED):
        meeting = await make_meeting(session, cast.coordinator, title="Träff", day=THURSDAY, **given)
        await meetings.summon(session, meeting, by=cast.coordinator)
        await session.commit()
        await house.everything()
    house.office.letters.clear()
    return meeting


async def plan(house: House, at: datetime) -> None:
    """The evening before and once more, as the portal looks every half hour."""
    for hours in (20, 19, 1):
        with clock.fixed(at - timedelta(hours=hours)):
            async with house.sessions() as session:
                await reminders.plan(session)
                await session.commit()


async def happens(house: House, at: datetime) -> None:
    with clock.fixed(at):
        await house.everything()


async def test_a_week_and_a_day_before_to_those_who_come_or_have_not_said(house: House, cast: Cast, session):
    meeting = await summon(house, cast, session)
    with clock.fixed(SUMMONED):
        await answers.answer(session, meeting, by=cast.contact, answer=Answer.no)
        await answers.answer(session, meeting, by=cast.deputy, answer=Answer.yes)
        await share(session, meeting.record, by=cast.coordinator, guest=cast.guest)
        await session.commit()
    for due in (WEEK, DAY):
        await plan(house, due)
        await happens(house, due)
    reminded = {to.split(".")[0]: subjects for to, subjects in house.subjects.items()}
    assert reminded == dict.fromkeys(("ingela", "tomas", "bengt", "sirkka", "yvonne", "zainab", "pelle"), ["Påminnelse: Träff"] * 2)
    words = {str(each["To"]): each.get_body(("plain",)).get_content() for each in house.office.letters}
    assert "Du har svarat: Jag kommer." in words[cast.deputy.person.email]
    assert "Kommer du?" in words[cast.head.person.email]
    assert "1. 13.00 Föregående träff" in words[cast.head.person.email]
    assert all(not list(each.iter_attachments()) for each in house.office.letters)


async def test_who_says_no_while_it_waits_gets_none_and_nobody_two(house: House, cast: Cast, session):
    meeting = await summon(house, cast, session)
    await plan(house, WEEK)
    house.office.answers = {"DATA": ["451 later"] * 7}
    with clock.fixed(WEEK):
        await reminders.post(house.sessions, {"meeting": meeting.record_id, "days": 7, "due": WEEK.isoformat()})
        await answers.answer(session, meeting, by=cast.contact, answer=Answer.no)
        await session.commit()
    await happens(house, WEEK)
    assert {to.split(".")[0] for to in house.subjects} == {"ingela", "tomas", "bengt", "sirkka", "yvonne", "zainab"}
    assert {len(subjects) for subjects in house.subjects.values()} == {1}


async def test_of_a_meeting_that_is_moved_held_or_cancelled_meanwhile_there_is_none(house: House, cast: Cast, session):
    moved, held, off = [await summon(house, cast, session) for _meeting in range(3)]
    await plan(house, WEEK)
    with clock.fixed(WEEK - timedelta(minutes=30)):
        await change_meeting(session, cast.coordinator, moved.record_id, day=THURSDAY + timedelta(days=7))
        await meetings.hold(session, held, by=cast.coordinator)
        await meetings.cancel(session, off, by=cast.coordinator, form=CancelForm(reason="Snö"))
        await session.commit()
    assert await house.scalar("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'reminder'") == 3
    await happens(house, WEEK)
    assert "Påminnelse" not in str(house.subjects)
    assert "Träffen är ändrad: Träff" in str(house.subjects)


async def test_who_follows_by_feed_and_was_mailed_no_change_is_reminded_where_others_were(house: House, cast: Cast, session):
    with clock.fixed(SUMMONED):
        await subscribe(session, cast.contact, read_at=SUMMONED)
    meeting = await summon(house, cast, session)
    with clock.fixed(WEEK - timedelta(days=1)):
        await session.execute(text("UPDATE feed_reading SET read_at = :at"), {"at": clock.now()})
        await change_meeting(session, cast.coordinator, meeting.record_id, title="Träff om energi")
    with clock.fixed(WEEK):
        await reminders.post(house.sessions, {"meeting": meeting.record_id, "days": 7, "due": WEEK.isoformat()})
    await happens(house, WEEK)
    told = house.subjects
    assert told.pop(cast.contact.person.email) == ["Påminnelse: Träff om energi"]
    assert set(map(tuple, told.values())) == {("Träffen är ändrad: Träff om energi",)}


async def test_not_on_the_heels_of_a_summons_and_not_long_after(house: House, cast: Cast, session):
    with clock.fixed(WEEK - timedelta(days=2)):
        meeting = await make_meeting(session, cast.coordinator, day=THURSDAY)
        await meetings.summon(session, meeting, by=cast.coordinator)
        await session.commit()
    for moment in (WEEK, DAY + timedelta(hours=9)):
        with clock.fixed(moment):
            due = {WEEK: (7, WEEK)}.get(moment, (1, DAY))
            await reminders.post(house.sessions, {"meeting": meeting.record_id, "days": due[0], "due": due[1].isoformat()})
    assert await house.scalar("SELECT count(*) FROM mailing WHERE kind = 'meeting.reminded'") == 0
    for _time in range(2):  # a worker that dies leaves its job to another
        with clock.fixed(DAY):
            await reminders.post(house.sessions, {"meeting": meeting.record_id, "days": 1, "due": DAY.isoformat()})
    assert (
        await house.scalar("SELECT count(*) FROM notification JOIN mailing ON mailing.id = mailing_id WHERE kind = 'meeting.reminded'") == 7
    )

"""The notice of a late change: what it says, to whom, and that a later change leaves no earlier one behind."""

from datetime import timedelta

import pytest

from portal import clock
from portal.calendar.models import Feed, Reading
from portal.funding import actions as calls
from portal.funding.models import CallForm
from portal.meetings import action_items, minutes_document
from portal.meetings.actions import cancel
from portal.meetings.models import CancelForm
from portal.meetings.record_models import ActionForm
from portal.words import weekday_date
from tests.factories import Cast
from tests.making import change_meeting, make_action, make_call, make_meeting
from tests.post.conftest import House

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


async def test_a_late_change_of_a_meeting_that_nobody_is_summoned_to_is_mailed_to_who_reads_it_slowly(house: House, cast: Cast, session):
    cast.contact.person.locale = "en"
    for number, member in enumerate((cast.contact, cast.head)):
        feed = Feed(membership_id=member.id, name="Kalender", token_hash=bytes([number]) * 32, created_at=clock.now())
        session.add(feed)
        await session.flush()
        session.add(Reading(feed_id=feed.id, program="outlook", agent="", read_at=clock.now(), status=200, events=1))
    tomorrow = clock.today() + timedelta(days=1)
    meeting = await make_meeting(session, cast.coordinator, title="Träff", day=tomorrow)
    await change_meeting(session, cast.coordinator, meeting.record_id, place="Ekan")
    await change_meeting(session, cast.coordinator, meeting.record_id, place="Storken")
    await house.everything()
    maja, bengt = cast.contact.person.email, cast.head.person.email
    assert house.subjects == {maja: ["The meeting has changed: Träff"], bengt: ["Träffen är ändrad: Träff"]}
    words = {str(letter["To"]): letter.get_body(("plain",)).get_content() for letter in house.office.letters}
    assert "Storken" in words[bengt]
    assert "Ekan" not in words[bengt]
    assert "ditt kalenderprogram läser om så sällan" in words[bengt]
    assert "your calendar program reads so seldom" in words[maja]
    await cancel(session, await session.merge(meeting), by=cast.coordinator, form=CancelForm(reason="Storm på sjön"))
    await session.commit()
    await house.everything()
    assert house.subjects[bengt] == ["Träffen är ändrad: Träff", "Inställd träff: Träff"]
    assert "Storm på sjön" in house.office.letters[-1].get_body(("plain",)).get_content()


async def test_a_closing_day_that_is_moved_late_is_mailed_as_it_is_now_while_it_stands_in_her_calendar(house: House, cast: Cast, session):
    cast.contact.person.locale = "en"
    today = clock.today()
    for number, member in enumerate((cast.contact, cast.head)):
        feed = Feed(membership_id=member.id, name="Kalender", scope="deadlines", token_hash=bytes([number]) * 32, created_at=clock.now())
        session.add(feed)
        await session.flush()
        session.add(Reading(feed_id=feed.id, program="outlook", agent="", read_at=clock.now(), status=200, events=1))
    watched = await make_call(session, cast.coordinator, closes_on=today + timedelta(days=1))
    for days in (2, 1, 30, 40):
        given = {name: value for name, value in watched.values().items() if value not in ("", None)} | {
            "closes_on": today + timedelta(days=days)
        }
        await calls.edit(session, watched, by=cast.coordinator, form=CallForm.model_validate(given))
        await session.commit()
    meeting = await make_meeting(session, cast.coordinator, title="Träff")
    for owner, what in ((cast.head, "Ringa"), (cast.contact, "Redan gjort")):
        action = await make_action(session, meeting, by=cast.coordinator, owner=owner, what=what, due_on=today)
        notes = await minutes_document.notes_text(session, meeting)
        item = await action_items.one(session, owner, action.id)
        form = ActionForm(what=what, owner_id=owner.id, due_on=today + timedelta(days=5))
        await action_items.change(session, item, notes, by=cast.coordinator, form=form)
        if what == "Redan gjort":
            await action_items.close(session, item, by=owner)
        await session.commit()
    await house.everything()
    maja, bengt = cast.contact.person.email, cast.head.person.email
    assert {to: sorted(subjects, reverse=True) for to, subjects in house.subjects.items()} == {
        maja: ["Moved: Last day to apply, 23:59: Vänortsmöten"],
        bengt: ["Flyttad: Sista dag att söka, kl. 23.59: Vänortsmöten", "Flyttad: Gör klart: Ringa"],
    }
    words = "".join(each.get_body(("plain",)).get_content() for each in house.office.letters if str(each["To"]) == bengt)
    assert weekday_date(today + timedelta(days=40), "sv") in words


async def test_a_meeting_that_is_put_off_and_changed_again_before_the_letter_leaves_is_told_as_it_is_then(
    house: House, cast: Cast, session
):
    feed = Feed(membership_id=cast.contact.id, name="Kalender", token_hash=b"0" * 32, created_at=clock.now())
    session.add(feed)
    await session.flush()
    session.add(Reading(feed_id=feed.id, program="outlook", agent="", read_at=clock.now(), status=200, events=1))
    meeting = await make_meeting(session, cast.coordinator, title="Träff", day=clock.today() + timedelta(days=1))
    await change_meeting(session, cast.coordinator, meeting.record_id, day=clock.today() + timedelta(days=30))
    await change_meeting(session, cast.coordinator, meeting.record_id, day=clock.today() + timedelta(days=30), place="Storken")
    await house.everything()
    assert house.subjects == {cast.contact.person.email: ["Träffen är ändrad: Träff"]}
    assert "Storken" in house.office.letters[0].get_body(("plain",)).get_content()

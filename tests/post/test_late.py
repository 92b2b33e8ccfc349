"""The notice of a late change: what it says, to whom, and that a later change leaves no earlier one behind."""

from datetime import timedelta

import pytest

from portal import clock
from portal.calendar.models import Feed, Reading
from portal.meetings.actions import cancel
from portal.meetings.models import CancelForm
from tests.factories import Cast
from tests.making import change_meeting, make_meeting
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

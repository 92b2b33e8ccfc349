"""A member's feed over HTTP: secret, right, and never a 304 that lies."""

import re
from datetime import UTC, date, datetime, timedelta

import icalendar
import vobject

from portal import clock
from portal.meetings.actions import cancel, change
from portal.meetings.models import CancelForm, MeetingForm
from portal.meetings.queries import meeting as read_meeting
from portal.networks.models import Membership
from tests.factories import Cast
from tests.making import make_meeting


async def address_for(browser, member: Membership) -> str:
    page = await (await browser(member)).post("/granby/calendar/feeds", {"name": "Outlook på jobbet"})
    found = re.search(r"http://127\.0\.0\.1:8000(/calendar/[\w-]+\.ics)", page.text)
    assert found, page.text
    return found.group(1)


async def test_the_address_opens_without_cookies_and_with_a_stray_authorization(cast: Cast, session, browser, visitor):
    await make_meeting(session, cast.coordinator, title="Träff: åäö, och ett komma")
    path = await address_for(browser, cast.contact)
    answer = await visitor.get(path, headers={"authorization": "Negotiate abc"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "private" in answer.headers["cache-control"]
    assert "set-cookie" not in answer.headers
    assert "Träff: åäö\\, och ett komma" in answer.content.decode().replace("\r\n ", "")


async def test_two_libraries_read_the_right_hour_on_either_side_of_the_clock_change(cast: Cast, session, browser, visitor):
    with clock.fixed(datetime(2026, 3, 1, 9, tzinfo=UTC)):
        await make_meeting(session, cast.coordinator, day=date(2026, 3, 24))
        await make_meeting(session, cast.coordinator, day=date(2026, 3, 31))
        content = (await visitor.get(await address_for(browser, cast.contact))).content
    one = sorted(event["DTSTART"].dt.astimezone(UTC) for event in icalendar.Calendar.from_ical(content).walk("VEVENT"))
    other = sorted(event.dtstart.value.astimezone(UTC) for event in vobject.readOne(content.decode()).vevent_list)
    assert one == other == [datetime(2026, 3, 24, 12, tzinfo=UTC), datetime(2026, 3, 31, 11, tzinfo=UTC)]


async def test_unchanged_is_304_and_every_change_is_200(cast: Cast, session, browser, visitor):
    made = await make_meeting(session, cast.coordinator)
    path = await address_for(browser, cast.contact)
    first = await visitor.get(path)
    tag = first.headers["etag"]
    assert (await visitor.get(path, headers={"if-none-match": tag})).status_code == 304
    assert (await visitor.client.head(path)).headers["etag"] == tag
    await session.refresh(made)
    meeting = await read_meeting(session, cast.coordinator, made.record_id)
    starts = clock.local(meeting.starts_at)
    form = MeetingForm(title="Nytt namn", day=starts.date(), starts=starts.time(), ends=clock.local(meeting.ends_at).time(), place="Storken")
    await change(session, meeting, by=cast.coordinator, form=form)
    await session.commit()
    second = await visitor.get(path, headers={"if-none-match": tag})
    assert second.status_code == 200
    before, after = (next(iter(icalendar.Calendar.from_ical(each.content).walk("VEVENT"))) for each in (first, second))
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]


async def test_a_cancelled_meeting_says_so_for_thirty_days(cast: Cast, session, browser, visitor):
    meeting = await make_meeting(session, cast.coordinator)
    path = await address_for(browser, cast.contact)
    await cancel(session, meeting, by=cast.coordinator, form=CancelForm(reason="Sjukdom"))
    await session.commit()
    event = next(iter(icalendar.Calendar.from_ical((await visitor.get(path)).content).walk("VEVENT")))
    assert str(event["SUMMARY"]).startswith("INSTÄLLD: ")
    assert event["STATUS"] == "CANCELLED"
    with clock.fixed(clock.now() + timedelta(days=32)):
        assert list(icalendar.Calendar.from_ical((await visitor.get(path)).content).walk("VEVENT")) == []


async def test_a_renewed_or_removed_address_is_as_unknown_as_any(cast: Cast, session, browser, visitor):
    path = await address_for(browser, cast.contact)
    maja = await browser(cast.contact)
    number = re.search(r"/calendar/feeds/(\d+)/renewal", (await maja.get("/granby/calendar")).text)
    assert number
    await maja.post(f"/granby/calendar/feeds/{number.group(1)}/renewal")
    gone, never = await visitor.get(path), await visitor.get(f"/calendar/{'A' * 43}.ics")
    assert gone.status_code == never.status_code == 404
    assert (gone.content, gone.headers) == (never.content, never.headers)


async def test_who_has_left_gets_an_empty_calendar(cast: Cast, session, browser, visitor):
    await make_meeting(session, cast.coordinator)
    path = await address_for(browser, cast.contact)
    assert b"BEGIN:VEVENT" in (await visitor.get(path)).content
    cast.contact.ends_on = clock.today() - timedelta(days=1)
    session.add(cast.contact)
    await session.commit()
    left = await visitor.get(path)
    assert left.status_code == 200
    assert b"BEGIN:VEVENT" not in left.content


async def test_guests_and_others_make_no_addresses_for_each_other(cast: Cast, browser):
    guest, tomas = await browser(cast.guest), await browser(cast.deputy)
    assert (await guest.get("/granby/calendar")).status_code == 403
    await address_for(browser, cast.contact)
    maja = await browser(cast.contact)
    number = re.search(r"/calendar/feeds/(\d+)/ending", (await maja.get("/granby/calendar")).text)
    assert number
    assert (await tomas.post(f"/granby/calendar/feeds/{number.group(1)}/ending")).status_code == 404


async def test_a_feed_token_opens_nothing_else(cast: Cast, browser, visitor):
    token = (await address_for(browser, cast.contact)).removeprefix("/calendar/").removesuffix(".ics")
    visitor.client.cookies.set("sid", token)
    assert (await visitor.get("/granby")).status_code == 303

"""The open calendar of a network that wants one: what is open, for everybody and the same for everybody."""

import re

import icalendar

from portal.meetings.actions import cancel
from portal.meetings.models import CancelForm
from tests.calendar.reading import address_for, events_at
from tests.factories import Cast
from tests.making import change_meeting, make_meeting

PATH = "/calendar/public/granby.ics"
SETTINGS = {
    "name": "Granby nätverk",
    "municipality": "Granby kommun",
    "language": "sv",
    "word_department": "förvaltning",
    "word_coordinator": "samordnare",
}
NUMBERS = {"meetings_least": "4", "meetings_most": "6"}


async def test_a42_a52_an_open_calendar_shows_what_is_open_and_nothing_more_to_anybody(cast: Cast, session, browser, visitor):
    secret = {"purpose": "Det hemliga syftet", "online_url": "https://meet.example.se/hemligt"}
    opened = await make_meeting(session, cast.coordinator, title="Öppen dag", place="Biblioteket", announced=True, **secret)
    await make_meeting(session, cast.coordinator, title="Sluten träff")
    never = await visitor.get("/calendar/public/ingenting.ics")
    off = await visitor.get(PATH)
    assert (off.status_code, off.content, dict(off.headers)) == (404, never.content, dict(never.headers))
    ingela = await browser(cast.coordinator)
    assert (await ingela.post("/granby/administer/settings", {**SETTINGS, **NUMBERS, "public_calendar": "true"})).status_code == 303
    answers = [await who.get(PATH, headers={"accept-encoding": "identity"}) for who in (visitor, ingela, await browser(cast.outsider))]
    assert {(each.status_code, each.content, tuple(each.headers.items())) for each in answers} == {
        (200, answers[0].content, tuple(answers[0].headers.items()))
    }
    assert "set-cookie" not in answers[0].headers
    words = answers[0].content.decode().replace("\r\n ", "")
    assert not [word for word in ("hemlig", "Sluten", opened.record.path, "granby/") if word in words]
    (event,) = icalendar.Calendar.from_ical(answers[0].content).walk("VEVENT")
    assert (event["SUMMARY"], event["LOCATION"], event["UID"]) == ("Öppen dag", "Biblioteket", opened.uid)
    assert {"DESCRIPTION", "URL", "ATTENDEE", "ORGANIZER"}.isdisjoint(event)
    tag = answers[0].headers["etag"]
    same = {"accept-encoding": "identity", "if-none-match": tag}
    assert (await visitor.get(PATH, headers=same)).status_code == 304
    assert (await visitor.client.head(PATH, headers=same)).status_code == 304
    await change_meeting(session, cast.coordinator, opened.record_id, place="Biografen")
    assert (await visitor.get(PATH, headers=same)).status_code == 200
    await cancel(session, await session.merge(opened), by=cast.coordinator, form=CancelForm(reason="Storm"))
    await session.commit()
    assert set(await events_at(visitor, PATH)) == {"INSTÄLLD: Öppen dag"}
    await ingela.post("/granby/administer/settings", SETTINGS | NUMBERS)
    assert (await visitor.get(PATH, headers=same)).status_code == 404


async def test_the_form_and_the_page_tell_of_the_open_calendar_where_there_is_one(cast: Cast, session, browser, visitor):
    ingela = await browser(cast.coordinator)
    assert "Öppen för alla" not in (await ingela.get("/granby/meetings/new")).text
    assert PATH not in (await ingela.get("/granby/calendar")).text
    cast.network.public_calendar = True
    session.add(cast.network)
    await session.commit()
    assert "Öppen för alla" in (await ingela.get("/granby/meetings/new")).text
    assert PATH in (await ingela.get("/granby/calendar")).text
    assert f'href="webcal://127.0.0.1:8000{PATH}"' in (await visitor.get("/contact")).text
    form = {"title": "Träff", "day": "2031-03-04", "starts": "13:00", "ends": "15:00", "announced": "true"}
    place = (await ingela.post("/granby/meetings", form)).headers["location"]
    assert re.search(r'name="announced" value="true" checked', (await ingela.get(f"{place}/edit")).text)
    assert set(await events_at(visitor, PATH)) == {"Träff"}
    await ingela.post(place, {key: value for key, value in form.items() if key != "announced"})
    assert await events_at(visitor, PATH) == {}
    assert set(await events_at(visitor, await address_for(browser, cast.contact))) == {"Träff"}

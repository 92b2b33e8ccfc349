"""Calls for proposals: whoever writes registers one, it stands in the year and in calendars, and is open or closed by its dates alone."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.funding.models import Call, CallForm, WatchedCall
from portal.meetings.models import AgendaItem
from tests.calendar.reading import address_for, events_at
from tests.factories import Cast
from tests.making import make_call, make_meeting


def form(**given: object) -> dict[str, object]:
    closes = (clock.today() + timedelta(days=10)).isoformat()
    return {
        "title_sv": "Vänortsmöten",
        "title_en": "Town twinning",
        "programme": "CERV",
        "gives": "Minst 50 deltagare.",
        "closes_on": closes,
        **given,
    }


async def test_a_contact_registers_one_and_everybody_talks_about_it(cast: Cast, browser):
    maja, ingela = await browser(cast.contact), await browser(cast.coordinator)
    made = await maja.post("/granby/calls", form(url="https://example.eu/cerv"))
    place = made.headers["location"].partition("#")[0]
    shown = (await ingela.get(place)).text
    for words in ("Vänortsmöten", "CERV", "Minst 50 deltagare.", "kl. 23.59", 'href="https://example.eu/cerv"', "Öppen, stänger"):
        assert words in shown
    number = place.rpartition("/")[2]
    said = await ingela.post(f"/granby/records/{number}/comments", {"body": "Vem söker?", "key": "00000000-0000-4000-8000-000000000001"})
    assert said.status_code == 303
    assert "Vem söker?" in (await maja.get(place)).text
    assert "Vänortsmöten" in (await ingela.get("/granby/search?q=vänortsmötena&kind=call")).text


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"title_sv": " "}, "Skriv en rubrik på svenska."),
        ({"programme": ""}, "Skriv vilket program eller vilken fond."),
        ({"closes_on": ""}, "Välj dagen då det stänger."),
        ({"opens_on": "2099-01-01"}, "öppna innan det stänger"),
        ({"zone": "Mars/Olympus"}, "Välj ett av alternativen."),
        ({"url": "ftp://example.eu"}, "webbadress"),
    ],
)
async def test_a_wrong_form_says_why_and_makes_nothing(cast: Cast, session, browser, given, sentence):
    refused = await (await browser(cast.contact)).post("/granby/calls", form(**given))
    assert refused.status_code == 422
    assert sentence in refused.text
    assert (await session.scalars(select(Call))).all() == []


async def test_it_is_changed_by_who_registered_it_and_by_the_coordinator(cast: Cast, session, browser):
    watched = await make_call(session, cast.contact)
    page = f"/granby{watched.record.path}"
    maja, ingela, tomas = await browser(cast.contact), await browser(cast.coordinator), await browser(cast.deputy)
    assert (await tomas.post(page, form())).status_code == 403
    assert (await maja.post(page, form(programme="LIFE", closes_time="17:00", closes_on="2031-03-04"))).status_code == 303
    assert (
        await ingela.post(page, form(title_sv="Möten", programme="LIFE", closes_time="17:00", closes_on="2031-03-04"))
    ).status_code == 303
    shown = (await tomas.get(page)).text
    assert "Möten</h1>" in shown
    assert "kl. 17.00" in re.sub(r"<[^>]+>", "", shown)
    assert "2031-03-04" in (await maja.get(f"{page}/edit")).text
    assert 'value="17:00"' in (await maja.get(f"{page}/edit")).text


@pytest.mark.parametrize("typed", ["", "00:00", "02:30", "12:00:30", "12:00:00.5", "23:59", "23:59:59"])
@pytest.mark.parametrize(
    "day", ["2031-03-30", "2031-10-26", "2030-12-31"], ids=["an hour is left out", "an hour comes twice", "the year ends"]
)
def test_a_day_and_an_hour_are_changed_from_what_they_are(typed: str, day: str):
    """Whoever opens the form and saves it as it is changes nothing; 2.30 on the day that has none is 3.30."""
    given = CallForm.model_validate(form(closes_on=day, closes_time=typed or None))
    watched = WatchedCall(record_id=1, network_id=1, call_id=1)
    watched.call = Call(programme="CERV", title_sv="Vänortsmöten", closes_at=given.closes_at, created_at=clock.now())
    filled = watched.values()
    assert (filled["closes_on"], filled["closes_time"]) == (day, "03:30" if (typed, day[5:7]) == ("02:30", "03") else typed[:5])
    again = CallForm.model_validate({name: value or None for name, value in filled.items()} | {"title_en": "", "gives": ""})
    assert again.closes_at == given.closes_at


async def test_the_list_shows_what_closes_first_and_what_is_over_last(cast: Cast, session, browser):
    today = clock.today()
    for title, opens, closes in (("Över", -40, -2), ("Senare", -2, 40), ("Snart", -2, 3), ("Kommer", 5, 60), ("Längesen", -90, -50)):
        await make_call(session, cast.contact, title, opens_on=today + timedelta(days=opens), closes_on=today + timedelta(days=closes))
    ingela = await browser(cast.coordinator)
    assert titles((await ingela.get("/granby/calls")).text) == ["Snart", "Senare", "Kommer", "Över", "Längesen"]
    assert titles((await ingela.get("/granby/calls?state=closed")).text) == ["Över", "Längesen"]
    assert titles((await ingela.get("/granby/calls?state=nonsense")).text) == ["Snart", "Senare", "Kommer", "Över", "Längesen"]


def titles(page: str) -> list[str]:
    return re.findall(r'class="what" href="[^"]+">([^<]+)<', page)


async def test_its_last_day_stands_in_the_year_and_in_calendars_and_follows_a_change(cast: Cast, session, browser, visitor):
    year = clock.today().year + 1
    watched = await make_call(session, cast.contact, opens_on=date(year - 1, 12, 1), closes_on=date(year, 3, 2))
    maja = await browser(cast.contact)
    wheel = (await maja.get(f"/granby/meetings/year?year={year}")).text
    assert 'aria-label="Utlysning: Vänortsmöten' in wheel
    path = await address_for(browser, cast.contact, scope="deadlines")
    [(title, event)] = (await events_at(visitor, path)).items()
    assert (title, event["dtstart"].dt, event["sequence"]) == ("Sista dag att söka, kl. 23.59: Vänortsmöten", date(year, 3, 2), 0)
    await maja.post(f"/granby{watched.record.path}", form(closes_on=f"{year}-03-09", closes_time="12:00"))
    [(title, event)] = (await events_at(visitor, path)).items()
    assert (title, event["dtstart"].dt, event["sequence"]) == ("Sista dag att söka, kl. 12.00: Vänortsmöten", date(year, 3, 9), 1)


async def test_what_comes_from_a_source_is_changed_there(cast: Cast, session, browser):
    watched = await make_call(session, cast.contact)
    watched.call.key = "portal:1"
    await session.commit()
    maja = await browser(cast.contact)
    assert f"{watched.record.path}/edit" not in (await maja.get(f"/granby{watched.record.path}")).text
    refused = await maja.post(f"/granby{watched.record.path}", form())
    assert (refused.status_code, "ändras där" in refused.text) == (409, True)
    assert (await session.scalars(select(WatchedCall))).one().call_id


async def test_what_tells_of_all_kinds_of_records_tells_of_calls(cast: Cast, session, browser):
    ingela, meeting = await browser(cast.coordinator), await make_meeting(session, cast.coordinator)
    await make_call(session, cast.contact)
    item = await session.scalar(select(AgendaItem.id).where(AgendaItem.meeting_id == meeting.record_id).order_by(AgendaItem.id).limit(1))
    for path in ("/privacy", "/granby/search", "/granby/calendar", f"/granby{meeting.record.path}/agenda/{item}"):
        main = (await ingela.get(path)).text.partition("<main")[2]
        assert re.search(r"\butlysning", main, re.IGNORECASE), path


async def test_a_guest_is_not_asked_for_what_she_cannot_register(cast: Cast, browser):
    said = [(await (await browser(each)).get("/granby/calls")).text for each in (cast.guest, cast.contact)]
    assert [("delad med dig" in each, "Har du sett pengar" in each) for each in said] == [(True, False), (False, True)]

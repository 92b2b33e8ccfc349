"""Consultations: registered by hand, assessed, answered together; open or closed from the dates alone."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.consultations.actions import enter
from portal.consultations.models import Consultation, FeedbackWindow, Initiative
from portal.drafting.models import Section
from tests.calendar.reading import address_for, events_at
from tests.factories import Cast, make_member, make_network
from tests.making import make_consultation


def form(**given: object) -> dict[str, object]:
    today = clock.today()
    return {
        "title_sv": "Rättsakt om överkomliga bostäder",
        "stage": "public_consultation",
        "opens_on": (today - timedelta(days=3)).isoformat(),
        "closes_on": (today + timedelta(days=10)).isoformat(),
        "zone": "Europe/Brussels",
        **given,
    }


async def test_the_coordinator_registers_and_everyone_sees_when_it_closes(cast: Cast, browser):
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    made = await ingela.post("/granby/consultations", form())
    assert made.status_code == 303
    shown = (await maja.get(made.headers["location"])).text
    assert "kl. 23.59" in shown
    assert re.search(r"Öppet, stänger \d+\s\w+", shown.partition("</header>")[2].partition('class="anatomy"')[0])
    assert (await maja.post("/granby/consultations", form())).status_code == 403


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"title_sv": " "}, "Skriv en rubrik på svenska."),
        ({"stage": "hearing"}, "Välj ett av alternativen."),
        ({"closes_on": ""}, "Välj dagen då det stänger."),
        ({"opens_on": "2099-01-01"}, "öppna innan det stänger"),
        ({"zone": "Mars/Olympus"}, "Välj ett av alternativen."),
        ({"url": "ftp://example.eu"}, "webbadress"),
    ],
)
async def test_a_wrong_form_says_why_and_makes_nothing(cast: Cast, session, browser, given, sentence):
    refused = await (await browser(cast.coordinator)).post("/granby/consultations", form(**given))
    assert refused.status_code == 422
    assert sentence in refused.text
    assert (await session.scalars(select(Consultation))).all() == []


async def test_not_relevant_needs_a_reason(cast: Cast, session, browser):
    consultation = await make_consultation(session, cast.coordinator)
    ingela = await browser(cast.coordinator)
    page = f"/granby{consultation.record.path}"
    assert (await ingela.post(f"{page}/triage", {"triage": "not_relevant"})).status_code == 422
    assert (await ingela.post(f"{page}/triage", {"triage": "not_relevant", "reason": "Rör inte kommuner"})).status_code == 303
    assert "Rör inte kommuner" in (await ingela.get(page)).text


async def test_to_answer_begins_a_joint_draft_that_asked_units_write_in_and_others_read(cast: Cast, session, browser):
    consultation = await make_consultation(session, cast.coordinator)
    ingela, maja, tomas = await browser(cast.coordinator), await browser(cast.contact), await browser(cast.deputy)
    page = f"/granby{consultation.record.path}"
    await ingela.post(f"{page}/triage", {"triage": "answering"})
    await ingela.post(f"{page}/units", {"unit": [cast.housing.id]})
    sections = (await session.scalars(select(Section).order_by(Section.position))).all()
    assert [section.heading for section in sections] == ["Sammanfattning", "Våra synpunkter", "Förslag till ändringar"]
    one = {"heading": sections[0].heading, "version": 1, "body": "Kommunen välkomnar förslaget."}
    two = {"heading": sections[1].heading, "version": 1, "body": "Granbo AB saknar uppgifter."}
    assert (await ingela.post(f"/granby/sections/{sections[0].id}", one)).status_code == 303
    assert (await tomas.post(f"/granby/sections/{sections[1].id}", two)).status_code == 303
    assert (await maja.post(f"/granby/sections/{sections[1].id}", two | {"version": 2})).status_code == 403
    shown = (await maja.get(page)).text
    assert "Kommunen välkomnar förslaget." in shown
    assert "Granbo AB saknar uppgifter." in shown


async def test_open_or_closed_follows_the_clock(cast: Cast, session, browser):
    consultation = await make_consultation(session, cast.coordinator)
    closes = consultation.initiative.title_sv
    maja = await browser(cast.contact)
    assert closes in (await maja.get("/granby/consultations?state=open")).text
    with clock.fixed(clock.now() + timedelta(days=31)):
        assert closes not in (await (await browser(cast.contact)).get("/granby/consultations?state=open")).text
        assert closes in (await (await browser(cast.contact)).get("/granby/consultations?state=closed")).text


async def test_when_the_time_is_over_it_says_what_was_done(cast: Cast, session, browser):
    consultation = await make_consultation(session, cast.coordinator)
    page = f"/granby{consultation.record.path}"
    ingela = await browser(cast.coordinator)
    assert "Vad gör vi?" in (await ingela.get(page)).text
    said = []
    for triage, handling in (("to_assess", "working"), ("watching", "working"), ("answering", "working"), ("answering", "finalised")):
        consultation.triage, consultation.record.handling = triage, handling
        session.add_all((consultation, consultation.record))
        await session.commit()
        with clock.fixed(clock.now() + timedelta(days=31)):
            later = await browser(cast.coordinator)
            shown, listed = (await later.get(page)).text, (await later.get("/granby/consultations")).text
        assert ("Vad vi gjorde" in shown, "Vad gör vi?" in shown, "act-row" in listed) == (True, False, False)
        said.append(
            next(
                word
                for word in ("Inte bedömt", "Vi bevakade", "Svaret är inte färdigställt", "Vi svarade")
                if f"<p>{word}.</p>" in shown and word in listed
            )
        )
    assert said == ["Inte bedömt", "Vi bevakade", "Svaret är inte färdigställt", "Vi svarade"]


async def test_two_windows_are_listed_nearest_first(cast: Cast, session, browser):
    consultation = await make_consultation(session, cast.coordinator)
    ingela = await browser(cast.coordinator)
    page = f"/granby{consultation.record.path}"
    sooner = {"stage": "call_for_evidence", "closes_on": (clock.today() + timedelta(days=5)).isoformat(), "zone": "Europe/Brussels"}
    assert (await ingela.post(f"{page}/windows", sooner)).status_code == 303
    shown = (await ingela.get(page)).text
    part = shown[shown.index("Tider för synpunkter") :]
    assert part.index("Inbjudan att lämna synpunkter") < part.index("Offentligt samråd")


WORDS = {
    "title_sv": "Bostadsakten",
    "title_en": "Housing act",
    "url": "https://example.eu/akt",
    "summary_sv": "Om hyror.",
    "topics": ["ENV"],
}


async def test_what_was_typed_wrong_is_typed_again_and_stands_everywhere(cast: Cast, session, browser, visitor):
    consultation = await make_consultation(session, cast.coordinator)
    ingela, maja, page = await browser(cast.coordinator), await browser(cast.contact), f"/granby{consultation.record.path}"
    await ingela.post(f"{page}/triage", {"triage": "watching"})
    calendar = await address_for(browser, cast.contact, scope="deadlines")
    number = await session.scalar(select(FeedbackWindow.id))
    assert f"{page}/edit" not in (await maja.get(page)).text
    assert (await ingela.post(page, WORDS)).status_code == 303
    closes = clock.today() + timedelta(days=20)
    time = {"stage": "national_remiss", "closes_on": closes.isoformat(), "closes_time": "12:00", "zone": "Europe/Stockholm"}
    assert f'href="{page}/windows/{number}"' in (await ingela.get(page)).text
    assert (await ingela.post(f"{page}/windows/{number}", time)).status_code == 303
    shown = (await maja.get(page)).text
    for words in ("Bostadsakten</h1>", 'href="https://example.eu/akt"', "Om hyror.", "Miljö", "Remiss", "kl. 12.00"):
        assert words in shown
    assert "Bostadsakten" in (await maja.get("/granby/search?q=bostadsakten&kind=consultation")).text
    [(title, event)] = (await events_at(visitor, calendar)).items()
    assert (title, event["dtstart"].dt, event["sequence"]) == ("Sista dag att svara, kl. 12.00: Bostadsakten", closes, 2)
    filled = (await ingela.get(f"{page}/windows/{number}")).text
    assert ('value="12:00"' in filled, f'value="{closes.isoformat()}"' in filled, 'value="Europe/Stockholm" selected' in filled) == (
        True,
        True,
        True,
    )
    assert (await ingela.post(f"{page}/windows/{number}", time)).status_code == 303
    [event] = (await events_at(visitor, calendar)).values()
    assert event["sequence"] == 2


async def test_of_two_who_type_the_hour_again_the_second_sees_both(cast: Cast, session, browser):
    consultation = await make_consultation(session, cast.coordinator)
    ingela, number = await browser(cast.coordinator), await session.scalar(select(FeedbackWindow.id))
    path = f"/granby{consultation.record.path}/windows/{number}"
    version = re.search(r'name="version" value="(\w+)"', (await ingela.get(path)).text)[1]
    time = {"stage": "draft_act", "closes_on": "2031-03-04", "zone": "Europe/Brussels", "version": version}
    assert (await ingela.post(path, time | {"closes_time": "12:00"})).status_code == 303
    late = await ingela.post(path, time | {"closes_time": "17:00"})
    assert (late.status_code, "<blockquote>12:00</blockquote>" in late.text, 'value="17:00"' in late.text) == (409, True, True)


async def test_only_the_network_that_typed_it_changes_it_and_the_others_follow(cast: Cast, session, browser):
    consultation = await make_consultation(session, cast.coordinator)
    there = await make_member(session, await make_network(session, slug="dalby", name="Dalby nätverk"), "Dag Ek", "coordinator")
    theirs = await enter(session, consultation.initiative, by=there)
    await session.commit()
    dag, ingela, page = await browser(there), await browser(cast.coordinator), f"/dalby{theirs.record.path}"
    assert f"{page}/edit" not in (await dag.get(page)).text
    for path, form in ((page, WORDS), (f"{page}/windows", {"stage": "draft_act", "closes_on": "2031-03-04"})):
        refused = await dag.post(path, form)
        assert (refused.status_code, "Ett annat nätverk har registrerat samrådet" in refused.text) == (409, True)
    assert (await ingela.post(f"/granby{consultation.record.path}", WORDS)).status_code == 303
    assert "Bostadsakten</h1>" in (await dag.get(page)).text
    assert "Bostadsakten" in (await dag.get("/dalby/search?q=bostadsakten")).text


async def test_what_comes_from_a_source_is_changed_there(cast: Cast, session, browser):
    consultation = await make_consultation(session, cast.coordinator)
    consultation.initiative.key = "hys:1"
    await session.commit()
    ingela, page = await browser(cast.coordinator), f"/granby{consultation.record.path}"
    shown = (await ingela.get(page)).text
    assert (f"{page}/edit" in shown, f"{page}/windows/" in shown, "uppdateras från källan" in shown) == (False, False, True)
    number = await session.scalar(select(FeedbackWindow.id))
    assert "ändras där" in (await ingela.get(f"{page}/edit")).text
    for path, form in ((page, WORDS), (f"{page}/windows/{number}", {"stage": "draft_act", "closes_on": "2031-03-04"})):
        refused = await ingela.post(path, form)
        assert (refused.status_code, "ändras där" in refused.text) == (409, True)
    assert (await session.scalars(select(Initiative.title_sv))).one() == "Rättsakt om överkomliga bostäder"


async def test_what_closed_before_it_was_assessed_waits_for_nobody(cast: Cast, session, browser):
    today = clock.today()
    late = await make_consultation(
        session, cast.coordinator, "För sent", opens_on=today - timedelta(days=9), closes_on=today - timedelta(days=1)
    )
    half = await make_consultation(
        session, cast.coordinator, "En tid kvar", opens_on=today - timedelta(days=9), closes_on=today - timedelta(days=1)
    )
    ingela = await browser(cast.coordinator)
    await ingela.post(f"/granby{half.record.path}/windows", {"stage": "draft_act", "closes_on": (today + timedelta(days=5)).isoformat()})
    await make_consultation(session, cast.coordinator, "Öppet nu")
    listed = (await ingela.get("/granby/consultations?triage=to_assess")).text
    assert re.findall(r'class="what" href="[^"]+">([^<]+)<', listed) == ["En tid kvar", "Öppet nu"]
    assert re.findall(r"(Alla|Att bedöma) <b>(\d)</b>", listed) == [("Alla", "3"), ("Att bedöma", "2")]
    assert "Inte bedömt" in (await ingela.get(f"/granby{late.record.path}")).text


async def test_in_the_thread_of_what_is_over_nobody_is_waited_for(cast: Cast, session, browser):
    consultation = await make_consultation(session, cast.coordinator)
    ingela, page = await browser(cast.coordinator), f"/granby{consultation.record.path}"
    await ingela.post(f"{page}/triage", {"triage": "answering"})
    await ingela.post(f"{page}/units", {"unit": [cast.school.id]})
    said = []
    for days in (0, 31):
        with clock.fixed(clock.now() + timedelta(days=days)):
            shown = (await (await browser(cast.contact)).get(page)).text
        said.append(("Har inte yttrat sig" in shown, "Börja samtalet" in shown, "Inga kommentarer ännu." in shown))
    assert said == [(True, True, True), (False, False, True)]

"""Calendars of others: added by address or file, read by a job, asked again only for what is new, ended and taken up again."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock, jobs
from portal.db import Session
from portal.sources.calendars.models import ForeignCalendar, ForeignEvent
from portal.sources.calendars.refreshing import pause, plan, refresh
from tests.browser import Browser
from tests.elsewhere import Elsewhere, elsewhere, head
from tests.factories import Cast
from tests.sources.test_calendar_files import calendar, event

PAGE = "/granby/meetings/calendars"
SOON = clock.today() + timedelta(days=20)
DAY = f"DTSTART;VALUE=DATE:{SOON:%Y%m%d}"
SCHOOL = calendar(event("Lovdag", start=DAY), event("Trasig", uid="2", start="DTSTART:x"))


@pytest.fixture
async def place() -> AsyncIterator[Elsewhere]:
    async with elsewhere() as opened:
        opened.answers["/a.ics"] = head(200, 'ETag: "v1"', body=SCHOOL)
        yield opened


async def added(browser: Browser, place: Elsewhere, path: str = "/a.ics") -> str:
    """The page of a calendar that was added by address and has been tried."""
    answer = await browser.post(PAGE, {"name": "Läsåret", "url": place.address + path})
    assert answer.status_code == 303
    page = answer.headers["location"]
    async with asyncio.timeout(20):
        while "Sidan ändras av sig själv" in (await browser.get(page)).text:
            await asyncio.sleep(0.05)
    return page


async def test_an_address_is_read_and_each_refusal_has_its_sentence(cast: Cast, session, browser, place: Elsewhere):
    ingela = await browser(cast.coordinator)
    page = (await ingela.get(await added(ingela, place))).text
    assert "Lovdag" in page
    assert "Trasig" in page
    assert "Datum eller upprepning går inte att läsa." in page
    row = (await session.scalars(select(ForeignCalendar))).one()
    assert (row.etag, row.problem, row.failures, row.read_to) == ('"v1"', "", 0, clock.today().year + 2)
    assert place.address not in page  # an address may be a secret; the host is enough
    listed = (await ingela.get(PAGE)).text
    assert "1 tillfälle framåt" in listed
    assert "1 händelse är utelämnad" in listed


async def test_it_stands_in_the_plan_and_a_day_there_clashes(cast: Cast, session, browser, place: Elsewhere):
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    await added(ingela, place)
    await ingela.post("/granby/meetings/plan/days", {"day": SOON.isoformat()})
    planner = (await ingela.get(f"/granby/meetings/plan?year={SOON.year}")).text
    assert "Krockar med Lovdag (Läsåret)." in planner
    assert "Annan kalender: Lovdag" in planner
    assert "Lovdag" not in (await maja.get(f"/granby/meetings/year?year={SOON.year}")).text


async def test_only_what_is_new_is_sent_and_what_is_known_stays(cast: Cast, session, browser, portal, place: Elsewhere):
    ingela = await browser(cast.coordinator)
    await added(ingela, place)
    row = (await session.scalars(select(ForeignCalendar))).one()
    place.answers["/a.ics"] = head(304)
    await refresh(portal.sessions, portal.litestar.state.settings.networks_inside, {"calendar": row.id})
    assert 'If-None-Match: "v1"' in place.asked[-1]
    assert (await session.scalars(select(col(ForeignEvent.title)))).all() == ["Lovdag"]
    with clock.fixed(clock.now().replace(year=clock.today().year + 1)):  # other years: everything is read anew
        await refresh(portal.sessions, portal.litestar.state.settings.networks_inside, {"calendar": row.id})
    assert "If-None-Match" not in place.asked[-1]


async def test_a_failure_is_said_and_what_was_read_before_stands(cast: Cast, session, browser, portal, place: Elsewhere):
    ingela = await browser(cast.coordinator)
    page = await added(ingela, place)
    row = (await session.scalars(select(ForeignCalendar))).one()
    for answer, sentence in (
        (head(404), "Det finns ingenting på adressen."),
        (head(200, body=b"<!doctype html>Logga in"), "Det är ingen kalenderfil (ICS)."),
        (head(200), "Filen är tom."),
        (head(503), "Vi försöker igen senare."),
    ):
        place.answers["/a.ics"] = answer
        await refresh(portal.sessions, portal.litestar.state.settings.networks_inside, {"calendar": row.id})
        shown = (await ingela.get(page)).text
        assert sentence in shown
        assert "Lovdag" in shown
    await session.refresh(row)
    assert row.failures == 4


async def test_addresses_inside_are_refused_with_a_sentence(cast: Cast, session, browser, portal, place: Elsewhere):
    ingela = await browser(cast.coordinator)
    page = await added(ingela, place)
    row = (await session.scalars(select(ForeignCalendar))).one()
    await refresh(portal.sessions, [], {"calendar": row.id})
    assert "ett nät som portalen inte får läsa från" in (await ingela.get(page)).text


@pytest.mark.parametrize(
    "url", ["", "kalender", "file:///etc/passwd", "javascript:alert(1)", "https://a@b.se/", "https://exempel.se:99999/"]
)
async def test_what_is_no_address_is_refused_at_once(url: str, cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    refused = await ingela.post(PAGE, {"name": "Läsåret", "url": url})
    assert refused.status_code == 422
    assert (await session.scalars(select(ForeignCalendar))).all() == []


async def test_a_file_is_read_at_once(cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    done = await ingela.post(f"{PAGE}/file", {"file_name": "Skolan"}, files={"file": ("a.ics", SCHOOL, "text/calendar")})
    assert done.status_code == 303
    page = (await ingela.get(done.headers["location"])).text
    assert "Lovdag" in page
    assert "Datum eller upprepning går inte att läsa." in page
    row = (await session.scalars(select(ForeignCalendar))).one()
    assert (await ingela.post(f"{PAGE}/{row.id}/reading")).status_code == 409
    assert (await ingela.post(f"{PAGE}/{row.id}/ending")).status_code == 303
    assert (await session.scalars(select(col(ForeignCalendar.id)))).all() == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Filen är tom."),
        (b"<html>", "Det är ingen kalenderfil (ICS)."),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:X\r\n" * 50, "nästlad för djupt"),
    ],
)
async def test_a_file_that_is_none_has_a_sentence_by_its_field(content: bytes, sentence: str, cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    refused = await ingela.post(f"{PAGE}/file", {"file_name": "Skolan"}, files={"file": ("a.ics", content, "text/calendar")})
    assert refused.status_code == 422
    assert sentence in refused.text
    assert 'value="Skolan"' in refused.text
    assert (await session.scalars(select(ForeignCalendar))).all() == []


async def test_a_file_of_more_than_five_megabytes_is_not_taken(cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    refused = await ingela.post(f"{PAGE}/file", {"file_name": "Skolan"}, files={"file": ("a.ics", bytes(6 * 1024 * 1024), "text/calendar")})
    assert refused.status_code == 413


async def test_one_that_has_ended_is_gone_from_the_plan_until_it_is_taken_up_again(cast: Cast, session: Session, browser, place: Elsewhere):
    ingela = await browser(cast.coordinator)
    page = await added(ingela, place)
    assert (await ingela.post(f"{page}/removal")).status_code == 409
    assert (await ingela.post(f"{page}/ending")).status_code == 303
    assert (await session.scalars(select(ForeignEvent))).all() == []
    assert "Läses inte" in (await ingela.get(PAGE)).text
    asked = len(place.asked)
    await plan(session)
    await session.commit()
    assert (await ingela.post(f"{page}/renewal")).status_code == 303
    async with asyncio.timeout(20):
        while "Lovdag" not in (await ingela.get(page)).text:
            await asyncio.sleep(0.05)
    assert len(place.asked) == asked + 1
    await ingela.post(f"{page}/ending")
    assert (await ingela.post(f"{page}/removal")).status_code == 303
    assert (await session.scalars(select(col(ForeignCalendar.id)))).all() == []


async def test_the_next_reading_comes_after_hours_and_later_when_it_goes_badly(cast: Cast, session: Session, monkeypatch):
    moment = clock.now()
    rows = {
        name: ForeignCalendar(
            network_id=cast.network.id,
            name=name,
            url=f"https://{name}.example/",
            added_at=moment,
            tried_at=tried,
            failures=failures,
            ended_at=ended,
        )
        for name, tried, failures, ended in (
            ("new", None, 0, None),
            ("fresh", moment - timedelta(hours=5), 0, None),
            ("due", moment - timedelta(hours=7), 0, None),
            ("failing", moment - timedelta(hours=7), 1, None),
            ("hopeless", moment - timedelta(hours=25), 9, None),
            ("ended", None, 0, moment),
        )
    }
    session.add_all(rows.values())
    await session.flush()
    asked = list[int]()

    async def note(_session: Session, _name: str, payload: dict, **_given: object) -> bool:
        asked.append(payload["calendar"])
        return True

    monkeypatch.setattr(jobs, "enqueue", note)
    await plan(session)
    assert {name for name, row in rows.items() if row.id in asked} == {"new", "due", "hopeless"}
    assert [pause(n) for n in (0, 1, 2, 3, 99)] == [timedelta(hours=hours) for hours in (6, 12, 24, 24, 24)]


@pytest.mark.parametrize("role", ["contact", "reader", "admin", "guest", "outsider"])
async def test_others_have_no_calendars(role: str, cast: Cast, session, browser):
    row = ForeignCalendar(network_id=cast.network.id, name="Läsåret", url="https://exempel.se/", added_at=clock.now())
    session.add(row)
    await session.commit()
    someone = await browser(cast.everyone[role])
    assert (await someone.get(PAGE)).status_code == (404 if role == "outsider" else 403)
    assert (await someone.get(f"{PAGE}/{row.id}")).status_code == 404
    assert (await someone.post(f"{PAGE}/{row.id}/ending")).status_code == 404


async def test_twenty_calendars_are_enough_and_one_is_not_added_twice(cast: Cast, session, browser, place: Elsewhere):
    ingela = await browser(cast.coordinator)
    await added(ingela, place)
    again = await ingela.post(PAGE, {"name": "En gång till", "url": f"{place.address}/a.ics"})
    assert (again.status_code, "finns redan i listan" in again.text) == (409, True)
    session.add_all(ForeignCalendar(network_id=cast.network.id, name=f"Nr {n}", added_at=clock.now()) for n in range(19))
    await session.commit()
    full = await ingela.post(PAGE, {"name": "Nr 21", "url": f"{place.address}/b.ics"})
    assert (full.status_code, "redan 20 andra kalendrar" in full.text) == (409, True)


async def test_what_is_left_out_sorts_by_title_and_by_reason(cast: Cast, browser, place: Elsewhere):
    broken = [event(title, uid=title, start="DTSTART:x") for title in ("Åka", "Äta", "Zon")]
    place.answers["/b.ics"] = head(200, body=calendar(*broken, "BEGIN:VEVENT\r\nUID:u\r\nSUMMARY:Ort\r\nEND:VEVENT\r\n"))
    ingela = await browser(cast.coordinator)
    page = await added(ingela, place, "/b.ics")
    for order, titles in (("event", "Ort Zon Åka Äta"), ("-event", "Äta Åka Zon Ort"), ("-why", "Ort Åka Äta Zon")):
        shown = (await ingela.get(f"{page}?sort={order}")).text
        assert re.findall(r'<th scope="row">(\w+)</th>', shown) == titles.split(), order

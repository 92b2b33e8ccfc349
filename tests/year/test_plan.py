"""The plan of a year: nobody but who coordinates sees it before it is published, and then everybody does."""

import re
from datetime import date, time

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.activity.models import Activity
from portal.calendar.actions import make
from portal.calendar.models import FeedForm
from portal.mail import MailOut
from portal.meetings.models import AgendaItem, Meeting
from portal.networks.access import Role
from portal.networks.board_models import BoardForm, BoardMeetingForm
from portal.networks.boards import add_board, enter_dates
from portal.notifications.models import Mailing, Notification
from portal.records.models import Record
from portal.words import weekday_date
from portal.year.models import PlannedDay
from tests.browser import Browser
from tests.factories import Cast, make_member
from tests.making import make_consultation, make_meeting, make_planned

YEAR = 2031
DAYS = [date(YEAR, 2, 12), date(YEAR, 5, 7), date(YEAR, 7, 9), date(YEAR, 9, 10), date(YEAR, 11, 19)]
PLAN = f"/granby/meetings/plan?year={YEAR}"
USUAL = {"year": str(YEAR), "title": "Näktergalsträff", "starts": "09:30", "ends": "11:00", "place": "Tranan"}


async def pick(browser: Browser, *days: date) -> None:
    for day in days:
        assert (await browser.post("/granby/meetings/plan/days", {"day": day.isoformat()})).status_code == 303


def picked(page: str) -> list[str]:
    """The days that are pressed."""
    return re.findall(r'aria-pressed="true"[^>]*data-day="([\d-]+)"', page)


async def test_five_days_are_picked_and_judged_in_words(cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    board = await add_board(session, by=cast.coordinator, form=BoardForm(name="Barnnämnden"))
    await enter_dates(session, board, by=cast.coordinator, meetings=[BoardMeetingForm(meets_on=DAYS[0], cutoff_on=date(YEAR, 1, 29))])
    await session.commit()
    await pick(ingela, *DAYS)
    page = (await ingela.get(PLAN)).text
    assert picked(page) == [day.isoformat() for day in DAYS]
    assert "5 av 4–6 träffar. Antalet är inom målet." in page
    assert "I juli har de flesta semester." in page
    assert "Barnnämnden sammanträder." in page
    assert "Mer än tre månader" not in page
    july = (await session.scalars(select(PlannedDay).where(col(PlannedDay.day) == DAYS[2]))).one()
    assert (await ingela.post(f"/granby/meetings/plan/days/{july.id}/removal")).status_code == 303
    page = (await ingela.get(PLAN)).text
    assert picked(page) == [day.isoformat() for day in DAYS if day != DAYS[2]]
    assert "4 av 4–6 träffar. Antalet är inom målet." in page
    assert "semester." not in page
    assert "Mer än tre månader mellan 7\u00a0maj och 10\u00a0september." in page


async def test_what_has_been_is_planned_and_is_picked_stands_as_the_year_goes(cast: Cast, session, browser):
    today = clock.today()
    year, before, after = today.year + 1, date(today.year + 1, 2, 3), date(today.year + 1, 11, 3)
    for title, day in (("Vårens träff", before), ("Höstens träff", after)):
        await make_meeting(session, cast.coordinator, title, day=day)
    ingela = await browser(cast.coordinator)
    said = await ingela.client.post(
        "/granby/meetings/plan/days", data={"day": f"{year}-06-02"}, headers={"x-csrf-token": ingela.csrf}, follow_redirects=True
    )
    assert f"Vald: {weekday_date(date(year, 6, 2), 'sv')}." in said.text
    page = (await ingela.get(f"/granby/meetings/plan?year={year}")).text
    listed = page.partition('<ol class="picks-list">')[2].partition("</ol>")[0]
    assert [each in listed for each in ("Vårens träff", "Höstens träff")] == [True, True]
    assert listed.index("Vårens träff") < listed.index("Ta bort") < listed.index("Höstens träff")
    assert (listed.count("redan planerad"), listed.count("har varit")) == (2, 0)
    assert "Då syns den för alla" in page
    await pick(ingela, date(year, 9, 8))
    assert "Då syns de för alla" in (await ingela.get(f"/granby/meetings/plan?year={year}")).text
    await make_meeting(session, cast.coordinator, "Förra årets träff", day=date(today.year - 1, 3, 3))
    page = (await ingela.get(f"/granby/meetings/plan?year={today.year - 1}")).text
    assert re.search(r"Förra årets träff</a>, har varit", page)


async def test_before_it_is_published_nobody_else_finds_anything_of_it(cast: Cast, session, browser, visitor: Browser):
    others = {role: await browser(member) for role, member in cast.everyone.items() if role not in ("coordinator", "outsider")}
    token = await make(session, by=cast.contact, form=FeedForm(name="Telefonen"))
    await session.commit()
    paths = ("", "/meetings", "/meetings/year?year=2031", "/search?q=Näktergalsträff", "/waiting", "/members")
    before = {(role, path): exact((await each.get(f"/granby{path}")).text) for role, each in others.items() for path in paths}
    feed = (await visitor.get(f"/calendar/{token}.ics")).text
    ingela = await browser(cast.coordinator)
    await ingela.post("/granby/meetings/plan", USUAL)
    await pick(ingela, *DAYS)
    assert "Näktergalsträff" in (await ingela.get(PLAN)).text
    after = {(role, path): exact((await each.get(f"/granby{path}")).text) for role, each in others.items() for path in paths}
    assert {key for key in before if before[key] != after[key]} == set()
    assert (await visitor.get(f"/calendar/{token}.ics")).text == feed
    for table in (Record, Meeting, Mailing, Notification, MailOut):
        assert (await session.scalars(select(table))).all() == []


def exact(page: str) -> str:
    """The page without what differs from request to request."""
    return re.sub(r"[0-9a-f-]{36}|[0-9a-f]{64}|[0-9a-f]{8}", "*", page)


@pytest.mark.parametrize("role", ["contact", "head", "reader", "registrar", "guest", "admin"])
async def test_others_have_no_plan(role: str, cast: Cast, session, browser):
    planned = await make_planned(session, cast.coordinator, DAYS[0])
    await session.commit()
    someone = await browser(cast.everyone[role])
    assert (await someone.get(PLAN)).status_code == 403
    assert (await someone.post("/granby/meetings/plan/days", {"day": DAYS[1].isoformat()})).status_code == 403
    assert (await someone.get(f"/granby/meetings/plan/days/{planned.id}")).status_code == 404
    assert (await someone.post("/granby/meetings/plan/publication", {"year": str(YEAR)})).status_code == 403
    assert (await session.scalars(select(col(PlannedDay.day)))).all() == [DAYS[0]]


async def test_an_unpublished_plan_waits_for_who_coordinates_and_for_nobody_else(cast: Cast, session, browser):
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    await pick(ingela, *DAYS[:2])
    assert f"Årsplanen {YEAR} är ett utkast" in (await ingela.get("/granby")).text
    assert "2 valda dagar: publicera när planen är klar" in (await ingela.get("/granby")).text
    assert "är ett utkast" not in (await maja.get("/granby")).text
    await ingela.post("/granby/meetings/plan/publication", {"year": str(YEAR)})
    assert "är ett utkast" not in (await ingela.get("/granby")).text


async def test_those_who_coordinate_together_plan_together(cast: Cast, session, browser):
    second = await make_member(session, cast.network, "Sara Andra", Role.coordinator)
    await session.commit()
    ingela, sara = await browser(cast.coordinator), await browser(second)
    await pick(ingela, DAYS[0])
    await pick(sara, DAYS[0], DAYS[1])
    assert picked((await ingela.get(PLAN)).text) == [DAYS[0].isoformat(), DAYS[1].isoformat()]


async def test_one_press_makes_meetings_that_all_see_and_mails_nobody(cast: Cast, session, browser, visitor: Browser):
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    token = await make(session, by=cast.contact, form=FeedForm(name="Telefonen"))
    await session.commit()
    await ingela.post("/granby/meetings/plan", USUAL)
    await pick(ingela, *reversed(DAYS[:3]))
    own = (await session.scalars(select(PlannedDay).where(col(PlannedDay.day) == DAYS[1]))).one()
    form = {"title": "Vårens utflykt", "starts": "13:00", "ends": "16:00", "place": "Kvarnen"}
    assert (await ingela.post(f"/granby/meetings/plan/days/{own.id}", form)).status_code == 303
    done = await ingela.post("/granby/meetings/plan/publication", {"year": str(YEAR)})
    assert (done.status_code, done.headers["location"]) == (303, f"/granby/meetings/year?year={YEAR}")
    found = (await session.scalars(select(Meeting).order_by(col(Meeting.starts_at)))).all()
    titles = {each.id: each.title for each in await session.scalars(select(Record))}
    assert [
        (titles[each.record_id], clock.local(each.starts_at).date(), clock.local(each.starts_at).time(), each.place, each.state)
        for each in found
    ] == [
        ("Näktergalsträff 1", DAYS[0], time(9, 30), "Tranan", "planned"),
        ("Vårens utflykt", DAYS[1], time(13), "Kvarnen", "planned"),
        ("Näktergalsträff 3", DAYS[2], time(9, 30), "Tranan", "planned"),
    ]
    assert set(await session.scalars(select(col(AgendaItem.title)))) == {"Föregående träff"}
    assert (await session.scalars(select(PlannedDay))).all() == []
    for page in ("/meetings", f"/meetings/year?year={YEAR}", "/search?q=Näktergalsträff"):
        assert "Näktergalsträff 1" in (await maja.get(f"/granby{page}")).text.replace("</mark>", ""), page
    assert (await visitor.get(f"/calendar/{token}.ics")).text.count("BEGIN:VEVENT") == 3
    for table in (Mailing, Notification, MailOut):
        assert (await session.scalars(select(table))).all() == []
    assert (await session.scalars(select(col(Activity.verb)).where(col(Activity.verb) == "year.published"))).all() == ["year.published"]


async def test_what_is_planned_between_meetings_of_the_year_gets_a_number_that_none_of_them_has(cast: Cast, session, browser):
    year = clock.today().year + 1
    ingela = await browser(cast.coordinator)
    for days in ((f"{year}-02-10", f"{year}-09-08"), (f"{year}-05-12", f"{year}-11-10")):
        for day in days:
            await ingela.post("/granby/meetings/plan/days", {"day": day})
        assert (await ingela.post("/granby/meetings/plan/publication", {"year": str(year)})).status_code == 303
    found = await session.execute(
        select(Record.title).join(Meeting, col(Meeting.record_id) == col(Record.id)).order_by(col(Meeting.starts_at))
    )
    assert [row.title for row in found] == [f"Nätverksträff {number}" for number in (1, 3, 2, 4)]


async def test_an_empty_plan_is_not_published(cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    refused = await ingela.post("/granby/meetings/plan/publication", {"year": str(YEAR)})
    assert refused.status_code == 409
    assert "inga dagar" in refused.text


async def test_hours_that_the_day_does_not_have_are_refused_and_nothing_is_published(cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    await ingela.post("/granby/meetings/plan", USUAL | {"starts": "02:30", "ends": "04:00"})
    await pick(ingela, DAYS[0], date(2031, 3, 30))
    refused = await ingela.post("/granby/meetings/plan/publication", {"year": str(YEAR)})
    assert refused.status_code == 409
    assert "Klockan ställs fram den natten" in refused.text
    assert (await session.scalars(select(Meeting))).all() == []
    assert len((await session.scalars(select(PlannedDay))).all()) == 2


async def test_the_rhythm_of_the_year_before_is_a_suggestion(cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    await make_meeting(session, cast.coordinator, day=date(2030, 2, 13))
    await make_meeting(session, cast.coordinator, day=date(2030, 9, 11))
    assert "Föreslå samma veckor som 2030" in (await ingela.get(PLAN)).text
    assert (await ingela.post("/granby/meetings/plan/rhythm", {"year": str(YEAR)})).status_code == 303
    assert picked((await ingela.get(PLAN)).text) == ["2031-02-12", "2031-09-10"]
    again = await ingela.post("/granby/meetings/plan/rhythm", {"year": str(YEAR)})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("path", "given", "sentence"),
    [
        ("/meetings/plan/days", {"day": "i morgon"}, "2026-12-13"),
        ("/meetings/plan/days", {"day": "1999-01-01"}, "mellan 2000 och 2099"),
        ("/meetings/plan", USUAL | {"ends": "09:00"}, "sluta efter att den börjar"),
        ("/meetings/plan", USUAL | {"title": "x" * 151}, "för lång"),
    ],
)
async def test_a_wrong_form_says_why(path: str, given: dict[str, str], sentence: str, cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    refused = await ingela.post(f"/granby{path}", given)
    assert refused.status_code == 422
    assert sentence in refused.text
    assert (await session.scalars(select(PlannedDay))).all() == []


async def test_the_year_shows_what_lies_in_it_and_leads_there(cast: Cast, session, browser):
    day = clock.today()
    meeting = await make_meeting(session, cast.coordinator, day=day)
    consultation = await make_consultation(session, cast.coordinator, closes_on=day)
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    await ingela.post("/granby/meetings/reminders", {"day": f"{day.year - 1}-05-09", "title": "Europadagen", "yearly": "true"})
    await ingela.post(f"/granby{consultation.record.path}/triage", {"triage": "watching"})
    page = (await maja.get("/granby/meetings/year")).text
    assert f'<a href="/granby{meeting.record.path}" aria-label="Träff 1: Nätverksträff 2' in page
    assert f'<a href="/granby{consultation.record.path}" aria-label="Samrådstid: ' in page
    assert page.count("Europadagen") == 2  # in the wheel and in the table
    assert "Europadagen" in (await maja.get("/granby")).text
    await ingela.post(f"/granby{consultation.record.path}/triage", {"triage": "not_relevant", "reason": "Rör inte oss."})
    assert f'href="/granby{consultation.record.path}"' not in (await maja.get("/granby/meetings/year")).text


async def test_a_meeting_that_is_cancelled_is_not_in_the_year(cast: Cast, session, browser):
    meeting = await make_meeting(session, cast.coordinator, title="Lomträffen", day=clock.today())
    ingela = await browser(cast.coordinator)
    assert "Lomträffen" in (await ingela.get("/granby/meetings/year")).text
    await ingela.post(f"/granby{meeting.record.path}/cancellation", {"reason": "Snö"})
    assert "Lomträffen" not in (await ingela.get("/granby/meetings/year")).text

"""Which program last read which feed, when and what it got: shown to its owner, and to who administers the network."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.activity.models import Activity
from portal.calendar.models import Feed, Reading
from portal.calendar.programs import Program, program_of, shown
from tests.calendar.reading import address_for
from tests.counting import counting
from tests.factories import Cast
from tests.making import make_meeting

GOOGLE = {"user-agent": "Google-Calendar-Importer"}
APPLE = {"user-agent": "iOS/17.5 (21F79) dataaccessd/1.0"}


@pytest.mark.parametrize(
    ("agent", "program"),
    [
        ("Google-Calendar-Importer", Program.google),
        ("Mozilla/5.0 (compatible; Google-Calendar-Importer)", Program.google),
        ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)", Program.outlook),
        ("Microsoft Exchange/15.20", Program.outlook),
        ("Outlook-iOS/2.0", Program.outlook),
        ("MacOutlook/16.78 (Intelx64 Mac OS X 14.0)", Program.outlook),
        ("iOS/17.5 (21F79) dataaccessd/1.0", Program.apple),
        ("macOS/14.5 (23F79) CalendarAgent/986.5", Program.apple),
        ("Mac_OS_X/10.9.5 (13F34) CalendarAgent/176.2", Program.apple),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.4.0", Program.thunderbird),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:115.0) Gecko/20100101 Thunderbird/115.3", Program.thunderbird),
        ("ICSx5/2.2.3 (ical4j/4.0)", Program.other),
        ("vdirsyncer/0.21.0", Program.other),
        ("", Program.other),
    ],
)
def test_programs_are_known_by_what_they_call_themselves(agent: str, program: Program):
    assert program_of(agent) is program


def test_what_a_program_calls_itself_is_kept_short_and_on_one_line():
    assert shown("A\r\nB\t\x00\u202eC " + "x" * 500) == "A B C " + "x" * 94


async def readings(session) -> dict[str, tuple[int, int]]:
    """Status and number of events by program, as stored."""
    found = await session.execute(select(col(Reading.program), col(Reading.status), col(Reading.events)))
    return {program: (status, events) for program, status, events in found}


async def test_each_program_that_reads_is_shown_with_what_it_got(cast: Cast, session, browser, visitor):
    await make_meeting(session, cast.coordinator)
    path = await address_for(browser, cast.contact, name="Telefonen")
    maja = await browser(cast.contact)
    assert "Inte läst av något program ännu" in (await maja.get("/granby/calendar")).text
    tag = (await visitor.get(path, headers=GOOGLE)).headers["etag"]
    await visitor.get(path, headers=APPLE)
    await visitor.get(path, headers={**APPLE, "if-none-match": tag})
    await visitor.get(path, headers={"user-agent": "<b>Klocka</b>/1"})
    assert await readings(session) == {"google": (200, 1), "apple": (304, 1), "other": (200, 1)}
    page = re.sub(r"<[^>]+>|\s+", " ", (await maja.get("/granby/calendar")).text)
    told = re.sub(r" +", " ", page)
    assert "Google Kalender nyss : fick en händelse" in told
    assert "Apple Kalender nyss : inget nytt, en händelse" in told
    assert "Ett annat program (&lt;b&gt;Klocka&lt;/b&gt;/1) nyss : fick en händelse" in told
    await make_meeting(session, cast.coordinator)
    await visitor.get(path, headers={**GOOGLE, "if-none-match": tag})
    assert (await readings(session))["google"] == (200, 2)


async def test_looking_at_the_address_in_a_browser_or_asking_for_its_headers_is_no_reading(cast: Cast, session, browser, visitor):
    path = await address_for(browser, cast.contact)
    await visitor.get(path, headers={"sec-fetch-mode": "navigate", "user-agent": "Mozilla/5.0 Firefox/140.0"})
    await visitor.client.head(path, headers=GOOGLE)
    assert await readings(session) == {}
    await visitor.get(path, headers=GOOGLE)
    assert await readings(session) == {"google": (200, 0)}


async def test_a_reading_is_noted_when_it_tells_something_new_and_else_every_ten_minutes(cast: Cast, session, browser, visitor, portal):
    path = await address_for(browser, cast.contact)
    begun = clock.now()

    async def writes(after: timedelta, **headers: str) -> bool:
        with clock.fixed(begun + after):
            async with counting(portal) as seen:
                await visitor.get(path, headers=GOOGLE | headers)
        return any("INSERT INTO feed_reading" in each for each in seen)

    minutes = timedelta(minutes=1)
    assert [await writes(after * minutes) for after in (0, 1, 9, 11, 12)] == [True, False, False, True, False]
    assert [await writes(after * minutes, **{"if-none-match": "*"}) for after in (13, 14)] == [True, False]


async def test_a_program_that_has_stopped_reading_is_said_to_have(cast: Cast, session, browser, visitor):
    path = await address_for(browser, cast.contact)
    await visitor.get(path, headers=GOOGLE)
    maja = await browser(cast.contact)
    for later, stopped in ((timedelta(hours=47), False), (timedelta(hours=49), True)):
        with clock.fixed(clock.now() + later):
            assert ("Läser inte längre" in (await maja.get("/granby/calendar")).text) is stopped


async def test_a56_who_administers_sees_the_links_and_ends_one_that_has_gone_astray(cast: Cast, session, browser, visitor):
    path = await address_for(browser, cast.contact, name="Gamla telefonen")
    await address_for(browser, cast.deputy, name="Plattan")
    await visitor.get(path, headers=GOOGLE)
    ended = (await session.scalars(select(Feed).where(col(Feed.name) == "Gamla telefonen"))).one()
    there, ending = "/granby/administer/feeds", f"/granby/administer/feeds/{ended.id}/ending"
    for role, status in (("contact", 403), ("deputy", 403), ("reader", 403), ("registrar", 403), ("guest", 404), ("outsider", 404)):
        knocks = await browser(getattr(cast, role))
        assert (role, (await knocks.get(there)).status_code, (await knocks.post(ending)).status_code) == (role, status, status)
    assert (await visitor.get(there)).status_code == 303
    assert (await visitor.post(ending)).status_code == 401
    assert (await visitor.get(path)).status_code == 200
    zainab = await browser(cast.admin)
    page = (await zainab.get(there)).text
    assert "Maja Lindqvist: Gamla telefonen" in page
    assert "Google Kalender nyss" in page
    assert path[10:-4] not in page
    olle = await browser(cast.outsider)
    assert (await olle.post(f"/vitby/administer/feeds/{ended.id}/ending")).status_code == 404
    assert (await zainab.post(ending)).status_code == 303
    assert (await visitor.get(path)).status_code == 404
    assert "Gamla telefonen" not in (await (await browser(cast.coordinator)).get(there)).text
    deeds = (await session.execute(select(col(Activity.verb), col(Activity.data)).where(col(Activity.verb) == "feed.ended_for"))).all()
    assert [tuple(each) for each in deeds] == [("feed.ended_for", {"name": "Maja Lindqvist"})]
    assert (await zainab.post(ending)).status_code == 404
    assert await readings(session) == {}


async def test_ten_links_cost_the_page_what_one_costs(cast: Cast, session, browser, visitor, portal):
    async def statements() -> int:
        await maja.get("/granby/calendar")
        async with counting(portal) as seen:
            await maja.get("/granby/calendar")
        return len(seen)

    maja = await browser(cast.contact)
    await visitor.get(await address_for(browser, cast.contact), headers=GOOGLE)
    one = await statements()
    for number in range(3):
        await visitor.get(await address_for(browser, cast.contact, name=f"Nummer {number}"), headers=APPLE)
    assert await statements() == one

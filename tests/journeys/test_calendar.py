"""A member subscribes, and a calendar program reads the right hours on either side of the clock change."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import httpx
import icalendar
import recurring_ical_events
import vobject
from playwright.async_api import expect

from portal import clock
from tests.journeys.deeds import NETWORK
from tests.journeys.visitor import Visit, Visitor

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SUMMER, WINTER = timedelta(hours=2), timedelta(hours=1)


async def test_meetings_on_both_sides_of_the_clock_change_are_at_one_o_clock(visit: Visit) -> None:
    ingela, maja = await visit("Ingela Rask"), await visit("Maja Lindqvist")
    change = next(_clock_changes(clock.today()))
    before, after = change - timedelta(days=5), change + timedelta(days=2)
    await _plan(ingela, "Träff före omställningen", before)
    await _plan(ingela, "Träff efter omställningen å ä ö", after)

    address = await _subscribe(maja)
    answer = httpx.get(address, headers={"Authorization": "Basic Zm9vOmJhcg==", "User-Agent": "Google-Calendar-Importer"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert "set-cookie" not in answer.headers
    expected = {
        "Träff före omställningen": datetime.combine(before, time(13), STOCKHOLM).astimezone(UTC),
        "Träff efter omställningen å ä ö": datetime.combine(after, time(13), STOCKHOLM).astimezone(UTC),
    }
    assert {moment.hour for moment in expected.values()} == {11, 12}
    found = _read_by_recurring_ical_events(answer.content, before, after)
    assert {name: moment for name, moment in found.items() if name in expected} == expected  # the demo meets in those days some years
    assert {name: moment for name, moment in _read_by_vobject(answer.text).items() if name in expected} == expected

    await maja.open(f"{NETWORK}/calendar")
    read = maja.page.get_by_role("listitem").filter(has_text="Google Kalender nyss: fick")
    await expect(read.get_by_text("Läser", exact=True)).to_be_visible()
    await maja.page.get_by_role("link", name=re.compile("Ändra.*Outlook på jobbet")).click()
    await maja.page.get_by_label("Var ska du använda den?").fill("Plattan")
    await maja.page.get_by_role("button", name="Spara").click()
    await expect(maja.page.get_by_role("heading", name="Plattan")).to_be_visible()

    tag = answer.headers["etag"]
    assert httpx.get(address, headers={"If-None-Match": tag}).status_code == 304
    await maja.page.locator("summary").filter(has_text=re.compile("Byt länk.*Plattan", re.DOTALL)).click()
    await maja.page.get_by_role("button", name=re.compile("Byt länken nu.*Plattan")).click()
    await expect(maja.page.get_by_label("Länk", exact=True)).not_to_have_value(address)
    assert httpx.get(address).status_code == 404


async def _plan(visitor: Visitor, title: str, day: date) -> None:
    await visitor.open(f"{NETWORK}/meetings/new")
    await visitor.page.get_by_label("Rubrik").fill(title)
    await visitor.page.get_by_label("Dag", exact=True).fill(day.isoformat())
    await visitor.page.get_by_label("Börjar").fill("13:00")
    await visitor.page.get_by_label("Slutar").fill("15:30")
    await visitor.page.get_by_role("button", name="Planera träffen").click()
    await expect(visitor.page.get_by_role("heading", name=title, level=1)).to_be_visible()


async def _subscribe(visitor: Visitor) -> str:
    """Make a calendar link in the page; returns its address."""
    await visitor.open(f"{NETWORK}/calendar")
    await visitor.page.get_by_label("Var ska du använda den?").fill("Outlook på jobbet")
    await visitor.page.get_by_role("button", name="Skapa kalenderlänk").click()
    return await visitor.page.get_by_label("Länk", exact=True).input_value()


def _clock_changes(day: date) -> Iterator[date]:
    """The days from `day` on whose noon is not 24 hours after the noon before."""
    while True:
        day += timedelta(days=1)
        offsets = {datetime.combine(each, time(12), STOCKHOLM).utcoffset() for each in (day, day - timedelta(days=1))}
        if offsets == {SUMMER, WINTER}:
            yield day


def _read_by_recurring_ical_events(content: bytes, first: date, last: date) -> dict[str, datetime]:
    calendar = icalendar.Calendar.from_ical(content)
    found = recurring_ical_events.of(calendar).between(first, last + timedelta(days=1))
    return {str(each["SUMMARY"]): each["DTSTART"].dt.astimezone(UTC) for each in found if "omställningen" in each["SUMMARY"]}


def _read_by_vobject(text: str) -> dict[str, datetime]:
    return {each.summary.value: each.dtstart.value.astimezone(UTC) for each in vobject.readOne(text).vevent_list}

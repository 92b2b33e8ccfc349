"""A member's own calendar: an address from the page, read without cookies, with the right hours."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import vobject
from playwright.async_api import expect

from tests.journeys.deeds import NETWORK
from tests.journeys.visitor import Visit, Visitor

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NEXT = "Nätverksträff: Bostäder, upphandling och året som gick"


async def test_a_calendar_link_gives_the_next_meeting_at_the_right_hour(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist")
    await maja.open(f"{NETWORK}/meetings")
    shown = maja.page.get_by_role("listitem").filter(has_text=NEXT)
    await expect(shown).to_contain_text("kl. 13.00")
    day = datetime.fromisoformat(await shown.locator("time").get_attribute("datetime") or "").astimezone(STOCKHOLM).date()
    starts = _starts(await _calendar(maja))
    assert starts[NEXT] == datetime(day.year, day.month, day.day, 13, tzinfo=STOCKHOLM).astimezone(UTC)


async def _calendar(visitor: Visitor) -> str:
    """Make a link in the page and read what it leads to, as a calendar program does: without cookies."""
    await visitor.open(f"{NETWORK}/calendar")
    await visitor.page.get_by_label("Var ska du använda den?").fill("Outlook på jobbet")
    await visitor.page.get_by_role("button", name="Skapa kalenderlänk").click()
    address = await visitor.page.get_by_label("Länk", exact=True).input_value()
    async with httpx.AsyncClient() as program:
        answer = await program.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    return answer.text


def _starts(calendar: str) -> dict[str, datetime]:
    """When each meeting starts, by its title."""
    return {event.summary.value: event.dtstart.value.astimezone(UTC) for event in vobject.readOne(calendar).vevent_list}

"""Scenario 3: a member subscribes, and his program keeps the hour over the clock change, follows a move and a cancellation, and stops."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import httpx
import icalendar
from playwright.async_api import Page, expect

from tests.journeys.deeds import NETWORK
from tests.journeys.visitor import Visit, Visitor

STOCKHOLM = ZoneInfo("Europe/Stockholm")
BEFORE, AFTER = date(2027, 3, 23), date(2027, 3, 30)  # the Tuesdays on either side of the change that comes next
LONG = "Träff efter omställningen: återblick på årets ärenden, förslag från nämnderna och en fråga om kläder, bröd och öppna dörrar"
STRAY = {"Authorization": "Basic Zm9vOmJhcg==", "User-Agent": "Microsoft Exchange/15.20"}


async def test_kalendern_i_outlook(visit: Visit) -> None:
    ingela, tomas = await visit("Ingela Rask"), await visit("Tomas Ekvall")
    await _plan(ingela, "Träff före omställningen", BEFORE)
    await _plan(ingela, LONG, AFTER)
    address = await _copied(tomas)
    async with httpx.AsyncClient(headers=STRAY) as program:
        answer = await program.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
        assert {"set-cookie", "location"}.isdisjoint(answer.headers)
        rules = [
            part["RRULE"].to_ical() for part in icalendar.Calendar.from_ical(answer.content).walk() if part.name in ("STANDARD", "DAYLIGHT")
        ]
        assert sorted(rules) == [b"FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", b"FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"]
        events = _events(answer.content)
        starts = {title: events[title]["DTSTART"].dt for title in ("Träff före omställningen", LONG)}
        assert list(starts.values()) == [datetime(day.year, day.month, day.day, 13, tzinfo=STOCKHOLM) for day in (BEFORE, AFTER)]
        assert {(each.hour, each.tzinfo.key) for each in starts.values()} == {(13, "Europe/Stockholm")}
        assert max(len(line) for line in answer.content.split(b"\r\n")) <= 75  # so its title, which is longer, stands on lines of its own
        tag = answer.headers["etag"]
        assert (await program.get(address, headers={"If-None-Match": tag})).status_code == 304

        await _move(ingela.page, LONG, starts="14:00", ends="16:00")
        moved = await program.get(address, headers={"If-None-Match": tag})
        after, before = _events(moved.content)[LONG], events[LONG]
        assert (moved.status_code, after["DTSTART"].dt.hour, after["UID"]) == (200, 14, before["UID"])
        assert after["SEQUENCE"] > before["SEQUENCE"]

        await ingela.page.get_by_role("link", name="Ställ in").click()
        await ingela.page.get_by_label("Skäl").fill("Storm")
        await ingela.page.get_by_role("button", name="Ställ in träffen").click()
        await expect(ingela.page.get_by_text("Träffen är inställd:")).to_be_visible()
        gone = _events((await program.get(address)).content)[f"INSTÄLLD: {LONG}"]
        assert (gone["STATUS"], gone["UID"], gone["SEQUENCE"] > after["SEQUENCE"]) == ("CANCELLED", before["UID"], True)

        await tomas.open(f"{NETWORK}/calendar")
        await expect(tomas.page.locator(".readings li").filter(has_text="Outlook nyss: fick")).to_be_visible()
        await tomas.page.locator("summary").filter(has_text="Byt länk").click()
        await expect(tomas.page.get_by_text("Den gamla länken slutar gälla genast.")).to_be_visible()
        assert (await program.get(address)).status_code == 200  # not before one has read that
        await tomas.page.get_by_role("button", name="Byt länken nu").click()
        await expect(tomas.page.get_by_label("Länk", exact=True)).not_to_have_value(address)
        assert (await program.get(address, headers={"If-None-Match": tag})).status_code == 404


async def _plan(visitor: Visitor, title: str, day: date) -> None:
    page = visitor.page
    await visitor.open(f"{NETWORK}/meetings/new")
    await page.get_by_label("Rubrik").fill(title)
    await page.get_by_label("Dag", exact=True).fill(day.isoformat())
    await page.get_by_label("Börjar").fill("13:00")
    await page.get_by_label("Slutar").fill("15:00")
    await page.get_by_role("button", name="Planera träffen").click()
    await expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


async def _copied(visitor: Visitor) -> str:
    """The address that he has on his clipboard after he has asked for a calendar link."""
    await visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.page
    await visitor.open(f"{NETWORK}/meetings")
    await page.get_by_role("link", name="Prenumerera på kalendern").click()
    await page.get_by_label("Var ska du använda den?").fill("Outlook på jobbet")
    await page.get_by_role("button", name="Skapa kalenderlänk").click()
    await page.get_by_role("button", name="Kopiera kalenderlänk").click()
    await expect(page.get_by_role("button", name="Kopierad")).to_be_visible()
    return str(await page.evaluate("navigator.clipboard.readText()"))


async def _move(page: Page, title: str, *, starts: str, ends: str) -> None:
    await page.get_by_role("link", name="Ändra", exact=True).click()
    await page.get_by_label("Börjar").fill(starts)
    await page.get_by_label("Slutar").fill(ends)
    await page.get_by_role("button", name="Spara").click()
    await expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


def _events(content: bytes) -> dict[str, icalendar.Event]:
    return {str(event["SUMMARY"]): event for event in icalendar.Calendar.from_ical(content).events}

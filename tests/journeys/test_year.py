"""Scenario 1: the coordinator plans the year in five minutes, and nobody is told before she publishes."""

from datetime import UTC, datetime

import httpx
import vobject
from playwright.async_api import Page, expect

from tests.journeys.deeds import NETWORK
from tests.journeys.visitor import Visit, Visitor

YEAR = 2029
DAYS = ["2029-02-14", "2029-04-18", "2029-07-05", "2029-10-10", "2029-12-05"]
PLAN = f"{NETWORK}/meetings/plan?year={YEAR}"


async def tap(page: Page, day: str) -> None:
    await page.locator(f"[data-day='{day}']").click()


async def test_planera_aret(visit: Visit) -> None:
    ingela, maja = await visit("Ingela Rask"), await visit("Maja Lindqvist")
    page = ingela.page
    feed = await _feed(maja)
    await ingela.open(f"{NETWORK}/meetings")
    await page.get_by_role("link", name="Planera året").click()
    await ingela.open(PLAN)
    for day in DAYS:
        await tap(page, day)
        await expect(page.locator(f"[data-day='{day}']")).to_have_attribute("aria-pressed", "true")
        await expect(page.locator(f"[data-day='{day}']")).to_be_in_viewport()
    tally = page.locator("#tally")
    await expect(tally).to_contain_text("5 av 4–6 träffar")
    await expect(page.get_by_text("I juli har de flesta semester.")).to_be_visible()
    await expect(page.get_by_text("Mer än tre månader mellan 5 juli och 10 oktober.")).to_be_visible()
    await expect(page.locator(".picks-list")).to_contain_text("vecka 7")
    await maja.open(f"{NETWORK}/meetings/year?year={YEAR}")
    seen = maja.page.get_by_role("table")
    await expect(seen).to_contain_text("Europadagen")
    await expect(seen).not_to_contain_text("Nätverksträff")

    await tap(page, DAYS[2])
    await expect(tally).to_contain_text("4 av 4–6 träffar. Antalet är inom målet.")
    await expect(page.get_by_text("I juli har de flesta semester.")).to_have_count(0)
    assert await tally.evaluate("each => getComputedStyle(each).color") != await page.locator("main h1").evaluate(
        "each => getComputedStyle(each).color"
    )
    await page.emulate_media(media="print")
    await expect(page.locator("table.month caption:visible")).to_have_count(12)
    await page.emulate_media(media="screen")
    before = await _starts(feed)
    await page.locator("#f-place").fill("Rum Tranan")
    await page.get_by_role("button", name="Spara tid och plats").click()
    await page.get_by_role("button", name="Publicera 4 träffar").click()

    await expect(page.get_by_text("4 träffar är planerade och syns för alla. Ingen har fått mejl.")).to_be_visible()
    await expect(page.get_by_role("table")).to_contain_text("vecka 7")
    await expect(page.locator("svg.wheel a")).to_have_count(4)
    fresh = {title: start for title, start in (await _starts(feed)).items() if title not in before}
    assert fresh == {
        f"Nätverksträff {number}": datetime(YEAR, month, day, hour, tzinfo=UTC)
        for number, (month, day, hour) in enumerate([(2, 14, 12), (4, 18, 11), (10, 10, 11), (12, 5, 12)], 1)
    }


async def test_the_days_are_walked_with_the_keyboard(visit: Visit) -> None:
    ingela = await visit("Ingela Rask")
    page = ingela.page
    await ingela.open(f"{NETWORK}/meetings/plan?year=2030")
    await page.locator("[data-day='2030-01-01']").focus()
    for key, day in (
        ("ArrowRight", "2030-01-02"),
        ("ArrowDown", "2030-01-09"),
        ("PageDown", "2030-02-11"),
        ("End", "2030-02-15"),
        ("ArrowRight", "2030-02-18"),
    ):
        await page.keyboard.press(key)
        await expect(page.locator(":focus")).to_have_attribute("data-day", day)
    await page.keyboard.press("Enter")
    pressed = page.locator("[data-day='2030-02-18']")
    await expect(pressed).to_have_attribute("aria-pressed", "true")
    await expect(pressed).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(page.locator(":focus")).to_have_attribute("data-day", "2030-02-11")
    await tap(page, "2030-02-18")
    await expect(pressed).to_have_attribute("aria-pressed", "false")
    quickly = ["2030-02-19", "2030-02-20", "2030-02-21", "2030-02-22"]
    for day in quickly:
        await tap(page, day)
    for day in quickly:
        await expect(page.locator(f"[data-day='{day}']")).to_have_attribute("aria-pressed", "true")


async def _feed(visitor: Visitor) -> str:
    await visitor.open(f"{NETWORK}/calendar")
    await visitor.page.get_by_label("Var ska du använda den?").fill("Telefonen")
    await visitor.page.get_by_role("button", name="Skapa kalenderlänk").click()
    return await visitor.page.get_by_label("Länk", exact=True).input_value()


async def _starts(feed: str) -> dict[str, datetime]:
    async with httpx.AsyncClient() as program:
        answer = await program.get(feed)
    return {event.summary.value: event.dtstart.value.astimezone(UTC) for event in vobject.readOne(answer.text).vevent_list}

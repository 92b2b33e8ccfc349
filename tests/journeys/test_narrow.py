"""At 320 pixels, or at 400 %, one does all that one does in a wide window."""

from playwright.async_api import Page, expect

from tests.journeys.deeds import SOON, box, choose, comment, comments, open_live, share_finding
from tests.journeys.examining import NARROW, too_wide
from tests.journeys.visitor import Visit

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


async def _fits(page: Page) -> None:
    assert await too_wide(page) == []
    await page.evaluate("document.querySelectorAll('main details').forEach((each) => (each.open = false))")


async def test_posting_replying_changing_and_reporting(visit: Visit) -> None:
    maja, tomas = [await visit(name, viewport=NARROW, has_touch=True) for name in ("Maja Lindqvist", "Tomas Ekvall")]
    path = await share_finding(maja, "Skriven på en liten telefon")
    await open_live(maja, path)
    await open_live(tomas, path)
    await comment(maja, f"Det började med {LONG}")
    await _fits(maja.page)

    first = comments(tomas.page).filter(has_text="Det började")
    await expect(first).to_be_visible(timeout=SOON)
    await first.get_by_role("link", name="Svara").tap()
    await expect(tomas.page.get_by_text("Du svarar Maja Lindqvist")).to_be_visible()
    await _fits(tomas.page)
    await comment(tomas, "Då fortsätter jag")
    await expect(tomas.page.locator(".exchange").filter(has_text="Det började")).to_contain_text("Då fortsätter jag")
    await _fits(tomas.page)

    reply = comments(maja.page).filter(has_text="Då fortsätter jag")
    await expect(reply).to_be_visible(timeout=SOON)
    await choose(comments(maja.page).filter(has_text="Det började"), "Ändra din kommentar")
    await _fits(maja.page)
    await maja.page.get_by_label("Kommentar", exact=True).fill(f"Det slutade med {LONG} " + "i" * 200)
    await maja.page.get_by_role("button", name="Spara ändringen").tap()
    await expect(comments(maja.page).filter(has_text="Det slutade")).to_be_visible()
    await expect(comments(tomas.page).filter(has_text="Det slutade")).to_be_visible(timeout=SOON)
    await _fits(maja.page)
    await _fits(tomas.page)

    await choose(reply, "Anmäl kommentaren av Tomas Ekvall")
    await maja.page.get_by_label("Hör inte hit").check()
    await maja.page.get_by_label("Med egna ord").fill(LONG * 3)
    await _fits(maja.page)
    await maja.page.get_by_role("button", name="Skicka anmälan").tap()
    await expect(maja.page.get_by_text("Samordnaren har fått din anmälan.")).to_be_visible()
    await _fits(maja.page)
    await expect(box(maja.page)).to_be_visible()

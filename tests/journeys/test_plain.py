"""The portal without JavaScript, and without a mouse."""

from playwright.async_api import Page, expect

from tests.journeys.deeds import NETWORK, box, comments, is_live, share_finding
from tests.journeys.visitor import Visit

NEXT = "Nätverksträff: Bostäder, upphandling och året som gick"
FARTHEST = 120


async def test_sign_in_comment_answer_and_search_work_without_javascript(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist", java_script_enabled=False)
    page = maja.page
    await share_finding(maja, "Fjärrvärme över gränsen")
    await box(page).fill("Skrivet utan **skript**")
    await page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(comments(page)).to_contain_text(["Skrivet utan skript"])
    await expect(box(page)).to_have_value("")

    await maja.open(f"{NETWORK}/meetings")
    await page.get_by_role("link", name=NEXT).click()
    for answer in ("Jag kommer", "Kanske"):
        await page.get_by_role("button", name=answer).click()
        await expect(page.get_by_role("button", name=answer)).to_have_attribute("aria-pressed", "true")
        await expect(page.locator("button[name=answer][aria-pressed=true]")).to_have_count(1)

    await page.get_by_role("searchbox", name="Sök i nätverket").fill("fjärrvärme gränsen")
    await page.keyboard.press("Enter")
    await expect(page.locator("ol.hits").get_by_role("link", name="Fjärrvärme över gränsen").first).to_be_visible()
    await expect(page.locator("html[data-live-state]")).to_have_count(0)


async def test_a_comment_is_written_and_sent_with_the_keyboard_alone(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist")
    page = maja.page
    path = await share_finding(maja, "Skolmat i tre länder")
    await maja.open(path)
    await is_live(page)
    await page.keyboard.press("Tab")
    await expect(page.locator(":focus")).to_have_text("Hoppa till innehållet")
    await page.keyboard.press("Enter")
    await _tab_to(page, "#comment-body")
    await page.keyboard.type("Skrivet utan mus")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Skicka", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(comments(page)).to_contain_text(["Skrivet utan mus"])
    await expect(box(page)).to_be_focused()


async def _tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the focus is there; everything on the way has to be seen to have it."""
    for _each in range(FARTHEST):
        await page.keyboard.press("Tab")
        focus = page.locator(":focus")
        await expect(focus).to_have_count(1)
        if await focus.evaluate("(element, wanted) => element.matches(wanted)", wanted):
            return
        assert await focus.evaluate("element => element.matches(':focus-visible') && element.checkVisibility()")
    raise AssertionError(f"{wanted} was not reached with {FARTHEST} presses of Tab")

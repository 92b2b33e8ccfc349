"""From the door to a sent comment with Tab and Enter alone."""

import asyncio

from playwright.async_api import Locator, Page, expect

from tests.journeys.deeds import comments
from tests.journeys.visitor import Visit

FAR = 120
# An outline on the element with the focus or on the row or box that holds it.
SHOWS = """() => {
  const shown = document.activeElement;
  const around = [shown, shown.parentElement, shown.closest('.write')].filter(Boolean).map((each) => getComputedStyle(each));
  return around.some((style) => style.outlineStyle !== 'none') || (shown.closest('.write') && around[2].boxShadow !== 'none');
}"""


async def test_signing_in_with_a_code_and_commenting_by_keyboard(visit: Visit) -> None:
    zainab = await visit()
    page = zainab.page
    await zainab.open("/")
    await _enter(page, page.get_by_text("Logga in på vanligt sätt"))
    await _go(page, page.get_by_label("E-postadress").first)
    await page.keyboard.type("zainab.warsame@grankoping.example")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Skriv koden från mejlet")).to_be_visible()
    code = await _code(await zainab.context.new_page(), zainab.address)
    await _go(page, page.get_by_label("Kod"))
    await page.keyboard.type(code)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Din meny, Zainab Warsame")).to_be_attached()

    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Hoppa till innehållet")).to_be_focused()
    await _enter(page, page.get_by_role("navigation", name="Huvudmeny").get_by_role("link", name="Spaningar"))
    await _enter(page, page.locator("#findings a.what").first)
    await _go(page, page.get_by_label("Skriv en kommentar"))
    await page.keyboard.type("Skrivet med tangenterna")
    await _enter(page, page.get_by_role("button", name="Skicka", exact=True))
    await expect(comments(page).filter(has_text="Skrivet med tangenterna")).to_have_count(1)
    await expect(page.get_by_label("Skriv en kommentar")).to_be_focused()


async def _code(page: Page, address: str) -> str:
    """From the newest mail, in another window."""
    mail = page.locator("article", has_text="zainab.warsame@grankoping.example")
    async with asyncio.timeout(20):
        while not await mail.count():  # it is sent by a job, a moment after the page has said so
            await page.goto(f"{address}/dev/mail")
    text = await mail.first.locator("pre").inner_text()
    await page.close()
    return next(word.strip(".") for word in text.split() if word.strip(".").isdigit() and len(word.strip(".")) == 6)


async def _enter(page: Page, target: Locator) -> None:
    await _go(page, target)
    await page.keyboard.press("Enter")


async def _go(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, and see that the focus shows."""
    await target.wait_for()
    for _press in range(FAR):
        if await target.evaluate("(element) => (element.closest('summary, a, button') ?? element) === document.activeElement"):
            assert await page.evaluate(SHOWS)
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached by {FAR} presses of Tab")

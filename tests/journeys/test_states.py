"""axe on a thread in the states that a page at rest does not show, and none of them sticks out of a small phone."""

from typing import Any

from playwright.async_api import Page, expect

from tests.files.made import picture
from tests.journeys.deeds import SOON, box, comment, comment_later, comments, offer, open_live, share_finding
from tests.journeys.examining import NARROW, VIOLATIONS, prepare
from tests.journeys.visitor import NETWORK, Visit

STICKS_OUT = "() => document.scrollingElement.scrollWidth > innerWidth"
SELECT = """() => {
  const words = document.querySelector('#thread .comment:not(.mine) .words p').firstChild;
  getSelection().setBaseAndExtent(words, 0, words, 12);
}"""


async def wrong(page: Page) -> list[Any]:
    found: list[Any] = await page.evaluate(VIOLATIONS, None)
    return found + (["too wide"] if await page.evaluate(STICKS_OUT) else [])


async def test_what_opens_and_comes_in_a_thread_is_accessible_too(visit: Visit) -> None:
    maja, tomas = await visit("Maja Lindqvist"), await visit("Tomas Ekvall", viewport=NARROW)
    await prepare(tomas)
    page, found = tomas.page, {}
    path = await share_finding(maja, "I alla lägen")
    await open_live(maja, path)
    await comment(maja, "Det här kan man citera.")
    await open_live(tomas, path)

    await page.get_by_text("Mer om kommentaren av Maja Lindqvist").click()
    await expect(page.get_by_role("link", name="Länk till kommentaren")).to_be_visible()
    found["menu"] = await wrong(page)
    await page.keyboard.press("Escape")

    await page.evaluate(SELECT)
    await expect(page.get_by_role("button", name="Citera det markerade")).to_be_visible()
    found["quote button"] = await wrong(page)
    await page.evaluate("getSelection().removeAllRanges()")

    await box(page).press_sequentially("Hej @maj")
    await expect(page.get_by_role("option", name="Maja Lindqvist")).to_be_visible()
    found["suggestions"] = await wrong(page)
    await page.keyboard.press("Enter")

    await page.locator("[data-files-pick]").set_input_files(
        {"name": "ett långt namn på en bild från en kamera.png", "mimeType": "image/png", "buffer": picture("PNG")}
    )
    await expect(page.locator("[data-files] li[data-file]")).to_have_count(1)
    found["waiting files"] = await wrong(page)

    await comment(maja, "Medan du skriver.")
    await expect(offer(page, 1)).to_be_visible(timeout=SOON)
    found["offer"] = await wrong(page)
    await page.locator("[data-remove]").click()
    await box(page).fill("")

    tomas.expects(NETWORK)
    await tomas.context.set_offline(True)
    await comment_later(tomas, "Utan kontakt")
    await expect(page.get_by_text("Ingen kontakt just nu.")).to_be_visible()
    found["unsent"] = await wrong(page)
    await tomas.context.set_offline(False)
    await expect(comments(maja.page)).to_contain_text(["Utan kontakt"], timeout=SOON * 3)
    problems = {state: each for state, each in found.items() if each}
    assert problems == {}, problems

"""A working day with the keys alone: from the door to a sent comment, and what a coordinator does in every room."""

import asyncio
import re

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


async def test_a_coordinator_goes_through_every_room_by_keyboard(visit_own: Visit) -> None:
    ingela = await visit_own("Ingela Rask", on_the_way_to="/")
    ingela.expects_status(422)
    page = ingela.page
    await _share_a_finding(page)
    await _prepare_a_meeting(page)
    await _answer_a_consultation(page)
    await _rule_over_a_comment(page)


async def _share_a_finding(page: Page) -> None:
    """What is wrong has the focus, and leads to its field."""
    await _enter_room(page, "Spaningar")
    await _enter(page, page.get_by_role("link", name="Ny spaning"))
    await _go(page, page.get_by_label("Rubrik"))
    await page.keyboard.type("Skriven utan mus")
    await _enter(page, page.get_by_role("button", name="Publicera"))
    summary = page.locator("[data-summary]")
    await expect(summary).to_be_focused()
    assert await page.evaluate(SHOWS)
    await _enter(page, summary.get_by_role("link").first)
    await expect(page.get_by_label("Vad händer?")).to_be_focused()
    await page.keyboard.type("Kommissionen föreslår nya regler.")
    await _go(page, page.get_by_label("Vad betyder det för oss?"))
    await page.keyboard.type("Vi behöver titta på våra avtal.")
    await _go(page, page.get_by_label("Teknik"))
    await page.keyboard.press("Space")
    await _enter(page, page.get_by_role("button", name="Publicera"))
    await expect(page.get_by_role("heading", name="Skriven utan mus", level=1)).to_be_visible()


async def _prepare_a_meeting(page: Page) -> None:
    """A point on the agenda, its place, and its notes."""
    await _enter_room(page, "Träffar")
    await _enter(page, page.get_by_role("link", name="Nätverksträff: Bostäder, upphandling och året som gick").first)
    await _enter(page, page.get_by_text("Lägg till punkt"))
    await _go(page, page.get_by_label("Punkt", exact=True))
    await page.keyboard.type("Tangentbordet")
    await page.keyboard.press("Enter")
    points = page.locator("ol.agenda > li")
    await expect(points.last).to_contain_text("Tangentbordet")
    last = await points.count() - 1
    await _enter_main(page)
    await _enter(page, page.get_by_role("button", name="Flytta upp: Tangentbordet"))
    await expect(points.nth(last - 1)).to_contain_text("Tangentbordet")
    await _write(page, "Tangentbordet", "Alla kom åt allt.")


async def _answer_a_consultation(page: Page) -> None:
    """To assess, to answer, and a section of the answer."""
    await _enter_room(page, "Samråd")
    answer = page.get_by_role("button", name=re.compile(r"^Svara\b"))
    row = page.get_by_role("listitem").filter(has=answer).first
    title = await row.get_by_role("link").first.inner_text()
    await _enter(page, row.get_by_role("button", name=re.compile(r"^Svara\b")))
    await expect(page.get_by_text("Samrådet är bedömt: Vi svarar.")).to_be_visible()
    await _enter_room(page, "Samråd")
    await _enter(page, page.get_by_role("link", name=title, exact=True).first)
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    await _write(page, "Sammanfattning", "Vi välkomnar förslaget.")


async def _rule_over_a_comment(page: Page) -> None:
    await _enter_main(page, menu=page.get_by_role("link", name="Moderering").first)
    await expect(page.get_by_role("heading", name="Moderering", level=1)).to_be_visible()
    case = page.locator("article.case").first
    await _enter_main(page)
    await _enter(page, case.get_by_text("Dölj …"))
    await _enter(page, case.get_by_role("button", name="Dölj: Hör inte hit"))
    undo = page.get_by_role("button", name="Ångra")
    await _enter(page, undo)
    await expect(page.get_by_text("Kommentaren visas igen")).to_be_visible()


async def _write(page: Page, heading: str, words: str) -> None:
    await _enter_main(page)
    await _enter(page, page.get_by_role("link", name=f"Skriv i {heading}"))
    await _go(page, page.get_by_role("textbox", name="Skriv i avsnittet"))
    await page.keyboard.type(words)
    await expect(page.locator("[data-status]")).to_contain_text("Sparat")
    await _enter(page, page.get_by_role("link", name="Klar"))
    await expect(page.locator("section.section").get_by_text(words)).to_be_visible()


async def _enter_room(page: Page, name: str) -> None:
    await _enter_main(page, menu=page.get_by_role("navigation", name="Huvudmeny").get_by_role("link", name=name))
    await expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    await _enter_main(page)


async def _enter_main(page: Page, *, menu: Locator | None = None) -> None:
    """From the top of the page: past the menu with the first Tab, or into it."""
    await page.goto(page.url.partition("#")[0])
    skip = page.get_by_role("link", name="Hoppa till innehållet")
    await page.keyboard.press("Tab")
    await expect(skip).to_be_focused()
    if menu is None:
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_be_focused()
    else:
        await _enter(page, menu)


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

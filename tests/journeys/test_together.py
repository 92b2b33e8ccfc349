"""Two people write in one section of the notes at once, one of them loses contact, and the portal
is restarted: nothing is lost or doubled."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.journeys.deeds import LONGEST_PAUSE
from tests.journeys.deeds import NETWORK as HOME
from tests.journeys.house import House
from tests.journeys.visitor import NETWORK, Visit, Visitor, Visits

NEXT = "Nätverksträff: Bostäder, upphandling och året som gick"
SECTION = "Föregående träff"
ALSO_MAJA = (
    "INSERT INTO co_author (text_id, membership_id) SELECT draft_text.id, membership.id FROM draft_text JOIN record ON record.id = record_id"
    " JOIN membership ON membership.network_id = record.network_id JOIN person ON person.id = person_id"
    " WHERE record.title = $1 AND person.name = 'Maja Lindqvist'"
)
# Of how many texts the last paragraph is made.
LAST = "(paper) => paper.editor.state['y-sync$'].doc.getXmlFragment('body').toArray().at(-1).length"
# What is done from now on is undone by itself, as after half a second of rest.
REST = "(paper) => paper.editor.state['y-undo$'].undoManager.stopCapturing()"
SOON = 20_000
AWAY = 30


@pytest.fixture
async def visit_own(own_house: House, window: Browser) -> AsyncIterator[Visit]:
    visits = Visits(window, own_house.address)
    yield visits.arrive
    await visits.leave()


def paper(page: Page) -> Locator:
    return page.get_by_role("textbox", name=re.compile(SECTION))


def status(page: Page) -> Locator:
    return page.locator("[data-status]")


async def open_section(visitor: Visitor) -> None:
    await visitor.open(f"{HOME}/meetings")
    await visitor.page.get_by_role("link", name=NEXT).first.click()
    await visitor.page.get_by_role("link", name=f"Skriv i {SECTION}").click()
    await expect(paper(visitor.page)).to_be_visible()
    await expect(visitor.page.get_by_role("button", name="Spara avsnittet")).to_have_count(0)


async def go_last(page: Page) -> None:
    """To the end of the text; the editor is told of it a moment after the key."""
    await paper(page).focus()
    await page.keyboard.press("Control+End")
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


async def write(page: Page, words: str) -> None:
    """In a paragraph of one's own at the end."""
    await go_last(page)
    await page.keyboard.press("Enter")
    await page.keyboard.type(words, delay=15)


async def undo_a_paragraph(page: Page) -> None:
    """One that was begun goes, and nothing else does."""
    paragraphs = paper(page).locator("p")
    words = await paragraphs.all_inner_texts()
    await paper(page).evaluate(REST)
    await page.keyboard.press("Enter")
    await expect(paragraphs).to_have_count(len(words) + 1)
    await page.keyboard.press("Control+z")
    await expect(paragraphs).to_have_text(words)


async def begin_apart(ingela: Visitor, maja: Visitor, word: str) -> None:
    """In the last paragraph, which is empty, neither hearing of the other: in one text, since of
    two the editor makes one by writing anew."""
    for each in (ingela, maja):
        assert await paper(each.page).evaluate(LAST) == 1
    await maja.context.set_offline(True)
    for each, name in ((ingela, "Ingela"), (maja, "Maja")):
        await go_last(each.page)
        await each.page.keyboard.type(f"{name} {word}.", delay=15)
    await expect(status(maja.page)).to_contain_text("Inte sparat", timeout=SOON)
    await maja.context.set_offline(False)
    for each in (ingela, maja):
        for name in ("Ingela", "Maja"):
            await expect(paper(each.page)).to_contain_text(f"{name} {word}.", timeout=SOON)
        assert await paper(each.page).evaluate(LAST) == 1


async def test_two_write_at_once_one_goes_offline_and_the_portal_restarts(visit_own: Visit, own_house: House) -> None:
    await own_house.put(ALSO_MAJA, NEXT)
    ingela, maja = await visit_own("Ingela Rask"), await visit_own("Maja Lindqvist")
    for each in (ingela, maja):
        each.expects(NETWORK)
        await open_section(each)

    await begin_apart(ingela, maja, "först")
    await go_last(ingela.page)
    await ingela.page.keyboard.press("Enter")
    await expect(paper(maja.page).locator("p")).to_have_count(2, timeout=SOON)
    await begin_apart(ingela, maja, "sedan")

    await asyncio.gather(write(ingela.page, "Ingela skriver om listan."), write(maja.page, "Maja skriver om skolan."))
    for each in (ingela, maja):
        await expect(paper(each.page)).to_contain_text("Ingela skriver om listan.", timeout=SOON)
        await expect(paper(each.page)).to_contain_text("Maja skriver om skolan.", timeout=SOON)
        await expect(status(each.page)).to_contain_text("Sparat")
    await expect(ingela.page.locator(".caret")).to_have_text("Maja Lindqvist")
    await expect(ingela.page.get_by_text("Här nu: Maja Lindqvist")).to_be_visible()

    # Her place stays hers while somebody makes room above it, also where the paragraphs look alike.
    paragraphs = paper(ingela.page).locator("p")
    before = await paragraphs.count()
    await go_last(ingela.page)
    await ingela.page.keyboard.press("Enter")
    await expect(paper(maja.page).locator("p")).to_have_count(before + 1, timeout=SOON)
    await paper(maja.page).press("Control+Home")
    await maja.page.keyboard.press("Enter")
    await expect(paragraphs).to_have_count(before + 2, timeout=SOON)
    await ingela.page.keyboard.type("Allra sist.", delay=15)
    await expect(paper(maja.page).locator("p").last).to_contain_text("Allra sist.", timeout=SOON)

    away = asyncio.get_running_loop().time()
    await maja.context.set_offline(True)
    await write(maja.page, "Skrivet i tunneln.")
    await expect(status(maja.page)).to_contain_text("Inte sparat", timeout=SOON)
    await write(ingela.page, "Skrivet under tiden.")
    await expect(status(ingela.page)).to_contain_text("Sparat")
    own_house.kill()
    await write(ingela.page, "Skrivet utan portal.")
    await expect(status(ingela.page)).to_contain_text("Inte sparat", timeout=SOON)
    own_house.start()
    await expect(status(ingela.page)).to_contain_text("Sparat", timeout=LONGEST_PAUSE)
    await maja.page.close()
    await asyncio.sleep(max(0.0, away + AWAY - asyncio.get_running_loop().time()))
    await maja.new_window()
    await maja.context.set_offline(False)

    await open_section(maja)
    written = ("Ingela skriver om listan.", "Maja skriver om skolan.", "Skrivet i tunneln.", "Skrivet under tiden.", "Skrivet utan portal.")
    for each in (ingela, maja):
        for words in written:
            await expect(paper(each.page).get_by_text(words)).to_have_count(1, timeout=SOON)
        await expect(status(each.page)).to_contain_text("Sparat", timeout=SOON)
    await maja.page.get_by_role("link", name="Klar").click()
    for words in written:
        await expect(maja.page.locator(".section").get_by_text(words, exact=True)).to_have_count(1, timeout=SOON)


async def test_a_version_gets_a_name_is_compared_and_comes_back_and_without_script_the_form_writes_the_same_text(
    visit: Visit, house: House
) -> None:
    ingela = await visit("Ingela Rask")
    plain = await visit("Ingela Rask", java_script_enabled=False)
    await open_section(ingela)
    await write(ingela.page, "Första tanken.")
    await undo_a_paragraph(ingela.page)
    await expect(status(ingela.page)).to_contain_text("Sparat")
    await ingela.page.get_by_text("Spara som version").click()
    await ingela.page.get_by_label("Namn på versionen").fill("Till utskicket")
    await ingela.page.get_by_role("button", name="Spara versionen").click()
    await expect(ingela.page.get_by_role("heading", name="Nu: Till utskicket")).to_be_visible()

    await open_section(ingela)
    await plain.open(ingela.page.url.removeprefix(ingela.address))
    await plain.page.get_by_role("textbox", name="Text").fill("- Andra **tanken**.\n- [Mer](https://a.se)\n\n### Rubrik")
    await plain.page.get_by_role("button", name="Spara avsnittet").click()
    await expect(paper(ingela.page).get_by_role("listitem")).to_have_text(["Andra tanken.", "Mer"], timeout=SOON)
    sent: list[str] = []
    await ingela.new_window()
    ingela.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
    await open_section(ingela)
    await expect(status(ingela.page)).to_contain_text("Sparat")
    async with asyncio.timeout(SOON / 1000):
        while not any(frame.startswith('{"t":"cursor"') for frame in sent):  # it has come so far that it would have been sent
            await asyncio.sleep(0.05)
    assert [frame for frame in sent if frame.startswith('{"t":"edit"')] == []  # nobody seeds a text by opening it
    await ingela.page.get_by_role("link", name="Versioner").click()
    await ingela.page.get_by_role("button", name="Visa skillnaden").click()
    await expect(ingela.page.get_by_role("heading", name="Skillnaden från Version")).to_be_visible()
    await expect(ingela.page.locator("del").first).to_contain_text("Första")
    await ingela.page.get_by_role("button", name="Ta tillbaka den här texten (Version").first.click()
    await expect(ingela.page.get_by_text("Avsnittet har fått tillbaka texten.")).to_be_visible()
    await open_section(ingela)
    await expect(paper(ingela.page)).to_have_text("Första tanken.")

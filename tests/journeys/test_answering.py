"""A consultation from the recorded source to an answer that two people write at once."""

from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.journeys.deeds import NETWORK, SOON, comment, comments, is_live
from tests.journeys.house import House
from tests.journeys.visitor import Visit, Visitor
from tests.sources.constructed import recorded_today

LIST = "searchInitiatives_2026-09-01.json"
DETAIL = "groupInitiatives_18805_2026-09-01.reduced.json"
# Pages fetch what has changed within two seconds of hearing of it, and hear of it at most once a second.
CHANGED = 5_000


async def test_recorded_consultations_are_imported_and_triaged(visit: Visit, house: House, tmp_path: Path) -> None:
    files = [tmp_path / name for name in (LIST, DETAIL)]
    for file in files:
        file.write_bytes(recorded_today(file.name))
    arguments = ("sources", "import", "have-your-say", *map(str, files))
    ingela = await visit("Ingela Rask")
    await ingela.open(f"{NETWORK}/consultations")
    await is_live(ingela.page)
    house.run(*arguments)
    assert "0 new, 0 changed" in house.run(*arguments)

    page = ingela.page
    await expect(_row(page, "växter i kategori 2")).to_be_visible(timeout=CHANGED)
    await _row(page, "växter i kategori 2").get_by_role("button", name="Bevaka").click()
    await expect(page.get_by_text("Samrådet är bedömt: Vi bevakar.")).to_be_visible()
    await expect(_row(page, "växter i kategori 2")).to_have_count(0)

    await _row(page, "Buller vid EU-flygplatser").get_by_role("link", name="Inte aktuellt").click()
    await page.get_by_label("Skäl").fill("Vi har ingen flygplats")
    await page.get_by_role("button", name="Inte aktuellt").click()
    await expect(page.get_by_text("Samrådet är bedömt: Inte aktuellt.")).to_be_visible()
    await expect(page.locator("dd", has_text="Vi har ingen flygplats")).to_be_visible()

    await page.goto(f"{ingela.address}{NETWORK}/consultations?triage=to_assess")
    await expect(_row(page, "Buller vid EU-flygplatser")).to_have_count(0)
    await _row(page, "status som kategori 1").get_by_role("button", name="Svara").click()
    await page.goto(f"{ingela.address}{NETWORK}/consultations?triage=answering")
    await _row(page, "status som kategori 1").get_by_role("link").first.click()
    await expect(page.locator("section.section")).to_have_count(3)
    await expect(page.get_by_role("link", name="Have your say 18805")).to_be_visible()


async def test_two_people_write_in_two_sections_at_once(visit: Visit) -> None:
    ingela, maja = await visit("Ingela Rask"), await visit("Maja Lindqvist")
    path = await _answer_together(ingela, "Samråd om skolmat")
    await maja.open(path)
    await is_live(maja.page)
    reading = maja.page
    await ingela.open(path)
    await is_live(ingela.page)
    ingela_reading = ingela.page

    ingela_writing = await _write(ingela, 1, "Granköping välkomnar förslaget.")
    maja_writing = await _write(maja, 2, "Elever äter bättre av **svensk** skolmat.")
    ingela.page, maja.page = ingela_reading, reading
    await comment(ingela, "Jag tar sammanfattningen")
    await expect(comments(reading)).to_contain_text(["Jag tar sammanfattningen"], timeout=SOON)
    await comment(maja, "Då tar jag synpunkterna")
    await expect(comments(ingela_reading)).to_contain_text(["Jag tar sammanfattningen", "Då tar jag synpunkterna"], timeout=SOON)

    await expect(_section(reading, 1)).to_contain_text("Granköping välkomnar förslaget.", timeout=CHANGED)
    await expect(_section(ingela_reading, 2)).to_contain_text("Elever äter bättre av svensk skolmat.", timeout=CHANGED)
    await expect(_section(ingela_reading, 1)).to_contain_text("Ingela Rask")
    await expect(_section(ingela_reading, 2)).to_contain_text("Maja Lindqvist")
    await ingela_writing.get_by_role("link", name="Klar").click()
    await expect(_section(ingela_writing, 2).get_by_role("strong")).to_have_text("svensk")
    await expect(maja_writing.locator("[data-status]")).to_contain_text("Sparat")


async def test_both_texts_are_shown_when_two_people_change_the_same_section(visit: Visit) -> None:
    """Without script, or where the editor cannot be loaded: each writes alone."""
    ingela, maja = await visit("Ingela Rask", java_script_enabled=False), await visit("Maja Lindqvist", java_script_enabled=False)
    path = await _answer_together(ingela, "Samråd om läromedel")
    await ingela.open(path)
    await maja.open(path)
    ingela_writing = await _write_alone(ingela, 1, "Vi tillstyrker.")
    maja_writing = await _write_alone(maja, 1, "Vi avstyrker.")
    await ingela_writing.get_by_role("button", name="Spara avsnittet").click()
    await expect(ingela_writing.get_by_text("Avsnittet är sparat.")).to_be_visible()

    maja.expects_status(409)
    await maja_writing.get_by_role("button", name="Spara avsnittet").click()
    await expect(maja_writing.get_by_role("heading", name="Avsnittet har ändrats")).to_be_visible()
    await expect(maja_writing.get_by_role("region", name="Sparat nu")).to_contain_text("Vi tillstyrker.")
    await expect(maja_writing.get_by_role("textbox", name="Din text")).to_have_value("Vi avstyrker.")
    await maja_writing.get_by_role("textbox", name="Din text").fill("Vi tillstyrker med ändringar.")
    await maja_writing.get_by_role("button", name="Spara min text som version 3").click()
    await expect(_section(maja_writing, 1)).to_contain_text("Vi tillstyrker med ändringar.")
    await expect(_section(maja_writing, 1)).to_contain_text("Version 3 · Maja Lindqvist")


async def _answer_together(ingela: Visitor, title: str) -> str:
    """A consultation that Ingela registers, decides to answer and asks Maja's unit about; returns its path."""
    page = ingela.page
    await ingela.open(f"{NETWORK}/consultations/new")
    await page.get_by_label("Rubrik på svenska").fill(title)
    await page.get_by_label("Stänger").fill("2099-03-29")
    await page.get_by_role("button", name="Registrera").click()
    await page.get_by_role("button", name="Svara", exact=True).click()
    await page.get_by_role("link", name="Välj vilka som skriver").click()
    await page.get_by_label("Bildning").check()
    await page.get_by_role("button", name="Spara").click()
    await expect(page.get_by_text("Skriver med samordnaren: Bildning.")).to_be_visible()
    return page.url.removeprefix(ingela.address)


async def _write(visitor: Visitor, number: int, words: str) -> Page:
    """Open a section in a new tab and write in it; **words between stars** with the key for bold."""
    page = await _open(visitor, number)
    await page.get_by_role("textbox", name="Skriv i avsnittet").focus()
    for turn, part in enumerate(words.split("**")):
        if turn:
            await page.keyboard.press("Control+b")
        await page.keyboard.type(part)
    return page


async def _write_alone(visitor: Visitor, number: int, words: str) -> Page:
    """Open a section's form in a new tab and write in it, without saving."""
    page = await _open(visitor, number)
    await page.get_by_role("textbox", name="Text").fill(words)
    return page


async def _open(visitor: Visitor, number: int) -> Page:
    link = _section(visitor.page, number).get_by_role("link", name="Skriv")
    path = await link.get_attribute("href")
    page = await visitor.context.new_page()
    await page.goto(f"{visitor.address}{path}")
    return page


def _section(page: Page, number: int) -> Locator:
    return page.locator("section.section").nth(number - 1)


def _row(page: Page, words: str) -> Locator:
    return page.get_by_role("listitem").filter(has_text=words)

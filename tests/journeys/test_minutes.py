"""Minutes from the first word to the locked record: in the room, on correction, approved by two, registered, fetched as a PDF."""

import re
from datetime import timedelta

from playwright.async_api import expect

from portal import clock
from tests.journeys.deeds import NETWORK
from tests.journeys.examining import begin, examine, prepare
from tests.journeys.visitor import Visit, Visitor

TITLE = "Nätverksträff: Från första ordet"
SOON = 20_000


async def plan(ingela: Visitor) -> str:
    """A meeting of yesterday; returns its path."""
    await ingela.open(f"{NETWORK}/meetings/new")
    page = ingela.page
    await page.get_by_label("Rubrik").fill(TITLE)
    await page.get_by_label("Dag", exact=True).fill((clock.today() - timedelta(days=1)).isoformat())
    await page.get_by_role("button", name="Planera träffen").click()
    await expect(page.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
    return page.url.removeprefix(ingela.address)


async def hold(ingela: Visitor) -> None:
    """In the room, from the keyboard: the first item, its notes, a decision, something to do, and who is there."""
    page = ingela.page
    await page.get_by_role("link", name="I rummet").click()
    await expect(page.get_by_role("button", name=re.compile("Börja: Föregående träff"))).to_be_visible()
    await page.keyboard.press("n")
    await expect(page.get_by_text("Punkt 1 av 1")).to_be_visible()
    await page.get_by_label("Beslut").fill("Vi svarar regionen.")
    await page.get_by_role("button", name="Spara beslutet").click()
    await expect(page.get_by_text("Beslutet är sparat.")).to_be_visible()
    await page.get_by_label("Vad ska göras?").fill("Skriva svaret")
    await page.locator("select[name=owner_id]").select_option(label="Maja Lindqvist (Bildning)")
    await page.get_by_role("button", name="Lägg till", exact=True).click()
    await expect(page.get_by_text("Åtgärdspunkten är tillagd.")).to_be_visible()
    for name in ("Maja Lindqvist", "Ingela Rask"):
        await page.get_by_role("button", name=name, exact=True).click()
        await expect(page.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")
    path = page.url.removeprefix(ingela.address).partition("#")[0]
    problems = await examine(ingela, path)  # at an item, which no page of the demo is
    assert {where: found for where, found in problems.items() if found} == {}
    await begin(ingela)
    await ingela.open(path)
    await page.get_by_role("link", name="Skriv anteckningar").click()
    paper = page.get_by_role("textbox", name=re.compile("Föregående träff"))
    await paper.focus()
    await page.keyboard.type("Vi gick igenom tre punkter.")
    await expect(page.locator("[data-status]")).to_contain_text("Sparat", timeout=SOON)
    await page.get_by_role("link", name="Klar", exact=True).click()
    await expect(page.locator(".noted")).to_contain_text("Vi gick igenom tre punkter.", timeout=SOON)


async def test_from_the_first_word_to_the_locked_record(visit: Visit) -> None:
    ingela, maja, yvonne = await visit("Ingela Rask"), await visit("Maja Lindqvist"), await visit("Yvonne Adell")
    await prepare(ingela)
    path = await plan(ingela)
    await hold(ingela)

    await ingela.open(path)
    await ingela.page.get_by_role("button", name="Träffen är hållen").click()
    await ingela.page.get_by_role("link", name="Skicka på justering").click()
    await ingela.page.get_by_label("Justerare").select_option(label="Maja Lindqvist (Bildning)")
    await ingela.page.get_by_role("button", name="Skicka på justering").click()
    await expect(ingela.page.get_by_role("heading", name=re.compile("På justering till och med"))).to_be_visible()

    await maja.open(NETWORK)
    await expect(maja.page.get_by_role("link", name="Skriva svaret")).to_be_visible()
    await maja.page.get_by_role("link", name=TITLE).first.click()
    await maja.page.get_by_text("Föreslå en ändring").click()
    await maja.page.get_by_role("link", name="1. Föregående träff").last.click()
    await maja.page.get_by_label("Texten").fill("Vi gick igenom fyra punkter.")
    await maja.page.get_by_role("button", name="Skicka förslaget").click()
    await expect(maja.page.get_by_text("Väntar på svar", exact=True)).to_be_visible()

    await ingela.open(path)
    await ingela.page.get_by_role("button", name="Inför", exact=True).click()
    await expect(ingela.page.locator(".section")).to_contain_text("Vi gick igenom fyra punkter.")
    for each in (ingela, maja):
        await each.open(path)
        await each.page.get_by_role("button", name="Godkänn anteckningarna").click()
    await expect(maja.page.get_by_text("Anteckningarna är färdigställda och låsta.")).to_be_visible()
    await expect(maja.page.get_by_text("Texten är låst.")).to_be_visible()

    await yvonne.open(f"{path}/minutes/registration")
    await yvonne.page.get_by_label("Diarienummer").fill("KS 2026/117")
    await yvonne.page.get_by_role("button", name="Spara beslutet").click()
    await expect(yvonne.page.get_by_text("Registrerad", exact=True)).to_be_visible()
    await yvonne.page.get_by_role("link", name="Skriv ut eller hämta").click()
    async with yvonne.page.expect_download() as download:
        await yvonne.page.get_by_role("link", name="PDF").click()
    assert (await (await download.value).path()).read_bytes().startswith(b"%PDF-")

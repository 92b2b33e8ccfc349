"""Of scenario 6: hiding with a reason, seen at once wherever the thread is open."""

from playwright.async_api import Page, expect

from tests.journeys.deeds import NETWORK, SOON, comment, comments, open_live, share_finding
from tests.journeys.visitor import Visit

NUMBER = "070-555 01 99"
HIDDEN = "Dold av EU-samordnaren: personuppgifter"


async def test_a_comment_hidden_with_a_reason_goes_from_every_open_window_and_from_search(visit: Visit) -> None:
    tomas, maja, ingela = await visit("Tomas Ekvall"), await visit("Maja Lindqvist"), await visit("Ingela Rask")
    path = await share_finding(maja, "Hyresgästernas energidata")
    await open_live(maja, path)
    await open_live(tomas, path)
    await comment(tomas, f"Ring Anna Fredriksdotter på {NUMBER}")
    await expect(comments(maja.page)).to_contain_text([NUMBER], timeout=SOON)
    await maja.page.evaluate("window.sameWindow = true")
    await _search_finds(ingela.page, ingela.address, "Fredriksdotter", 1)

    await ingela.open(path)
    await ingela.page.get_by_role("link", name="Dölj kommentaren av Tomas Ekvall").click()
    await ingela.page.get_by_label("Personuppgifter").check()
    await ingela.page.get_by_role("button", name="Dölj kommentaren").click()
    await expect(ingela.page.get_by_text("Kommentaren är dold. Du kan visa den igen.")).to_be_visible()

    for reader in (maja.page, tomas.page):
        await expect(comments(reader)).to_contain_text([HIDDEN], timeout=SOON)
        await expect(reader.get_by_text(NUMBER)).to_have_count(0)
    assert await maja.page.evaluate("window.sameWindow") is True
    await expect(maja.page.get_by_role("link", name="Läs originalet")).to_have_count(0)

    await tomas.page.get_by_role("link", name="Läs originalet").click()
    await expect(tomas.page.get_by_text(NUMBER)).to_be_visible()
    await _search_finds(ingela.page, ingela.address, "Fredriksdotter", 0)
    await maja.page.reload()
    await expect(maja.page.get_by_text(NUMBER)).to_have_count(0)


async def _search_finds(page: Page, address: str, words: str, count: int) -> None:
    await page.goto(f"{address}{NETWORK}/search?q={words}")
    await expect(page.locator("ol.hits > li")).to_have_count(count)

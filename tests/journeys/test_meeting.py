"""A meeting's page while others answer and write."""

from playwright.async_api import expect

from tests.journeys.deeds import NETWORK, is_live
from tests.journeys.visitor import Visit

NEXT = "Nätverksträff: Bostäder, upphandling och året som gick"


async def test_a_form_that_is_open_stays_open_when_the_page_around_it_is_made_anew(visit: Visit) -> None:
    ingela, olof = await visit("Ingela Rask"), await visit("Olof Brännström")
    await ingela.open(f"{NETWORK}/meetings")
    await ingela.page.get_by_role("link", name=NEXT).first.click()
    await is_live(ingela.page)
    await ingela.page.get_by_text("Lägg till punkt").click()
    title = ingela.page.get_by_label("Punkt", exact=True)
    await title.fill("Vad gör vi med")
    path = ingela.page.url.removeprefix(ingela.address)
    await olof.open(path)
    async with ingela.page.expect_response(lambda answer: answer.url.endswith(path)):
        await olof.page.get_by_role("button", name="Kanske").click()
    await title.press_sequentially(" ansökan?")
    await expect(title).to_be_focused()
    await expect(title).to_have_value("Vad gör vi med ansökan?")

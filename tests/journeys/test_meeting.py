"""A meeting's page while others answer and write."""

from datetime import timedelta

from playwright.async_api import expect

from portal import clock
from tests.journeys.chromium import PHONE
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


async def test_an_agenda_is_put_in_order_by_dragging(visit: Visit) -> None:
    ingela = await visit("Ingela Rask")
    page = ingela.page
    await ingela.open(f"{NETWORK}/meetings")
    await page.get_by_role("link", name=NEXT).first.click()
    rows = page.locator("ol.agenda > li")
    await expect(rows.last).to_be_visible()
    before = [await each.get_attribute("data-item") for each in await rows.all()]
    async with page.expect_navigation():
        await rows.last.locator(".grip").drag_to(rows.nth(1), target_position={"x": 40, "y": 3})
    assert [await each.get_attribute("data-item") for each in await rows.all()] == [before[0], before[-1], *before[1:-1]]
    await expect(page.get_by_text("Ordningen är ändrad.")).to_be_in_viewport()


async def test_items_are_written_one_after_the_other_and_each_is_seen_where_it_comes(visit: Visit) -> None:
    ingela = await visit("Ingela Rask")
    page = ingela.page
    await ingela.open(f"{NETWORK}/meetings/new")
    await page.get_by_label("Rubrik").fill("Träff med många punkter")
    await page.get_by_label("Dag", exact=True).fill((clock.today() + timedelta(days=50)).isoformat())
    await page.get_by_role("button", name="Planera träffen").click()
    await page.get_by_text("Lägg till punkt").click()
    title = page.get_by_label("Punkt", exact=True)
    await title.focus()
    for item in ("Laget runt", "Övrigt"):
        await expect(title).to_be_focused()
        await page.keyboard.type(item)
        await page.keyboard.press("Enter")
        await expect(page.locator("ol.agenda > li").last).to_contain_text(item)
        await expect(page.locator("ol.agenda > li").last).to_be_in_viewport()
    await expect(title).to_be_focused()


async def test_who_is_there_is_marked_without_the_page_moving_or_the_keyboard_losing_its_place(visit: Visit) -> None:
    ingela = await visit("Ingela Rask")
    page = ingela.page
    await ingela.open(f"{NETWORK}/meetings")
    await page.get_by_role("link", name=NEXT).first.click()
    await page.get_by_role("link", name="I rummet").click()
    seat = page.get_by_role("button", name="Sirkka Laine", exact=True)
    for there in ("true", "false"):
        await seat.focus()
        height = await page.evaluate("scrollY")
        await page.keyboard.press("Enter")
        await expect(seat).to_have_attribute("aria-pressed", there)
        await expect(seat).to_be_focused()
        assert (height > 0, await page.evaluate("scrollY")) == (True, height)


async def test_on_a_phone_the_next_step_comes_before_the_notes(visit: Visit) -> None:
    ingela = await visit("Ingela Rask", viewport=PHONE)
    await ingela.open(f"{NETWORK}/meetings")
    await ingela.page.get_by_role("link", name=NEXT).first.click()
    heights = [
        await ingela.page.get_by_role("heading", name=each).bounding_box()
        for each in ("Nästa steg", "Dagordning", "Anteckningar", "Närvaro")
    ]
    tops = [each["y"] for each in heights if each]
    assert (len(tops), tops) == (4, sorted(tops))

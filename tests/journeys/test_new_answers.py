"""A new answer in an old exchange: the way to it, by link and by key, and live where its exchange is not on the page."""

from playwright.async_api import expect

from tests.journeys.deeds import NETWORK, SOON, box, comment, comments, offer, open_live, share_finding
from tests.journeys.house import House
from tests.journeys.test_long_thread import MANY
from tests.journeys.visitor import Visit

READ = """
    UPDATE reading SET read_at = now() - interval '1 hour' FROM record, person
    WHERE record.id = record_id AND person.id = person_id AND record.title = 'Svar långt upp' AND person.name = 'Ingela Rask'
"""


async def test_a_new_answer_far_up_is_reached_from_home_by_key_and_live(visit: Visit, house: House) -> None:
    maja, ingela = await visit("Maja Lindqvist"), await visit("Ingela Rask")
    path = await share_finding(maja, "Svar långt upp")
    await open_live(maja, path)
    await comment(maja, "Nummer 0")
    await house.put(MANY)
    await house.put(READ)
    await open_live(maja, f"{path}?before=20")
    await comments(maja.page).filter(has_text="Nummer 3").first.get_by_role("link", name="Svara till Maja Lindqvist").click()
    await box(maja.page).fill("Svar långt upp i tråden")
    await maja.page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(comments(maja.page).filter(has_text="Svar långt upp i tråden")).to_have_count(1)
    await open_live(maja, f"{path}?end=1")
    await comment(maja, "Och ett nytt sist")

    await ingela.open(NETWORK)
    page = ingela.page
    await page.locator("#news").locator("..").get_by_role("link", name="Svar långt upp").click()
    answer = comments(page).filter(has_text="Svar långt upp i tråden")
    await expect(page.locator("#new")).to_be_in_viewport()
    await expect(page.locator("#new + .reply")).to_have_text(await answer.inner_text(), use_inner_text=True)
    await expect(answer).to_have_class("comment reply fresh")
    await page.evaluate("scrollTo(0, 0)")
    await page.keyboard.press("n")
    await expect(page.locator("#new")).to_be_in_viewport()
    await page.keyboard.press("n")
    await expect(comments(page).filter(has_text="Och ett nytt sist")).to_be_in_viewport()

    await comments(maja.page).filter(has_text="Och ett nytt sist").wait_for()
    await open_live(ingela, f"{path}?end=1")
    await open_live(maja, f"{path}?before=20")
    await comments(maja.page).filter(has_text="Nummer 3").first.get_by_role("link", name="Svara till Maja Lindqvist").click()
    await box(maja.page).fill("Ett till där uppe")
    await maja.page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(offer(page, 1)).to_be_visible(timeout=SOON)
    await offer(page, 1).click()
    await expect(comments(page).filter(has_text="Ett till där uppe")).to_be_in_viewport()

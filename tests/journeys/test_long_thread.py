"""A thread of 160 comments: it opens where one left off, the rest is loaded into the page, and nothing jumps."""

from playwright.async_api import Locator, Page, expect

from tests.journeys.deeds import SOON, comment, offer, open_live, share_finding
from tests.journeys.house import House
from tests.journeys.visitor import Visit

MANY = """
    WITH first AS (SELECT comment.*, thread.stream_id FROM comment JOIN thread USING (record_id) WHERE body = 'Nummer 0' ORDER BY comment.id DESC LIMIT 1),
    more AS (
        INSERT INTO comment (record_id, seq, author_id, membership_id, key, fingerprint, body, html, version, created_at, hidden_words)
        SELECT record_id, seq + n, author_id, membership_id, gen_random_uuid(), '', 'Nummer ' || n, '<p>Nummer ' || n || '</p>', 1,
            created_at - interval '1 day' + n * interval '1 second', ''
        FROM first, generate_series(1, 159) AS n
    ),
    read AS (
        INSERT INTO reading (person_id, record_id, read_at)
        SELECT person.id, record_id, first.created_at - interval '1 day' + interval '70.5 seconds' FROM first, person WHERE name = 'Ingela Rask'
    ),
    earlier AS (UPDATE comment SET created_at = comment.created_at - interval '1 day' FROM first WHERE comment.id = first.id),
    counted AS (UPDATE thread SET comments = 160 FROM first WHERE thread.record_id = first.record_id)
    UPDATE live_stream SET last_seq = last_seq + 159 FROM first WHERE live_stream.id = first.stream_id
"""


async def test_it_opens_where_one_left_off_and_loads_both_ways_without_a_jump(visit: Visit, house: House) -> None:
    maja, ingela = await visit("Maja Lindqvist"), await visit("Ingela Rask")
    path = await share_finding(maja, "Ett helt år")
    await open_live(maja, path)
    await comment(maja, "Nummer 0")
    await house.put(MANY)
    await open_live(maja, path)  # her page knows no numbers that have no event

    await open_live(ingela, f"{path}#new")
    page = ingela.page
    await expect(exchanges(page)).to_have_count(50)
    await expect(page.locator("#new")).to_be_in_viewport()
    await expect(page.locator("#new + [data-exchange] .words")).to_have_text("Nummer 71")

    await stays(page, page.get_by_role("link", name="Visa tidigare kommentarer"), beside=exchanges(page).first, focused="Nummer 46")
    await expect(exchanges(page)).to_have_count(96)
    await expect(exchanges(page).first).to_contain_text("Nummer 0")
    await comment(maja, "Skrivet under tiden")
    await expect(offer(page, 1)).to_be_visible(timeout=SOON)
    await stays(page, page.get_by_role("link", name="Visa senare kommentarer"), beside=exchanges(page).last, focused="Nummer 96")
    await expect(page.get_by_role("link", name="Visa senare kommentarer")).to_be_visible()
    await page.get_by_role("link", name="Visa senare kommentarer").click()
    await expect(exchanges(page)).to_have_count(161)
    await expect(exchanges(page).last).to_contain_text("Skrivet under tiden")
    await expect(offer(page, 1)).to_be_hidden()
    await expect(page.get_by_role("link", name="Visa senare kommentarer")).to_have_count(0)


def exchanges(page: Page) -> Locator:
    return page.locator("#thread [data-exchange]")


async def stays(page: Page, link: Locator, *, beside: Locator, focused: str) -> None:
    """The link is pressed with the keyboard: what stood beside it keeps its place on the screen,
    and the focus goes no further than to it."""
    await link.focus()
    number = await beside.get_attribute("data-exchange")
    known, count = page.locator(f"[data-exchange='{number}']"), await exchanges(page).count()
    before = await known.evaluate("(each) => each.getBoundingClientRect().top")
    await page.keyboard.press("Enter")
    await expect(exchanges(page)).not_to_have_count(count)
    await expect(page.locator("#thread .comment:focus")).to_contain_text(focused)
    assert abs(await known.evaluate("(each) => each.getBoundingClientRect().top") - before) < 2

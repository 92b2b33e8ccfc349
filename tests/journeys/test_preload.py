"""Pages that open at once: fetched when somebody rests on their link, never because somebody passes by."""

from playwright.async_api import Request, expect

from tests.journeys.deeds import NETWORK
from tests.journeys.visitor import Visit

DELIVERED = "() => performance.getEntriesByType('navigation')[0].deliveryType"


async def test_a_page_is_fetched_while_one_rests_on_its_link(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist", on_the_way_to=NETWORK)
    page = maja.page
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.headers.get("sec-purpose", "").startswith("prefetch"):
            asked.append(request.url.removeprefix(maja.address))

    page.on("request", note)
    link = page.get_by_role("navigation", name="Huvudmeny").get_by_role("link", name="Spaningar")
    async with page.expect_event("requestfinished", lambda request: request.url.endswith(f"{NETWORK}/findings")):
        await link.hover()
    assert asked == [f"{NETWORK}/findings"]
    await link.click()
    await expect(page.get_by_role("heading", name="Spaningar", level=1)).to_be_visible()
    assert await page.evaluate(DELIVERED) == "navigational-prefetch"


async def test_nothing_is_fetched_for_links_that_are_only_passed(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist", on_the_way_to=NETWORK)
    page = maja.page
    rules = page.locator("script[type=speculationrules]")
    await page.evaluate("""() => {
        const [link, other] = document.querySelectorAll('nav.side a');
        const point = (to, name) => to.dispatchEvent(new PointerEvent(name, { bubbles: true }));
        point(link, 'pointerover'); point(link, 'pointerout'); point(other, 'pointerover'); point(other, 'pointerout');
    }""")
    await page.wait_for_timeout(200)
    await expect(rules).to_have_count(0)
    await page.get_by_role("navigation", name="Huvudmeny").get_by_role("link", name="Samråd").hover()
    await expect(rules).to_have_count(1)

"""The bell of the top line: how much waits, on every page, and a way to it."""

from playwright.async_api import expect

from tests.journeys.deeds import NETWORK
from tests.journeys.visitor import Visit


def words(number: int) -> str:
    return f"{number} saker väntar på dig" if number > 1 else "1 sak väntar på dig" if number else "Inget väntar på dig"


async def test_the_bell_says_on_every_page_what_home_says(visit: Visit) -> None:
    rut = await visit("Rut Melin", on_the_way_to=NETWORK)
    waiting = await rut.page.get_by_role("region", name="Väntar på dig").get_by_role("listitem").count()
    assert waiting > 0
    await rut.open(f"{NETWORK}/findings")
    bell = rut.page.locator("#bell")
    await expect(bell).to_have_accessible_name(words(waiting))
    await bell.click()
    await expect(bell).to_have_accessible_name(words(waiting))
    await rut.page.get_by_role("button", name="Jag kommer").click()
    await expect(bell).to_have_accessible_name(words(waiting - 1))
    await rut.open(f"{NETWORK}/members")
    await expect(bell).to_have_accessible_name(words(waiting - 1))


async def test_the_bell_leads_home_without_javascript(visit: Visit) -> None:
    hanna = await visit("Hanna Viklund", on_the_way_to=f"{NETWORK}/members", java_script_enabled=False)
    await hanna.page.get_by_role("link", name="Väntar på dig").click()
    waiting = await hanna.page.get_by_role("region", name="Väntar på dig").get_by_role("listitem").count()
    assert waiting > 0
    await expect(hanna.page.locator("#bell")).to_have_accessible_name(words(waiting))

"""What people do again and again in the journeys, done in the page as they would."""

import re

from playwright.async_api import Locator, Page, expect

from tests.journeys.visitor import Visitor

NETWORK = "/grankoping"
LONGEST_PAUSE = 60_000  # of a page that has tried in vain for a while
SOON = 10_000  # at once, on a machine that does much besides; how quick it is, bench/ shows


async def share_finding(visitor: Visitor, title: str, *, link: str = "") -> str:
    """Publish a finding through its form; returns its path."""
    await visitor.open(f"{NETWORK}/findings/new")
    await fill_finding(visitor.page, title, link=link)
    await visitor.page.get_by_role("button", name="Publicera").click()
    await expect(visitor.page.get_by_role("heading", name=title, level=1)).to_be_visible()
    return visitor.page.url.removeprefix(visitor.address)


async def fill_finding(page: Page, title: str, *, link: str = "") -> None:
    await page.get_by_label("Rubrik").fill(title)
    await page.get_by_label("Länk till källan").fill(link)
    await page.get_by_label("Vad händer?").fill("Kommissionen föreslår nya regler.")
    await page.get_by_label("Vad betyder det för oss?").fill("Vi behöver titta på våra avtal.")
    await page.get_by_label("Teknik").check()


async def open_live(visitor: Visitor, path: str) -> None:
    """Open a page and wait until its socket stands."""
    await visitor.open(path)
    await is_live(visitor.page)


async def is_live(page: Page, *, within: int = 15_000) -> None:
    await expect(page.locator("html[data-live-state=online]")).to_be_attached(timeout=within)


async def comment(visitor: Visitor, words: str) -> None:
    """Write and send a comment; returns when it stands in one's own thread."""
    await box(visitor.page).fill(words)
    await visitor.page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(comments(visitor.page).filter(has_text=words)).to_have_count(1)


async def choose(written: Locator, name: str) -> None:
    """From the menu below a comment."""
    await written.locator(".tools summary").click()
    await written.get_by_role("link", name=name).click()


def box(page: Page) -> Locator:
    return page.get_by_label("Skriv en kommentar")


def comments(page: Page) -> Locator:
    return page.locator("#thread article.comment")


def offer(page: Page, count: int) -> Locator:
    """The button behind which new comments wait."""
    words = "Visa 1 ny kommentar" if count == 1 else f"Visa {count} nya kommentarer"
    return page.get_by_role("button", name=re.compile(f"^{words}$"))


def unsent(page: Page) -> Locator:
    """One's own comments that wait to be sent, at the end of the thread."""
    return page.get_by_role("list", name="Dina kommentarer som inte är skickade").get_by_role("listitem")


async def comment_later(visitor: Visitor, words: str) -> None:
    """Send a comment without contact; returns when it waits."""
    await box(visitor.page).fill(words)
    await visitor.page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(unsent(visitor.page).filter(has_text=words)).to_have_count(1)
    await expect(box(visitor.page)).to_have_value("")

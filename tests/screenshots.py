"""`python -m tests.screenshots [WORD…]`: a picture of every page (or those with a WORD in their path) in every size, theme and language,
and as it is printed. A field for a day, an hour or a file speaks the browser's language, which in a headless shell is English."""

import asyncio
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Browser, Error, Page

from tests.ground.conftest import temporary_folder
from tests.journeys import chromium
from tests.journeys.house import House
from tests.journeys.pages import pages
from tests.journeys.visitor import Visitor

FOLDER = Path(__file__).parent.parent / "screenshots"
PEOPLE = {"coordinator": "Ingela Rask", "contact": "Maja Lindqvist", "guest": "Said Karimi", "anonymous": None}
SIZES = (chromium.WIDE, chromium.PHONE)
HIGHEST = 16_000  # a higher window cannot be drawn
SHEET = {"width": 643, "height": 979}  # what the margins leave of an A4, in pixels of CSS


async def take(address: str, words: Sequence[str]) -> int:
    async with chromium.running() as browser:
        return sum([await _as_one(browser, address, role, name, words) for role, name in PEOPLE.items()])


async def _as_one(browser: Browser, address: str, role: str, name: str | None, words: Sequence[str]) -> int:
    context = await browser.new_context(**chromium.a_swede())
    visitor = Visitor(context, await context.new_page(), address)
    if name is not None:
        await visitor.sign_in(name)
    wanted = [path for path in await pages(context, address, records=4) if not words or any(word in path for word in words)]
    taken = 0
    for number, path in enumerate(wanted, 1):
        print(f"{role}: page {number} of {len(wanted)}, {path}", flush=True)
        for language in ("sv", "en"):
            await context.add_cookies([{"name": "language", "value": language, "url": address}])
            await visitor.open(path)
            await _editor(visitor.page)
            taken += await _in_every_size(visitor.page, FOLDER / role, f"{name_of(path)}-{language}")
            taken += await _printed(visitor.page, FOLDER / role, f"{name_of(path)}-{language}")
    await context.close()
    return taken


async def _in_every_size(page: Page, folder: Path, name: str) -> int:
    for size in SIZES:
        await _fit(page, size["width"], size["height"])
        for theme in ("light", "dark"):
            await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            await _picture(page, folder / f"{name}-{size['width']}-{theme}.png")
    return len(SIZES) * 2


async def _editor(page: Page) -> None:
    """The one that several write in takes the place of the plain form a moment later."""
    if await page.locator("[data-together]").count():
        await page.locator("[data-together]:not([hidden])").wait_for()


async def _fit(page: Page, width: int, height: int) -> None:
    """A window as high as the page, so that what stays at the bottom of the window hides nothing in the middle of the page."""
    await page.set_viewport_size({"width": width, "height": height})
    needed = await page.evaluate("document.documentElement.scrollHeight")
    await page.set_viewport_size({"width": width, "height": min(max(height, needed), HIGHEST)})


async def _printed(page: Page, folder: Path, name: str) -> int:
    await page.set_viewport_size({"width": SHEET["width"], "height": SHEET["height"]})
    await page.emulate_media(media="print", color_scheme="light")
    await _picture(page, folder / f"{name}-print.png")
    await page.emulate_media(media="screen")
    return 1


async def _picture(page: Page, path: Path) -> None:
    """A busy Chromium sometimes cannot draw one; then it is asked again."""
    for tries_left in (2, 1, 0):
        try:
            await page.screenshot(path=path, full_page=True)
            return
        except Error:
            if not tries_left:
                raise


def name_of(path: str) -> str:
    return re.sub(r"[^\w.=-]+", "_", path.strip("/")) or "front"


def main() -> None:
    data = temporary_folder()
    house = House(data)
    print("Starting a portal with the demo …", flush=True)
    try:
        house.start("run")
        shutil.rmtree(FOLDER, ignore_errors=True)
        taken = asyncio.run(take(house.address, sys.argv[1:]))
    finally:
        house.stop()
        shutil.rmtree(data)
    print(f"{taken} pictures are in {FOLDER.name}/.")


if __name__ == "__main__":
    main()

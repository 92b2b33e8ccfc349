"""Every page in a window 320 pixels wide, as on a small phone or at 400 % zoom: nothing has to be scrolled sideways."""

import pytest
from playwright.async_api import Page

from tests.journeys.pages import pages
from tests.journeys.visitor import Visit

WIDTH = 320
TOO_WIDE = """(width) => document.scrollingElement.scrollWidth <= width ? [] : [...document.querySelectorAll('body *')]
  .filter((each) => each.getBoundingClientRect().right > width + 1).slice(0, 5).map((each) => `${each.tagName} ${each.className}`)"""


@pytest.mark.parametrize("name", ["Ingela Rask", "Said Karimi", None])
async def test_no_page_is_wider_than_the_window(visit: Visit, name: str | None) -> None:
    visitor = await visit(name, viewport={"width": WIDTH, "height": 640})
    visitor.expects_status(404)
    wide = {}
    for path in await pages(visitor.context, visitor.address):
        await visitor.open(path)
        await _open_details(visitor.page)
        if found := await visitor.page.evaluate(TOO_WIDE, WIDTH):
            wide[path] = found
    assert wide == {}


async def _open_details(page: Page) -> None:
    await page.evaluate("document.querySelectorAll('main details').forEach((each) => each.open = true)")

"""Every page: axe-core finds nothing in either theme or language, and at 320 pixels nothing has to be scrolled sideways."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys import chromium
from tests.journeys.pages import pages
from tests.journeys.visitor import Visit, Visitor

AXE = (Path(__file__).parents[2] / "static" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
VIOLATIONS = """async (rules) => {
  const only = rules ? { runOnly: { type: 'rule', values: rules } } : {};
  const found = await axe.run(document, { resultTypes: ['violations'], ...only });
  return found.violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary}`)]);
}"""
# Another theme changes colours alone.
COLOURS = ["color-contrast", "link-in-text-block"]
# A small phone, or an ordinary window at 400 %.
NARROW = {"width": 320, "height": 640}
TOO_WIDE = """(width) => {
  document.querySelectorAll('main details').forEach((each) => each.open = true);
  if (document.scrollingElement.scrollWidth <= width) return [];
  const sticksOut = (each) => each.getBoundingClientRect().right > width + 1;
  return [...document.querySelectorAll('body *')].filter(sticksOut).slice(0, 5).map((each) => each.outerHTML.slice(0, 120));
}"""


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("name", "part", "records"),
    [("Ingela Rask", 0, 2), ("Ingela Rask", 1, 2), ("Maja Lindqvist", 0, 1), ("Said Karimi", 0, 1), (None, 0, 1)],
    ids=["coordinator", "coordinator's other half", "contact", "guest", "anonymous"],
)
async def test_every_page_is_accessible_and_fits(visit: Visit, name: str | None, part: int, records: int) -> None:
    visitor = await visit(name)
    visitor.expects_status(404)
    found = await pages(visitor.context, visitor.address, records=records)
    mine = found[part::2] if name == "Ingela Rask" else found
    assert len(mine) > 9
    wrong = {}
    for path in mine:
        wrong |= {(path, where): problems for where, problems in (await _examine(visitor, path)).items() if problems}
    assert wrong == {}


async def _examine(visitor: Visitor, path: str) -> dict[str, Any]:
    page = visitor.page
    await _open(visitor, path, language="sv", scheme="light")
    problems = {"sv light": await page.evaluate(VIOLATIONS, None)}
    await page.emulate_media(color_scheme="dark")
    problems["sv dark"] = await page.evaluate(VIOLATIONS, COLOURS)
    problems["sv narrow"] = await _too_wide(visitor)
    await _open(visitor, path, language="en", scheme="dark")
    problems["en dark"] = await page.evaluate(VIOLATIONS, None)
    problems["en narrow"] = await _too_wide(visitor)
    return problems


async def _open(visitor: Visitor, path: str, *, language: str, scheme: Any) -> None:
    await visitor.context.add_cookies([{"name": "language", "value": language, "url": visitor.address}])
    await visitor.page.set_viewport_size(chromium.WIDE)
    await visitor.page.emulate_media(color_scheme=scheme)
    await visitor.open(path)
    await visitor.page.evaluate(AXE)


async def _too_wide(visitor: Visitor) -> list[str]:
    await visitor.page.set_viewport_size(NARROW)
    found: list[str] = await visitor.page.evaluate(TOO_WIDE, NARROW["width"])
    return found

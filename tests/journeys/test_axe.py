"""axe-core finds nothing on any page, in both themes and both languages."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.pages import pages
from tests.journeys.visitor import Visit, Visitor

AXE = (Path(__file__).parents[2] / "static" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RUN = """async (rules) => {
  const only = rules ? { runOnly: { type: 'rule', values: rules } } : {};
  const found = await axe.run(document, { resultTypes: ['violations'], ...only });
  return found.violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary}`)]);
}"""
# The other theme changes colours alone.
COLOURS = ["color-contrast", "link-in-text-block"]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", ["Ingela Rask", "Maja Lindqvist", "Said Karimi", None])
@pytest.mark.parametrize("language", ["sv", "en"])
async def test_axe_finds_nothing(visit: Visit, name: str | None, language: str) -> None:
    visitor = await visit(name)
    visitor.expects_status(404)
    await visitor.context.add_cookies([{"name": "language", "value": language, "url": visitor.address}])
    found = {path: await _violations(visitor, path) for path in await pages(visitor.context, visitor.address)}
    assert {path: violations for path, violations in found.items() if violations} == {}


async def _violations(visitor: Visitor, path: str) -> dict[str, Any]:
    page = visitor.page
    await page.emulate_media(color_scheme="light")
    await visitor.open(path)
    await page.evaluate(AXE)
    light = await page.evaluate(RUN, None)
    await page.emulate_media(color_scheme="dark")
    dark = await page.evaluate(RUN, COLOURS)
    return {theme: violations for theme, violations in (("light", light), ("dark", dark)) if violations}

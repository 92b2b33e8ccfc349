"""What is asked of a page: axe-core finds nothing, and at 320 pixels nothing has to be scrolled sideways."""

from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.journeys import chromium
from tests.journeys.visitor import Visitor

AXE = (Path(__file__).parents[2] / "static" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
VIOLATIONS = """async (rules) => {
  const only = rules ? { runOnly: { type: 'rule', values: rules } } : {};
  const found = await axe.run({ exclude: [['[data-known]']] }, { resultTypes: ['violations'], preload: false, iframes: false, ...only });
  return found.violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary}`)]);
}"""
# Another theme changes colours alone.
COLOURS = ["color-contrast", "link-in-text-block"]
# Menus and foot, where they are as on a page that has been looked at: all that neither is nor holds <main>.
KNOWN = """() => {
  for (let inner = document.querySelector('main'); inner !== document.documentElement; inner = inner.parentElement) {
    for (const each of inner.parentElement.children) each.toggleAttribute('data-known', each !== inner && each.tagName !== 'HEAD');
  }
}"""
# More of the same beside one another has the same faults: of rows, comments and days that are built alike the first two are looked at.
THIN = """() => {
  const built = new Map();
  const shape = (each) => {
    if (!built.has(each)) {
      const names = each.getAttributeNames().filter((name) => name !== 'class').sort();
      const told = [each.tagName, [...each.classList].sort(), names, each.ariaCurrent, each.getAttribute('role'), each.hidden, each.open, !each.textContent.trim()];
      built.set(each, JSON.stringify(told) + [...new Set([...each.children].map(shape))]);
    }
    return built.get(each);
  };
  const thin = (alike) => {
    const seen = {};
    for (const each of alike) {
      seen[shape(each)] = (seen[shape(each)] ?? 0) + 1;
      each.toggleAttribute('data-thinned', seen[shape(each)] > 2);
    }
  };
  for (const list of document.querySelectorAll('main :is(ul, ol, tbody, section, div)')) thin(list.children);
  for (const year of document.querySelectorAll('main :has(> table.month)')) thin(year.querySelectorAll('td > *'));
  document.querySelectorAll('[data-thinned]').forEach((each) => (each.style.display = 'none'));
}"""
FILL = "document.querySelectorAll('[data-thinned]').forEach((each) => (each.style.display = ''))"
# A small phone, or an ordinary window at 400 %.
NARROW = {"width": 320, "height": 640}
TOO_WIDE = """(width) => {
  document.querySelectorAll('main details').forEach((each) => each.open = true);
  if (document.scrollingElement.scrollWidth <= width) return [];
  const sticksOut = (each) => each.getBoundingClientRect().right > width + 1;
  return [...document.querySelectorAll('body *')].filter(sticksOut).slice(0, 5).map((each) => each.outerHTML.slice(0, 120));
}"""


async def prepare(visitor: Visitor) -> None:
    """Every page that the visitor opens from now on brings axe-core along."""
    await visitor.context.add_init_script(AXE)


async def examine(visitor: Visitor, path: str, *, around: bool = True) -> dict[str, Any]:
    """The problems of the page there; of its <main> alone, unless what is `around` it is to be looked at as well."""
    await begin(visitor)
    await visitor.open(path)
    return await look(visitor, around=around)


async def begin(visitor: Visitor) -> None:
    """How a page is to be opened, by its address or by sending a form, before one looks at it."""
    await _speak(visitor, "sv")
    await visitor.page.emulate_media(color_scheme="light")
    await visitor.page.set_viewport_size(chromium.WIDE)


async def look(visitor: Visitor, *, around: bool = True) -> dict[str, Any]:
    """The shown page's problems: wide, light and Swedish; then narrow, dark and English, for which it is asked for once more."""
    page = visitor.page
    await _leave_out(page, around)
    problems = {"sv light wide": await page.evaluate(VIOLATIONS, None)}
    await page.emulate_media(color_scheme="dark")
    problems["sv dark wide"] = await page.evaluate(VIOLATIONS, COLOURS)
    await page.set_viewport_size(NARROW)
    problems["sv too wide"] = await too_wide(page)
    await _speak(visitor, "en")
    await page.reload()
    assert await page.evaluate("document.documentElement.lang") == "en"
    await _leave_out(page, around)
    problems["en dark narrow"] = await page.evaluate(VIOLATIONS, None)
    problems["en too wide"] = await too_wide(page)
    return problems


async def _leave_out(page: Page, around: bool) -> None:
    await page.evaluate(THIN)
    if not around:
        await page.evaluate(KNOWN)


async def too_wide(page: Page) -> list[str]:
    """What sticks out of a narrow window, with everything unfolded."""
    await page.evaluate(FILL)
    found: list[str] = await page.evaluate(TOO_WIDE, NARROW["width"])
    return found


async def _speak(visitor: Visitor, language: str) -> None:
    await visitor.context.add_cookies([{"name": "language", "value": language, "url": visitor.address}])

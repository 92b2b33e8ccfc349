"""The style guide shows every component: what static/css can look like is to be seen there."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from tests.browser import Browser

CSS = Path(__file__).parents[2] / "static" / "css"
VOID = frozenset("area base br col embed hr img input link meta source track use wbr".split())  # noqa: SIM905
# Classes that it does not show, with why.
ELSEWHERE = {
    "where the parts of a page stand, on every page but the guide": "framed frame room page-head reading lead-in across talk prose paper-tools",
    "a page of its own, which has nothing else on it": "narrow refused in-room wall-clock large-picture paper note plain-tools",
    "what a script marks while something goes on": "over dragged fresh",
    "a card of facts or a link like others, with other contents": "windows address back remark",
}


class _Shown(HTMLParser):
    """The classes of what is shown: not of what is hidden, nor of patterns for scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.classes: set[str] = set()
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_hidden = "hidden" in given or tag == "template" or any(hidden for _tag, hidden in self._open)
        if not is_hidden:
            self.classes |= set((given.get("class") or "").split())
        if tag not in VOID:
            self._open.append((tag, is_hidden))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass


def shown(page: str) -> set[str]:
    reader = _Shown()
    reader.feed(page)
    return reader.classes


def styled() -> Iterator[str]:
    """The classes that stand in selectors."""
    for file in CSS.glob("*.css"):
        rules = re.sub(r'/\*.*?\*/|"[^"]*"', "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        for selector in re.findall(r"[^{}]*(?=\{)", rules):
            yield from [] if selector.strip().startswith("@") else re.findall(r"\.([a-zA-Z_][\w-]*)", selector)


async def test_every_class_that_has_a_style_is_shown_or_is_known_to_be_elsewhere(visitor: Browser) -> None:
    page = await visitor.get("/styleguide")
    assert page.status_code == 200
    missing = set(styled()) - shown(page.text)
    assert missing == {name for names in ELSEWHERE.values() for name in names.split()}


async def test_its_samples_lead_nowhere_and_send_nothing(visitor: Browser) -> None:
    page = await visitor.get("/styleguide")
    guide = page.text.partition('<div class="guide">')[2].partition("</main>")[0]
    assert '<a class="btn" href="#content"' in guide
    assert set(re.findall(r'<a\b[^>]*?\shref="(?!#|mailto:)([^"]*)', guide)) == set()
    assert set(re.findall(r'<form\b[^>]*?\saction="([^"]*)', guide)) == {"#content"}
    assert re.findall(r'\s(?:hx-\w+|formaction|method|name="csrf")', guide) == []


async def test_its_ids_are_each_given_once(visitor: Browser) -> None:
    page = await visitor.get("/styleguide")
    ids = re.findall(r'\sid="([^"]*)"', page.text)
    assert len(ids) > 50
    assert sorted(ids) == sorted(set(ids))


def test_hidden_parts_and_patterns_do_not_count_as_shown() -> None:
    markup = (
        '<p class="a"><br class="b"><i hidden class="c"><b class="d"></b></i><template><i class="e"></i></template><u class="f"></u></p>'
    )
    assert shown(markup) == {"a", "b", "f"}

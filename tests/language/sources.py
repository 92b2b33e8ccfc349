"""What stands in a template for people to read: text between tags, spoken attributes and strings in expressions."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, nodes

from portal.web.pages import TEMPLATES

ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
TRANSLATED = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
FILLED_IN = "\ufffc"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# What stands in these is no language, or is a name.
UNSPOKEN = {"code", "kbd", "script", "style", "svg"}
SPOKEN = {"title", "aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "aria-placeholder", "placeholder", "alt", "label"}
BUTTONS = {"submit", "button", "reset"}


def templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


class Reader(HTMLParser):
    """Collects what is written out in the markup itself. What is marked with a language of its own is content."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if not self.is_content:
            self.found += [value for name, value in given.items() if _is_spoken(tag, name, given) and has_letters(value)]
        if tag not in VOID:
            self.open.append((tag, self.is_content or tag in UNSPOKEN or _is_foreign(tag, given)))

    def handle_endtag(self, tag: str) -> None:
        tags = [name for name, _content in self.open]
        if tag in tags:
            del self.open[len(tags) - 1 - tags[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if has_letters(data) and not self.is_content:
            self.found.append(" ".join(data.split()))

    @property
    def is_content(self) -> bool:
        return bool(self.open) and self.open[-1][1]


def has_letters(text: str) -> bool:
    return any(map(str.isalpha, text))


def written_out(source: str) -> list[str]:
    """Text and spoken attributes of a template that do not come from an expression."""
    reader = Reader()
    reader.feed(_markup(source))
    reader.close()
    return reader.found


def _markup(source: str) -> str:
    """The template without its statements and comments; a mark stands for every expression."""
    kept, block = [], []
    for _line, kind, value in ENVIRONMENT.lex(source):
        if kind == "variable_begin":
            kept.append(FILLED_IN)
        elif kind == "block_begin":
            block.append("")
        elif kind == "name" and block and not block[-1]:
            block[-1] = value
        elif kind == "data" and (not block or block[-1] != "trans"):
            kept.append(value)
    return "".join(kept)


def _is_spoken(tag: str, name: str, given: dict[str, str]) -> bool:
    if name == "value":
        return given.get("type") in BUTTONS and tag in ("input", "button")
    return name in SPOKEN or name.startswith("data-") and " " in given[name].strip()


def _is_foreign(tag: str, given: dict[str, str]) -> bool:
    return "lang" in given and tag != "html"


def strings(source: str) -> Iterator[str]:
    """String literals in a template's expressions that no translation function takes."""
    yield from _strings(ENVIRONMENT.parse(source))


def _strings(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    for child in node.iter_child_nodes():
        if not _is_translation(child):
            yield from _strings(child)


def _is_translation(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in TRANSLATED

"""What people read in HTML: text between tags and spoken attributes, of a page or of a template before it is filled in."""

import re
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser

from jinja2 import Environment, nodes

ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
TRANSLATORS = {"_", "_l", "gettext", "ngettext", "pgettext"}
FILLED_IN = "\ufffc"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
# Code, keys and pictures are in no language.
UNSPOKEN = {"code", "kbd", "script", "style", "svg"}
SPOKEN = {"title", "aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "placeholder", "alt", "label"}
# Letters that only Swedish has here, a capital and more, or two words: names of fields, icons and classes have none of these.
WORDS = re.compile(r"[åäöÅÄÖ]|^\W*[A-Z][a-z]|[^\W\d_],? [^\W\d_]")


class Reader(HTMLParser):
    """Collects what is read. What is marked with a language of its own is content and left aside."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read: list[str] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        aside = self._aside or tag in UNSPOKEN or ("lang" in given and tag != "html")
        for name, value in given.items():
            if not aside and _is_spoken(tag, name, given):
                self._take(value)
        if tag not in VOID:
            self.open.append((tag, aside))

    def handle_endtag(self, tag: str) -> None:
        while any(name == tag for name, _aside in self.open):
            if self.open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._aside:
            self._take(data)

    @property
    def _aside(self) -> bool:
        return bool(self.open) and self.open[-1][1]

    def _take(self, text: str) -> None:
        if any(map(str.isalpha, text)):
            self.read.append(" ".join(text.split()))


def _is_spoken(tag: str, name: str, given: dict[str, str]) -> bool:
    if name == "value":
        return tag == "input" and given.get("type") in ("submit", "button", "reset")
    return name in SPOKEN or (name.startswith("data-") and " " in given[name])


def read(html: str) -> list[str]:
    """The texts of a page, in order."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.read


def written_out(template: str) -> list[str]:
    """The texts of a template that no translation and no variable gives."""
    texts = read("".join(_flat(ENVIRONMENT.parse(template))))
    return [part.strip() for text in texts for part in text.split(FILLED_IN) if any(map(str.isalpha, part))]


def _flat(node: nodes.Node) -> Iterator[str]:
    """The template as markup: a mark for every expression, and the words that an expression spells out itself."""
    if isinstance(node, nodes.TemplateData):
        yield node.data
    elif isinstance(node, nodes.Expr):
        yield from (FILLED_IN + escape(text) for text in _literals(node) if is_words(text))
    elif not (isinstance(node, nodes.Block) and node.name.endswith("_class")):
        for child in node.iter_child_nodes():
            yield from _flat(child)
            if isinstance(node, nodes.Output) and not isinstance(child, nodes.TemplateData):
                yield FILLED_IN


def _literals(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in TRANSLATORS:
        return
    for child in node.iter_child_nodes():
        yield from _literals(child)


def is_words(text: str) -> bool:
    """Whether a literal is for people rather than a name in the code."""
    return WORDS.search(text) is not None

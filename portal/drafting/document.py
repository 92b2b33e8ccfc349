"""Jointly written texts in the editor's own document format: what rooms and pages do with them. Pure."""

from collections.abc import Iterator
from html import escape
from itertools import groupby

from portal.drafting.markup import from_markdown, to_markdown
from portal.drafting.nodes import Invalid, Marks, Node, Piece, empty, lines, normal, validate
from portal.links import other_host

__all__ = ["Invalid", "empty", "from_markdown", "normal", "to_html", "to_markdown", "to_text", "validate"]

TAGS = {"paragraph": "p", "bulletList": "ul", "listItem": "li", "blockquote": "blockquote", "bold": "strong", "italic": "em"}


def to_html(doc: Node) -> str:
    """Safe HTML, always the same for the same document; nothing for an empty one."""
    blocks = normal(doc)["content"]
    return "" if blocks == empty()["content"] else "\n".join(map(_block, blocks))


def _block(block: Node) -> str:
    if block["type"] in ("paragraph", "heading"):
        inner = "<br>\n".join("".join(_line(line)) for line in lines(block))
    else:
        inner = "\n".join(map(_block, block["content"]))
    match block["type"]:
        case "heading":
            return "<h{0}>{1}</h{0}>".format(block["attrs"]["level"], inner)
        case "orderedList":
            start = block["attrs"]["start"]
            return f'<ol start="{start}">{inner}</ol>' if start != 1 else f"<ol>{inner}</ol>"
        case kind:
            return f"<{TAGS[kind]}>{inner}</{TAGS[kind]}>"


def _line(line: list[Piece]) -> Iterator[str]:
    """Words and links; a link whose words name one host and which leads to another has the other written out behind it."""
    for href, pieces in groupby(line, lambda piece: dict(piece[1]).get("link", "")):
        run = list(pieces)
        words = "".join(_marked(text, marks) for text, marks in run)
        host = other_host("".join(text for text, _marks in run), href) if href else ""
        yield (
            f'<a href="{escape(href)}" rel="nofollow noopener noreferrer">{words}</a>' + (f" ({escape(host)})" if host else "")
            if href
            else words
        )


def _marked(text: str, marks: Marks) -> str:
    html = escape(text)
    for mark, _ in reversed(marks):
        html = f"<{TAGS[mark]}>{html}</{TAGS[mark]}>" if mark in TAGS else html
    return html


def to_text(doc: Node) -> str:
    """The words alone, one line per line, for search and mail."""
    return "\n".join(_words(normal(doc)))


def _words(node: Node) -> Iterator[str]:
    if node["type"] in ("paragraph", "heading"):
        yield from (words for line in lines(node) if (words := "".join(text for text, _ in line)))
    else:
        for child in node["content"]:
            yield from _words(child)

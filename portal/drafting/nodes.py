"""The document format of the editor (ProseMirror JSON with Tiptap's names): what is valid, and its one normal form."""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from portal.characters import NUL, SURROGATE, cleaned, composed
from portal.fields import _l
from portal.links import may_link

Node = dict[str, Any]
Mark = tuple[str, str]
Marks = tuple[Mark, ...]
Letter = tuple[str, set[Mark]]
Piece = tuple[str, Marks]
Line = list[Piece]

DEEPEST = 12
LARGEST = 256 * 1024
MOST_MARKED = 500
BLOCKS = frozenset({"paragraph", "heading", "bulletList", "orderedList", "blockquote"})
INLINE = frozenset({"text", "hardBreak"})
LISTS = ("bulletList", "orderedList")
CHILDREN: dict[str, frozenset[str]] = {
    "doc": BLOCKS,
    "paragraph": INLINE,
    "heading": INLINE,
    "bulletList": frozenset({"listItem"}),
    "orderedList": frozenset({"listItem"}),
    "listItem": BLOCKS,
    "blockquote": BLOCKS,
    "text": frozenset(),
    "hardBreak": frozenset(),
}
# Of each attribute the least and the most.
ATTRIBUTES = {"level": (3, 4), "start": (0, 999)}
# In the order in which they stand around a text; the editor sorts them the same way.
MARKS = ("link", "bold", "italic")


class Invalid(ValueError):
    """Not a document of ours; the message is a Swedish sentence."""


class TooLarge(Invalid):
    """More than a text may hold."""


def empty() -> Node:
    """A document with nothing in it yet."""
    return {"type": "doc", "content": [{"type": "paragraph"}]}


def validate(doc: Any) -> Node:
    """The document in normal form. Invalid if it holds anything that the editor does not write or is too large."""
    check(doc)
    found = normal(doc) if size(doc) <= LARGEST else None
    if found is None or marked(found) > MOST_MARKED:
        raise TooLarge(_l("Texten är för stor. Dela den i flera avsnitt."))
    return found


def check(doc: Any) -> None:
    """Invalid if the document, of whatever size, holds anything that the editor does not write."""
    if not isinstance(doc, dict) or doc.get("type") != "doc":
        raise Invalid(_l("Texten har inte rätt form."))
    _check(doc, 0)


def marked(node: Node) -> int:
    """How many pieces of text have marks."""
    return sum(map(marked, node.get("content", []))) + ("marks" in node)


def size(doc: Node) -> int:
    """Its bytes as JSON."""
    return len(json.dumps(doc, ensure_ascii=False).encode())


def _check(node: Node, depth: int) -> None:
    kind = node["type"]
    if depth > DEEPEST:
        raise Invalid(_l("Texten har för många listor eller citat i varandra."))
    if not set(node) <= {"type", "content", "attrs", "text", "marks"} or not _has_its_attributes(node):
        raise Invalid(_l("Texten har inte rätt form."))
    if ("text" in node) != (kind == "text") or ("marks" in node and kind not in INLINE):
        raise Invalid(_l("Texten har inte rätt form."))
    if kind == "text":
        _check_text(node["text"])
    _check_marks(node.get("marks", []))
    children = node.get("content", [])
    if not isinstance(children, list):
        raise Invalid(_l("Texten har inte rätt form."))
    for child in children:
        if not isinstance(child, dict) or child.get("type") not in sorted(CHILDREN[kind]):
            raise Invalid(_l("Texten innehåller något som inte får stå där."))
        _check(child, depth + (child["type"] not in INLINE))


def _has_its_attributes(node: Node) -> bool:
    attributes = node.get("attrs", {})
    if node["type"] == "heading":
        return attributes in ({"level": 3}, {"level": 4}) and type(attributes["level"]) is int
    if node["type"] == "orderedList" and attributes != {}:
        start = attributes.get("start") if isinstance(attributes, dict) else None
        return attributes == {"start": start} and type(start) is int and 0 <= start <= 999
    return attributes == {}


def _check_text(text: Any) -> None:
    if not isinstance(text, str) or not text:
        raise Invalid(_l("Texten har inte rätt form."))
    if NUL in text or SURROGATE.search(text):
        raise Invalid(_l("Texten innehåller ett tecken som inte får finnas."))


def _check_marks(marks: Any) -> None:
    if not isinstance(marks, list) or not all(isinstance(mark, dict) and set(mark) <= {"type", "attrs"} for mark in marks):
        raise Invalid(_l("Texten har inte rätt form."))
    kinds = [mark.get("type") for mark in marks]
    if any(kind not in MARKS or kinds.count(kind) > 1 for kind in kinds):
        raise Invalid(_l("Texten har en formatering som inte finns här."))
    for mark in marks:
        attributes = mark.get("attrs", {})
        if mark["type"] != "link" and attributes != {}:
            raise Invalid(_l("Texten har en formatering som inte finns här."))
        if mark["type"] == "link" and not _leads_somewhere(attributes):
            raise Invalid(_l("En länk leder till en adress som inte går att använda. Den ska börja med https://."))


def _leads_somewhere(attributes: Any) -> bool:
    return (
        isinstance(attributes, dict)
        and set(attributes) == {"href"}
        and isinstance(attributes["href"], str)
        and may_link(attributes["href"])
    )


def normal(doc: Node) -> Node:
    """The one way to write this document: no empty blocks, one node per run of marks, no marked or outer white space."""
    return {"type": "doc", "content": _blocks(doc.get("content", [])) or [{"type": "paragraph"}]}


def _blocks(nodes: Iterable[Node]) -> list[Node]:
    blocks: list[Node] = []
    for block in (each for node in nodes for each in _block(node)):
        if blocks and block["type"] in LISTS and block["type"] == blocks[-1]["type"]:
            blocks[-1]["content"] += block["content"]
        else:
            blocks.append(block)
    return blocks


def _block(node: Node) -> Iterator[Node]:
    if node["type"] == "paragraph":
        yield from _paragraphs(node)
    elif node["type"] == "heading":
        words = [piece for line in lines(node) for piece in [(" ", ()), *line]]
        if text := _tidy(words):
            yield {"type": "heading", "attrs": {"level": node["attrs"]["level"]}, "content": list(map(_text, text))}
    elif node["type"] in LISTS:
        items = [{"type": "listItem", "content": _item(item)} for item in node.get("content", [])]
        start = {"attrs": {"start": node.get("attrs", {}).get("start", 1)}} if node["type"] == "orderedList" else {}
        if items:
            yield {"type": node["type"], **start, "content": items}
    elif content := _blocks(node.get("content", [])):
        yield {"type": "blockquote", "content": content}


def _item(item: Node) -> list[Node]:
    """An item begins with a paragraph, an empty one if need be."""
    blocks = _blocks(item.get("content", []))
    return blocks if blocks and blocks[0]["type"] == "paragraph" else [{"type": "paragraph"}, *blocks]


def _paragraphs(node: Node) -> Iterator[Node]:
    """A paragraph's lines; a blank line between them makes two paragraphs."""
    tidy = [_tidy(line) for line in lines(node)]
    for has_words, group in groupby(tidy, bool):
        if has_words:
            content = [inline for line in group for inline in [{"type": "hardBreak"}, *map(_text, line)]]
            yield {"type": "paragraph", "content": content[1:]}


def lines(node: Node) -> list[Line]:
    """A paragraph's or heading's text in lines of (text, marks)."""
    found: list[Line] = [[]]
    for inline in node.get("content", []):
        if inline["type"] == "hardBreak":
            found.append([])
            continue
        marks = _marks(inline.get("marks", []))
        for number, text in enumerate(cleaned(inline["text"]).split("\n")):
            found += [[]] if number else []
            found[-1].append((text, marks))
    return found


def _marks(marks: list[Node]) -> Marks:
    return _sorted((mark["type"], composed(mark.get("attrs", {}).get("href", ""))) for mark in marks)


def _sorted(marks: Iterable[Mark]) -> Marks:
    return tuple(sorted(marks, key=lambda mark: MARKS.index(mark[0])))


def _tidy(line: Line) -> Line:
    """Marks leave the white space at their ends, white space leaves the ends of the line, equal neighbours are one."""
    text = "".join(text for text, _ in line)
    if not any(marks for _, marks in line):
        return [(words, ())] if (words := cleaned(text).strip()) else []
    letters = [(letter, set(marks)) for piece, marks in line for letter in piece]
    _shrink(letters)
    _shrink(letters[::-1])
    kept = letters[len(text) - len(text.lstrip()) : len(text.rstrip())]
    runs = [("".join(letter for letter, _ in run), marks) for marks, run in groupby(kept, lambda each: _sorted(each[1]))]
    return [(words, marks) for text, marks in runs if (words := cleaned(text))]


def _shrink(letters: Iterable[Letter]) -> None:
    """White space where a mark begins loses it, in the order given."""
    before: set[Mark] = set()
    for letter, marks in letters:
        if letter.isspace():
            marks &= before
        before = marks


def _text(piece: Piece) -> Node:
    text, marks = piece
    return {"type": "text", **({"marks": mark_nodes(marks)} if marks else {}), "text": text}


def mark_nodes(marks: Iterable[Mark]) -> list[Node]:
    return [{"type": kind, "attrs": {"href": href}} if kind == "link" else {"type": kind} for kind, href in marks]

"""Documents as light markup for a plain text field, and back: nothing is lost on the way, and any text can be read.

**bold**, *italics*, [words](address), bare addresses; "- " and "1. " lists, indented inside one another; "> " quotes;
"### " and "#### " headings; a line end is a line break, a blank line a new paragraph; a backslash keeps a sign a sign.
"""

import re
from collections import deque
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import NamedTuple

from portal.characters import cleaned
from portal.drafting.nodes import DEEPEST, LISTS, Line, Node, Piece, lines, mark_nodes, normal
from portal.links import may_link

INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
HEADING = re.compile(r" *(#{1,4}) +(?=\S)")
QUOTE = re.compile(r" *> ?")
ITEM = re.compile(r"( *)([-*•]|(?P<number>\d{1,3})[.)])(?:[ \t]+|$)")
BLOCK_SIGN = re.compile(r"(?=#{1,4} |>|[-*•](?:[ \t]|$))|\d{1,3}(?=[.)](?:[ \t]|$))")

IN_ADDRESS = r"[^\s<>\"`{}|^*\[\]\\()]"
IN_BRACKETS = rf"\({IN_ADDRESS}*\)"
ADDRESS = re.compile(rf"https?://(?:{IN_ADDRESS}|{IN_BRACKETS})*(?:{IN_BRACKETS}|(?![.,:;!?']){IN_ADDRESS})")
TOKEN = re.compile(
    r"\\(?P<sign>[!-/:-@\[-`{-~•])"
    r"|(?P<stars>\*\*?)"
    r"|\[(?P<words>(?:\\.|[^\\\[])+?)\]\((?P<href>(?:\\[()]|[^\s()\\]|\([^\s()\\]*\))+)\)"
    rf"|(?P<address>{ADDRESS.pattern})"
)
NOTHING: frozenset[str] = frozenset()
STARS = {"bold": "**", "italic": "*"}


class Span(NamedTuple):
    """A piece of a line: words, or stars that may turn out to be words."""

    text: str
    href: str = ""
    mark: str = ""
    may_open: bool = False
    may_close: bool = False


def from_markdown(text: str) -> Node:
    """The document that somebody wrote in a text field."""
    source = INDENT.sub(lambda found: found[0].expandtabs(4), cleaned(text))
    return normal({"type": "doc", "content": list(_read_blocks(deque(source.split("\n")), 0))})


def to_markdown(doc: Node) -> str:
    """The document as a person edits it in a text field."""
    return "\n".join(_write_blocks(normal(doc)["content"], is_item=False))


def _read_blocks(source: deque[str], depth: int) -> Iterator[Node]:
    while source:
        if not source[0].strip():
            source.popleft()
        elif heading := HEADING.match(source[0]):
            level = max(3, len(heading[1]))
            yield {"type": "heading", "attrs": {"level": level}, "content": _read_line(source.popleft()[heading.end() :])}
        elif _begins_quote(source[0], depth):
            yield {"type": "blockquote", "content": list(_read_blocks(deque(_quoted(source)), depth + 1))}
        elif _begins_item(source[0], depth):
            yield _read_list(source, depth)
        else:
            yield {"type": "paragraph", "content": list(_read_paragraph(source, depth))}


def _begins_quote(line: str, depth: int) -> bool:
    return depth + 2 <= DEEPEST and bool(QUOTE.match(line))


def _begins_item(line: str, depth: int) -> re.Match[str] | None:
    return ITEM.match(line) if depth + 3 <= DEEPEST else None


def _quoted(source: deque[str]) -> Iterator[str]:
    while source and (sign := QUOTE.match(source[0])):
        yield source.popleft()[sign.end() :]


def _read_paragraph(source: deque[str], depth: int) -> Iterator[Node]:
    yield from _read_line(source.popleft())
    while source and source[0].strip():
        if HEADING.match(source[0]) or _begins_quote(source[0], depth) or _begins_item(source[0], depth):
            return
        yield {"type": "hardBreak"}
        yield from _read_line(source.popleft())


def _read_list(source: deque[str], depth: int) -> Node:
    first = ITEM.match(source[0])
    number = first["number"] if first else None
    items: list[Node] = []
    while source and (sign := ITEM.match(source[0])) and (sign["number"] is None) == (number is None):
        content = list(_read_blocks(deque(_item_lines(source, sign)), depth + 2))
        items.append({"type": "listItem", "content": content})
    if number is None:
        return {"type": "bulletList", "content": items}
    return {"type": "orderedList", "attrs": {"start": int(number)}, "content": items}


def _item_lines(source: deque[str], sign: re.Match[str]) -> Iterator[str]:
    """The rest of the item's own line and all lines after it that are indented more than its sign."""
    yield source.popleft()[sign.end() :]
    inset = sign.end(2) + 1
    while source:
        line = source[0]
        indent = len(line) - len(line.lstrip(" "))
        if line.strip() and indent <= len(sign[1]):
            return
        yield source.popleft()[min(indent, inset) :]


def _read_line(line: str) -> list[Node]:
    spans = list(_spans(line.strip()))
    paired = {index for mark in STARS for pair in _pairs(spans, mark) for index in pair}
    on: set[str] = set()
    inlines: list[Node] = []
    for index, span in enumerate(spans):
        if index in paired:
            on ^= {span.mark}
        else:
            marks = [*([("link", span.href)] if span.href else []), *((mark, "") for mark in STARS if mark in on)]
            inlines.append({"type": "text", "marks": mark_nodes(marks), "text": span.text})
    return inlines


def _spans(source: str, href: str = "") -> Iterator[Span]:
    position, padded = 0, f" {source} "
    while found := TOKEN.search(source, position):
        if found.start() > position:
            yield Span(source[position : found.start()], href)
        position = found.end()
        target = re.sub(r"\\([()])", r"\1", found["href"] or found["address"] or "")
        if found["sign"]:
            yield Span(found["sign"], href)
        elif stars := found["stars"]:
            outside = padded[found.start()], padded[found.end() + 1]
            mark = "bold" if stars == "**" else "italic"
            yield Span(stars, href, mark, not outside[1].isspace(), not outside[0].isspace())
        elif found["address"]:
            yield Span(target, href or (target if may_link(target) else ""))
        elif href or not may_link(target):
            position = found.start() + 1
            yield Span("[", href)
        else:
            yield from _spans(found["words"], target)
    if position < len(source):
        yield Span(source[position:], href)


def _pairs(spans: list[Span], mark: str) -> Iterator[tuple[int, int]]:
    """Where a mark begins and ends; stars that do not open, or that nothing closes, are words."""
    begun, has_words = -1, False
    for index, span in enumerate(spans):
        has_words = has_words or not span.mark
        if span.mark == mark and begun < 0 and span.may_open:
            begun, has_words = index, False
        elif span.mark == mark and begun >= 0 and span.may_close and has_words:
            yield begun, index
            begun = -1


def _write_blocks(blocks: list[Node], *, is_item: bool) -> Iterator[str]:
    for number, block in enumerate(blocks):
        if number and not (is_item and block["type"] in LISTS):
            yield ""
        yield from _write_block(block)


def _write_block(block: Node) -> Iterator[str]:
    if block["type"] == "paragraph":
        for line in lines(block):
            yield BLOCK_SIGN.sub(r"\g<0>\\", written, count=1) if BLOCK_SIGN.match(written := _write_line(line)) else written
    elif block["type"] == "heading":
        yield f"{'#' * block['attrs']['level']} {_write_line(lines(block)[0])}"
    elif block["type"] == "blockquote":
        yield from (f"> {line}".rstrip() for line in _write_blocks(block["content"], is_item=False))
    else:
        for number, item in enumerate(block["content"], block.get("attrs", {}).get("start", 1)):
            yield from _write_item(item, "-" if block["type"] == "bulletList" else f"{number % 1000}.")


def _write_item(item: Node, sign: str) -> Iterator[str]:
    first, *rest = _write_blocks(item["content"], is_item=True)
    yield f"{sign} {first}".rstrip()
    yield from (f"{'':{len(sign) + 1}}{line}".rstrip() for line in rest)


def _write_line(line: Line) -> str:
    """From the end to the beginning, since what follows an address decides how it has to be written."""
    written, after = "", NOTHING
    runs = [(href, list(run)) for href, run in groupby(line, lambda piece: dict(piece[1]).get("link", ""))]
    befores = [NOTHING, *(_on(run[-1]) for _, run in runs)]
    for (href, run), before in reversed(list(zip(runs, befores, strict=False))):
        first, last = _on(run[0]), _on(run[-1])
        # Marks that begin or end with a link do so inside its brackets, unless they cover all of it.
        outer_first, outer_last = (first & (before | last), last & (after | first)) if href else (first, last)
        written = _turn(outer_last, after) + written
        words = _turn(outer_first, first) + _write_run(run) + _turn(last, outer_last)
        written = _write_link(words, href, written) if href else words + written
        after = outer_first
    return _turn(NOTHING, after) + written


def _write_run(run: Line) -> str:
    return "".join(_escaped(piece) + _turn(_on(piece), _on(then)) for piece, then in pairwise([*run, run[-1]]))


def _write_link(words: str, href: str, after: str) -> str:
    bare = ADDRESS.match(href + after)
    if bare and bare[0] == href and words == _escaped((href, (("link", href),))):
        return href + after
    target = re.sub(r"([()])", r"\\\1", href)
    return f"[{words}]({target}){after}"


def _on(piece: Piece) -> frozenset[str]:
    return frozenset(mark for mark, _ in piece[1]) & STARS.keys()


def _turn(before: frozenset[str], after: frozenset[str]) -> str:
    return "".join(stars for mark, stars in STARS.items() if (mark in before) != (mark in after))


def _escaped(piece: Piece) -> str:
    text = re.sub(r"(?<! )\*|\*(?! )", r"\*", piece[0].replace("\\", r"\\"))
    text = re.sub(r"(https?)://", r"\1\\://", text.replace("](", r"]\("))
    return text.replace("[", r"\[") if "link" in dict(piece[1]) else text

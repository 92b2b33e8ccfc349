"""The editor's own document format: ProseMirror JSON with the node names of Tiptap's StarterKit. Pure."""

import json
from html import escape
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from portal.fields import _l

Doc = dict[str, Any]
LARGEST = 256 * 1024
DEEPEST = 12
SCHEMES = ("http", "https", "mailto")
BLOCKS = {"paragraph_open": "paragraph", "bullet_list_open": "bulletList", "ordered_list_open": "orderedList", "list_item_open": "listItem", "blockquote_open": "blockquote", "heading_open": "heading"}
CHILDREN = {
    "doc": {"paragraph", "bulletList", "orderedList", "blockquote", "heading"},
    "blockquote": {"paragraph", "bulletList", "orderedList", "blockquote", "heading"},
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
    "listItem": {"paragraph", "bulletList", "orderedList", "blockquote", "heading"},
    "paragraph": {"text", "hardBreak"},
    "heading": {"text", "hardBreak"},
}
MARKS = {"bold": "strong", "italic": "em"}
PARSER = MarkdownIt("zero").enable(["emphasis", "list", "blockquote", "link", "newline", "heading", "escape", "paragraph"], ignoreInvalid=True)


class Invalid(ValueError):
    """A document that the format does not allow; the message is a Swedish sentence."""


def empty() -> Doc:
    return {"type": "doc", "content": []}


def from_markdown(source: str) -> Doc:
    """What a person writes in a text area → a document."""
    root: Doc = empty()
    stack = [root]
    for token in PARSER.parse(source):
        if token.type in BLOCKS:
            node: Doc = {"type": BLOCKS[token.type], "content": []}
            if token.type == "heading_open":
                node["attrs"] = {"level": 3 if token.tag in ("h1", "h2", "h3") else 4}
            if token.type == "ordered_list_open":
                node["attrs"] = {"start": int(token.attrs.get("start", 1))}
            stack[-1]["content"].append(node)
            stack.append(node)
        elif token.type == "inline":
            stack[-1]["content"] = _inline(token.children or [])
        elif token.type.endswith("_close"):
            stack.pop()
    return root


def _inline(tokens: list[Token]) -> list[Doc]:
    nodes: list[Doc] = []
    marks: list[Doc] = []
    for token in tokens:
        if token.type == "text" and token.content:
            _add_text(nodes, token.content, marks)
        elif token.type in ("softbreak", "hardbreak"):
            nodes.append({"type": "hardBreak"})
        elif token.type == "strong_open":
            marks = [*marks, {"type": "bold"}]
        elif token.type == "em_open":
            marks = [*marks, {"type": "italic"}]
        elif token.type == "link_open":
            marks = [*marks, {"type": "link", "attrs": {"href": str(token.attrs["href"])}}]
        elif token.type.endswith("_close"):
            marks = marks[:-1]
    return nodes


def _add_text(nodes: list[Doc], text: str, marks: list[Doc]) -> None:
    last = nodes[-1] if nodes else {}
    if last.get("type") == "text" and last.get("marks", []) == marks:
        last["text"] += text
        return
    nodes.append({"type": "text", "text": text, **({"marks": marks} if marks else {})})


def to_markdown(doc: Doc) -> str:
    """A document → what a person edits in a text area."""
    return "\n\n".join(_block(node) for node in doc.get("content", []))


def _block(node: Doc) -> str:
    kind, content = node["type"], node.get("content", [])
    if kind == "paragraph":
        return _line(content)
    if kind == "heading":
        return "#" * node.get("attrs", {}).get("level", 3) + " " + _line(content)
    if kind == "blockquote":
        return "\n".join("> " + line for line in "\n\n".join(map(_block, content)).split("\n"))
    first = node.get("attrs", {}).get("start", 1)
    items = []
    for n, item in enumerate(content):
        mark = f"{first + n}. " if kind == "orderedList" else "- "
        text = "\n\n".join(map(_block, item.get("content", [])))
        items.append(mark + text.replace("\n", "\n" + " " * len(mark)))
    return "\n".join(items)


def _line(content: list[Doc]) -> str:
    text = ""
    for node in content:
        if node["type"] == "hardBreak":
            text += "\n"
            continue
        piece = _escaped(node["text"])
        for mark in node.get("marks", []):
            if mark["type"] == "link":
                piece = f"[{piece}]({mark['attrs']['href']})"
            else:
                sign = "**" if mark["type"] == "bold" else "*"
                piece = f"{sign}{piece}{sign}"
        text += piece
    return text


def _escaped(text: str) -> str:
    return "".join("\\" + each if each in "\\*_[]" else each for each in text)


def to_html(doc: Doc) -> str:
    """Safe HTML."""
    return "".join(map(_html, doc.get("content", [])))


def _html(node: Doc) -> str:
    kind = node["type"]
    if kind == "text":
        return _marked(node)
    if kind == "hardBreak":
        return "<br>"
    tag = {"paragraph": "p", "bulletList": "ul", "orderedList": "ol", "listItem": "li", "blockquote": "blockquote"}.get(kind)
    inner = "".join(map(_html, node.get("content", [])))
    if kind == "heading":
        return f"<h{node['attrs']['level'] + 1}>{inner}</h{node['attrs']['level'] + 1}>"
    start = node.get("attrs", {}).get("start", 1)
    return f"<{tag}{f' start={int(start)!r}' if kind == 'orderedList' and start != 1 else ''}>{inner}</{tag}>"


def _marked(node: Doc) -> str:
    text = escape(node["text"])
    for mark in node.get("marks", []):
        if mark["type"] == "link":
            text = f'<a href="{escape(mark["attrs"]["href"])}" rel="nofollow noopener noreferrer">{text}</a>'
        else:
            text = f"<{MARKS[mark['type']]}>{text}</{MARKS[mark['type']]}>"
    return text


def to_text(doc: Doc) -> str:
    """Plain text, a line for each block."""
    return "\n".join(_plain(node) for node in doc.get("content", []))


def _plain(node: Doc) -> str:
    if node["type"] == "text":
        return str(node["text"])
    if node["type"] == "hardBreak":
        return "\n"
    inline = node["type"] in ("paragraph", "heading")
    return ("" if inline else "\n").join(_plain(each) for each in node.get("content", []))


def validate(doc: Any) -> Doc:
    """The document itself if the format allows it, else Invalid."""
    if len(json.dumps(doc)) > LARGEST:
        raise Invalid(_l("Avsnittet är för långt."))
    _check(doc, "doc", 0)
    return doc  # type: ignore[no-any-return]


def _check(node: Any, kind: str, depth: int) -> None:
    if not isinstance(node, dict) or node.get("type") != kind or depth > DEEPEST:
        raise Invalid(_l("Avsnittet har en form som inte går att spara."))
    if kind == "text":
        _check_marks(node)
        return
    for child in node.get("content", []):
        if not isinstance(child, dict) or child.get("type") not in CHILDREN.get(kind, set()):
            raise Invalid(_l("Avsnittet har en form som inte går att spara."))
        _check(child, child["type"], depth + 1)


def _check_marks(node: Doc) -> None:
    if not isinstance(node.get("text"), str) or not node["text"]:
        raise Invalid(_l("Avsnittet har en form som inte går att spara."))
    for mark in node.get("marks", []):
        if mark.get("type") == "link" and urlsplit(str(mark.get("attrs", {}).get("href"))).scheme in SCHEMES:
            continue
        if mark.get("type") not in MARKS:
            raise Invalid(_l("Avsnittet har en länk som inte får finnas."))

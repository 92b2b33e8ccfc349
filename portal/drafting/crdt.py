"""Shared texts as Yjs documents: seeded from a body, read as a body, changed into another. Pure,
and for changes that have been checked alone.

The root is one XML fragment of the editor's nodes, as y-prosemirror writes them; states and changes are Yjs updates of version 1."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any, cast

from pycrdt import Doc, UndoManager, XmlElement, XmlFragment, XmlText, merge_updates

from portal.characters import NUL, SURROGATE
from portal.drafting import compare
from portal.drafting.nodes import Node, normal
from portal.drafting.updates import ROOT
from portal.links import may_link

Branch = XmlElement | XmlFragment
WRITTEN_IN = ("paragraph", "heading")
Run = tuple[str, dict[str, Any]]
MOST_PAIRS = 400 * 400
MARKED = "marked"
NOTHING = [{"type": "paragraph"}]


def seeded(body: Node) -> bytes:
    """The state of a new document that says what the body says. To be made once for a text: two seeds are two texts in one."""
    doc, root = _opened(())
    with doc.transaction():
        _insert(root, 0, body["content"])
    return doc.get_update()


def merged(states: Iterable[bytes]) -> bytes:
    """One state in place of a state and the changes after it."""
    return _opened(states)[0].get_update()


def body_of(states: Iterable[bytes]) -> Node:
    """What the document says, in normal form: without controls, and with no link that may not be."""
    return said(_opened(states)[1].children)


def said(blocks: Iterable[Any]) -> Node:
    """What blocks of an open document say, in normal form."""
    return normal({"type": "doc", "content": [_node(each) for each in blocks]})


def change_to(states: Iterable[bytes], body: Node) -> bytes | None:
    """The change after which the document says what the body says; None if it does already. What stays the same is left alone, down to
    the words of a paragraph, so that what others write there meanwhile stays too."""
    doc, root = _opened(states)
    changes: list[bytes] = []
    observer = doc.observe(lambda event: changes.append(event.update))
    with doc.transaction():
        _turn_into(root, body["content"])
    doc.unobserve(observer)
    return b"".join(changes) or None


def undone(base: bytes, log: Iterable[tuple[bytes, bool]]) -> bytes | None:
    """The change that undoes those of the log's that are marked, and no others: what they brought goes, and what they took away comes back.
    What others have written inside a paragraph that goes, goes with it. None if nothing is left of them."""
    doc, root = _opened([base])
    undoing = UndoManager(scopes=[root], capture_timeout_millis=0)
    undoing.include_origin(MARKED)
    for update, is_marked in log:
        with doc.transaction(origin=MARKED if is_marked else None):
            doc.apply_update(update)
    changes: list[bytes] = []
    observer = doc.observe(lambda event: changes.append(event.update))
    while undoing.can_undo():
        undoing.undo()
    doc.unobserve(observer)
    return merge_updates(*changes) if changes else None


def _opened(states: Iterable[bytes]) -> tuple[Doc[Any], XmlFragment]:
    """In one transaction: with one for each of some hundred letters it takes two and a half times as long."""
    doc: Doc[Any] = Doc()
    doc[ROOT] = root = XmlFragment()
    with doc.transaction():
        for state in states:
            doc.apply_update(state)
    return doc, root


# Reading


def _node(element: Any) -> Node:
    content = [part for child in element.children for part in ([_node(child)] if isinstance(child, XmlElement) else _texts(child))]
    attributes = _attributes(element)
    return {"type": element.tag, **({"attrs": attributes} if attributes else {}), "content": content}


def _attributes(element: XmlElement) -> dict[str, int]:
    """Yjs keeps numbers as such; the library here reads them as fractions."""
    return {name: int(value) for name, value in cast("Iterable[tuple[str, float]]", element.attributes)}


def _texts(text: XmlText) -> list[Node]:
    return [
        {"type": "text", "text": words, **({"marks": marks} if (marks := _marks(attributes)) else {})}
        for given, attributes in text.diff()
        if (words := SURROGATE.sub("", given.replace(NUL, "")))
    ]


def _marks(attributes: dict[str, Any] | None) -> list[Node]:
    found: list[Node] = []
    for name, value in (attributes or {}).items():
        if name != "link":
            found.append({"type": name})
        elif may_link(value.get("href", "")):
            found.append({"type": "link", "attrs": {"href": value["href"]}})
    return found


# Writing


def _insert(parent: Branch, at: int, nodes: Sequence[Node]) -> None:
    for place, node in enumerate(nodes, at):
        element = XmlElement(node["type"])
        parent.children.insert(place, element)
        for name, value in node.get("attrs", {}).items():
            element.attributes[name] = value
        _fill(element, node)


def _fill(element: XmlElement, node: Node) -> None:
    """Neighbouring words are one text with marks, as the editor's are. An empty paragraph has its text, too, so that two who begin to write
    in it at the same moment write in the same one."""
    if node["type"] in WRITTEN_IN and not node.get("content"):
        element.children.append(XmlText())
    for is_words, group in groupby(node.get("content", []), lambda each: each["type"] == "text"):
        if is_words:
            text = XmlText()
            element.children.append(text)
            _write(text, [_run(each) for each in group])
        else:
            _insert(element, len(element.children), list(group))


def _run(node: Node) -> Run:
    return node["text"], {mark["type"]: mark.get("attrs", {}) for mark in node.get("marks", [])}


def _write(text: XmlText, runs: Sequence[Run]) -> None:
    for words, marks in runs:
        text.insert(len(text), words, marks)


# Changing


def _turn_into(parent: Branch, nodes: Sequence[Node]) -> None:
    """Places where nothing is to be seen, such as an empty paragraph somebody is about to write in, stay unless they are all there is."""
    there = [(each, normal({"content": [_node(each)]})["content"]) for each in parent.children]
    seen = [(place, form) for place, (_each, form) in enumerate(there) if form != NOTHING]
    if not seen and there and nodes == NOTHING:
        return
    if not seen:
        _delete(parent, range(len(there)))
    places = [place for place, _form in seen] + [len(parent.children)]
    old, new = [repr(form) for _place, form in seen], [repr([node]) for node in nodes]
    for i, j, k, m in reversed(_differences(old, new)):
        _replace(parent, places[i:j], places[j], nodes[k:m])


def _differences(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Where they differ: from and to, in the one and in the other. What is too long to be compared differs as a whole."""
    head = compare.alike(old, new)
    tail = compare.alike(old[head:][::-1], new[head:][::-1])
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(a) * len(b) > MOST_PAIRS:
        return [(head, head + len(a), head, head + len(b))]
    found = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [(head + i, head + j, head + k, head + m) for op, i, j, k, m in found if op != "equal"]


def _replace(parent: Branch, places: Sequence[int], end: int, nodes: Sequence[Node]) -> None:
    """The nodes in the place of what stands at `places`; one of the same kind is changed into the other."""
    both = min(len(places), len(nodes))
    _delete(parent, places[both:])
    _insert(parent, end - len(places[both:]) if not both else places[both - 1] + 1, nodes[both:])
    for place, node in reversed(list(zip(places, nodes, strict=False))):
        if not _adapt(parent.children[place], node):
            _delete(parent, [place])
            _insert(parent, place, [node])


def _delete(parent: Branch, places: Sequence[int]) -> None:
    for place in reversed(places):
        del parent.children[place]


def _adapt(element: Any, node: Node) -> bool:
    """Whether the element could be made to say what the node says by changing what is in it."""
    if element.tag != node["type"] or _attributes(element) != node.get("attrs", {}):
        return False
    content = node.get("content", [])
    if any(each["type"] not in ("text", "hardBreak") for each in content):
        _turn_into(element, content)
        return True
    there = [(is_words, list(group)) for is_words, group in groupby(element.children, lambda each: isinstance(each, XmlText))]
    wanted = [(is_words, list(group)) for is_words, group in groupby(content, lambda each: each["type"] == "text")] or [(True, [])]
    if [(is_words, is_words or len(group)) for is_words, group in there] != [
        (is_words, is_words or len(group)) for is_words, group in wanted
    ]:
        return False
    for (is_words, texts), (_is_words, group) in zip(there, wanted, strict=True):
        if is_words:
            for second in texts[1:]:  # two began to write here at the same moment
                second.clear()
            _rewrite(texts[0], [_run(each) for each in group])
    return True


def _rewrite(text: XmlText, runs: Sequence[Run]) -> None:
    """New words where they differ, then new marks where those differ. Places are counted in bytes of UTF-8."""
    at = 0
    for op, words in compare.words(str_of(text), "".join(words for words, _marks in runs)):
        length = len(words.encode())
        if op == "delete":
            del text[at : at + length]
        else:
            if op == "insert":
                text.insert(at, words)
            at += length
    start = 0
    for words, marks in runs:
        _mark(text, start, start + len(words.encode()), marks)
        start += len(words.encode())


def _mark(text: XmlText, start: int, end: int, marks: dict[str, Any]) -> None:
    at = 0
    for words, there in text.diff():
        first, last = max(start, at), min(end, at + len(words.encode()))
        at += len(words.encode())
        if first < last and (there or {}) != marks:
            text.format(first, last, {**dict.fromkeys(there or {}), **marks})


def str_of(text: XmlText) -> str:
    """The words alone: str() writes marks as tags."""
    return "".join(words for words, _marks in text.diff())

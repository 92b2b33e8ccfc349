"""Changes to shared texts, looked at before anybody else sees them. A program of its own with little memory: strangers may have made them.

It reads one JSON object a line and answers each with one, in their order. `{"schema": …}` comes first (`checker.SCHEMA`). Then
`{"open": 7, "states": […]}` takes a document in, `{"apply": 7, "update": "…", "others": []}` changes it and answers `{"update": "…"}`, the change as
it is kept (null: nothing was new), or `{"refused": reason}`, and the document is as before; `{"close": 7}` lets it go. Bytes are Base64.
"""

import base64
import json
import resource
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from typing import Any, cast

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from portal.drafting.crdt import said
from portal.drafting.nodes import TooLarge, size, validate
from portal.drafting.updates import ROOT, Allowed, Bytes, RefusedError, Written

MEMORY = 512 << 20
LARGEST = 1 << 20
REBUILT_AFTER = 200
NOTHING = b"\x00\x00"


class Schema(Allowed):
    """What may stand where, asked of the document after a change."""

    def check(self, event: Any) -> None:
        """Refused if what has changed in a part of the document may not stand there."""
        target = event.target
        if isinstance(target, XmlText):
            if any(not isinstance(each.get("insert", ""), str) for each in event.delta):
                raise RefusedError("bad_update")
            return
        if isinstance(target, XmlElement):
            self._check_attributes(target)
        kind = _tag(target) if isinstance(target, XmlElement) else "doc"
        for each in event.delta:
            for child in each.get("insert", ()):
                self._check_child(kind, child, len(event.path) + 1)

    def _check_child(self, parent: str, child: Any, depth: int) -> None:
        is_element = isinstance(child, XmlElement)
        kind = _tag(child) if is_element else "text" if isinstance(child, XmlText) else ""
        if is_element != (kind in self.elements) or kind not in self.children[parent] or depth > self.deepest + 1:
            raise RefusedError("bad_update")
        if isinstance(child, XmlText):
            if any(not isinstance(words, str) for words, _marks in child.diff()):
                raise RefusedError("bad_update")
            return
        self._check_attributes(child)
        for each in child.children:
            self._check_child(kind, each, depth + 1)

    def _check_attributes(self, element: XmlElement) -> None:
        if _tag(element) == "heading" and "level" not in element.attributes:
            raise RefusedError("bad_update")
        for name, value in cast("Iterable[tuple[str, Any]]", element.attributes):
            least, most = self.attributes.get(name, (1, 0))
            if isinstance(value, (bool, str)) or not isinstance(value, (int, float)) or not least <= value <= most or value != int(value):
                raise RefusedError("bad_update")


def _tag(element: XmlElement) -> str:
    return element.tag or ""


class Document:
    """A text as it is now, and what it can be made of again."""

    def __init__(self, states: list[bytes], may: Schema) -> None:
        self._may = may
        self._length = 0
        self._kept = states
        self._size = 0
        self._build()
        with suppress(Exception):  # what was taken in before there was a check may be mended
            self._length = size(said(self._root))

    def apply(self, update: bytes, others: Collection[int] = ()) -> bytes | None:
        """The change as it is kept, or None if nothing in it is new. Refused, it leaves no trace."""
        written, known = Written(update, self._may), self.known()
        if any(written.ends.get(client, 0) > known.get(client, 0) for client in others):
            raise RefusedError("not_yours")
        if written.is_ahead_of(known):
            raise RefusedError("missing")
        self._changes.clear()
        self._events.clear()
        try:
            self._doc.apply_update(update)
            for event in self._events:
                self._may.check(event)
            length = self._soundness() if self._events else self._length
            change = b"".join(self._changes)  # one transaction, one change
            if self._size + len(change) > LARGEST and len(self._doc.get_update()) > LARGEST:
                raise RefusedError("too_large")
        except BaseException:
            self._build()
            raise
        self._length = length
        if change in (b"", NOTHING):
            return None
        self._kept.append(change)
        self._size += len(change)
        if len(self._kept) > REBUILT_AFTER:
            self._kept = [self._doc.get_update()]
            self._size = len(self._kept[0])
        return change

    def _soundness(self) -> int:
        """The bytes of what pages will make of it. Refused if they could not, or if it is too large and has not become smaller."""
        try:
            body = said(self._root)
            length = size(body)
            validate(body)
        except TooLarge:
            if length >= self._length:
                raise RefusedError("too_large") from None
        except Exception:
            raise RefusedError("bad_update") from None
        return length

    def known(self) -> dict[int, int]:
        """For each client the clock up to which its pieces are here."""
        state = Bytes(self._doc.get_state())
        return dict(state.id() for _each in range(state.number()))

    def _build(self) -> None:
        self._doc: Doc[Any] = Doc()
        self._doc[ROOT] = self._root = XmlFragment()
        for each in self._kept:
            self._doc.apply_update(each)
        self._size = sum(map(len, self._kept))
        self._changes: list[bytes] = []
        self._events: list[Any] = []
        self._observers = self._doc.observe(lambda event: self._changes.append(event.update)), self._root.observe_deep(self._events.extend)


def answers(schema: dict[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Who answers the questions, with the documents that are open."""
    may = Schema(schema)
    documents: dict[int, Document] = {}

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        if "open" in asked:
            documents[asked["open"]] = Document([base64.b64decode(each) for each in asked["states"]], may)
        elif "close" in asked:
            documents.pop(asked["close"], None)
        elif asked["apply"] not in documents:
            return {"refused": "closed"}
        else:
            try:
                update = base64.b64decode(asked["update"], validate=True)
            except ValueError:
                return {"refused": "bad_update"}
            change = documents[asked["apply"]].apply(update, asked["others"])
            return {"update": None if change is None else base64.b64encode(change).decode()}
        return {}

    return answer


def answered(asked: Iterator[str]) -> Iterator[dict[str, Any]]:
    answer = answers(json.loads(next(asked))["schema"])
    for line in asked:
        try:
            yield answer(json.loads(line))
        except RefusedError as reason:
            yield {"refused": str(reason)}
        except KeyboardInterrupt:
            return
        except BaseException as failure:  # what the library panics with is no Exception
            yield {"refused": "bad_update", "failure": type(failure).__name__}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for answer in answered(iter(sys.stdin.readline, "")):
        print(json.dumps(answer), flush=True)

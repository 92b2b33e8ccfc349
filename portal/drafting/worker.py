"""Changes to shared texts, looked at before anybody else sees them. A program of its own with little memory: strangers may have made them.

It reads one JSON object a line and answers each with one, in their order. `{"schema": …}` comes first (`desk.SCHEMA`). Then
`{"open": 7, "states": […]}` takes a document in, `{"apply": 7, "update": "…"}` changes it and answers `{"update": "…"}`, the change as
it is kept (null: nothing was new), or `{"refused": reason}`, and the document is as before; `{"close": 7}` lets it go. Bytes are Base64.
"""

import base64
import json
import re
import resource
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

MEMORY = 512 << 20
ROOT = "body"
LARGEST = 1 << 20
LARGEST_CLOCK = (1 << 31) - 1
LARGEST_CLIENT = (1 << 53) - 1
LONGEST_LINK = 2000
REBUILT_AFTER = 200
LINK = re.compile(r"(?:https?://|mailto:|/(?![/\\]))[^\s\x00-\x1f]*", re.IGNORECASE)
NOTHING = b"\x00\x00"

Id = tuple[int, int]


class RefusedError(Exception):
    """The argument is a word for the reason."""


# The update as it is written (Yjs, encoding of version 1), before a library reads it


class Bytes:
    """Reads an update's numbers and words, and never trusts a length beyond the end."""

    def __init__(self, given: bytes) -> None:
        self._given = given
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._given) - self._at

    def byte(self) -> int:
        if self._at >= len(self._given):
            raise RefusedError("bad_update")
        self._at += 1
        return self._given[self._at - 1]

    def number(self, most: int = LARGEST_CLOCK) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if value > most:
                raise RefusedError("bad_update")
            if byte < 0x80:
                return value
            shift += 7

    def count(self) -> int:
        """How many follow, each of them at least a byte."""
        found = self.number()
        if found > self.left:
            raise RefusedError("bad_update")
        return found

    def skip(self, length: int) -> bytes:
        if length > self.left:
            raise RefusedError("bad_update")
        self._at += length
        return self._given[self._at - length : self._at]

    def words(self) -> str:
        try:
            return self.skip(self.number()).decode()
        except UnicodeDecodeError:
            raise RefusedError("bad_update") from None

    def id(self) -> Id:
        return self.number(LARGEST_CLIENT), self.number()


class Written:
    """What an update brings (`ends`: for each client the clock after its last piece) and what it builds upon (`needs`)."""

    def __init__(self, update: bytes, may: "Schema") -> None:
        self._bytes = Bytes(update)
        self._may = may
        self.begins: dict[int, int] = {}
        self.ends: dict[int, int] = {}
        self.needs: list[Id] = []
        for _each in range(self._bytes.count()):
            self._read_client()
        for _each in range(self._bytes.count()):
            self._read_deletions()
        if self._bytes.left:
            raise RefusedError("bad_update")

    def is_ahead_of(self, known: dict[int, int]) -> bool:
        """Whether something that it builds upon is in neither."""
        if any(clock > known.get(client, 0) for client, clock in self.begins.items()):
            return True
        return any(clock >= max(known.get(client, 0), self.ends.get(client, 0)) for client, clock in self.needs)

    def _read_client(self) -> None:
        pieces, client, clock = self._bytes.count(), self._bytes.number(LARGEST_CLIENT), self._bytes.number()
        if client in self.begins:
            raise RefusedError("bad_update")
        self.begins[client] = clock
        for _each in range(pieces):
            is_gap, length = self._read_piece()
            clock += length
            if not length or clock > LARGEST_CLOCK:
                raise RefusedError("bad_update")
            if is_gap:
                self.needs.append((client, clock - 1))
                self.begins[client] = clock
        self.ends[client] = clock

    def _read_piece(self) -> tuple[bool, int]:
        info = self._bytes.byte()
        kind = info & 0x1F
        if info in (0, 10):  # collected rubbish; a gap
            return info == 10, self._bytes.number()
        for flag in (0x80, 0x40):  # what stands before it and after it
            if info & flag:
                self.needs.append(self._bytes.id())
        if not info & 0xC0:
            self._read_parent(names_attribute=bool(info & 0x20))
        return False, self._read_content(kind)

    def _read_parent(self, *, names_attribute: bool) -> None:
        is_root = self._bytes.number()
        if not is_root:
            self.needs.append(self._bytes.id())
        elif is_root != 1 or self._bytes.words() != ROOT or names_attribute:
            raise RefusedError("bad_update")
        if names_attribute and self._bytes.words() not in self._may.attributes:
            raise RefusedError("bad_update")

    def _read_content(self, kind: int) -> int:
        """How many places the content takes."""
        if kind == 1:  # deleted
            return self._bytes.number()
        if kind == 4:  # words, counted as UTF-16
            words = self._bytes.words()
            return len(words) + sum(letter > "\uffff" for letter in words)
        if kind == 6 and self._may.has_mark(self._bytes.words(), self._bytes.words()):
            return 1
        if kind == 7 and ((typed := self._bytes.number()) == 6 or (typed == 3 and self._bytes.words() in self._may.children)):
            return 1
        if kind == 8:  # an attribute's value
            number = self._bytes.count()
            for _each in range(number):
                self._read_value()
            return number
        raise RefusedError("bad_update")

    def _read_value(self) -> None:
        match self._bytes.byte():
            case 120 | 121 | 126 | 127:
                pass
            case 125:
                while self._bytes.byte() >= 0x80:
                    pass
            case 124:
                self._bytes.skip(4)
            case 123 | 122:
                self._bytes.skip(8)
            case _:
                raise RefusedError("bad_update")

    def _read_deletions(self) -> None:
        client = self._bytes.number(LARGEST_CLIENT)
        for _each in range(self._bytes.count()):
            clock, length = self._bytes.number(), self._bytes.number()
            if not length or clock + length > LARGEST_CLOCK:
                raise RefusedError("bad_update")
            self.needs.append((client, clock + length - 1))


# What a text may consist of


class Schema:
    """`children`: which kinds may stand in which; `attributes`: for each the least and the most; `deepest`: how far within one another."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.children: dict[str, list[str]] = given["children"]
        self.attributes: dict[str, list[int]] = given["attributes"]
        self.marks: list[str] = given["marks"]
        self.deepest: int = given["deepest"]

    def has_mark(self, name: str, value: str) -> bool:
        try:
            attributes = json.loads(value)
        except (ValueError, RecursionError):
            return False
        if name not in self.marks or not (attributes is None or isinstance(attributes, dict)):
            return False
        if name != "link" or attributes is None:
            return not attributes
        href = attributes.get("href")
        return set(attributes) == {"href"} and isinstance(href, str) and len(href) <= LONGEST_LINK and bool(LINK.fullmatch(href))

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
        kind = _tag(child) if isinstance(child, XmlElement) else "text" if isinstance(child, XmlText) else ""
        if kind not in self.children[parent] or depth > self.deepest + 1:
            raise RefusedError("bad_update")
        if isinstance(child, XmlText):
            if any(not isinstance(words, str) for words, _marks in child.diff()):
                raise RefusedError("bad_update")
            return
        self._check_attributes(child)
        for each in child.children:
            self._check_child(kind, each, depth + 1)

    def _check_attributes(self, element: XmlElement) -> None:
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
        self._kept = states
        self._size = 0
        self._build()

    def apply(self, update: bytes) -> bytes | None:
        """The change as it is kept, or None if nothing in it is new. Refused, it leaves no trace."""
        if Written(update, self._may).is_ahead_of(self.known()):
            raise RefusedError("missing")
        self._changes.clear()
        self._events.clear()
        try:
            self._doc.apply_update(update)
            for event in self._events:
                self._may.check(event)
            change = b"".join(self._changes)  # one transaction, one change
            if self._size + len(change) > LARGEST and len(self._doc.get_update()) > LARGEST:
                raise RefusedError("too_large")
        except BaseException:
            self._build()
            raise
        if change in (b"", NOTHING):
            return None
        self._kept.append(change)
        self._size += len(change)
        if len(self._kept) > REBUILT_AFTER:
            self._kept = [self._doc.get_update()]
            self._size = len(self._kept[0])
        return change

    def known(self) -> dict[int, int]:
        """For each client the clock up to which its pieces are here."""
        state = Bytes(self._doc.get_state())
        return dict(state.id() for _each in range(state.number()))

    def _build(self) -> None:
        self._doc: Doc[Any] = Doc()
        self._doc[ROOT] = root = XmlFragment()
        for each in self._kept:
            self._doc.apply_update(each)
        self._size = sum(map(len, self._kept))
        self._changes: list[bytes] = []
        self._events: list[Any] = []
        self._observers = self._doc.observe(lambda event: self._changes.append(event.update)), root.observe_deep(self._events.extend)


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
            change = documents[asked["apply"]].apply(update)
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


if __name__ == "__main__":
    main()

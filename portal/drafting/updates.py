"""A change of a shared text as it is written (a Yjs update, encoding of version 1), read before a library reads it. Pure.

Nothing is taken for granted: not a length, not that what it builds upon is there, not that it brings only what the editor writes."""

import json
import re
from typing import Any

ROOT = "body"
LARGEST_CLOCK = (1 << 31) - 1
LARGEST_CLIENT = (1 << 53) - 1
LONGEST_LINK = 2000
LINK = re.compile(r"(?:https?://|mailto:|/(?![/\\]))[^\s\x00-\x1f]*", re.IGNORECASE)

Id = tuple[int, int]


class RefusedError(Exception):
    """The argument is a word for the reason."""


class Allowed:
    """`children`: which kinds may stand in which; `attributes`: for each the least and the most; `deepest`: how far within one another."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.children: dict[str, list[str]] = given["children"]
        self.elements = set(self.children) - {"doc", "text"}
        self.attributes: dict[str, list[int]] = given["attributes"]
        self.marks: list[str] = given["marks"]
        self.deepest: int = given["deepest"]

    def has_mark(self, name: str, value: str) -> bool:
        """Whether the editor's schema has a mark of this name with these attributes (as JSON)."""
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
        """A number in groups of seven bits, the lowest first (lib0's varUint); RefusedError if it is above `most` or has no end."""
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


def clocks(state: bytes) -> dict[int, int]:
    """A state vector as the library writes it: for each client the clock up to which its pieces are there."""
    numbers, value, shift = [], 0, 0
    for byte in state:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value = shift = 0
    return dict(zip(numbers[1::2], numbers[2::2], strict=True))


class Written:
    """What an update brings (`ends`: for each client the clock after its last piece) and what it builds upon (`needs`)."""

    def __init__(self, update: bytes, may: Allowed) -> None:
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

    def brings(self, known: dict[int, int]) -> list[int]:
        """The clients whose pieces in it are new where this is known."""
        return [client for client, end in self.ends.items() if end > known.get(client, 0)]

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
        if kind == 7 and ((typed := self._bytes.number()) == 6 or (typed == 3 and self._bytes.words() in self._may.elements)):
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

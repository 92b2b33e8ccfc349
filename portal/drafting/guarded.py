"""A shared text that takes in nothing that may not stand there. Runs in the worker (worker.py),
since the library is not to be trusted with all that strangers send."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from portal.drafting import nodes
from portal.drafting.crdt import said
from portal.drafting.updates import ROOT, Allowed, RefusedError, Written, clocks

LARGEST = 1 << 20
REBUILT_AFTER = 200
NOTHING = b"\x00\x00"


@dataclass(frozen=True, slots=True)
class Change:
    update: bytes
    person: int


@dataclass(frozen=True, slots=True)
class Word:
    """What came of a change: as it is kept (None: nothing in it was new) and the client that writes its first piece with it, or the reason
    why it is refused, with the `failure` that was behind it if the library stumbled."""

    kept: bytes | None = None
    begins: int | None = None
    reason: str = ""
    failure: str = ""


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


class Weight:
    """How much pages will have to show: of each block its bytes as JSON and its marked pieces. A change weighs the blocks anew that it
    touches, so that a letter costs what its paragraph costs."""

    def __init__(self, root: XmlFragment) -> None:
        self._root = root
        self._blocks: list[tuple[int, int] | None] = [None] * len(root.children)
        self._bytes = self._marked = 0
        for place in range(len(self._blocks)):
            with suppress(Exception):  # what was taken in before there was a check may be mended
                self._weigh(place)
        self.known = self._bytes, self._marked

    def touched(self, event: Any) -> None:
        """Of a transaction the event of the root comes first."""
        if event.path:
            self._forget(event.path[0])
            return
        at = 0
        for each in event.delta:
            if "retain" in each:
                at += each["retain"]
            elif "delete" in each:
                for place in range(at, at + each["delete"]):
                    self._forget(place)
                del self._blocks[at : at + each["delete"]]
            else:
                self._blocks[at:at] = [None] * len(each["insert"])
                at += len(each["insert"])

    def settle(self) -> None:
        """Refused if a page could not show the document, or if it is too large and has not become smaller."""
        try:
            with self._root.doc.transaction():  # each look at a child would begin one of its own
                if len(self._blocks) != len(self._root.children):
                    raise RefusedError("bad_update")
                for place, block in enumerate(self._blocks):
                    if block is None:
                        self._weigh(place)
        except Exception:
            raise RefusedError("bad_update") from None
        length, marked = self.known
        if (self._bytes > nodes.LARGEST and self._bytes >= length) or (self._marked > nodes.MOST_MARKED and self._marked >= marked):
            raise RefusedError("too_large")
        self.known = self._bytes, self._marked

    def _weigh(self, place: int) -> None:
        self._blocks[place] = length, marked = _weighed(self._root.children[place])
        self._bytes += length
        self._marked += marked

    def _forget(self, place: int) -> None:
        length, marked = self._blocks[place] or (0, 0)
        self._blocks[place] = None
        self._bytes -= length
        self._marked -= marked


def _weighed(block: Any) -> tuple[int, int]:
    """nodes.Invalid, or whatever reading it raises, if it is no block of ours."""
    body = said([block])
    nodes.check(body)
    return nodes.size(body["content"]), nodes.marked(body)


class Document:
    """A text as it is now, and what it can be made of again."""

    def __init__(self, states: list[bytes], may: Schema) -> None:
        self._may = may
        self._kept = states
        self._size = 0
        self._build()

    def take(self, changes: Sequence[Change], owners: Mapping[int, int]) -> list[Word]:
        """The word on each. `owners` tells whose the clients are that began to write or to point
        here: nobody writes in the name of another's.

        What such changes come to is looked at once for all of them. If that is not good, the
        document is made anew and each of them stands alone."""
        kept: list[bytes] = []
        words: list[Word] = []
        ours = dict(owners)
        try:
            for each in changes:
                words.append(self._taken(each, ours))
                kept += [words[-1].kept] if words[-1].kept is not None else []
            if kept:
                self._weight.settle()
            if self._size + sum(map(len, kept)) > LARGEST and len(self._doc.get_update()) > LARGEST:
                raise RefusedError("too_large")
        except KeyboardInterrupt:
            raise
        except BaseException as failure:  # what the library panics with is no Exception
            self._build()
            if len(changes) > 1:
                return list(self._one_by_one(changes, dict(owners)))
            return [_refused(failure)]
        self._keep(kept)
        return words

    def _one_by_one(self, changes: Sequence[Change], owners: dict[int, int]) -> Iterator[Word]:
        for each in changes:
            [word] = self.take([each], owners)
            if word.begins is not None:
                owners.setdefault(word.begins, each.person)
            yield word

    def _taken(self, change: Change, owners: dict[int, int]) -> Word:
        """In the document, but not kept yet. Refused without a trace if its bytes alone tell that it may not be."""
        try:
            written = Written(change.update, self._may)
            new = written.brings(self._known)
            if any(owners.get(client, change.person) != change.person for client in new):
                raise RefusedError("not_yours")
            if written.is_ahead_of(self._known):
                raise RefusedError("missing")
        except RefusedError as reason:
            return _refused(reason)
        self._changes.clear()
        self._events.clear()
        self._doc.apply_update(change.update)
        for event in sorted(self._events, key=lambda each: len(each.path)):
            self._may.check(event)
            self._weight.touched(event)
        kept = b"".join(self._changes)  # one transaction, one change
        if kept in (b"", NOTHING):
            return Word()
        begins = new[0] if len(new) == 1 and not self._known.get(new[0]) else None
        if begins is not None:
            owners.setdefault(begins, change.person)
        self._known.update((client, written.ends[client]) for client in new)
        return Word(kept, begins)

    def _keep(self, kept: list[bytes]) -> None:
        if not kept:
            return
        self._kept += kept
        self._size += sum(map(len, kept))
        if len(self._kept) > REBUILT_AFTER:
            self._kept = [self._doc.get_update()]
            self._size = len(self._kept[0])

    def _build(self) -> None:
        self._doc: Doc[Any] = Doc()
        self._doc[ROOT] = root = XmlFragment()
        with self._doc.transaction():  # one for each would take twice as long
            for each in self._kept:
                self._doc.apply_update(each)
        self._size = sum(map(len, self._kept))
        self._known = clocks(self._doc.get_state())
        self._weight = Weight(root)
        self._changes: list[bytes] = []
        self._events: list[Any] = []
        self._observers = self._doc.observe(lambda event: self._changes.append(event.update)), root.observe_deep(self._events.extend)


def _refused(failure: BaseException) -> Word:
    if isinstance(failure, RefusedError):
        return Word(reason=str(failure))
    return Word(reason="bad_update", failure=type(failure).__name__)

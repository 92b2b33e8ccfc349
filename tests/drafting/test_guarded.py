"""Changes that come together are looked at together: each gets its own word, and what is weighed
piece by piece is what the whole weighs."""

import base64
import random
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any

import pytest
from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from portal.drafting import crdt, nodes
from portal.drafting.checker import SCHEMA
from portal.drafting.document import to_text
from portal.drafting.guarded import Change, Document, Schema, Weight
from portal.drafting.updates import clocks
from tests.drafting.test_hostile import FOREIGN, mutated

MAY = Schema(SCHEMA)
START = crdt.seeded({"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Vi välkomnar förslaget."}]}]})


class Page:
    """Somebody's copy: `change` gives the update of what is done to it."""

    def __init__(self, client: int, state: bytes = START) -> None:
        self.doc: Doc[Any] = Doc(client_id=client)
        self.doc["body"] = self.root = XmlFragment()
        self.doc.apply_update(state)
        self.updates: list[bytes] = []
        self.observer = self.doc.observe(lambda event: self.updates.append(bytes(event.update)))

    def change(self, deed: Callable[[XmlFragment], None]) -> bytes:
        with self.doc.transaction():
            deed(self.root)
        return self.updates[-1]


def says(words: str) -> Callable[[XmlFragment], None]:
    return lambda root: root.children.append(XmlElement("paragraph", contents=[XmlText(words)]))


def test_one_bad_change_among_good_ones_is_refused_alone() -> None:
    document, pages = Document([START], MAY), [Page(client) for client in (1, 2, 3)]
    good, bad, better = (
        pages[0].change(says("Ett.")),
        pages[1].change(lambda root: root.children.append(XmlElement("script"))),
        pages[2].change(says("Två.")),
    )
    words = document.take([Change(good, 1), Change(bad, 2), Change(better, 3)], {})
    assert [each.reason for each in words] == ["", "bad_update", ""]
    assert [each.kept for each in words] == [good, None, better]
    assert crdt.body_of([START, good, better]) == crdt.body_of(document._kept)


def test_a_change_may_build_upon_one_that_comes_with_it_and_nothing_stays_of_what_may_not() -> None:
    document, page, other = Document([START], MAY), Page(1), Page(2)
    first, second = page.change(says("Ett.")), page.change(lambda root: root.children[1].children[0].insert(4, " Två."))
    other.change(says("Aldrig sänt."))
    lost = other.change(lambda root: root.children[1].children[0].insert(0, "Bygger på det."))
    words = document.take([Change(first, 1), Change(lost, 2), Change(second, 1), Change(first, 1)], {})
    assert [(each.kept, each.begins, each.reason) for each in words] == [
        (first, 1, ""),
        (None, None, "missing"),
        (second, None, ""),
        (None, None, ""),
    ]


def test_nobody_writes_in_the_name_of_a_client_that_began_a_moment_before() -> None:
    document, page = Document([START], MAY), Page(7)
    first, forged = page.change(says("Maja skriver.")), page.change(says("Maja avgår."))
    assert [each.reason for each in document.take([Change(first, 1), Change(forged, 2)], {})] == ["", "not_yours"]
    assert [each.reason for each in document.take([Change(forged, 2)], {7: 1})] == ["not_yours"]
    assert [each.reason for each in document.take([Change(forged, 1)], {7: 1})] == [""]


def somewhere(chance: random.Random) -> Callable[[XmlFragment], None]:
    def deed(root: XmlFragment) -> None:
        for _each in range(chance.randint(1, 3)):
            place = chance.randrange(len(root.children))
            match chance.randrange(5):
                case 0:
                    root.children.insert(place, XmlElement("paragraph", contents=[XmlText("Mitt i.")]))
                case 1 if len(root.children) > 2:
                    del root.children[place]
                case 2:
                    root.children.append(listed := XmlElement("bulletList"))
                    listed.children.append(XmlElement("listItem", contents=[XmlElement("paragraph", contents=[XmlText("En sak.")])]))
                case _:
                    block: Any = root.children[place]
                    while not isinstance(block, XmlText):
                        block = block.children[0]
                    block.insert(0, chance.choice("abc"), chance.choice([None, {"bold": {}}]))

    return deed


@pytest.mark.parametrize("seed", range(5))
def test_what_the_blocks_weigh_is_what_they_would_weigh_anew(seed: int) -> None:
    chance, document, pages = random.Random(seed), Document([START], MAY), [Page(client) for client in (1, 2)]
    for _round in range(40):
        changes = [Change(page.change(somewhere(chance)), number) for number, page in enumerate(pages)]
        words = document.take(changes, {})
        assert [each.reason for each in words] == ["", ""]
        for page in pages:
            for each in changes:
                page.doc.apply_update(each.update)
        anew = Weight(document._doc["body"])
        assert (document._weight._blocks, document._weight.known) == (anew._blocks, anew.known)
        assert document._known == clocks(document._doc.get_state())
    assert document._weight.known[1] == nodes.marked(crdt.body_of(document._kept))


def test_p16_five_hundred_changes_that_are_refused_leave_no_trace() -> None:
    """What is taken in between, since it could have been written, is all that changes the document."""
    chance, document, refused, taken = random.Random(16), Document([START], MAY), 0, 0
    deeds = [
        says("ord"),
        lambda root: root.children[0].children[0].insert(0, "ord "),
        lambda root: root.children.append(XmlElement("paragraph")),
        *FOREIGN.values(),
    ]
    while refused < 500:
        page, before = Page(chance.randrange(1, 1 << 31), document._doc.get_update()), print_of(document)
        with suppress(KeyError, IndexError):  # a deed upon a heading that is not there
            [word] = document.take([Change(mutated(page.change(chance.choice(deeds)), chance), 1)], {})
            refused += bool(word.reason)
            taken += word.kept is not None
            assert print_of(document) == before or word.kept is not None
    assert 0 < taken < 100


def print_of(document: Document) -> bytes:
    """A hash of what it says, and of how much each client has written in it. Its bytes alone come in any order of the clients."""
    written = sorted(clocks(document._doc.get_state()).items())
    return sha256(repr((crdt.said(document._doc["body"].children), written)).encode()).digest()


def test_w23_a_hundred_thousand_deletions_are_one_change_among_others() -> None:
    document, page = Document([START], MAY), Page(7)
    written = [page.change(says("Efter.")), page.change(lambda root: root.children[0].children[0].insert(0, "x" * 100_000))]
    first = page.doc.get_state() and clocks(page.doc.get_state())[7] - 100_000
    ranges = b"".join(varint(first + place) + b"\x01" for place in range(100_000))
    deletions = b"\x00\x01" + varint(7) + varint(100_000) + ranges
    assert len(base64.b64encode(deletions)) < 1 << 20
    after = page.change(says("Sist."))
    words = document.take([Change(each, 1) for each in (*written, deletions, after)], {})
    assert [each.reason for each in words] == [""] * 4
    assert to_text(crdt.body_of(document._kept)).splitlines() == ["Vi välkomnar förslaget.", "Efter.", "Sist."]


def varint(number: int) -> bytes:
    found = b""
    while number >= 0x80:
        found, number = found + bytes([number & 0x7F | 0x80]), number >> 7
    return found + bytes([number])

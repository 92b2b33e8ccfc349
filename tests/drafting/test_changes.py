"""A document is changed into what a body says."""

import random

import pytest

from portal.drafting import crdt
from portal.drafting.nodes import Node


def doc(*lines: str) -> Node:
    return {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines]}


def pairs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of each comparison of blocks how many pairs it looks at."""
    looked_at: list[int] = []

    class Counting(crdt.SequenceMatcher):
        def __init__(self, _junk, a, b, autojunk) -> None:
            looked_at.append(len(a) * len(b))
            super().__init__(None, a, b, autojunk=autojunk)

    monkeypatch.setattr(crdt, "SequenceMatcher", Counting)
    return looked_at


@pytest.mark.parametrize("number", [3, 300])
def test_blocks_that_have_nothing_in_common_are_not_compared_without_end(monkeypatch, number: int) -> None:
    looked_at, old, new = pairs(monkeypatch), doc(*"ab" * number, "slut"), doc(*"ba" * number, "c", "slut")
    state = crdt.seeded(old)
    change = crdt.change_to([state], new)
    assert change is not None
    assert crdt.body_of([state, change]) == new
    assert sum(looked_at) <= crdt.MOST_PAIRS


def test_one_changed_block_among_many_is_the_only_one_looked_at(monkeypatch) -> None:
    looked_at, lines = pairs(monkeypatch), [f"Rad {number}." for number in range(1_000)]
    state = crdt.seeded(doc(*lines))
    change = crdt.change_to([state], doc(*lines[:500], "En rad till.", *lines[501:]))
    assert change is not None
    assert len(change) < 200
    assert looked_at == [1]


def test_whatever_stood_there_the_document_says_the_new() -> None:
    chance = random.Random(4)
    for _round in range(100):
        old, new = (doc(*(chance.choices("abc", k=chance.randint(1, 6)))) for _each in range(2))
        state = crdt.seeded(old)
        change = crdt.change_to([state], new)
        assert crdt.body_of([state, *([change] if change else [])]) == new

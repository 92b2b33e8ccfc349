"""What changed between two texts, word by word. Bounded: long passages without likeness are compared by line only."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby

Change = tuple[str, str]
WORD = re.compile(r"\w+|\s+|[^\w\s]")
# Comparing costs the product of both lengths; this much takes some tenths of a second at worst.
MOST_PAIRS = 1_000_000


def words(before: str, after: str) -> list[Change]:
    """The way from `before` to `after` in pieces: ("equal" | "delete" | "insert", text)."""
    pieces: list[Change] = []
    for op, old, new in _compared(before.splitlines(keepends=True), after.splitlines(keepends=True)):
        if op == "replace":
            pieces += _within(old, new)
        else:
            pieces += [("delete" if op == "delete" else op, old)] if old else [("insert", new)]
    return _joined(pieces)

"""What changed between two texts, word by word. Bounded: long passages with nothing in common are not taken apart."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby, takewhile
from operator import itemgetter

Change = tuple[str, str]
Pair = tuple[str, str, str]
WORD = re.compile(r"\w+|\s+|[^\w\s]")
# For a whole comparison. It costs the product of both lengths, times the shorter one where much is alike.
MOST_PAIRS = 10_000


class Budget:
    """How many pairs may still be looked at."""

    def __init__(self) -> None:
        self.left = MOST_PAIRS

    def allows(self, pairs: int) -> bool:
        if pairs > self.left:
            return False
        self.left -= pairs
        return True


def words(before: str, after: str) -> list[Change]:
    """The way from `before` to `after` in pieces: ("equal" | "delete" | "insert", text)."""
    budget = Budget()
    lines = _compared(before.splitlines(keepends=True), after.splitlines(keepends=True), budget)
    return list(_readable([pair for line in lines for pair in _within(line, budget)]))


def _within(line: Pair, budget: Budget) -> Iterator[Pair]:
    op, old, new = line
    if op == "replace":
        yield from _compared(WORD.findall(old), WORD.findall(new), budget)
    else:
        yield line


def _compared(old: Sequence[str], new: Sequence[str], budget: Budget, *, is_part: bool = False) -> Iterator[Pair]:
    head = alike(old, new)
    tail = alike(old[head:][::-1], new[head:][::-1])
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    yield "equal", "".join(old[:head]), "".join(old[:head])
    if not budget.allows(len(a) * len(b)):
        yield from [("replace", "".join(a), "".join(b))] if is_part else _apart(a, b, budget)
    else:
        for op, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
            yield op, "".join(a[i:j]), "".join(b[k:m])
    yield "equal", "".join(old[len(old) - tail :]), "".join(old[len(old) - tail :])


def _apart(old: Sequence[str], new: Sequence[str], budget: Budget) -> Iterator[Pair]:
    """What is too long to be compared as a whole, piece by piece between what stands once in both."""
    i = k = 0
    for j, m in [*_anchors(old, new), (len(old), len(new))]:
        yield from _compared(old[i:j], new[k:m], budget, is_part=True)
        yield "equal", "".join(old[j : j + 1]), "".join(new[m : m + 1])
        i, k = j + 1, m + 1


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The places of the longest row of pieces that stand once in both, in the same order."""
    once, places = Counter(old), {each: place for place, each in enumerate(new)}
    twice = {each for each, number in Counter(new).items() if number > 1}
    ends: list[int] = []
    rows: list[tuple[int, int, int]] = []  # place in both, and the row of which this is the next
    tops: list[int] = []
    for place, each in enumerate(old):
        if once[each] == 1 and each in places and each not in twice:
            at = bisect_left(ends, places[each])
            rows.append((place, places[each], tops[at - 1] if at else -1))
            ends[at : at + 1], tops[at : at + 1] = [places[each]], [len(rows) - 1]
    found: list[tuple[int, int]] = []
    number = tops[-1] if tops else -1
    while number >= 0:
        place, other, number = rows[number]
        found.append((place, other))
    return found[::-1]


def alike(old: Sequence[str], new: Sequence[str]) -> int:
    """How many pieces at the beginning are the same in both."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _readable(pairs: Sequence[Pair]) -> Iterator[Change]:
    """One deletion and one insertion per passage: the mere space between two changed words belongs to the change."""
    pairs = [pair for pair in pairs if pair[1] or pair[2]]
    changed = [op != "equal" for op, _, _ in pairs]
    for number in range(1, len(pairs) - 1):
        text = pairs[number][1]
        changed[number] |= changed[number - 1] and changed[number + 1] and text.isspace() and "\n" not in text
    for is_change, run in groupby(zip(changed, pairs, strict=True), itemgetter(0)):
        texts = [pair for _, pair in run]
        old, new = "".join(old for _, old, _ in texts), "".join(new for _, _, new in texts)
        yield from ((op, text) for op, text in ([("delete", old), ("insert", new)] if is_change else [("equal", old)]) if text)

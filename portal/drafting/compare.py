"""What changed between two texts, word by word. Bounded: long passages with nothing in common are not taken apart."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby, takewhile
from operator import itemgetter

Change = tuple[str, str]
Pair = tuple[str, str, str]
WORD = re.compile(r"\w+|\s+|[^\w\s]")
# Comparing costs the product of both lengths, or more where much is alike.
MOST_PAIRS = 250_000


def words(before: str, after: str) -> list[Change]:
    """The way from `before` to `after` in pieces: ("equal" | "delete" | "insert", text)."""
    lines = _compared(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return list(_readable([pair for line in lines for pair in _within(line)]))


def _within(line: Pair) -> Iterator[Pair]:
    op, old, new = line
    if op == "replace":
        yield from _compared(WORD.findall(old), WORD.findall(new))
    else:
        yield line


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Pair]:
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    yield "equal", "".join(old[:head]), "".join(old[:head])
    if len(a) * len(b) > MOST_PAIRS:
        yield "replace", "".join(a), "".join(b)
    else:
        for op, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
            yield op, "".join(a[i:j]), "".join(b[k:m])
    yield "equal", "".join(old[len(old) - tail :]), "".join(old[len(old) - tail :])


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
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

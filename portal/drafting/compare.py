"""Word-level differences between two texts. Pure."""

import re
from difflib import SequenceMatcher
from itertools import groupby
from operator import itemgetter

PART = re.compile(r"\s+|\w+|[^\w\s]")
MOST = 20_000


def words(before: str, after: str) -> list[tuple[str, str]]:
    """What was kept, taken away and added, in reading order: (equal | delete | insert, text). Bounded for very long texts."""
    old, new = PART.findall(before), PART.findall(after)
    if len(old) + len(new) > MOST:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    parts: list[tuple[str, str]] = []
    for op, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op in ("equal", "delete", "replace"):
            parts.append(("equal" if op == "equal" else "delete", "".join(old[i:j])))
        if op in ("insert", "replace"):
            parts.append(("insert", "".join(new[k:m])))
    return [(op, "".join(text for _op, text in group)) for op, group in groupby(parts, key=itemgetter(0))]

"""What changed between two texts."""

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.drafting import compare
from portal.drafting.compare import words


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("", "", []),
        ("lika", "lika", [("equal", "lika")]),
        ("", "nytt", [("insert", "nytt")]),
        ("gammalt", "", [("delete", "gammalt")]),
        ("den 3 maj.", "den 4 maj.", [("equal", "den "), ("delete", "3"), ("insert", "4"), ("equal", " maj.")]),
        ("ett stort hus", "ett mycket stort hus", [("equal", "ett "), ("insert", "mycket "), ("equal", "stort hus")]),
        ("den 3 maj kl", "den 4 juni kl", [("equal", "den "), ("delete", "3 maj"), ("insert", "4 juni"), ("equal", " kl")]),
        ("a\nb\nc\n", "a\nc\n", [("equal", "a\n"), ("delete", "b\n"), ("equal", "c\n")]),
        (
            "rad ett\nrad två",
            "rad 1\nrad 2",
            [("equal", "rad "), ("delete", "ett"), ("insert", "1"), ("equal", "\nrad "), ("delete", "två"), ("insert", "2")],
        ),
    ],
)
def test_changes_are_told_in_words(before: str, after: str, changes: list[tuple[str, str]]) -> None:
    assert words(before, after) == changes


lines = st.lists(st.sampled_from(["a", "b", "åäö", " ", "  ", "\n", ".", "\u2028", "\r\n", "👩\u200d👧"]), max_size=30).map("".join)


@settings(deadline=None)
@given(lines | st.text(), lines | st.text())
def test_both_texts_can_be_read_from_the_changes(before: str, after: str) -> None:
    changes = words(before, after)
    assert "".join(text for op, text in changes if op != "insert") == before
    assert "".join(text for op, text in changes if op != "delete") == after
    assert all(first[0] != second[0] for first, second in pairwise(changes))


def test_a_comparison_looks_at_so_many_pairs_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many lines and words there are: what is over is one deletion and one insertion."""
    looked_at: list[int] = []

    class Counting(compare.SequenceMatcher):
        def __init__(self, _junk, a, b, autojunk) -> None:
            looked_at.append(len(a) * len(b))
            super().__init__(None, a, b, autojunk=autojunk)

    monkeypatch.setattr(compare, "SequenceMatcher", Counting)
    lines = [("a b " * 20 + f"{number}\n", "b a " * 20 + f"-{number}\n") for number in range(90)]
    before, after = ("fast\n".join(each) for each in zip(*lines, strict=True))
    for old, new in ((before, after), ("a b " * 300, "b a " * 301), ("a\n" * 400, "b\na\n" * 300)):
        looked_at.clear()
        changes = words(old, new)
        assert "".join(text for op, text in changes if op != "insert") == old
        assert "".join(text for op, text in changes if op != "delete") == new
        assert sum(looked_at) <= 10_000


def test_two_words_far_apart_are_two_changes() -> None:
    middle = " ".join(f"ord{number} och" for number in range(2_000))
    assert words(f"Den 3 {middle} kl 4.", f"Den 5 {middle} kl 6.") == [
        ("equal", "Den "),
        ("delete", "3"),
        ("insert", "5"),
        ("equal", f" {middle} kl "),
        ("delete", "4"),
        ("insert", "6"),
        ("equal", "."),
    ]


def test_long_texts_do_not_take_long() -> None:
    chance = random.Random(7)
    started = time.process_time()
    for choices, size in ((["a ", "b "], 50_000), (["a", "b", " "], 499), (["a\n", "b\n"], 499), (["a\n", "b c\n", "\n"], 30_000)):
        before, after = ("".join(chance.choices(choices, k=size)) for _ in range(2))
        changes = words(before, after)
        assert "".join(text for op, text in changes if op != "delete") == after
    assert time.process_time() - started < 4

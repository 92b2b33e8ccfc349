"""Answers and files that were recorded once; they stand beside the repository, and a run without them says so (tests/conftest.py)."""

from pathlib import Path

import pytest

RECORDINGS = Path(__file__).parents[3] / "shared" / "data"
WITHOUT = "no recordings beside the repository"


def recorded(folder: str, name: str) -> bytes:
    """What a recording holds; without it the test is skipped."""
    path = RECORDINGS / folder / name
    if not path.is_file():
        pytest.skip(f"{WITHOUT}: ../shared/data/{folder}")
    return path.read_bytes()


def names(folder: str, pattern: str) -> list[str]:
    """What the recordings of a folder are called, to try each by itself; without them one name, whose test is skipped."""
    return sorted(each.name for each in (RECORDINGS / folder).glob(pattern)) or [pattern]

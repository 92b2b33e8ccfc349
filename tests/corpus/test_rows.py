"""No row of the corpora and of the matrix of rights is without its case: the ids of ../shared/reliability.md against those of the tests."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from litestar.routes import ASGIRoute, WebSocketRoute

from portal.app import Portal

TESTS = Path(__file__).parents[1]
SHARED = TESTS.parents[1] / "shared" / "reliability.md"
WANTED = {
    "F": range(1, 21),
    "M": range(1, 16),
    "W": range(1, 26),
    "U": range(1, 18),
    "A": (*range(1, 33), *range(42, 64), *range(72, 86), 87),
}
IN_A_TABLE = re.compile(r"(?:[AFMWU]\d\d(?: |$))+")
IN_A_NAME = re.compile(r"(?<=_)[afmwu]\d\d(?=_)")
A_ROW = re.compile(r"(?<![A-Za-z0-9])[AFMWUafmwu]\d\d(?![A-Za-z0-9])")
ROW = re.compile(r"^([AFMWU]\d\d)\|", re.MULTILINE)
# Rows of what the portal does not have; who builds it takes them from here.
NO_PUBLIC_THREAD = "no thread is read without a sign-in (A13)"
ABSENT = {
    "A01": NO_PUBLIC_THREAD,
    "A02": "there is no state between a network and the public: members of other networks are strangers (A03)",
    "A08": "no thread is archived (A15)",
    "A17": NO_PUBLIC_THREAD,
    "A19": "no thread is archived (A15)",
}


@cache
def held() -> set[str]:
    """The rows that a test is named after, or that a string of a table begins with."""
    return {row for path in TESTS.rglob("*.py") if path != Path(__file__) for row in _rows_in(path.read_text())}


def _rows_in(source: str) -> Iterator[str]:
    if not A_ROW.search(source):
        return
    tree = ast.parse(source)
    prose = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for each in ast.walk(tree):
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and each.name.startswith("test_"):
            yield from (row.upper() for row in IN_A_NAME.findall(each.name))
        elif (
            isinstance(each, ast.Constant)
            and isinstance(each.value, str)
            and id(each) not in prose
            and (found := IN_A_TABLE.match(each.value))
        ):
            yield from found[0].split()


def wanted() -> set[str]:
    return {f"{corpus}{number:02}" for corpus, numbers in WANTED.items() for number in numbers}


def test_every_row_has_a_case_or_a_reason():
    assert wanted() - held() == set(ABSENT)


def test_no_case_names_a_row_that_does_not_exist():
    matrix = {f"A{number:02}" for number in range(1, 98)}
    assert held() - wanted() - matrix == set()


def test_these_are_the_rows_there_are():
    if not SHARED.is_file():
        pytest.skip("the rows are described outside of this repository")
    described = {row for row in ROW.findall(SHARED.read_text()) if row[0] != "A" or row in wanted()}
    assert described == wanted()


def test_what_the_absent_rows_are_about_is_absent(running: Portal):
    """One socket (A12, A13 and A15 are asked of routes and frames in tests/authz)."""
    sockets = [route.path for route in running.litestar.routes if isinstance(route, (ASGIRoute, WebSocketRoute))]
    assert [path for path in sockets if not path.startswith("/static")] == ["/live"]

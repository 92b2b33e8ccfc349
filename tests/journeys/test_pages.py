"""Every page: axe-core finds nothing in either theme or language, and at 320 pixels nothing has to be scrolled sideways."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from tests.journeys.examining import examine, prepare
from tests.journeys.pages import pages
from tests.journeys.shapes import Shape, around_main, shapes
from tests.journeys.visitor import Visit, Visitor

# Who comes, and how many records of each kind are looked at: every role, and nobody.
PEOPLE = {
    "Ingela Rask": 2,
    "Maja Lindqvist": 1,
    "Bengt Sjöholm": 1,
    "Yvonne Adell": 1,
    "Gunnel Hedberg": 1,
    "Henrik Mattsson": 1,
    "Said Karimi": 1,
    None: 1,
}

Opened = tuple[str | None, str]


@pytest.mark.timeout(600)
async def test_every_page_is_accessible_and_fits(visit: Visit) -> None:
    visitors = {name: await visit(name) for name in PEOPLE}
    chosen = worth_examining(await _markup(visitors))
    assert {name for name, _path in chosen} >= {"Ingela Rask", "Maja Lindqvist", "Said Karimi", None}
    wrong: dict[Any, Any] = {}
    known: set[Shape] = set()
    for name, visitor in visitors.items():
        visitor.expects_status(404)
        await prepare(visitor)
        for path in (path for whose, path in chosen if whose == name):
            around = around_main(chosen[name, path])
            found = await examine(visitor, path, around=not around <= known)
            wrong |= {(name, path, where): problems for where, problems in found.items() if problems}
            known |= around
    assert wrong == {}


async def _markup(visitors: Mapping[str | None, Visitor]) -> dict[Opened, str]:
    """Every page of everybody."""
    found = await asyncio.gather(*(pages(each.context, each.address, records=PEOPLE[name]) for name, each in visitors.items()))
    assert all(len(each) > 9 for each in found)
    return {(name, path): markup for name, theirs in zip(visitors, found, strict=True) for path, markup in theirs.items()}


def worth_examining(markup: Mapping[Opened, str]) -> dict[Opened, frozenset[Shape]]:
    """As few pages, and as short ones, as show everything, in its place, that any of them shows; with what each shows."""
    shown = {opened: shapes(each) for opened, each in markup.items()}
    places = Counter(shape for each in shown.values() for shape in each)
    for opened in sorted(markup, key=lambda each: len(markup[each]), reverse=True):
        if all(places[shape] > 1 for shape in shown[opened]):
            places.subtract(shown.pop(opened))
    return shown


def test_a_page_is_left_out_when_shorter_ones_show_all_that_it_shows() -> None:
    said = {
        "/plain": "<main><p>Ord</p></main>",
        "/list": "<main><ul><li>Ord</li></ul></main>",
        "/both": "<main><p>Ord</p><ul><li>Ord</li></ul></main>",
        "/numbered": "<main><p>Ord</p><ol><li>Ord</li></ol></main>",
    }
    chosen = worth_examining({("Maja", path): markup for path, markup in said.items()})
    assert list(chosen) == [("Maja", "/list"), ("Maja", "/numbered")]

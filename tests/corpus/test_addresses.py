"""Odd numbers and odd paths: not found, and never a crash."""

import pytest

from portal.web import NotFound, addresses, identity
from tests.authz.rows import ROWS, Row, filled
from tests.authz.world import World
from tests.corpus.answers import decent
from tests.corpus.test_requests import fetch
from tests.written import written

ODD = (
    "01",
    "+1",
    "1_0",
    "１",
    "-1",
    "1e3",
    "0x1",
    "1.0",
    " 1",
    "1 ",
    "9" * 18,
    "9223372036854775808",
    "9" * 20,
    "9" * 300,
    "²",
    "٣",
    "null",
)
# One of each kind, for every route: what Python reads as a number, in other digits too; a row that is not; what no row can be; no number.
KINDS = ("01", "１", "9" * 18, "9223372036854775808", "9" * 300, "null")
PATHS = (
    "/static/%00",
    "/static/..%2f..%2fpyproject.toml",
    "/static/%2e%2e/%2e%2e/pyproject.toml",
    "/static/..%5c..%5cpyproject.toml",
    "/static/../pyproject.toml",
    "//static/app.css",
    "/static//etc/passwd",
    "/static/\\..\\x",
    "/static/%c0%ae%c0%ae/x",
    "/static/" + "a" * 300,
    "/static/.",
    "/static/nothing.js",
    "/granby/findings/%00",
    "/granby/findings/%0d%0aSet-Cookie:x=1",
    "/granby/findings/1%00",
    "/granby/%ff",
    "/granby/%ed%a0%80",
    "/granby%20",
    "/GRANBY",
    "/granby/..%2fvitby",
    "/%E2%80%AEgranby",
    "/granby/" + "a" * 3000,
    "/granby" + "/a" * 500,
    "/calendar/%00.ics",
    "/calendar/" + "é" * 43 + ".ics",
    "/invitations/%2e%2e%2fx",
    "/.git/config",
    "/.env",
    "/granby/records/1/comments/2/x",
    "/*",
)


@pytest.mark.parametrize("row", [row for row in ROWS if row.names_a_row], ids=str)
async def test_only_canonical_numbers_are_found(row: Row, world: World):
    role = "contact" if row.allowed == ("contact",) else "coordinator"
    browser, numbers = world.browsers[role], world.shared.numbers
    data, before = filled(row.data, numbers), await written(world.sessions)
    for odd in KINDS if row.method == "GET" else ODD[::5]:
        path = f"/granby{row.path}".format(**dict.fromkeys(numbers, odd.replace(" ", "%20")))
        answer = await (browser.get(path) if row.method == "GET" else browser.post(path, data))
        assert (odd, answer.status_code, decent(answer)) == (odd, 404, True)
    assert await written(world.sessions) == before


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
async def test_odd_paths_are_not_found(path: str, world: World):
    answer = await fetch(world.browsers["coordinator"], path, [])
    assert decent(answer, public=path.startswith("/calendar"))
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers or "x=1" not in answer.headers["set-cookie"]


@pytest.mark.parametrize("path", [f"/{word}/hemligt" for word in addresses.SECRET])
def test_the_log_shows_no_address_that_opens_something(path: str):
    assert addresses.shown(path) == path.replace("hemligt", "…")
    assert addresses.odd(f"/x/..{path}") == "…"
    assert addresses.shown("/granby/calendar/feeds/7") == "/granby/calendar/feeds/7"


@pytest.mark.parametrize("odd", [odd for odd in ODD if odd != "9" * 18])
def test_an_odd_number_is_none(odd: str):
    with pytest.raises(NotFound):
        identity(odd)


def test_a_canonical_number_is_a_number():
    assert (identity("1"), identity("9" * 18)) == (1, 10**18 - 1)

"""Who may do what in the rooms: every route, everyone who might knock."""

import re

import pytest
from litestar.routes import HTTPRoute

from portal.app import Portal
from tests.authz.rows import ROWS, Row, filled
from tests.authz.world import ROLES, Goods, World
from tests.browser import Browser
from tests.written import written

ELSEWHERE = ("/administer", "/members")
MISSING = 10**17


async def ask(browser: Browser, row: Row, path: str, data: dict[str, str]):
    return await (browser.get(path) if row.method == "GET" else browser.post(path, data))


async def status_for(world: World, role: str, row: Row, goods: Goods) -> int:
    numbers = goods.numbers | {"theme": world.cast.themes[0].id}
    answer = await ask(world.browsers[role], row, f"/granby{row.path}".format(**numbers), filled(row.data, numbers))
    if row.expected(role) == 303 and role in ("anonymous", "closed"):
        assert answer.headers["location"].startswith("/sign-in?next=/granby"), role
    return answer.status_code


def test_no_route_is_missing_from_the_table(running: Portal):
    served = {
        f"{method} {any_number(route.path.removeprefix('/{network:str}')).rstrip('/')}"
        for route in running.litestar.routes
        if isinstance(route, HTTPRoute) and route.path.startswith("/{network:str}")
        for method in route.methods
        if not route.path.removeprefix("/{network:str}").startswith(ELSEWHERE)
    }
    assert served == {any_number(str(row)) for row in ROWS}
    assert len(ROWS) > 60


def any_number(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "*", path)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.label)
async def test_everyone_gets_what_the_table_says(row: Row, world: World):
    before = await written(world.sessions)
    refused = [role for role in ROLES if role not in row.allowed]
    answers = {role: await status_for(world, role, row, world.shared) for role in refused}
    unshared = await status_for(world, "guest", row, world.unshared)
    after = await written(world.sessions)
    answers |= {role: await status_for(world, role, row, world.shared) for role in row.allowed}
    assert answers == {role: row.expected(role) for role in (*refused, *row.allowed)}
    assert unshared == (404 if row.names_a_row else row.expected("guest"))
    if row.names_a_row or "guest" not in row.allowed:
        assert after == before


@pytest.mark.parametrize("row", [row for row in ROWS if row.names_a_row], ids=str)
async def test_a_row_of_another_network_looks_like_one_that_does_not_exist(row: Row, world: World):
    numbers = world.unshared.numbers | {"theme": 1}
    stranger, before = world.browsers["outsider"], await written(world.sessions)
    await stranger.get("/health/live")  # whoever comes for the first time gets a cookie
    data = filled(row.data, numbers)
    foreign = await ask(stranger, row, f"/vitby{row.path}".format(**numbers), data)
    missing = {name: MISSING + n for n, name in enumerate(numbers)}
    absent = await ask(stranger, row, f"/vitby{row.path}".format(**missing), data)
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert plain(foreign.text) == plain(absent.text)
    assert set(foreign.headers) == set(absent.headers)
    assert await written(world.sessions) == before


def plain(page: str) -> str:
    """The page without what differs from request to request: its own address, numbers, reference and form token."""
    return re.sub(r"[0-9a-f]{64}|<code>[0-9a-f]{8}</code>|\d+", "*", page)

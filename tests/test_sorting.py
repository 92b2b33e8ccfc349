"""Tables sort by the column that the address names; headers are links, so no script is needed."""

import re
from datetime import date

import pytest

from portal import clock
from portal.db import Session
from portal.networks.board_models import Board, BoardMeeting
from portal.networks.models import Membership
from portal.year.models import Reminder
from tests.browser import Browser
from tests.factories import Cast, make_member, make_unit
from tests.networks.conftest import Enter

MEMBERS = "/granby/administer/members"
BY_NAME = ["Bengt Sjöholm", "Ingela Rask", "Maja Lindqvist", "Pelle Öhrn", "Sirkka Laine", "Tomas Ekvall", "Yvonne Adell", "Zainab Warsame"]
SWEDES = ["Zainab Warsame", "Åke Ask", "Ärla Ahl", "Örjan Alm"]
HEADER = re.compile(r'<th scope="col"(?: aria-sort="(\w+)")?><a href="([^"]*)">([^<]*?) <')


def rows_of(page: str, *, table: int = 0) -> list[str]:
    """What the rows of a table are called."""
    body = page.split("<tbody>")[1 + table].partition("</tbody>")[0]
    return [re.sub(r"<[^>]*>", " ", each).split("  ")[0].strip() for each in re.findall(r'<th scope="row">(.*?)</th>', body, re.DOTALL)]


def headers_of(page: str, *, table: int = 0) -> dict[str, tuple[str, str]]:
    """Direction and address of the columns of a table, by name."""
    head = page.split("<thead")[1 + table].partition("</thead>")[0]
    return {name: (direction, address.replace("&amp;", "&")) for direction, address, name in HEADER.findall(head)}


@pytest.fixture
async def ingela(cast: Cast, browser: Enter) -> Browser:
    return await browser(cast.coordinator)


@pytest.fixture
async def swedes(cast: Cast, session: Session) -> list[Membership]:
    """Names that begin with the last letters of the alphabet, in another order than theirs."""
    made = [await make_member(session, cast.network, name, "reader", unit=cast.school) for name in ("Örjan Alm", "Åke Ask", "Ärla Ahl")]
    await session.commit()
    return made


async def test_names_stand_in_swedish_order_and_from_the_end(ingela: Browser, swedes: list[Membership]) -> None:
    page = (await ingela.get(MEMBERS)).text
    assert rows_of(page) == BY_NAME + SWEDES[1:]
    assert headers_of(page)["Namn"] == ("ascending", f"{MEMBERS}?sort=-name")
    turned = (await ingela.get(f"{MEMBERS}?sort=-name")).text
    assert rows_of(turned) == (BY_NAME + SWEDES[1:])[::-1]
    assert headers_of(turned)["Namn"] == ("descending", MEMBERS)


@pytest.mark.parametrize(
    ("locale", "name", "first"),
    [("sv", "Roll", ["Bengt Sjöholm", "Tomas Ekvall", "Ingela Rask"]), ("en", "Role", ["Maja Lindqvist", "Tomas Ekvall", "Ingela Rask"])],
)
async def test_words_stand_in_the_order_that_the_reader_sees(locale: str, name: str, first: list[str], ingela: Browser) -> None:
    ingela.client.cookies.set("language", locale)
    where = headers_of((await ingela.get(MEMBERS)).text)[name]
    assert where == ("", f"{MEMBERS}?sort=role")
    page = (await ingela.get(where[1])).text
    assert rows_of(page)[:3] == first
    assert {each: direction for each, (direction, _address) in headers_of(page).items() if direction} == {name: "ascending"}


async def test_who_is_for_the_whole_network_stands_among_the_units_by_those_words(ingela: Browser, cast: Cast, session: Session) -> None:
    unit = await make_unit(session, cast.network, "Åkeri")
    await make_member(session, cast.network, "Anna Ek", "reader", unit=unit)
    await session.commit()
    page = (await ingela.get(f"{MEMBERS}?sort=unit")).text
    units = re.findall(r'<td data-label="Enhet">([^<]*)<', page)
    assert list(dict.fromkeys(units)) == ["Bildning", "Granby Bostäder AB", "Hela nätverket", "Åkeri"]


async def test_equals_stay_in_the_order_of_names(ingela: Browser, swedes: list[Membership]) -> None:
    for order in ("time", "-time"):
        assert rows_of((await ingela.get(f"{MEMBERS}?sort={order}")).text) == BY_NAME + SWEDES[1:]


@pytest.mark.parametrize("asked", ["", "nothing", "-nothing", "--name", "name,role", "%00", "NAME"])
async def test_an_order_that_the_table_does_not_have_is_as_none(asked: str, ingela: Browser) -> None:
    plain, strange = (await ingela.get(MEMBERS)).text, await ingela.get(f"{MEMBERS}?sort={asked}")
    assert strange.status_code == 200
    assert (rows_of(strange.text), headers_of(strange.text)) == (rows_of(plain), headers_of(plain))


async def test_those_who_have_left_stand_the_latest_first_until_somebody_asks(ingela: Browser, cast: Cast, session: Session) -> None:
    for name, last in (("Anna Ek", date(2024, 1, 31)), ("Bo Al", date(2025, 1, 31))):
        await make_member(session, cast.network, name, "reader", ends_on=last)
    await session.commit()
    page = (await ingela.get(MEMBERS)).text
    assert (rows_of(page, table=1), headers_of(page, table=1)["Till och med"][0]) == (["Bo Al", "Anna Ek"], "descending")
    assert rows_of((await ingela.get(f"{MEMBERS}?sort=time")).text, table=1) == ["Anna Ek", "Bo Al"]


async def test_the_year_that_is_shown_stays_in_the_address(ingela: Browser, cast: Cast, session: Session) -> None:
    days = {"Örter": date(2031, 1, 5), "Zoner": date(2031, 2, 5), "Ängar": date(2031, 3, 5)}
    session.add_all([Reminder(network_id=cast.network.id, day=day, title=title) for title, day in days.items()])
    await session.commit()
    path = "/granby/meetings/year"
    first = (await ingela.get(f"{path}?year=2031")).text
    assert rows_of(first) == ["Örter", "Zoner", "Ängar"]
    assert headers_of(first) == {"Dag": ("ascending", f"{path}?year=2031&sort=-day"), "Vad": ("", f"{path}?year=2031&sort=what")}
    page = (await ingela.get(f"{path}?year=2031&sort=what")).text
    assert rows_of(page) == ["Zoner", "Ängar", "Örter"]
    assert f'href="{path}?year=2032&amp;sort=what"' in page
    assert f'hx-get="{path}?year=2031&amp;sort=what"' in page


async def test_a_form_that_is_shown_again_leads_to_the_page_that_it_is_on(ingela: Browser, cast: Cast, session: Session) -> None:
    board = Board(network_id=cast.network.id, name="Kommunstyrelsen")
    session.add(board)
    await session.flush()
    days = [(date(2099, 2, 10), date(2099, 1, 25)), (date(2099, 3, 10), date(2099, 1, 20))]
    session.add_all([BoardMeeting(board_id=board.id, meets_on=meets, cutoff_on=cutoff) for meets, cutoff in days])
    await session.commit()
    path = f"/granby/administer/boards/{board.id}"
    refused = await ingela.post(f"{path}/dates", {"meets_on": "", "cutoff_on": ""})
    assert refused.status_code == 422
    assert headers_of(refused.text)["Stopptid"] == ("", f"{path}?sort=cutoff")
    page = (await ingela.get(f"{path}?sort=cutoff")).text
    assert [each.split()[0] for each in rows_of(page)] == ["2099-03-10", "2099-02-10"]


async def test_coming_members_stand_by_the_day_they_begin(ingela: Browser, cast: Cast, session: Session) -> None:
    later = clock.today().replace(year=clock.today().year + 2, day=1)
    for name, first in (("Anna Ek", later.replace(day=20)), ("Bo Al", later)):
        await make_member(session, cast.network, name, "reader", starts_on=first)
    await session.commit()
    assert rows_of((await ingela.get(MEMBERS)).text, table=1) == ["Bo Al", "Anna Ek"]
    assert rows_of((await ingela.get(f"{MEMBERS}?sort=name")).text, table=1) == ["Anna Ek", "Bo Al"]

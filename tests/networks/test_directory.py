"""The directory: who answers for what, which units have nobody, and whose address one sees."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from portal.activity import actions as activity
from portal.app import Portal
from portal.db import Session
from tests.factories import Cast, make_member, make_unit
from tests.networks.conftest import Enter, Town


def card(page: str, unit: str) -> str:
    """The part of the directory that is about one unit."""
    start = page.index(f"{unit}</h3>")
    return page[start : page.index("</li>", start)]


async def test_it_says_who_answers_for_what(town: Town, browser: Enter) -> None:
    page = (await (await browser(town.cast.reader)).get("/granby/members")).text
    assert "Maja Lindqvist" in card(page, "Bildning")
    assert "Kontaktperson" in card(page, "Bildning")
    assert "Ingen kontaktperson" not in card(page, "Bildning")
    assert "Tomas Ekvall" in card(page, "Granby Bostäder AB")
    assert "Kommunalt bolag" in card(page, "Granby Bostäder AB")
    assert page.index("Leder nätverket") < page.index("Ingela Rask") < page.index("Enheter</h2>") < page.index("Yvonne Adell")


async def test_units_without_a_contact_are_marked_with_word_and_icon(town: Town, browser: Enter) -> None:
    page = (await (await browser(town.cast.reader)).get("/granby/members")).text
    for unit in ("Kultur", "Granby Bostäder AB"):
        assert "#user-x" in card(page, unit)
        assert "Ingen kontaktperson" in card(page, unit)
    assert "2 enheter har ingen kontaktperson:" in page
    assert "Gamla kontoret" not in page


async def test_a_unit_that_owes_nobody_and_has_nobody_says_so(cast: Cast, browser: Enter, session: Session) -> None:
    await make_unit(session, cast.network, "Norrby kommun", "other")
    await session.commit()
    page = (await (await browser(cast.reader)).get("/granby/members")).text
    assert "Ingen är med härifrån ännu." in card(page, "Norrby kommun")
    assert "Annat" not in card(page, "Norrby kommun")
    assert "Ingen är med" not in card(page, "Bildning")


async def test_addresses_are_for_the_coordinator_and_for_oneself(cast: Cast, browser: Enter) -> None:
    everyone = [f"{name}.granby@example.se" for name in ("ingela", "maja", "tomas", "bengt", "sirkka", "yvonne", "zainab")]
    page = (await (await browser(cast.coordinator)).get("/granby/members")).text
    assert [email for email in everyone if email in page] == everyone
    for role in ("contact", "head", "reader", "registrar", "admin"):
        member = getattr(cast, role)
        seen = [
            email
            for path in ("/granby/members", "/granby/administer/members")
            for email in everyone
            if email in (await (await browser(member)).get(path)).text
        ]
        assert set(seen) == {member.person.email}


async def test_an_administrator_sees_no_address_on_a_members_page(cast: Cast, browser: Enter) -> None:
    path = f"/granby/administer/members/{cast.contact.id}"
    assert "maja.granby@example.se" in (await (await browser(cast.coordinator)).get(path)).text
    assert "maja.granby@example.se" not in (await (await browser(cast.admin)).get(path)).text


async def test_the_network_uses_its_own_words(cast: Cast, browser: Enter, session: Session) -> None:
    cast.network.word_department, cast.network.word_coordinator = "sektor", "EU-strateg"
    session.add(cast.network)
    await session.commit()
    page = (await (await browser(cast.reader)).get("/granby/members")).text
    assert "Sektor" in card(page, "Bildning")
    assert "EU-strateg" in page
    assert "EU-samordnare" not in page


@pytest.mark.parametrize(("role", "buttons"), [("reader", 0), ("contact", 1), ("head", 1), ("coordinator", 3)])
async def test_the_button_for_deputies_stands_where_one_may_use_it(role: str, buttons: int, town: Town, browser: Enter) -> None:
    page = (await (await browser(getattr(town.cast, role))).get("/granby/members")).text
    assert page.count("Utse ersättare<") == buttons


async def test_a_network_without_units_says_what_to_do(cast: Cast, browser: Enter) -> None:
    page = (await (await browser(cast.outsider)).get("/vitby/members")).text
    assert "Nätverket har inga enheter ännu." in page
    assert 'href="/vitby/administer/units"' in page


async def test_names_are_in_swedish_order_and_shown_as_text(cast: Cast, browser: Enter, session: Session) -> None:
    for name in ("Åsa <b>Ö", "Zeb Ek", "Ärla By"):
        await make_member(session, cast.network, name, "reader", title="<script>")
    await session.commit()
    page = (await (await browser(cast.reader)).get("/granby/members")).text
    assert page.index("Zeb Ek") < page.index("Åsa &lt;b&gt;Ö") < page.index("Ärla By")
    assert "<script>" not in page


async def test_a_longer_list_asks_the_database_no_more_often(cast: Cast, portal: Portal, browser: Enter, session: Session) -> None:
    coordinator, asked = await browser(cast.coordinator), Counter[str]()
    engine = portal.sessions.kw["bind"].sync_engine
    paths = ["/granby/members", "/granby/administer", "/granby/administer/members", "/granby/administer/units", "/granby/administer/log"]
    for round_ in ("few", "many"):
        for path in paths:
            with counting(engine, asked, f"{round_} {path}"):
                assert (await coordinator.get(path)).status_code == 200
        for number in range(3):
            unit = await make_unit(session, cast.network, f"Enhet {number}{round_}")
            member = await make_member(session, cast.network, f"P{number}{round_} Ek", "contact", unit=unit)
            activity.record(session, verb="member.joined", by=member, member=member.id)
        await session.commit()
    assert {path: asked[f"many {path}"] for path in paths} == {path: asked[f"few {path}"] for path in paths}
    assert max(asked.values()) <= 12


@contextmanager
def counting(engine: Engine, asked: Counter[str], name: str) -> Iterator[None]:
    def count(*_given: object) -> None:
        task = asyncio.current_task()
        asked[name] += task is None or not task.get_name().startswith("live ")  # what live looks at now and then is no page's

    event.listen(engine, "before_cursor_execute", count)
    yield
    event.remove(engine, "before_cursor_execute", count)

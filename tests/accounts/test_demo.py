"""The demo's doors, which exist in the demo alone."""

import pytest

from portal.accounts.models import Person
from portal.app import Portal
from portal.db import Session
from tests.accounts.conftest import Letter, ask_for_code, is_signed_in
from tests.browser import Browser
from tests.factories import Cast, make_member


@pytest.fixture
def demo(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the demo loader had filled this database."""
    monkeypatch.setattr(portal.litestar.state.frame, "demo", True)


async def test_outside_the_demo_its_doors_do_not_exist(visitor: Browser, cast: Cast) -> None:
    person = cast.coordinator.person
    assert (await visitor.post("/demo/sign-in", {"person": str(person.id)})).status_code == 404
    assert (await visitor.get("/dev/mail")).status_code == 404
    assert not await is_signed_in(visitor, person)
    assert person.name not in (await visitor.get("/")).text


@pytest.mark.usefixtures("demo")
async def test_in_the_demo_one_click_signs_in_as_anybody(visitor: Browser, cast: Cast) -> None:
    page = (await visitor.get("/")).text
    for each in (cast.coordinator, cast.contact, cast.guest, cast.outsider):
        assert f'name="person" value="{each.person.id}"' in page
        assert each.person.name in page
    assert "Kontaktperson&nbsp;· Bildning" in page
    assert "EU-samordnare" in page
    answer = await visitor.post("/demo/sign-in", {"person": str(cast.contact.person.id)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await is_signed_in(visitor, cast.contact.person)


@pytest.mark.usefixtures("demo")
async def test_somebody_in_two_networks_is_one_button_with_the_strongest_role(visitor: Browser, cast: Cast, session: Session) -> None:
    await make_member(session, cast.outsider.network, "Ingela Rask", "reader", person=cast.coordinator.person)
    await session.commit()
    page = (await visitor.get("/sign-in?next=/me")).text
    assert page.count(f'name="person" value="{cast.coordinator.person.id}"') == 1
    assert page.index("Ingela Rask") < page.index("Maja Lindqvist") < page.index("Pelle Öhrn")
    assert 'name="next" value="/me"' in page


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("typed", ["", "0", "99999", "abc", "1 OR 1=1"])
async def test_in_the_demo_too_one_cannot_be_nobody(typed: str, visitor: Browser) -> None:
    assert (await visitor.post("/demo/sign-in", {"person": typed})).status_code == 404


@pytest.mark.usefixtures("demo")
async def test_in_the_demo_the_mail_can_be_read_newest_first(visitor: Browser, someone: Person, letter: Letter) -> None:
    first = await ask_for_code(visitor, letter, someone.email)
    second = await ask_for_code(visitor, letter, someone.email, number=2)
    page = (await visitor.get("/dev/mail")).text
    assert page.index(f"Din kod är {second}.") < page.index(f"Din kod är {first}.")
    assert f"Till {someone.email}" in page
    assert '<a href="/dev/mail">' in (await visitor.get("/sign-in/code")).text

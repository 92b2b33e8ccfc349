"""Settings and words of a network, and how one is founded."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal.activity.models import Activity
from portal.db import Session
from portal.networks.actions import RESERVED, found_network
from portal.networks.models import Network, Theme
from portal.web import Conflict, Refused
from tests.factories import Cast
from tests.networks.conftest import Enter, Town, deeds

SETTINGS = "/granby/administer/settings"
NEW = {
    "name": "EU-nätverket",
    "municipality": "Granby kommun",
    "purpose": "Bevaka.\r\nPåverka.",
    "word_department": "sektor",
    "word_coordinator": "EU-strateg",
    "meetings_least": "3",
    "meetings_most": "5",
    "contact": "eu@example.se",
}


async def test_settings_are_saved_and_the_log_says_which(cast: Cast, browser: Enter, session: Session) -> None:
    coordinator = await browser(cast.coordinator)
    answer = await coordinator.post(SETTINGS, NEW | {"guests_comment": "true", "slug": "kapad", "id": "7"})
    assert answer.headers["location"] == "/granby/administer"
    await session.refresh(cast.network)
    assert {name: str(getattr(cast.network, name)) for name in NEW} == NEW | {"purpose": "Bevaka.\nPåverka."}
    assert (cast.network.slug, cast.network.guests_comment) == ("granby", True)
    (deed,) = (await session.scalars(select(Activity))).all()
    assert sorted(deed.data["fields"]) == sorted([*NEW.keys() - {"municipality"}, "guests_comment"])
    assert 'value="EU-strateg"' in (await coordinator.get(SETTINGS)).text
    assert "Sektor, bolag, förening och annat" in (await coordinator.get("/granby/administer")).text
    await coordinator.post(SETTINGS, NEW)
    await session.refresh(cast.network)
    assert cast.network.guests_comment is False


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "Skriv ett namn."),
        ({"word_coordinator": " "}, "Fyll i fältet."),
        ({"meetings_most": "2"}, "Högsta antalet träffar kan inte vara lägre än det minsta."),
        ({"meetings_least": "-1"}, "Talet får inte vara mindre än 0."),
        ({"meetings_most": "många"}, "Skriv ett heltal."),
        ({"guests_comment": "kanske"}, "Välj ja eller nej."),
        ({"purpose": "P" * 2001}, "högst 2000"),
    ],
)
async def test_a_mistake_is_shown_and_nothing_is_saved(
    changed: dict[str, str], sentence: str, cast: Cast, browser: Enter, session: Session
) -> None:
    answer = await (await browser(cast.coordinator)).post(SETTINGS, NEW | changed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="EU-nätverket"' in answer.text or changed.get("name") == ""
    await session.refresh(cast.network)
    assert cast.network.name == "Granby nätverk"
    assert await deeds(session, cast) == []


async def test_the_first_page_says_what_is_missing(town: Town, browser: Enter) -> None:
    page = (await (await browser(town.cast.coordinator)).get("/granby/administer")).text
    for words in (
        "2 enheter har ingen kontaktperson:",
        "Granby Bostäder AB, Kultur.",
        "en väntar på svar",
        "3 enheter",
        "3 teman",
        "Nästa stopptid 25\u00a0januari 2099",
    ):
        assert words in page
    empty = (await (await browser(town.cast.outsider)).get("/vitby/administer")).text
    assert "Börja med de enheter som ska ha en kontaktperson." in empty
    assert "ingen väntar på svar" in empty
    assert "inga nämnder ännu" in empty


FOUNDING = {
    "name": "Granköpings nätverk",
    "slug": "grankoping",
    "municipality": "Granköpings kommun",
    "coordinator_name": "Ingela Rask",
    "coordinator_email": "Ingela.Rask@Grankoping.se",
}


async def test_a_network_is_founded_with_its_first_coordinator_and_themes(session: Session) -> None:
    membership = await found_network(session, **FOUNDING)
    await session.commit()
    assert (membership.network.slug, membership.role, membership.person.email) == ("grankoping", "coordinator", "ingela.rask@grankoping.se")
    themes = await session.scalars(
        select(col(Theme.name)).where(col(Theme.network_id) == membership.network_id).order_by(col(Theme.position))
    )
    assert list(themes) == ["Globalisering", "Demografi", "Klimat", "Teknik", "Värderingar", "Näringsliv", "Unga"]


async def test_a_second_network_may_have_the_same_coordinator(cast: Cast, session: Session) -> None:
    membership = await found_network(session, **FOUNDING | {"coordinator_email": cast.coordinator.person.email or ""})
    assert membership.person_id == cast.coordinator.person_id


@pytest.mark.parametrize(
    "slug", ["sign-in", "me", "invitations", "static", "live", "health", "styleguide", "Ö", "a b", "x", "-a", "y" * 41]
)
async def test_an_address_that_cannot_be_a_network_is_refused(slug: str, session: Session) -> None:
    with pytest.raises(Refused) as refusal:
        await found_network(session, **FOUNDING | {"slug": slug})
    assert refusal.value.status == 422
    assert await session.scalar(select(col(Network.id)).where(col(Network.slug) == slug)) is None


async def test_a_taken_address_is_refused(cast: Cast, session: Session) -> None:
    with pytest.raises(Conflict, match="används redan"):
        await found_network(session, **FOUNDING | {"slug": "granby"})


async def test_every_first_step_of_an_address_of_ours_is_reserved(browser: Enter, cast: Cast) -> None:
    portal = (await browser(cast.coordinator)).portal
    first = {route.path.split("/")[1] for route in portal.litestar.routes if not route.path.startswith("/{network")}
    assert "invitations" in first
    assert first - {""} <= RESERVED

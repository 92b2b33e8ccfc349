"""Units and themes: added, renamed, ordered, closed and opened again."""

import asyncio

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal.db import Session
from portal.networks.models import Theme, Unit
from tests.factories import make_network, make_unit
from tests.networks.conftest import Enter, Town, deeds

UNITS, THEMES = "/granby/administer/units", "/granby/administer/themes"


async def names_of_themes(session: Session, town: Town, *, retired: bool = False) -> list[str]:
    wanted = select(col(Theme.name)).where(col(Theme.network_id) == town.cast.network.id, col(Theme.retired).is_(retired))
    return list(await session.scalars(wanted.order_by(col(Theme.position))))


@pytest.mark.parametrize(
    ("path", "data", "sentence"),
    [
        (UNITS, {"name": "  BILDNING "}, "Det finns redan en enhet som heter så."),
        (UNITS, {"name": "Gamla kontoret"}, "En stängd enhet heter så. Öppna den igen i stället."),
        (UNITS, {"name": ""}, "Skriv ett namn."),
        (UNITS, {"name": "N" * 121}, "högst 120"),
        (UNITS, {"name": "Teknik", "kind": "castle"}, "Välj ett av alternativen."),
        (UNITS + "/{vacant}", {"name": "bildning"}, "Det finns redan en enhet som heter så."),
        (THEMES, {"name": "klimat"}, "Det finns redan ett tema som heter så."),
        (THEMES, {"name": "Värderingar"}, "Ett vilande tema heter så. Ta det i bruk igen i stället."),
        (THEMES, {"name": "T" * 61}, "högst 60"),
        (THEMES + "/{theme}", {"name": "Unga"}, "Det finns redan ett tema som heter så."),
        (THEMES + "/{theme}", {"name": "\u202e"}, "Skriv ett namn."),
    ],
)
async def test_a_mistake_is_shown_beside_the_field(
    path: str, data: dict[str, str], sentence: str, town: Town, browser: Enter, session: Session
) -> None:
    answer = await (await browser(town.cast.coordinator)).post(path.format(**town.numbers), {"kind": "department", **data})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'role="alert"' in answer.text
    assert await deeds(session, town.cast) == []


async def test_a_unit_may_keep_its_name_and_change_its_kind(town: Town, browser: Enter, session: Session) -> None:
    await (await browser(town.cast.coordinator)).post(f"{UNITS}/{town.vacant.id}", {"name": "Kultur", "kind": "association"})
    await session.refresh(town.vacant)
    assert (town.vacant.name, town.vacant.kind) == ("Kultur", "association")


async def test_two_networks_may_name_a_unit_alike(town: Town, browser: Enter, session: Session) -> None:
    other = await make_network(session, slug="solby")
    await make_unit(session, other, "Teknik")
    await session.commit()
    assert (await (await browser(town.cast.coordinator)).post(UNITS, {"name": "Teknik"})).status_code == 303


async def test_the_same_unit_twice_at_once_is_one_unit(town: Town, browser: Enter, session: Session) -> None:
    coordinator = await browser(town.cast.coordinator)
    answers = await asyncio.gather(*(coordinator.post(UNITS, {"name": "Teknik"}) for _time in range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]
    assert len((await session.scalars(select(Unit).where(col(Unit.name) == "Teknik"))).all()) == 1


async def test_a_unit_with_people_is_not_closed(town: Town, browser: Enter, session: Session) -> None:
    answer = await (await browser(town.cast.coordinator)).post(f"{UNITS}/{town.cast.school.id}/closure")
    assert answer.status_code == 409
    assert "Någon hör fortfarande till enheten." in answer.text
    await session.refresh(town.cast.school)
    assert town.cast.school.closed_on is None


async def test_a_unit_with_a_waiting_invitation_is_not_closed(town: Town, browser: Enter, session: Session) -> None:
    town.invitation.unit_id = town.vacant.id
    await session.commit()
    coordinator = await browser(town.cast.coordinator)
    assert "En inbjudan till enheten väntar på svar." in (await coordinator.post(f"{UNITS}/{town.vacant.id}/closure")).text
    await coordinator.post(f"/granby/administer/invitations/{town.invitation.id}/withdrawal")
    assert (await coordinator.post(f"{UNITS}/{town.vacant.id}/closure")).headers["location"] == UNITS


async def test_a_closed_unit_leaves_the_directory_and_comes_back(town: Town, browser: Enter) -> None:
    coordinator = await browser(town.cast.coordinator)
    assert "Kultur</h3>" in (await coordinator.get("/granby/members")).text
    await coordinator.post(f"{UNITS}/{town.vacant.id}/closure")
    assert "Kultur</h3>" not in (await coordinator.get("/granby/members")).text
    assert (await coordinator.post(f"{UNITS}/{town.vacant.id}/closure")).status_code == 409
    await coordinator.post(f"{UNITS}/{town.vacant.id}/opening")
    assert "Kultur</h3>" in (await coordinator.get("/granby/members")).text


async def test_themes_keep_the_order_the_coordinator_gives_them(town: Town, browser: Enter, session: Session) -> None:
    coordinator = await browser(town.cast.coordinator)
    assert await names_of_themes(session, town) == ["Klimat", "Teknik", "Unga"]
    young, climate = town.cast.themes[2].id, town.cast.themes[0].id
    for path, direction in ((young, "up"), (young, "up"), (young, "up"), (climate, "down"), (climate, "down")):
        assert (await coordinator.post(f"{THEMES}/{path}/position", {"direction": direction})).status_code == 303
    assert await names_of_themes(session, town) == ["Unga", "Teknik", "Klimat"]
    assert await deeds(session, town.cast) == ["theme.moved"] * 3
    assert (await coordinator.post(f"{THEMES}/{young}/position", {"direction": "sideways"})).status_code == 422


async def test_a_retired_theme_rests_and_comes_back_last(town: Town, browser: Enter, session: Session) -> None:
    coordinator = await browser(town.cast.coordinator)
    climate = town.cast.themes[0].id
    await coordinator.post(f"{THEMES}/{climate}/retirement")
    assert await names_of_themes(session, town) == ["Teknik", "Unga"]
    assert (await coordinator.post(f"{THEMES}/{climate}/position", {"direction": "up"})).status_code == 404
    await coordinator.post(f"{THEMES}/{climate}/return")
    await coordinator.post(THEMES, {"name": "Demografi"})
    assert await names_of_themes(session, town) == ["Teknik", "Unga", "Klimat", "Demografi"]

"""What happens to a membership: another seat, an end, a successor; and never without a coordinator."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.app import Portal
from portal.db import Session
from portal.networks import handover
from portal.networks.models import Membership
from tests.factories import Cast, make_member
from tests.networks.conftest import Enter, Town, deeds

MEMBERS = "/granby/administer/members"
SEAT = {"role": "reader", "unit_id": "", "title": "Utredare"}


async def seat_of(session: Session, member: Membership) -> tuple[str, int | None, str]:
    await session.refresh(member, ["role", "unit_id", "title"])
    return member.role, member.unit_id, member.title


async def lasts(session: Session, member: Membership) -> bool:
    await session.refresh(member, ["starts_on", "ends_on"])
    return member.lasts(clock.today())


async def test_a_coordinator_changes_role_unit_and_title(town: Town, browser: Enter, session: Session) -> None:
    cast = town.cast
    data = {"role": "head", "unit_id": str(town.vacant.id), "title": "Kulturchef"}
    answer = await (await browser(cast.coordinator)).post(f"{MEMBERS}/{cast.contact.id}", data)
    assert answer.headers["location"] == MEMBERS
    assert await seat_of(session, cast.contact) == ("head", town.vacant.id, "Kulturchef")
    page = (await (await browser(cast.contact)).get("/granby/members")).text
    assert page.index("Kultur</h3>") < page.index("Kulturchef")


async def test_a_new_role_counts_at_once(cast: Cast, browser: Enter) -> None:
    contact, coordinator = await browser(cast.contact), await browser(cast.coordinator)
    assert (await contact.get(MEMBERS)).status_code == 403
    await coordinator.post(f"{MEMBERS}/{cast.contact.id}", SEAT | {"role": "admin"})
    assert (await contact.get(MEMBERS)).status_code == 200


async def test_a_contact_who_posts_a_role_gets_nothing(cast: Cast, browser: Enter, session: Session) -> None:
    contact = await browser(cast.contact)
    mine = {"role": "coordinator", "unit_id": str(cast.school.id), "title": "Chef"}
    assert (await contact.post(f"{MEMBERS}/{cast.contact.id}", mine)).status_code == 403
    deputy = {"member_id": str(cast.reader.id), "starts_on": "2098-01-01", "ends_on": "2098-02-01", "role": "coordinator", "title": "Chef"}
    assert (await contact.post("/granby/members/deputies", deputy)).status_code == 303
    assert await seat_of(session, cast.contact) == ("contact", cast.school.id, "")
    made = (await session.scalars(select(Membership).where(col(Membership.person_id) == cast.reader.person_id))).all()
    assert sorted((each.role, each.title) for each in made) == [("deputy", ""), ("reader", "")]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"role": "king"}, "Välj ett av alternativen."),
        ({"role": "contact"}, "Välj vilken enhet personen svarar för."),
        ({"unit_id": "{closed}"}, "Välj ett av alternativen."),
        ({"unit_id": "x"}, "Skriv ett heltal."),
        ({"title": "T" * 81}, "högst 80"),
    ],
)
async def test_a_wrong_seat_changes_nothing(changed: dict[str, str], sentence: str, town: Town, browser: Enter, session: Session) -> None:
    data = SEAT | {name: value.format(**town.numbers) for name, value in changed.items()}
    answer = await (await browser(town.cast.coordinator)).post(f"{MEMBERS}/{town.cast.contact.id}", data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert await seat_of(session, town.cast.contact) == ("contact", town.cast.school.id, "")


async def test_an_administrator_neither_makes_nor_unmakes_a_coordinator(cast: Cast, browser: Enter, session: Session) -> None:
    await make_member(session, cast.network, "Vera Vik", "coordinator")
    await session.commit()
    admin = await browser(cast.admin)
    assert "Bara den som själv är samordnare" in (await admin.get(f"{MEMBERS}/{cast.coordinator.id}")).text
    attempts = [
        (f"{MEMBERS}/{cast.contact.id}", SEAT | {"role": "coordinator"}),
        (f"{MEMBERS}/{cast.admin.id}", SEAT | {"role": "coordinator"}),
        (f"{MEMBERS}/{cast.admin.id}", SEAT | {"role": "contact", "unit_id": str(cast.school.id)}),
        (f"{MEMBERS}/{cast.coordinator.id}", SEAT),
        (f"{MEMBERS}/{cast.coordinator.id}/ending", {}),
    ]
    assert [(await admin.post(path, data)).status_code for path, data in attempts] == [403] * 5
    assert await deeds(session, cast) == []
    assert (await admin.post(f"{MEMBERS}/{cast.contact.id}", SEAT)).status_code == 303


async def test_the_last_coordinator_stays(cast: Cast, browser: Enter, session: Session) -> None:
    coordinator = await browser(cast.coordinator)
    for path, data in ((f"{MEMBERS}/{cast.coordinator.id}", SEAT), (f"{MEMBERS}/{cast.coordinator.id}/ending", {})):
        answer = await coordinator.post(path, data)
        assert answer.status_code == 409
        assert "Nätverket behöver en samordnare." in answer.text
    assert await lasts(session, cast.coordinator)
    await coordinator.post(f"{MEMBERS}/{cast.contact.id}", SEAT | {"role": "coordinator"})
    assert (await coordinator.post(f"{MEMBERS}/{cast.coordinator.id}/ending")).headers["location"] == "/"
    assert not await lasts(session, cast.coordinator)
    assert (await coordinator.get("/granby/members")).status_code == 404


async def test_a_coordinator_on_her_way_out_does_not_count(cast: Cast, browser: Enter, session: Session) -> None:
    await make_member(session, cast.network, "Vera Vik", "coordinator", ends_on=clock.today() + timedelta(days=3))
    await session.commit()
    answer = await (await browser(cast.coordinator)).post(f"{MEMBERS}/{cast.coordinator.id}", SEAT)
    assert answer.status_code == 409


async def test_two_coordinators_who_remove_each_other_leave_one(cast: Cast, browser: Enter, session: Session) -> None:
    other = await make_member(session, cast.network, "Vera Vik", "coordinator")
    await session.commit()
    first, second = await browser(cast.coordinator), await browser(other)
    answers = await asyncio.gather(first.post(f"{MEMBERS}/{other.id}/ending"), second.post(f"{MEMBERS}/{cast.coordinator.id}/ending"))
    assert sorted(answer.status_code for answer in answers)[0] == 303
    assert sorted([await lasts(session, cast.coordinator), await lasts(session, other)]) == [False, True]


async def test_an_ended_member_is_out_at_once(cast: Cast, browser: Enter, session: Session) -> None:
    contact, coordinator = await browser(cast.contact), await browser(cast.coordinator)
    assert (await contact.get("/granby/members")).status_code == 200
    page = await coordinator.get(f"{MEMBERS}/{cast.contact.id}/ending")
    assert "Avsluta medlemskapet för Maja Lindqvist?" in page.text
    assert (await coordinator.post(f"{MEMBERS}/{cast.contact.id}/ending")).headers["location"] == MEMBERS
    assert (await contact.get("/granby/members")).status_code == 404
    assert "Bjud in en kontaktperson" in (await coordinator.get("/granby/members")).text
    assert (await coordinator.get(MEMBERS)).text.index("Har slutat") > 0
    again = await coordinator.post(f"{MEMBERS}/{cast.contact.id}/ending")
    assert again.status_code == 409
    assert "Medlemskapet är redan avslutat." in again.text


async def test_open_sockets_are_told_when_a_membership_changes_or_ends(cast: Cast, portal: Portal, browser: Enter) -> None:
    heard: list[str] = []
    async with portal.sessions.kw["bind"].connect() as connection:
        listener = (await connection.get_raw_connection()).driver_connection
        await listener.add_listener("portal_live", lambda _connection, _pid, _channel, payload: heard.append(payload))
        coordinator = await browser(cast.coordinator)
        await coordinator.post(f"{MEMBERS}/{cast.contact.id}", SEAT)
        await coordinator.post(f"{MEMBERS}/{cast.contact.id}/ending")
        await listener.execute("SELECT 1")
    assert [each for each in heard if each == f"a:{cast.contact.person_id}"] == [f"a:{cast.contact.person_id}"] * 2


@pytest.fixture
def handed() -> Iterator[list[tuple[int, int, int]]]:
    """A handover of a room above, which finds three open things; what it was called with."""
    calls: list[tuple[int, int, int]] = []

    async def three_things(session: Session, leaving: Membership, successor: Membership, by: Membership) -> int:
        calls.append((leaving.id, successor.id, by.id))
        return 3

    handover.HANDOVERS.append(three_things)
    yield calls
    handover.HANDOVERS.remove(three_things)


async def test_a_successor_takes_over_what_is_open(
    cast: Cast, browser: Enter, session: Session, handed: list[tuple[int, int, int]]
) -> None:
    successor = await make_member(session, cast.network, "Vera Vik", "contact", unit=cast.school)
    await session.commit()
    coordinator = await browser(cast.coordinator)
    page = (await coordinator.get(f"{MEMBERS}/{cast.contact.id}/ending")).text
    assert page.index("Vera Vik, Bildning") < page.index("Bengt Sjöholm")
    assert "Pelle Öhrn" not in page
    await coordinator.post(f"{MEMBERS}/{cast.contact.id}/ending", {"successor_id": str(successor.id)})
    assert "3 saker gick över till Vera Vik." in (await coordinator.get(MEMBERS)).text
    assert handed == [(cast.contact.id, successor.id, cast.coordinator.id)]
    assert not await lasts(session, cast.contact)


@pytest.mark.parametrize("who", ["guest", "outsider", "contact"])
async def test_who_cannot_succeed_is_not_taken(
    who: str, cast: Cast, browser: Enter, session: Session, handed: list[tuple[int, int, int]]
) -> None:
    data = {"successor_id": str(getattr(cast, who).id)}
    answer = await (await browser(cast.coordinator)).post(f"{MEMBERS}/{cast.contact.id}/ending", data)
    assert answer.status_code == 422
    assert "Välj ett av alternativen." in answer.text
    assert handed == []
    assert await lasts(session, cast.contact)


async def test_the_page_says_when_the_person_stays_in_another_seat(town: Town, browser: Enter, session: Session) -> None:
    cast = town.cast
    await make_member(session, cast.network, "Maja", "contact", unit=town.vacant, person=cast.contact.person)
    await session.commit()
    coordinator, contact = await browser(cast.coordinator), await browser(cast.contact)
    page = (await coordinator.get(f"{MEMBERS}/{cast.contact.id}/ending")).text
    assert "är kvar i nätverket med ett annat uppdrag: kontaktperson, Kultur." in page
    await coordinator.post(f"{MEMBERS}/{cast.contact.id}/ending")
    assert (await contact.get("/granby/members")).status_code == 200

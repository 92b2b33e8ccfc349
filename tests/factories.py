"""Plain factories and the small cast that every test knows."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from portal import clock
from portal.accounts.actions import add_person
from portal.accounts.models import Person
from portal.db import Session
from portal.networks.access import Role
from portal.networks.models import Membership, Network, Theme, Unit

LONG_AGO = date(2020, 1, 1)


@dataclass
class Cast:
    """The people of one network, and an outsider who belongs to another."""

    network: Network
    school: Unit
    housing: Unit
    themes: list[Theme]
    coordinator: Membership
    contact: Membership
    deputy: Membership
    head: Membership
    reader: Membership
    registrar: Membership
    guest: Membership
    admin: Membership
    outsider: Membership

    @property
    def everyone(self) -> dict[str, Membership]:
        return {role: getattr(self, role) for role in [*Role, "outsider"]}


async def make_network(session: Session, *, slug: str = "granby", name: str = "Granby nätverk", **given: Any) -> Network:
    network = Network(slug=slug, name=name, municipality="Granby kommun", created_at=clock.now(), **given)
    session.add(network)
    await session.flush()
    return network


async def make_unit(session: Session, network: Network, name: str, kind: str = "department") -> Unit:
    unit = Unit(network_id=network.id, name=name, kind=kind)
    session.add(unit)
    await session.flush()
    return unit


async def make_member(
    session: Session, network: Network, name: str, role: str, *, unit: Unit | None = None, person: Person | None = None, **given: Any
) -> Membership:
    """A member with relationships set; a person is made from the name unless given."""
    email = f"{name.split()[0].lower()}.{network.slug}@example.se"
    person = person or await add_person(session, name=name, email=email)
    membership = Membership(
        network_id=network.id, person_id=person.id, unit_id=unit.id if unit else None, role=role, **{"starts_on": LONG_AGO, **given}
    )
    membership.network, membership.person, membership.unit = network, person, unit
    session.add(membership)
    await session.flush()
    return membership


async def make_cast(session: Session) -> Cast:
    network = await make_network(session)
    elsewhere = await make_network(session, slug="vitby", name="Vitby nätverk")
    school = await make_unit(session, network, "Bildning")
    housing = await make_unit(session, network, "Granby Bostäder AB", "municipal_company")
    themes = [Theme(network_id=network.id, name=name, position=n) for n, name in enumerate(("Klimat", "Teknik", "Unga"))]
    session.add_all(themes)
    await session.flush()
    return Cast(
        network=network,
        school=school,
        housing=housing,
        themes=themes,
        coordinator=await make_member(session, network, "Ingela Rask", Role.coordinator),
        contact=await make_member(session, network, "Maja Lindqvist", Role.contact, unit=school),
        deputy=await make_member(session, network, "Tomas Ekvall", Role.deputy, unit=housing),
        head=await make_member(session, network, "Bengt Sjöholm", Role.head, unit=housing),
        reader=await make_member(session, network, "Sirkka Laine", Role.reader),
        registrar=await make_member(session, network, "Yvonne Adell", Role.registrar),
        guest=await make_member(session, network, "Pelle Öhrn", Role.guest),
        admin=await make_member(session, network, "Zainab Warsame", Role.admin),
        outsider=await make_member(session, elsewhere, "Olle Utter", Role.coordinator),
    )

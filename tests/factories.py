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
CONTACT = "eu@granby.example"


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
    network = Network(slug=slug, name=name, municipality="Granby kommun", created_at=clock.now(), **{"contact": CONTACT} | given)
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
    person = person or await add_person(session, name=name, email=address_of(name, network))
    membership = a_member(network, person, role, unit=unit, **given)
    session.add(membership)
    await session.flush()
    return membership


def a_member(network: Network, person: Person, role: str, *, unit: Unit | None = None, **given: Any) -> Membership:
    membership = Membership(network_id=network.id, unit_id=unit.id if unit else None, role=role, **{"starts_on": LONG_AGO, **given})
    membership.network, membership.person, membership.unit = network, person, unit
    return membership


def address_of(name: str, network: Network) -> str:
    return f"{name.split()[0].lower()}.{network.slug}@example.se"


async def make_cast(session: Session) -> Cast:
    """Written table by table, since nearly every test begins with it."""
    moment = clock.now()
    network, elsewhere = (
        Network(slug=slug, name=name, municipality="Granby kommun", contact=CONTACT, created_at=moment)
        for slug, name in (("granby", "Granby nätverk"), ("vitby", "Vitby nätverk"))
    )
    session.add_all([network, elsewhere])
    await session.flush()
    school = Unit(network_id=network.id, name="Bildning", kind="department")
    housing = Unit(network_id=network.id, name="Granby Bostäder AB", kind="municipal_company")
    themes = [Theme(network_id=network.id, name=name, position=n) for n, name in enumerate(("Klimat", "Teknik", "Unga"))]
    session.add_all([school, housing, *themes])
    await session.flush()

    def member(name: str, role: str, *, of: Network = network, unit: Unit | None = None) -> Membership:
        return a_member(of, Person(name=name, email=address_of(name, of), locale="sv", created_at=moment), role, unit=unit)

    members = {
        "coordinator": member("Ingela Rask", Role.coordinator),
        "contact": member("Maja Lindqvist", Role.contact, unit=school),
        "deputy": member("Tomas Ekvall", Role.deputy, unit=housing),
        "head": member("Bengt Sjöholm", Role.head, unit=housing),
        "reader": member("Sirkka Laine", Role.reader),
        "registrar": member("Yvonne Adell", Role.registrar),
        "guest": member("Pelle Öhrn", Role.guest),
        "admin": member("Zainab Warsame", Role.admin),
        "outsider": member("Olle Utter", Role.coordinator, of=elsewhere),
    }
    session.add_all(members.values())
    await session.flush()
    return Cast(network=network, school=school, housing=housing, themes=themes, **members)

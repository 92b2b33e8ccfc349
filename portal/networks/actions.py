"""Founding a network and changing its settings; and how every write of its administration begins."""

from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.accounts.actions import add_person
from portal.accounts.models import Person
from portal.accounts.queries import person_by_email
from portal.activity import actions as activity
from portal.db import Session, lock_name
from portal.fields import sentence
from portal.networks.access import Role
from portal.networks.models import FoundingForm, Membership, Network, NetworkForm, Theme
from portal.web import Conflict, Forbidden, Refused, _, _l, check_version, held_in

RESERVED = set(
    """accessibility administer answers api assets calendar contact cookies dev demo favicon health home invitations kept language live
    login logout mail me metrics network networks oidc password portal privacy public robots search sign-in sign-out sitemap static
    styleguide theme well-known""".split()  # noqa: SIM905
)
FIRST_THEMES = ("Globalisering", "Demografi", "Klimat", "Teknik", "Värderingar", "Näringsliv", "Unga")


async def found_network(
    session: Session, *, name: str, slug: str, municipality: str, coordinator_name: str, coordinator_email: str
) -> Membership:
    """A new network with its first coordinator and the five driving forces as themes. Refused or Conflict in one sentence."""
    form = _founding(
        name=name, slug=slug, municipality=municipality, coordinator_name=coordinator_name, coordinator_email=coordinator_email
    )
    await lock_name(session, f"network:{form.slug}")
    if await session.scalar(select(col(Network.id)).where(col(Network.slug) == form.slug)) is not None:
        raise Conflict(_l("Adressen används redan av ett annat nätverk."))
    network = Network(slug=form.slug, name=form.name, municipality=form.municipality, created_at=clock.now())
    session.add(network)
    await session.flush()
    session.add_all(Theme(network_id=network.id, name=theme, position=place) for place, theme in enumerate(FIRST_THEMES))
    person = await person_at(session, email=form.coordinator_email, name=form.coordinator_name, locale=network.language)
    membership = await seat(session, network, person, role=Role.coordinator)
    activity.record(session, verb="network.founded", by=membership)
    return membership


def _founding(**given: str) -> FoundingForm:
    try:
        form = FoundingForm.model_validate(given)
    except ValidationError as failure:
        wrong = failure.errors(include_url=False)[0]
        raise Refused(f"{wrong['loc'][0]}: {sentence(wrong, translate=_)}", status=422) from failure
    if form.slug in RESERVED:
        raise Refused(_l("Adressen är upptagen av portalens egna sidor. Välj en annan."), status=422)
    return form


async def person_at(session: Session, *, email: str, name: str, locale: str) -> Person:
    """Who has the address; a new person called `name` who reads `locale` if nobody has. Two at once make one."""
    await lock_name(session, f"person:{email.lower()}")
    return await person_by_email(session, email) or await add_person(session, name=name, email=email, locale=locale)


async def seat(session: Session, network: Network, person: Person, *, role: str, **given: Any) -> Membership:
    """A new membership from today on, or as `given` says, with its network and person at hand."""
    values: dict[str, Any] = {"network_id": network.id, "person_id": person.id, "role": role, "starts_on": clock.today()}
    membership = Membership(**values | given)
    session.add(membership)
    await session.flush()
    await session.refresh(membership, ["network", "person", "unit"])
    return membership


async def administer(session: Session, by: Membership) -> None:
    """How every administrative write begins: one at a time in a network, and with the rights of this very moment."""
    await lock_network(session, by)
    if not by.can("network:administer"):
        raise Forbidden


async def lock_network(session: Session, by: Membership) -> None:
    """Wait for other administrative writes in the network; then read anew what `by` may do, which they may have changed."""
    await lock_network_of(session, by.network_id)
    await session.refresh(by, ["role", "unit_id", "starts_on", "ends_on"])
    if not by.lasts(clock.today()):
        raise Forbidden


async def lock_network_of(session: Session, network_id: int) -> None:
    """Wait for other administrative writes in the network (those who only point at it need not wait)."""
    await session.execute(select(col(Network.id)).where(col(Network.id) == network_id).with_for_update(key_share=True))


async def change_settings(session: Session, *, by: Membership, form: NetworkForm, version: str = "") -> None:
    """New settings and words for the whole network. Changed if they are no longer those of `version`."""
    await administer(session, by)
    network = by.network
    await session.refresh(network, list(NetworkForm.model_fields))
    check_version(version, held_in(network, NetworkForm))
    changed = [name for name, value in form if getattr(network, name) != value]
    for name in changed:
        setattr(network, name, getattr(form, name))
    if changed:
        activity.record(session, verb="network.changed", by=by, fields=changed)
    await session.flush()

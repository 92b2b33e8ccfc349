"""Deputies: who stands in for whoever answers for a unit, from a day to a day."""

from datetime import date, timedelta

from portal import clock
from portal.activity import actions as activity
from portal.db import Session
from portal.live import access_changed
from portal.networks import invitations
from portal.networks.access import Role
from portal.networks.actions import lock_network, seat
from portal.networks.members import check_apart
from portal.networks.models import DeputyForm, Invitation, InvitationForm, Membership, Unit
from portal.networks.queries import member, members, units
from portal.networks.units import open_unit
from portal.networks.wrong import Wrong
from portal.web import Conflict, Forbidden, NotFound, _l


def may_name_for(by: Membership, unit_id: int | None) -> bool:
    """Whether `by` may name and end deputies of the unit: her own, or any for who administers the network."""
    if by.can("network:administer"):
        return True
    return by.can("deputy:name") and unit_id is not None and unit_id == by.unit_id


async def name_deputy(session: Session, *, by: Membership, form: DeputyForm, address: str) -> Membership | Invitation:
    """Let a member stand in for the unit, or invite somebody new to (with a link below `address`)."""
    await lock_network(session, by)
    unit = await open_unit(session, by, form.unit_id if by.can("network:administer") else by.unit_id)
    if unit is None:
        raise Wrong("unit_id", _l("Välj vilken enhet det gäller."))
    if not may_name_for(by, unit.id):
        raise Forbidden
    if form.member_id is not None:
        return await _seat_member(session, unit, by=by, form=form)
    return await _invite(session, unit, by=by, form=form, address=address)


async def _seat_member(session: Session, unit: Unit, *, by: Membership, form: DeputyForm) -> Membership:
    chosen = next((each for each in await candidates(session, by, unit.id) if each.id == form.member_id), None)
    if chosen is None:
        raise Wrong("member_id", _l("Välj någon som inte redan svarar för enheten."))
    await check_apart(session, chosen.person_id, unit.id, days=(form.starts_on, form.ends_on), field="starts_on")
    period = {"starts_on": max(form.starts_on, clock.today()), "ends_on": form.ends_on}
    deputy = await seat(session, by.network, chosen.person, role=Role.deputy, unit_id=unit.id, **period)
    activity.record(session, verb="deputy.named", by=by, member=deputy.id, unit=unit.id, name=unit.name)
    await access_changed(session, deputy.person_id)
    return deputy


async def _invite(session: Session, unit: Unit, *, by: Membership, form: DeputyForm, address: str) -> Invitation:
    invited = InvitationForm(name=form.name, email=form.email or "", role=Role.deputy, unit_id=unit.id)
    await invitations.check_is_new(session, by=by, form=invited)
    return await invitations.send(session, by=by, form=invited, address=address, starts_on=form.starts_on, ends_on=form.ends_on)


async def end_deputyship(session: Session, deputy: Membership, *, by: Membership) -> None:
    """The deputy answers no more from this moment."""
    await lock_network(session, by)
    await session.refresh(deputy, ["role", "unit_id", "starts_on", "ends_on"])
    if not may_name_for(by, deputy.unit_id):
        raise Forbidden
    if deputy.ends_on is not None and deputy.ends_on < clock.today():
        raise Conflict(_l("Uppdraget som ersättare är redan avslutat."))
    deputy.ends_on = _last_day(deputy)
    activity.record(session, verb="deputy.ended", by=by, member=deputy.id, unit=deputy.unit_id)
    await session.flush()
    await access_changed(session, deputy.person_id)


def _last_day(deputy: Membership) -> date:
    return min(deputy.starts_on, clock.today()) - timedelta(days=1)


async def deputy(session: Session, by: Membership, membership_id: int) -> Membership:
    """A deputy in the member's network; else NotFound."""
    found = await member(session, by, membership_id)
    if found.role != Role.deputy:
        raise NotFound
    return found


async def candidates(session: Session, by: Membership, unit_id: int | None) -> list[Membership]:
    """Members who may stand in for the unit: each person once, no guests, nobody who answers for it lastingly."""
    everyone = await members(session, by.network_id)
    settled = {each.person_id for each in everyone if each.unit_id == unit_id and each.role != Role.deputy}
    once: dict[int, Membership] = {}
    for each in everyone:
        if each.person_id not in settled and not each.is_guest:
            once.setdefault(each.person_id, each)
    return list(once.values())


async def units_of(session: Session, by: Membership) -> list[Unit]:
    """The units that `by` may name deputies for."""
    return [unit for unit in await units(session, by.network_id) if may_name_for(by, unit.id)]

"""Units: the departments, companies and associations that answer in the network."""

from sqlalchemy import func, select
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.db import Session
from portal.networks.actions import administer
from portal.networks.models import Membership, Unit, UnitForm
from portal.networks.queries import lasting, waiting_invitations
from portal.networks.wrong import Wrong
from portal.web import Conflict, NotFound, _l, check_version, held_in


async def unit(session: Session, by: Membership, unit_id: int) -> Unit:
    """A unit of the member's network, open or closed; else NotFound."""
    found = (await session.scalars(select(Unit).where(col(Unit.id) == unit_id, col(Unit.network_id) == by.network_id))).first()
    if found is None:
        raise NotFound
    return found


async def open_unit(session: Session, by: Membership, unit_id: int | None) -> Unit | None:
    """The unit that a form chose, if any. Wrong for one that is closed or of another network."""
    if unit_id is None:
        return None
    chosen = select(Unit).where(col(Unit.id) == unit_id, col(Unit.network_id) == by.network_id, col(Unit.closed_on).is_(None))
    found = (await session.scalars(chosen)).first()
    if found is None:
        raise Wrong("unit_id", _l("Välj ett av alternativen."))
    return found


async def add_unit(session: Session, *, by: Membership, form: UnitForm) -> Unit:
    """A new unit. Wrong if the name is taken."""
    await administer(session, by)
    await _check_name(session, by, form.name)
    added = Unit(network_id=by.network_id, name=form.name, kind=form.kind)
    session.add(added)
    await session.flush()
    activity.record(session, verb="unit.added", by=by, unit=added.id, name=added.name)
    return added


async def change_unit(session: Session, unit: Unit, *, by: Membership, form: UnitForm, version: str = "") -> None:
    """Rename the unit, or say that it is of another kind. Changed if it is no longer as in `version`."""
    await administer(session, by)
    await session.refresh(unit, ["name", "kind"])
    check_version(version, held_in(unit, UnitForm))
    await _check_name(session, by, form.name, but=unit.id)
    unit.name, unit.kind = form.name, form.kind
    activity.record(session, verb="unit.changed", by=by, unit=unit.id, name=unit.name)
    await session.flush()


async def close_unit(session: Session, unit: Unit, *, by: Membership) -> None:
    """The unit answers no more; what it has written stays. Conflict while somebody still answers for it."""
    await administer(session, by)
    await session.refresh(unit, ["closed_on"])
    if unit.closed_on is not None:
        raise Conflict(_l("Enheten är redan stängd."))
    today = clock.today()
    here = col(Membership.unit_id) == unit.id
    stays = lasting(today) | (col(Membership.starts_on) > today)
    if await session.scalar(select(func.count()).select_from(Membership).where(here, stays)):
        raise Conflict(_l("Någon hör fortfarande till enheten. Flytta eller avsluta medlemmarna först."))
    if any(each.unit_id == unit.id for each in await waiting_invitations(session, by.network_id)):
        raise Conflict(_l("En inbjudan till enheten väntar på svar. Dra tillbaka den först."))
    unit.closed_on = today
    activity.record(session, verb="unit.closed", by=by, unit=unit.id, name=unit.name)


async def reopen_unit(session: Session, unit: Unit, *, by: Membership) -> None:
    """A closed unit answers again."""
    await administer(session, by)
    await session.refresh(unit, ["closed_on"])
    if unit.closed_on is None:
        raise Conflict(_l("Enheten är redan öppen."))
    unit.closed_on = None
    activity.record(session, verb="unit.reopened", by=by, unit=unit.id, name=unit.name)


async def _check_name(session: Session, by: Membership, name: str, *, but: int | None = None) -> None:
    same = func.lower(col(Unit.name)) == name.lower()
    taken = (await session.scalars(select(Unit).where(same, col(Unit.network_id) == by.network_id, col(Unit.id) != (but or 0)))).first()
    if taken is not None and taken.closed_on is not None:
        raise Wrong("name", _l("En stängd enhet heter så. Öppna den igen i stället."))
    if taken is not None:
        raise Wrong("name", _l("Det finns redan en enhet som heter så."))

"""Who leads a working group may do more with what is the group's: what access.py says, as long as she leads it and is in it."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from portal import clock, words
from portal.db import Session
from portal.networks.access import LEADING
from portal.networks.group_models import GroupPlace, WorkingGroup
from portal.networks.groups import seated
from portal.networks.models import Membership
from portal.networks.queries import hold
from portal.web import Forbidden


def leads(by: Membership, group_id: SQLColumnExpression[int | None] | int) -> ColumnElement[bool]:
    """Where-clause: the member leads the group today, with this seat of hers in the network or with another."""
    group = aliased(WorkingGroup)
    lead = (col(group.id) == group_id, col(group.lead_id) == col(Membership.id), col(Membership.person_id) == by.person_id)
    inside = (col(GroupPlace.group_id) == col(group.id), col(GroupPlace.membership_id) == col(Membership.id), seated(clock.today()))
    return exists().where(*lead, *inside).correlate_except(group, GroupPlace, Membership)


async def led(session: Session, by: Membership) -> Sequence[WorkingGroup]:
    """The groups that go on and that the member leads, in the order of names."""
    if not by.can("group:lead"):
        return []
    found = await session.scalars(select(WorkingGroup).where(leads(by, col(WorkingGroup.id)), col(WorkingGroup.ended_on).is_(None)))
    return sorted(found, key=lambda each: words.sort_key(each.name))


async def is_lead(session: Session, by: Membership, group_id: int | None) -> bool:
    return group_id is not None and by.can("group:lead") and bool(await session.scalar(select(leads(by, group_id))))


async def may(session: Session, by: Membership, permission: str, group_id: int | None) -> bool:
    """Whether the member may do it with what is the group's (None: the whole network's): by her role, or because she leads it."""
    return by.can(permission) or (permission in LEADING and await is_lead(session, by, group_id))


async def holds(session: Session, by: Membership, permission: str, group_id: int | None) -> bool:
    """The same, and as true until the commit: what she is in the network stays, and who leads the group."""
    await hold(session, by)
    if group_id is not None and not by.can(permission):
        await session.execute(select(col(WorkingGroup.id)).where(col(WorkingGroup.id) == group_id).with_for_update(read=True))
    return await may(session, by, permission, group_id)


async def authorise(session: Session, by: Membership, permission: str, group_id: int | None) -> None:
    """How a write to what is the group's begins: Forbidden unless she may."""
    if not await holds(session, by, permission, group_id):
        raise Forbidden

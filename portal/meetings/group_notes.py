"""Who leads a working group writes the notes of its meetings, for as long as she leads it."""

from sqlalchemy import select
from sqlmodel import col

from portal.db import Session
from portal.drafting import actions as drafting
from portal.drafting.models import DraftText
from portal.meetings.models import Meeting
from portal.networks import groups
from portal.networks.group_models import GroupForm, GroupPlace, WorkingGroup
from portal.networks.models import Membership
from portal.networks.queries import hold


async def change(session: Session, group: WorkingGroup, *, by: Membership, form: GroupForm, version: str = "") -> None:
    """As groups.change; the notes that are open go over to the new lead."""
    before = await _lead_of(session, group, by=by)
    await groups.change(session, group, by=by, form=form, version=version)
    await _hand_over_notes(session, group, before)


async def let_out(session: Session, group: WorkingGroup, place: GroupPlace, *, by: Membership) -> None:
    """As groups.let_out; who led the group does not write its notes any more."""
    before = await _lead_of(session, group, by=by)
    await groups.let_out(session, group, place, by=by)
    await _hand_over_notes(session, group, before)


async def writing(session: Session, group: WorkingGroup | None) -> list[int]:
    """Who writes the notes of the group's meetings: its lead, or nobody in particular."""
    lead = await groups.lead_of(session, group) if group else None
    return [lead.id] if lead and lead.can("group:lead") else []


async def _lead_of(session: Session, group: WorkingGroup, *, by: Membership) -> int | None:
    """Who leads it now; until the commit nobody else changes that."""
    await hold(session, by)
    await session.refresh(group, ["lead_id"], with_for_update={"key_share": True})
    return group.lead_id


async def _hand_over_notes(session: Session, group: WorkingGroup, before: int | None) -> None:
    if before == group.lead_id:
        return
    wanted = select(DraftText).join(Meeting, col(Meeting.record_id) == col(DraftText.record_id))
    wanted = wanted.where(col(Meeting.group_id) == group.id, col(DraftText.purpose) == "notes", col(DraftText.locked_at).is_(None))
    for notes in (await session.scalars(wanted.order_by(col(DraftText.id)))).all():
        await drafting.unask(session, notes, memberships=[before] if before is not None else [])
        await drafting.ask(session, notes, memberships=await writing(session, group))

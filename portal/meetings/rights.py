"""What a member may do with one meeting: by her role in the network, or because she leads the working group that it is for."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlmodel import col

from portal.db import Session
from portal.meetings.models import Meeting
from portal.meetings.queries import meeting as readable_meeting
from portal.networks import groups, leading
from portal.networks.access import LEADING
from portal.networks.group_models import WorkingGroup
from portal.networks.models import Membership
from portal.web import Forbidden, identity


async def meeting_to(session: Session, membership: Membership, permission: str, number: str) -> Meeting:
    """The meeting of that number in an address, with which the member may do this; else NotFound, or Forbidden if she may read it."""
    meeting = await readable_meeting(session, membership, identity(number))
    if not await leading.may(session, membership, permission, meeting.group_id):
        raise Forbidden
    return meeting


async def may(session: Session, by: Membership, permission: str, meeting: Meeting) -> bool:
    return await leading.may(session, by, permission, meeting.group_id)


async def of(session: Session, membership: Membership, meeting: Meeting) -> Collection[str]:
    """Which of the rights that come with leading a group the member has to the meeting."""
    return LEADING if await leading.is_lead(session, membership, meeting.group_id) else {each for each in LEADING if membership.can(each)}


async def holds(session: Session, by: Membership, permission: str, meeting: Meeting) -> bool:
    """Whether the member may do this with the meeting, until the commit; a meeting that is another group's meanwhile is not hers."""
    if not await leading.holds(session, by, permission, meeting.group_id):
        return False
    return (
        by.can(permission)
        or await session.scalar(select(col(Meeting.group_id)).where(col(Meeting.record_id) == meeting.record_id)) == meeting.group_id
    )


async def authorise(session: Session, by: Membership, permission: str, meeting: Meeting) -> None:
    """How a write to a meeting begins: Forbidden unless she may."""
    if not await holds(session, by, permission, meeting):
        raise Forbidden


async def groups_to_plan_for(session: Session, membership: Membership) -> Sequence[WorkingGroup]:
    """The working groups whose meetings the member may plan; Forbidden for somebody who may plan none."""
    if membership.can("meeting:plan"):
        return await groups.groups(session, membership.network_id)
    found = await leading.led(session, membership)
    if not found:
        raise Forbidden
    return found


async def led(session: Session, membership: Membership) -> Collection[int]:
    """The meetings of the groups that the member leads."""
    if not membership.can("group:lead"):
        return set()
    return set(await session.scalars(select(col(Meeting.record_id)).where(leading.leads(membership, col(Meeting.group_id)))))

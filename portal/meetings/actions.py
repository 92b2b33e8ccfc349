"""Every write of meetings but answers: plan, change, summon, hold, finalise, cancel."""

from collections.abc import Collection
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.comments.actions import open_thread
from portal.db import Session
from portal.drafting import actions as drafting
from portal.live import signal
from portal.meetings import changes, group_notes, letters, queries, summons
from portal.meetings.minutes_document import notes_text
from portal.meetings.models import Attendance, CancelForm, ForWhomForm, Meeting, MeetingForm, State
from portal.meetings.queries import is_for, seats
from portal.meetings.rights import authorise
from portal.networks import groups, leading
from portal.networks.access import Role
from portal.networks.group_models import WorkingGroup
from portal.networks.models import Membership
from portal.networks.queries import members
from portal.networks.wrong import Wrong
from portal.records import actions as records
from portal.web import Conflict, Forbidden, _l, check_version

WHEN_AND_WHERE = ("starts_at", "ends_at", "place", "online_url")
CALENDAR_FIELDS = (*WHEN_AND_WHERE, "purpose")


async def plan(
    session: Session, *, by: Membership, form: MeetingForm, group: WorkingGroup | None = None, series_id: int | None = None
) -> Meeting:
    """A new meeting, of the whole network or of a working group, with its thread and empty notes. Who leads the group may write them."""
    await leading.authorise(session, by, "meeting:plan", group.id if group else None)
    if group is not None:
        await groups.hold_open(session, group)
    record = await records.register(session, by=by, kind="meeting", title=form.title, folder="meetings")
    moment = clock.now()
    meeting = Meeting(
        record_id=record.id,
        starts_at=form.starts_at,
        ends_at=form.ends_at,
        place=form.place,
        online_url=form.online_url,
        purpose=form.purpose,
        announced=form.announced and by.can("meeting:plan"),
        group_id=group.id if group else None,
        series_id=series_id,
        uid=f"{uuid4()}@portal",
        created_at=moment,
        changed_at=moment,
    )
    meeting.record, meeting.group = record, group
    session.add(meeting)
    await session.flush()
    await open_thread(session, record)
    notes = await drafting.begin(session, record, by=by, purpose="notes")
    await drafting.ask(session, notes, memberships=await group_notes.writing(session, group))
    await records.index(session, record, body=f"{form.place}\n{form.purpose}")
    activity.record(session, verb="meeting.planned", by=by, record=record)
    await signal(session, by.network_id, "meetings")
    return meeting


async def change(session: Session, meeting: Meeting, *, by: Membership, form: MeetingForm, version: str = "") -> None:
    """New time, place or title, or another group (ForWhomForm). Changed if they are no longer those of `version`. What a calendar shows
    raises the sequence; those who were summoned are told."""
    await authorise(session, by, "meeting:plan", meeting)
    given = form if isinstance(form, ForWhomForm) and form.group_id != meeting.group_id else None
    if given is not None:
        await groups.hold_groups(session, meeting.group_id, given.group_id)
    await records.lock(session, meeting.record, meeting)
    if not meeting.is_open:
        raise Conflict(_l("Träffen är hållen eller inställd och kan inte ändras."))
    check_version(version, meeting.values())
    if given is not None:
        await _give(session, meeting, await groups.open_group(session, by, given.group_id), by=by)
    before = meeting.starts_at
    new = {name: getattr(form, name) for name in CALENDAR_FIELDS}
    if by.can("meeting:plan"):  # what stands in the open calendar is the network's word, not a group's
        new["announced"] = form.announced
    changed = {name for name in new if getattr(meeting, name) != new[name]} | ({"title"} if meeting.record.title != form.title else set())
    for name, value in new.items():
        setattr(meeting, name, value)
    records.touch(meeting.record, by=by, title=form.title)
    if changed & {"title", *CALENDAR_FIELDS}:
        _raise_sequence(meeting)
        people = await summons.hearing(session, meeting, began=before)
        await summons.tell(session, meeting, letters.CHANGED, people=people, by=by)
        if changed & set(WHEN_AND_WHERE):
            await changes.spread(session, meeting, before=before, told=people, by=by)
    await records.index(session, meeting.record, body=f"{form.place}\n{form.purpose}")
    activity.record(session, verb="meeting.changed", by=by, record=meeting.record)
    await signal(session, by.network_id, "meetings")


async def _give(session: Session, meeting: Meeting, group: WorkingGroup | None, *, by: Membership) -> None:
    """The meeting is for others from now on, which the coordinator says while nobody is summoned. What the others had answered is gone."""
    if not by.can("meeting:plan"):
        raise Forbidden
    if group is not None:
        await groups.hold_open(session, group)
    if meeting.state != State.planned:
        raise Wrong("group_id", _l("Kallelsen är skickad. Ställ in träffen och planera en ny för dem som den ska vara för."))
    before = await session.get(WorkingGroup, meeting.group_id, populate_existing=True) if meeting.group_id is not None else None
    if (notes := await notes_text(session, meeting)) is not None:
        await drafting.unask(session, notes, memberships=await group_notes.writing(session, before))
        await drafting.ask(session, notes, memberships=await group_notes.writing(session, group))
    meeting.group_id, meeting.group = group.id if group else None, group
    await session.flush()
    answered = select(col(Membership.id)).join(Attendance, col(Attendance.membership_id) == col(Membership.id)).join(Meeting)
    others = answered.where(col(Meeting.record_id) == meeting.record_id, ~is_for(col(Membership.id)), col(Membership.role) != Role.guest)
    await session.execute(
        delete(Attendance).where(col(Attendance.meeting_id) == meeting.record_id, col(Attendance.membership_id).in_(others))
    )


async def summon(session: Session, meeting: Meeting, *, by: Membership) -> int:
    """Mail everyone whom it is for what, when and where, and guests whom it is shared with; how many are mailed."""
    await authorise(session, by, "meeting:summon", meeting)
    await records.lock(session, meeting.record, meeting)
    if meeting.state != State.planned:
        raise Conflict(_l("Kallelsen är redan skickad, eller så är träffen över."))
    if summons.is_over(meeting):
        raise Conflict(_l("Träffen har redan varit, så ingen kan kallas till den."))
    meeting.state = State.summoned
    count = await summons.tell(session, meeting, letters.SUMMONED, people=await summons.people(session, meeting), by=by)
    activity.record(session, verb="meeting.summoned", by=by, record=meeting.record, count=count)
    await signal(session, by.network_id, "meetings")
    return count


async def cancel(session: Session, meeting: Meeting, *, by: Membership, form: CancelForm) -> None:
    """The meeting will not be held; calendars show it as cancelled."""
    await authorise(session, by, "meeting:plan", meeting)
    await records.lock(session, meeting.record, meeting)
    if not meeting.is_open:
        raise Conflict(_l("Träffen är redan hållen eller inställd."))
    people = await summons.concerned(session, meeting)
    meeting.state, meeting.cancel_reason, meeting.cancelled_at = State.cancelled, form.reason, clock.now()
    _raise_sequence(meeting)
    await summons.tell(session, meeting, letters.CANCELLED, people=people, by=by)
    await changes.spread(session, meeting, before=meeting.starts_at, told=people, by=by)
    records.touch(meeting.record, by=by)
    activity.record(session, verb="meeting.cancelled", by=by, record=meeting.record)
    await signal(session, by.network_id, "meetings")


async def hold(session: Session, meeting: Meeting, *, by: Membership) -> None:
    """The meeting has been held; what is left is its notes."""
    await authorise(session, by, "meeting:plan", meeting)
    await records.lock(session, meeting.record, meeting)
    if not meeting.is_open:
        raise Conflict(_l("Träffen är redan hållen eller inställd."))
    meeting.state = State.held
    records.touch(meeting.record, by=by)
    activity.record(session, verb="meeting.held", by=by, record=meeting.record)
    await signal(session, by.network_id, "meetings")


async def record_presence(
    session: Session, meeting: Meeting, *, by: Membership, present: Collection[int], shown: Collection[int] = frozenset()
) -> None:
    """Who was there: `present` are membership ids of the network, `shown` those that stood as present when `by` began to tick. Only what
    she changed is changed; of whom nothing was known, the meeting being for them, it is known now that they were not there."""
    await authorise(session, by, "attendance:record", meeting)
    await records.lock(session, meeting.record, meeting)
    if meeting.state in (State.cancelled, State.finalised):
        raise Conflict(_l("Närvaron kan inte ändras längre."))
    unknown = {each.membership.id for each in await seats(session, meeting)} - await queries.marked(session, meeting)
    for each in await members(session, by.network_id, day=clock.local(meeting.starts_at).date()):
        here = each.id in present
        if here != (each.id in shown) or each.id in unknown:
            await mark(session, meeting, each.id, present=here)
    activity.record(session, verb="attendance.recorded", by=by, record=meeting.record, count=len(present))
    await signal(session, by.network_id, "meetings")


async def mark(session: Session, meeting: Meeting, membership_id: int, **values: object) -> None:
    """Note something of one member's attendance; the meeting is held and the right to it asked before."""
    key = {"meeting_id": meeting.record_id, "membership_id": membership_id}
    await session.execute(insert(Attendance).values(**key, **values).on_conflict_do_update(index_elements=list(key), set_=values))


def _raise_sequence(meeting: Meeting) -> None:
    meeting.sequence += 1
    meeting.changed_at = clock.now()

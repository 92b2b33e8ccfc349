"""Action items (åtgärdspunkter): given at a meeting, open until somebody says they are done, first on the next agenda until then."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import aliased, contains_eager, joinedload
from sqlmodel import col

from portal import clock, words
from portal.activity import actions as activity
from portal.activity.models import Activity
from portal.clock import STOCKHOLM
from portal.db import Session
from portal.drafting import actions as drafting
from portal.drafting.models import DraftText
from portal.drafting.queries import is_author
from portal.live import signal
from portal.meetings import rights
from portal.meetings.models import AgendaItem, Meeting
from portal.meetings.record_models import ActionForm, ActionItem
from portal.networks.access import Role
from portal.networks.models import Membership
from portal.networks.queries import lasting, member
from portal.networks.wrong import Wrong
from portal.records import actions as records
from portal.records import deadlines, passages
from portal.records.deadlines import Moved
from portal.records.queries import readable
from portal.web import Conflict, Forbidden, NotFound, _l, check_version

RECENT = timedelta(days=60)
EDITED = ("action.changed", "action.closed", "action.reopened")
WITH_NAMES = (
    joinedload(ActionItem.owner).joinedload(Membership.person),  # type: ignore[arg-type]
    joinedload(ActionItem.unit),  # type: ignore[arg-type]
    joinedload(ActionItem.done_by),  # type: ignore[arg-type]
)


def _readable(membership: Membership) -> Select[ActionItem]:
    """Action items of meetings that the member may read, each with its source."""
    wanted = select(ActionItem).join(ActionItem.source).options(contains_eager(ActionItem.source), *WITH_NAMES)  # type: ignore[arg-type]
    return wanted.where(readable(membership))


async def of_meeting(session: Session, meeting: Meeting) -> Sequence[ActionItem]:
    """What the meeting has asked for, in the order in which it was written down."""
    wanted = select(ActionItem).options(*WITH_NAMES).where(col(ActionItem.meeting_id) == meeting.record_id)
    return (await session.scalars(wanted.order_by(col(ActionItem.id)))).unique().all()


async def one(session: Session, membership: Membership, number: int) -> ActionItem:
    """An action item of a meeting that this member may read; else NotFound."""
    found = (await session.scalars(_readable(membership).where(col(ActionItem.id) == number))).unique().first()
    if found is None:
        raise NotFound
    return found


async def listed(
    session: Session, membership: Membership, *, done: bool = False, mine: bool = False, left: bool = False
) -> Sequence[ActionItem]:
    """Open action items, those due first on top, or of them those that are `mine` or `left` with
    nobody; or those done in the last two months, the latest first."""
    wanted = _readable(membership)
    if left:
        wanted = wanted.where(_left())
    if mine:
        wanted = wanted.join(Membership, col(Membership.id) == col(ActionItem.owner_id)).where(
            col(Membership.person_id) == membership.person_id
        )
    if done:
        wanted = wanted.where(col(ActionItem.done_at) > clock.now() - RECENT).order_by(col(ActionItem.done_at).desc())
    else:
        wanted = wanted.where(col(ActionItem.done_at).is_(None)).order_by(col(ActionItem.due_on).nulls_last(), col(ActionItem.id))
    return (await session.scalars(wanted.limit(300))).unique().all()


async def adrift(session: Session, items: Collection[ActionItem]) -> set[int]:
    """The numbers of those that are open and wait for nobody: their owners have left, and have no other seat in the network."""
    today = clock.today()
    asked = [each.id for each in items if each.done_at is None and (each.owner.is_guest or not each.owner.lasts(today))]
    return set(await session.scalars(select(col(ActionItem.id)).where(col(ActionItem.id).in_(asked), _left()))) if asked else set()


def _left() -> ColumnElement[bool]:
    owner, seat = aliased(Membership), aliased(Membership)
    acts = select(1).join_from(owner, seat, (col(seat.person_id) == col(owner.person_id)) & (col(seat.network_id) == col(owner.network_id)))
    return ~acts.where(col(owner.id) == col(ActionItem.owner_id), lasting(clock.today(), seat), col(seat.role) != Role.guest).exists()


async def open_before(session: Session, membership: Membership, meeting: Meeting) -> Sequence[ActionItem]:
    """What is open since earlier meetings (those of its working group): what *Föregående träff* begins with."""
    earlier = select(col(Meeting.record_id)).where(col(Meeting.starts_at) < meeting.starts_at, col(Meeting.record_id) != meeting.record_id)
    if meeting.group_id is not None:
        earlier = earlier.where(col(Meeting.group_id) == meeting.group_id)
    wanted = _readable(membership).where(col(ActionItem.done_at).is_(None), col(ActionItem.meeting_id).in_(earlier))
    return (await session.scalars(wanted.order_by(col(ActionItem.due_on).nulls_last(), col(ActionItem.id)))).unique().all()


def by_unit(items: Sequence[ActionItem]) -> list[tuple[str, list[ActionItem]]]:
    """The items under the names of their units; those of no unit first, under ""."""
    ordered = sorted(items, key=lambda each: words.sort_key(each.unit.name if each.unit else ""))
    return [(name, list(group)) for name, group in groupby(ordered, key=lambda each: each.unit.name if each.unit else "")]


async def action_deadlines(session: Session, membership: Membership) -> Sequence[ActionItem]:
    """The member's own open action items that have a day: all-day deadlines for her calendar, the first first."""
    return [each for each in await listed(session, membership, mine=True) if each.due_on is not None]


async def edits(session: Session, items: Sequence[ActionItem]) -> dict[int, tuple[int, datetime]]:
    """By the item's number how often it has been changed since it was given, and when last: what calendars call its sequence."""
    number = col(Activity.data)["action"].as_integer()  # type: ignore[index]
    known = select(number, func.count(), func.max(col(Activity.at))).where(
        col(Activity.verb).in_(EDITED), number.in_([each.id for each in items])
    )
    found = await session.execute(known.where(col(Activity.record_id).in_({each.meeting_id for each in items})).group_by(number))
    return {each.id: (0, each.created_at) for each in items} | {number: (count, latest) for number, count, latest in found}


async def add(session: Session, meeting: Meeting, notes: DraftText, *, by: Membership, form: ActionForm) -> ActionItem:
    """The meeting asks a member to do something. Whoever writes the notes writes this too, until they are locked."""
    await drafting.require_author(session, notes, by=by)
    await records.lock(session, meeting.record, meeting)
    owner = await _owner(session, by, form.owner_id)
    if form.item_id is not None:
        item = await session.get(AgendaItem, form.item_id)
        if item is None or item.meeting_id != meeting.record_id:
            raise Wrong("item_id", _l("Välj ett av alternativen."))
    action = ActionItem(
        network_id=by.network_id,
        meeting_id=meeting.record_id,
        item_id=form.item_id,
        what=form.what,
        owner_id=owner.id,
        unit_id=owner.unit_id,
        due_on=form.due_on,
        created_by_id=by.person_id,
        created_at=clock.now(),
    )
    session.add(action)
    await session.flush()
    await passages.keep(session, action.meeting_id, "action_id", action.id, words=action.what)
    activity.record(session, verb="action.given", by=by, record=meeting.record, action=action.id)
    await _changed(session, by)
    return action


async def change(session: Session, action: ActionItem, notes: DraftText, *, by: Membership, form: ActionForm, version: str = "") -> None:
    """Another owner or day; other words only while the notes are open. Changed if they are no longer those of `version`."""
    is_lead = await _leads(session, action, by=by)
    notes = await drafting.hold_text(session, notes)
    await _lock(session, action)
    check_version(version, held_in_form(action))
    may_reword = notes.locked_at is None and await is_author(session, by, notes)
    if not (may_reword or is_lead):
        raise Forbidden
    if form.what != action.what and not may_reword:
        raise Wrong("what", _l("Anteckningarna är låsta: orden står fast, men du kan ändra vem och när."))
    if form.owner_id != action.owner_id:
        owner = await _owner(session, by, form.owner_id)
        action.owner_id, action.unit_id = owner.id, owner.unit_id
    before, action.what, action.due_on = action.due_on, form.what, form.due_on
    await passages.keep(session, action.meeting_id, "action_id", action.id, words=action.what)
    activity.record(session, verb="action.changed", by=by, record=action.source, action=action.id)
    await _changed(session, by)
    if action.done_at is None and before is not None and action.due_on is not None and before != action.due_on:
        await _moved(session, action, before, action.due_on, by=by)


async def _moved(session: Session, action: ActionItem, before: date, after: date, *, by: Membership) -> None:
    """Its owner is to do it by another day."""
    await session.flush()
    sequence, _changed_at = (await edits(session, [action]))[action.id]
    ends = [datetime.combine(day + timedelta(days=1), time(), STOCKHOLM) for day in (before, after)]
    owner = await session.get_one(Membership, action.owner_id)
    moved = Moved(name=action.closing, sequence=sequence, before=ends[0], after=ends[1], owner_id=owner.person_id, by_id=by.person_id)
    await deadlines.spread(session, action.source, moved)


async def close(session: Session, action: ActionItem, *, by: Membership) -> None:
    """It is done. That it was already is no reason to complain."""
    await _begin(session, action, by=by)
    if action.done_at is not None:
        return
    action.done_at, action.done_by_id = clock.now(), by.person_id
    activity.record(session, verb="action.closed", by=by, record=action.source, action=action.id)
    await _changed(session, by)


async def reopen(session: Session, action: ActionItem, *, by: Membership) -> None:
    """It was not done after all."""
    await _begin(session, action, by=by)
    if action.done_at is None:
        return
    action.done_at = action.done_by_id = None
    activity.record(session, verb="action.reopened", by=by, record=action.source, action=action.id)
    await _changed(session, by)


async def remove(session: Session, action: ActionItem, notes: DraftText, *, by: Membership) -> None:
    """Written down by mistake: gone, as long as the notes are open."""
    await drafting.require_author(session, notes, by=by)
    await _lock(session, action)
    activity.record(session, verb="action.removed", by=by, record=action.source)
    await session.delete(action)
    await _changed(session, by)


async def hand_over(session: Session, leaving: Membership, successor: Membership, by: Membership) -> int:
    """Open action items of `leaving` are the successor's, and her unit's; how many."""
    theirs = (col(ActionItem.owner_id) == leaving.id) & col(ActionItem.done_at).is_(None)
    moved = await session.execute(
        update(ActionItem)
        .where(theirs)
        .values(owner_id=successor.id, unit_id=successor.unit_id)
        .returning(col(ActionItem.id))
        .execution_options(synchronize_session=False)
    )
    count = len(moved.all())
    if count:
        await _changed(session, by)
    return count


def held_in_form(action: ActionItem) -> dict[str, Any]:
    """As the form for changing it is filled."""
    return {"what": action.what, "owner_id": action.owner_id, "due_on": action.due_on}


def closing(membership: Membership, led: Collection[int]) -> Callable[[ActionItem], bool]:
    """For templates, the same as `close` asks: whether the member may close an action item, if these meetings are her groups'."""
    if membership.is_guest:
        return lambda action: False
    return lambda action: membership.can("minutes:write") or action.owner.person_id == membership.person_id or action.meeting_id in led


async def _begin(session: Session, action: ActionItem, *, by: Membership) -> None:
    """For its owner and for who leads the network, or the working group whose meeting it is from."""
    is_lead = await _leads(session, action, by=by)
    await _lock(session, action)
    if by.is_guest or not (is_lead or action.owner.person_id == by.person_id):
        raise Forbidden


async def _leads(session: Session, action: ActionItem, *, by: Membership) -> bool:
    return await rights.holds(session, by, "minutes:write", await session.get_one(Meeting, action.meeting_id))


async def _lock(session: Session, action: ActionItem) -> None:
    """Held until the commit, as it is now. NotFound if it is gone, Conflict if it has another owner meanwhile."""
    wanted = select(col(ActionItem.owner_id)).where(col(ActionItem.id) == action.id)
    owner = await session.scalar(wanted.with_for_update(key_share=True))
    if owner is None:
        raise NotFound
    if owner != action.owner.id:
        raise Conflict
    await session.refresh(action, ["what", "due_on", "done_at"])


async def _owner(session: Session, by: Membership, number: int) -> Membership:
    """A member of today, no guest; else Wrong."""
    try:
        owner = await member(session, by, number)
    except NotFound:
        raise Wrong("owner_id", _l("Välj ett av alternativen.")) from None
    if owner.is_guest or not owner.lasts(clock.today()):
        raise Wrong("owner_id", _l("Välj ett av alternativen."))
    return owner


async def _changed(session: Session, by: Membership) -> None:
    await session.flush()
    await signal(session, by.network_id, "meetings")

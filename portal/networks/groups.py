"""Working groups: what there is, who is in them, and every write of theirs. Who leaves the network has left its groups."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, func, or_, select, update
from sqlalchemy.orm import aliased, joinedload
from sqlmodel import col

from portal import clock, words
from portal.activity import actions as activity
from portal.db import Session, lock_name
from portal.live import signal
from portal.networks.access import Role
from portal.networks.group_models import GroupForm, GroupPlace, GroupPlaceForm, WorkingGroup
from portal.networks.models import Membership
from portal.networks.queries import Day, authorise, lasting, members
from portal.networks.wrong import Wrong
from portal.web import Conflict, NotFound, _l, check_version, held_in

MOST = 40
ENDED = _l("Arbetsgruppen är avslutad.")


async def group(session: Session, by: Membership, number: int) -> WorkingGroup:
    """A group of the member's network, going on or ended; else NotFound, as for guests, who see none."""
    found = await session.get(WorkingGroup, number)
    if found is None or found.network_id != by.network_id or by.is_guest:
        raise NotFound
    return found


async def groups(session: Session, network_id: int, *, ended: bool = False) -> Sequence[WorkingGroup]:
    """Those that go on, in the order of names; or those that have ended."""
    is_over = col(WorkingGroup.ended_on).is_not(None)
    found = await session.scalars(select(WorkingGroup).where(col(WorkingGroup.network_id) == network_id, is_over if ended else ~is_over))
    return sorted(found, key=lambda each: words.sort_key(each.name))


async def all_groups(session: Session, network_id: int) -> Sequence[WorkingGroup]:
    """Every group that there is or has been, those that go on first."""
    return [*await groups(session, network_id), *await groups(session, network_id, ended=True)]


async def open_group(session: Session, by: Membership, number: int | None) -> WorkingGroup | None:
    """The group that a form chose, if any. Wrong for one that has ended or is another network's."""
    if number is None:
        return None
    found = next((each for each in await groups(session, by.network_id) if each.id == number), None)
    if found is None:
        raise Wrong("group_id", _l("Välj ett av alternativen."))
    return found


async def places(session: Session, group_ids: Sequence[int], *, day: date | None = None) -> dict[int, list[GroupPlace]]:
    """Who is in each of the groups on `day` (today), in the order of names; a place in the network of today or of that day."""
    whole = joinedload(GroupPlace.membership).options(joinedload(Membership.person), joinedload(Membership.unit))  # type: ignore[arg-type]
    wanted = select(GroupPlace).join(GroupPlace.membership).options(whole)  # type: ignore[arg-type]
    found = await session.scalars(wanted.where(col(GroupPlace.group_id).in_(group_ids), seated(day or clock.today())))
    known: dict[int, list[GroupPlace]] = {each: [] for each in group_ids}
    for each in sorted(found.unique(), key=lambda each: words.sort_key(each.membership.person.name)):
        known[each.group_id].append(each)
    return known


async def people_in(session: Session, group_id: int) -> set[int]:
    """The persons who are in the group today."""
    wanted = select(col(Membership.person_id)).join(GroupPlace, col(GroupPlace.membership_id) == col(Membership.id))
    return set(await session.scalars(wanted.where(col(GroupPlace.group_id) == group_id, seated(clock.today()))))


async def lead_of(session: Session, group: WorkingGroup) -> Membership | None:
    """Who leads the group, as long as she is in it."""
    inside = (await places(session, [group.id]))[group.id]
    return next((each.membership for each in inside if each.membership_id == group.lead_id), None)


async def comers(session: Session, group_id: int, *, day: date) -> list[Membership]:
    """Who comes to the group's meetings on the day: those in it, and the deputies of their units, in the order of names."""
    seat = aliased(Membership)
    wanted = select(seat).options(joinedload(seat.person), joinedload(seat.unit)).join(Membership, _comes(seat, Membership, day))  # type: ignore[arg-type]
    wanted = wanted.join(GroupPlace, col(GroupPlace.membership_id) == col(Membership.id)).where(
        col(GroupPlace.group_id) == group_id, seated(day)
    )
    return sorted((await session.scalars(wanted)).unique(), key=lambda each: words.sort_key(each.person.name))


def is_in(membership_id: SQLColumnExpression[int] | int, group_id: SQLColumnExpression[int | None], day: Day) -> ColumnElement[bool]:
    """Where-clause: the member comes to the group's meetings on the day, with this seat of hers in the network or with another."""
    given, seat, holder = aliased(Membership), aliased(Membership), aliased(Membership)
    return (
        exists()
        .where(
            col(GroupPlace.group_id) == group_id,
            col(GroupPlace.membership_id) == col(holder.id),
            seated(day, holder),
            _comes(seat, holder, day),
        )
        .where(col(given.id) == membership_id, col(given.person_id) == col(seat.person_id))
        .correlate_except(GroupPlace, given, seat, holder)
    )


def _comes(seat: type[Membership], holder: type[Membership], day: Day) -> ColumnElement[bool]:
    """Where-clause: the seat is the one that has the place, or stands in for its unit."""
    stands_in = and_(
        col(seat.role) == Role.deputy, col(seat.unit_id) == col(holder.unit_id), col(holder.role) != Role.deputy, lasting(day, seat)
    )
    return or_(col(seat.id) == col(holder.id), stands_in)


def seated(day: Day, holder: type[Membership] = Membership) -> ColumnElement[bool]:
    """Where-clause on GroupPlace and its Membership: both last on the day, and it is no guest's."""
    in_group = and_(col(GroupPlace.starts_on) <= day, or_(col(GroupPlace.ends_on).is_(None), col(GroupPlace.ends_on) >= day))
    return and_(in_group, lasting(day, holder), col(holder.role) != Role.guest)


async def add(session: Session, *, by: Membership, form: GroupForm) -> WorkingGroup:
    """A new group; who leads it is in it. Wrong if the name is taken."""
    await authorise(session, by, "group:manage")
    await _check_name(session, by, form.name)
    if len(await groups(session, by.network_id)) >= MOST:
        raise Conflict(_l("Nätverket har redan 40 arbetsgrupper. Avsluta någon först."))
    added = WorkingGroup(network_id=by.network_id, name=form.name, purpose=form.purpose)
    session.add(added)
    await session.flush()
    await _lead(session, added, by=by, lead_id=form.lead_id)
    await _changed(session, added, by=by, verb="group.added")
    return added


async def change(session: Session, group: WorkingGroup, *, by: Membership, form: GroupForm, version: str = "") -> None:
    """Another name, purpose or lead. Changed if they are no longer those of `version`."""
    await _begin(session, group, by=by)
    check_version(version, held_in(group, GroupForm))
    await _check_name(session, by, form.name, but=group.id)
    await _lead(session, group, by=by, lead_id=form.lead_id)
    group.name, group.purpose = form.name, form.purpose
    await _changed(session, group, by=by, verb="group.changed")


async def end(session: Session, group: WorkingGroup, *, by: Membership) -> None:
    """The group meets no more. Meetings that are planned stand until they are cancelled, and concern the same people."""
    await _begin(session, group, by=by)
    group.ended_on = clock.today()
    await _changed(session, group, by=by, verb="group.ended")


async def reopen(session: Session, group: WorkingGroup, *, by: Membership) -> None:
    """A group that has ended goes on, with those who were in it and still are in the network."""
    await authorise(session, by, "group:manage")
    await session.refresh(group, with_for_update={"key_share": True})
    if group.ended_on is None:
        raise Conflict(_l("Arbetsgruppen är redan öppen."))
    group.ended_on = None
    await _changed(session, group, by=by, verb="group.reopened")


async def let_in(session: Session, group: WorkingGroup, *, by: Membership, form: GroupPlaceForm) -> Membership:
    """A member of the network comes into the group today. Wrong for anybody else, and for who is in it already."""
    await _begin(session, group, by=by)
    member = next((each for each in await candidates(session, group) if each.id == form.member_id), None)
    if member is None:
        raise Wrong("member_id", _l("Välj någon i nätverket som inte redan är med."))
    await _seat(session, group, member)
    await _changed(session, group, by=by, verb="group.joined")
    return member


async def let_out(session: Session, group: WorkingGroup, place: GroupPlace, *, by: Membership) -> None:
    """The member is out of the group from this moment; if she led it, nobody does."""
    await _begin(session, group, by=by)
    await session.refresh(place, ["ends_on"])
    if place.ends_on is not None:
        raise Conflict(_l("Personen är redan borta från arbetsgruppen."))
    place.ends_on = clock.today() - timedelta(days=1)
    if group.lead_id == place.membership_id:
        group.lead_id = None
    await _changed(session, group, by=by, verb="group.left")


async def place(session: Session, group: WorkingGroup, number: int) -> GroupPlace:
    """A place in the group, with its member; else NotFound."""
    found = await session.get(GroupPlace, number, options=[joinedload(GroupPlace.membership).joinedload(Membership.person)])  # type: ignore[arg-type]
    if found is None or found.group_id != group.id:
        raise NotFound
    return found


async def candidates(session: Session, group: WorkingGroup) -> list[Membership]:
    """Who can come in: the network's members of today, a person once, but no guests and nobody who is in it."""
    inside = await people_in(session, group.id)
    once = {each.person_id: each for each in reversed(await members(session, group.network_id)) if not each.is_guest}
    return [each for each in reversed(once.values()) if each.person_id not in inside]


async def hold_groups(session: Session, *group_ids: int | None) -> None:
    """Whoever acts as the lead of one of the groups, or plans for it, has done so, or waits until the commit."""
    held = select(col(WorkingGroup.id)).where(col(WorkingGroup.id).in_(set(filter(None, group_ids)))).order_by(col(WorkingGroup.id))
    await session.execute(held.with_for_update(key_share=True))


async def hold_open(session: Session, group: WorkingGroup) -> None:
    """The group as it is now, and until the commit: who leads it stays, and that it goes on. Conflict if it has ended."""
    await session.refresh(group, with_for_update={"read": True})
    if group.ended_on is not None:
        raise Conflict(ENDED)


async def hand_over(session: Session, leaving: Membership, successor: Membership, by: Membership) -> int:
    """The successor takes the places of `leaving` in the groups that go on, and leads those that `leaving` led; how many groups."""
    theirs = select(WorkingGroup).join(GroupPlace, col(GroupPlace.group_id) == col(WorkingGroup.id))
    theirs = theirs.where(
        col(GroupPlace.membership_id) == leaving.id, col(GroupPlace.ends_on).is_(None), col(WorkingGroup.ended_on).is_(None)
    )
    found = (await session.scalars(theirs.order_by(col(WorkingGroup.id)).with_for_update(key_share=True, of=WorkingGroup))).all()
    for group in found:
        if successor.person_id not in await people_in(session, group.id):
            await _seat(session, group, successor)
        if group.lead_id == leaving.id:
            group.lead_id = successor.id if successor.can("group:lead") else None
    ended = (col(GroupPlace.membership_id) == leaving.id, col(GroupPlace.ends_on).is_(None))
    await session.execute(
        update(GroupPlace).where(*ended).values(ends_on=clock.today() - timedelta(days=1)).execution_options(synchronize_session=False)
    )
    if found:
        await signal(session, by.network_id, "meetings")
    return len(found)


async def _lead(session: Session, group: WorkingGroup, *, by: Membership, lead_id: int | None) -> None:
    """The member leads the group, and comes into it if she is not there. Wrong for nobody's number, and for who may only read."""
    if lead_id is None or lead_id == group.lead_id:
        group.lead_id = lead_id
        return
    member = next((each for each in await members(session, by.network_id) if each.id == lead_id and each.can("group:lead")), None)
    if member is None:
        raise Wrong("lead_id", _l("Välj ett av alternativen."))
    if member.person_id not in await people_in(session, group.id):
        await _seat(session, group, member)
    group.lead_id = member.id


async def _seat(session: Session, group: WorkingGroup, member: Membership) -> None:
    session.add(GroupPlace(group_id=group.id, membership_id=member.id, starts_on=clock.today()))
    await session.flush()


async def _check_name(session: Session, by: Membership, name: str, *, but: int | None = None) -> None:
    await lock_name(session, f"groups:{by.network_id}")
    same = (
        func.lower(col(WorkingGroup.name)) == name.lower(),
        col(WorkingGroup.network_id) == by.network_id,
        col(WorkingGroup.id) != (but or 0),
    )
    taken = (await session.scalars(select(WorkingGroup).where(*same))).first()
    if taken is not None and taken.ended_on is not None:
        raise Wrong("name", _l("En avslutad arbetsgrupp heter så. Öppna den igen i stället."))
    if taken is not None:
        raise Wrong("name", _l("Det finns redan en arbetsgrupp som heter så."))


async def _begin(session: Session, group: WorkingGroup, *, by: Membership) -> None:
    """How a change begins: with the rights of this moment, and the group as it is now, held until the commit."""
    await authorise(session, by, "group:manage")
    await session.refresh(group, with_for_update={"key_share": True})
    if group.ended_on is not None:
        raise Conflict(ENDED)


async def _changed(session: Session, group: WorkingGroup, *, by: Membership, verb: str) -> None:
    await session.flush()
    activity.record(session, verb=verb, by=by, group=group.id, name=group.name)
    await signal(session, by.network_id, "meetings")

"""What happens to a membership: another seat, an end, a successor."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from portal import clock, words
from portal.accounts.models import Person
from portal.activity import actions as activity
from portal.db import Session
from portal.live import access_changed
from portal.networks.access import Role, may_appoint
from portal.networks.actions import administer, lock_network_of
from portal.networks.handover import hand_over, see_out
from portal.networks.invitations import withdraw_all
from portal.networks.models import MemberForm, Membership
from portal.networks.queries import WHOLE, lasting, members
from portal.networks.units import open_unit
from portal.networks.wrong import Wrong
from portal.web import Conflict, Forbidden, _l, check_version, held_in

SEAT = ["role", "unit_id", "title", "starts_on", "ends_on", "successor_id"]


async def change_seat(session: Session, member: Membership, *, by: Membership, form: MemberForm, version: str = "") -> None:
    """Another role, unit, title or first day. Changed if they are no longer those of `version`.
    Conflict if the network would be left without a coordinator."""
    await begin(session, member, by=by)
    check_version(version, held_in(member, MemberForm))
    if form.role != member.role and not (may_appoint(by.role, form.role) and _may_change_role(member, by=by)):
        raise Forbidden
    unit = await open_unit(session, by, form.unit_id) if form.unit_id != member.unit_id else member.unit
    first = form.starts_on or member.starts_on
    await _check_begins(session, member, first)
    if form.role == Role.deputy and (form.role, form.unit_id, first) != (member.role, member.unit_id, member.starts_on):
        await check_apart(session, member.person_id, form.unit_id, days=(first, member.ends_on), field="starts_on", but=member)
    if form.role != Role.coordinator:
        await keep_a_coordinator(session, member)
    moved = first.isoformat() if first != member.starts_on else None
    activity.record(
        session, verb="member.changed", by=by, member=member.id, role=form.role, was=member.role, unit=form.unit_id, first=moved
    )
    member.role, member.title, member.unit, member.starts_on = form.role.value, form.title, unit, first
    await session.flush()
    await access_changed(session, member.person_id)


async def _check_begins(session: Session, member: Membership, first: date) -> None:
    """Wrong for a first day after the last one, for a later beginning of what has begun (who is in is shown out by an end alone), and for
    one that leaves what she is to take over with nobody."""
    if member.starts_on <= clock.today() < first:
        raise Wrong("starts_on", _l("Den som redan är med kan inte börja senare. Avsluta medlemskapet i stället."))
    if member.ends_on is not None and first > member.ends_on:
        raise Wrong("starts_on", _l("Första dagen kan inte ligga efter den sista."))
    last = select(func.min(Membership.ends_on)).where(col(Membership.successor_id) == member.id, col(Membership.ends_on) >= clock.today())
    handed_over_after: date | None = await session.scalar(last)
    if handed_over_after is not None and first > max(member.starts_on, handed_over_after + timedelta(days=1)):
        raise Wrong("starts_on", _l("Personen ska ta över efter någon som slutar innan dess. Ändra det avslutet först."))


async def check_apart(
    session: Session, person_id: int, unit_id: int | None, *, days: tuple[date, date | None], field: str, but: Membership | None = None
) -> None:
    """Wrong in `field` for a deputy of the unit from the first of the `days` to the last (for good where there is none), if she has another
    seat there than `but` on any of them: she would be counted twice."""
    first, last = days
    seats = select(col(Membership.id)).where(col(Membership.person_id) == person_id, col(Membership.unit_id) == unit_id)
    seats = seats.where(
        col(Membership.ends_on).is_(None) | (col(Membership.ends_on) >= first), col(Membership.starts_on) <= (last or date.max)
    )
    if but is not None:
        seats = seats.where(col(Membership.id) != but.id)
    if await session.scalar(seats.limit(1)) is not None:
        raise Wrong(field, _l("Personen svarar redan för enheten under de dagarna."))


async def end_membership(session: Session, member: Membership, *, by: Membership, successor: Membership | None = None) -> None:
    """The member is out from this moment; what she wrote stays. Conflict for the last coordinator."""
    await begin(session, member, by=by)
    await keep_a_coordinator(session, member)
    activity.record(session, verb="member.ended", by=by, member=member.id, successor=successor.id if successor else None)
    member.successor_id = None
    await _end(session, member)


async def leave(session: Session, member: Membership) -> None:
    """The member's own end of her membership, of which everybody has the right. Conflict for the last coordinator."""
    await lock_network_of(session, member.network_id)
    await session.refresh(member, SEAT, with_for_update={"key_share": True})
    if member.ends_on is None or member.ends_on >= clock.today():
        await keep_a_coordinator(session, member)
        activity.record(session, verb="member.left", by=member, member=member.id)
        await _end(session, member)


async def note_rename(session: Session, person: Person, before: str) -> None:
    """The log of each network in which she has her place today keeps what she was called."""
    for member in await _places_of(session, person):
        activity.record(session, verb="member.renamed", by=member, name=before)


async def note_move(session: Session, person: Person) -> None:
    """The person is about to have another address: invitations to the one she has are void, and the log of each network in which she has
    her place today says so. Addresses stand in no log."""
    await withdraw_all(session, person)
    for member in await _places_of(session, person):
        activity.record(session, verb="member.moved", by=member)


async def _places_of(session: Session, person: Person) -> Collection[Membership]:
    """One membership of today in each network."""
    wanted = select(Membership).where(col(Membership.person_id) == person.id, lasting(clock.today()))
    return {each.network_id: each for each in await session.scalars(wanted)}.values()


async def _end(session: Session, member: Membership) -> None:
    member.ends_on = clock.today() - timedelta(days=1)
    await session.flush()
    await see_out(session, member)


async def replace(session: Session, leaving: Membership, *, by: Membership, successor: Membership) -> int:
    """Hand everything open over to `successor` and end the membership; how many things changed hands."""
    await begin(session, leaving, by=by)
    await check_succeeds(session, successor, leaving=leaving, by=by, day=clock.today())
    handed = await hand_over(session, leaving, successor=successor, by=by)
    await end_membership(session, leaving, by=by, successor=successor)
    return handed


async def check_succeeds(session: Session, successor: Membership, *, leaving: Membership, by: Membership, day: date) -> None:
    """Wrong for who cannot take over on `day`: guests, those of other networks, who will be gone, and the leaving person herself."""
    await session.refresh(successor, ["role", "starts_on", "ends_on"])
    same_person = successor.person_id == leaving.person_id
    if successor.network_id != by.network_id or successor.is_guest or same_person or not successor.lasts(day):
        raise Wrong("successor_id", _l("Välj ett av alternativen."))


async def successors(session: Session, leaving: Membership) -> list[Membership]:
    """Who can take over what is open: the network's other members, now or from a day to come, but
    no guests; those of the same unit first."""
    everybody = [*await members(session, leaving.network_id), *await coming_members(session, leaving.network_id)]
    others = [each for each in everybody if each.person_id != leaving.person_id and not each.is_guest]
    return sorted(others, key=lambda each: leaving.unit_id is None or each.unit_id != leaving.unit_id)


async def other_seats(session: Session, member: Membership) -> list[Membership]:
    """The same person's other lasting memberships in the network."""
    return [each for each in await members(session, member.network_id) if each.person_id == member.person_id and each.id != member.id]


async def former_members(session: Session, network_id: int) -> Sequence[Membership]:
    """Memberships that have ended, the latest first."""
    ended = (col(Membership.network_id) == network_id, col(Membership.ends_on) < clock.today())
    found = await session.scalars(
        select(Membership).options(*WHOLE).where(*ended).order_by(col(Membership.ends_on).desc(), col(Membership.id).desc()).limit(200)
    )
    return found.unique().all()


async def coming_members(session: Session, network_id: int) -> list[Membership]:
    """Memberships that begin later, as deputies for a coming leave."""
    later = (col(Membership.network_id) == network_id, col(Membership.starts_on) > clock.today())
    kept = col(Membership.ends_on).is_(None) | (col(Membership.ends_on) >= col(Membership.starts_on))
    found = await session.scalars(select(Membership).options(*WHOLE).where(*later, kept))
    return sorted(found.unique().all(), key=lambda each: (each.starts_on, words.sort_key(each.person.name)))


async def begin(session: Session, member: Membership, *, by: Membership) -> None:
    """Rights of this moment over this member: a coordinator is changed by coordinators alone."""
    await administer(session, by)
    # Locked before anything that a write of hers may hold, so that neither waits for the other.
    await session.refresh(member, SEAT, with_for_update={"key_share": True})
    if not may_appoint(by.role, member.role):
        raise Forbidden
    if member.ends_on is not None and member.ends_on < clock.today():
        raise Conflict(_l("Medlemskapet är redan avslutat."))


def _may_change_role(member: Membership, *, by: Membership) -> bool:
    """Nobody raises herself; a coordinator may step down while there is another."""
    return member.person_id != by.person_id or by.role == Role.coordinator


async def keep_a_coordinator(session: Session, member: Membership) -> None:
    if await is_last_coordinator(session, member):
        raise Conflict(_l("Nätverket behöver en samordnare. Ge rollen till någon annan först."))


async def is_last_coordinator(session: Session, member: Membership) -> bool:
    """Whether the network would have no coordinator without this membership."""
    if member.role != Role.coordinator:
        return False
    others = (
        select(func.count())
        .select_from(Membership)
        .where(
            col(Membership.network_id) == member.network_id,
            col(Membership.role) == Role.coordinator,
            col(Membership.id) != member.id,
            col(Membership.ends_on).is_(None),
            lasting(clock.today()),
        )
    )
    return not await session.scalar(others)

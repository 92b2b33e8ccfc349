"""Outside answers become shared initiatives and each network's consultations. The same answer twice changes nothing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.consultations import actions as consultations
from portal.consultations.models import FeedbackWindow
from portal.consultations.models import Initiative as InitiativeRow
from portal.consultations.queries import initiative_by_key, networks_with
from portal.db import Session
from portal.live import signal
from portal.networks.access import Role
from portal.networks.models import Membership
from portal.networks.queries import WHOLE, lasting
from portal.sources.have_your_say import Initiative, Window

ALWAYS_TOLD = ("reference", "title_sv", "title_en", "act_type", "url")
TOLD_IN_DETAIL = ("summary_sv", "summary_en", "lead_dg", "published_at", "changed_at")
OF_WINDOW = ("stage", "opens_at", "closes_at", "tz", "published_text", "source_status")


@dataclass
class Imported:
    """What an import did: initiatives new, changed and as they were; consultations made."""

    new: int = 0
    changed: int = 0
    same: int = 0
    consultations: int = 0


async def import_have_your_say(session: Session, initiatives: Sequence[Initiative]) -> Imported:
    """Take over the initiatives of one or more answers; every network with a coordinator gets its consultation on each."""
    done = Imported()
    coordinators = await _coordinators(session)
    for initiative in initiatives:
        row, is_new, is_changed = await _take_over(session, initiative)
        done.new += is_new
        done.changed += is_changed
        done.same += not is_new and not is_changed
        if is_changed:
            await consultations.retitle(session, row)
        entered = await networks_with(session, row.id)
        for network_id in [each for each in coordinators if each not in entered]:
            await consultations.enter(session, row, by=coordinators[network_id])
            done.consultations += 1
    if done.new or done.changed:
        for by in coordinators.values():
            activity.record(session, verb="source.imported", by=by, new=done.new, changed=done.changed)
            await signal(session, by.network_id, "consultations")
    return done


async def _coordinators(session: Session) -> dict[int, Membership]:
    """One coordinator of each network: whose consultations these become."""
    found = await session.scalars(
        select(Membership)
        .options(*WHOLE)
        .where(col(Membership.role) == Role.coordinator, lasting(clock.today()))
        .order_by(col(Membership.id).desc())
    )
    return {each.network_id: each for each in found.unique()}


async def _take_over(session: Session, told: Initiative) -> tuple[InitiativeRow, bool, bool]:
    """The stored initiative, whether it is new, and whether anything in it changed."""
    row = await initiative_by_key(session, told.key)
    is_new = row is None
    if row is None:
        row = InitiativeRow(key=told.key, title_sv=told.title_sv, created_at=clock.now())
        row.windows = []
        session.add(row)
    before = {window.id: window.closes_at for window in row.windows}
    changed = _set(row, {name: getattr(told, name) for name in ALWAYS_TOLD} | {"topics": list(told.topics)})
    changed |= _set(row, _details(told, row))
    changed |= _take_over_windows(row, told)
    for window in row.windows if changed and not is_new else ():
        window.sequence, window.changed_at = window.sequence + 1, clock.now()
    await session.flush()
    await consultations.tell_moved(session, row, before)
    return row, is_new, changed and not is_new


def _details(told: Initiative, row: InitiativeRow) -> dict[str, Any]:
    """The list answers without summaries, dates and documents: what is known from a detailed answer stays."""
    values = {name: getattr(told, name) for name in TOLD_IN_DETAIL} | {"documents": [asdict(each) for each in told.documents]}
    return {name: value for name, value in values.items() if told.detailed or (value and not getattr(row, name))}


def _take_over_windows(row: InitiativeRow, told: Initiative) -> bool:
    """The list shows current windows alone, so one it leaves out is kept; what it tells of is taken over."""
    known = {window.key: window for window in row.windows}
    changed = False
    for window in told.windows:
        if window.key in known:
            changed |= _set(known[window.key], _of_window(window))
        else:
            row.windows.append(FeedbackWindow(key=window.key, **_of_window(window)))
            changed = True
    return changed


def _of_window(window: Window) -> dict[str, Any]:
    return {name: getattr(window, name) for name in OF_WINDOW}


def _set(row: Any, values: dict[str, Any]) -> bool:
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)

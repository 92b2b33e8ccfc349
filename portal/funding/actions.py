"""Every write of calls: register one, change it."""

from portal import clock
from portal.activity import actions as activity
from portal.comments.actions import open_thread
from portal.db import Session
from portal.funding.models import Call, CallForm, WatchedCall
from portal.live import signal
from portal.networks.models import Membership
from portal.networks.queries import authorise, hold
from portal.records import actions as records
from portal.records import deadlines
from portal.records.deadlines import Moved
from portal.web import Forbidden, Refused, _l, check_version


async def register(session: Session, *, by: Membership, form: CallForm) -> WatchedCall:
    """A call typed by hand, and this network's record of it with a thread."""
    await authorise(session, by, "call:create")
    call = Call(programme=form.programme, title_sv=form.title_sv, closes_at=form.closes_at, created_at=clock.now())
    _take(call, form)
    session.add(call)
    record = await records.register(session, by=by, kind="call", title=call.title_sv, folder="calls")
    record.title_en = call.title_en
    watched = WatchedCall(record_id=record.id, network_id=by.network_id, call_id=call.id)
    watched.record, watched.call = record, call
    session.add(watched)
    await session.flush()
    await open_thread(session, record)
    await _index(session, watched)
    activity.record(session, verb="call.registered", by=by, record=record)
    await signal(session, by.network_id, "calls")
    return watched


async def edit(session: Session, watched: WatchedCall, *, by: Membership, form: CallForm, version: str = "") -> None:
    """New words or days by who registered it or the coordinator. Changed if they are no longer those of `version`."""
    await hold(session, by)
    await records.lock(session, watched.record, watched.call)
    if not may_edit(watched, by):
        raise Forbidden
    if watched.call.key is not None:
        raise Refused(_l("Utlysningen kommer från källan och ändras där."), status=409)
    check_version(version, watched.values())
    if _shown(watched.call) != (form.title_sv, form.title_en, form.programme, form.closes_at):
        watched.call.sequence += 1
        watched.call.changed_at = clock.now()
    before = watched.call.closes_at
    _take(watched.call, form)
    watched.record.title_en = form.title_en
    records.touch(watched.record, by=by, title=form.title_sv)
    await _index(session, watched)
    activity.record(session, verb="call.changed", by=by, record=watched.record)
    if before != form.closes_at:
        moved = Moved(name=watched.closing, sequence=watched.call.sequence, before=before, after=form.closes_at, by_id=by.person_id)
        await deadlines.spread(session, watched.record, moved)
    await signal(session, by.network_id, "calls")


def may_edit(watched: WatchedCall, by: Membership) -> bool:
    """Hers who registered it, and the coordinator's."""
    return by.can("call:edit") or (by.can("call:create") and watched.record.created_by_id == by.person_id)


def _take(call: Call, form: CallForm) -> None:
    call.title_sv, call.title_en, call.programme = form.title_sv, form.title_en, form.programme
    call.gives, call.url = form.gives, form.url
    call.opens_at, call.closes_at, call.tz = form.opens_at, form.closes_at, form.zone


def _shown(call: Call) -> tuple[object, ...]:
    """What a calendar shows of it."""
    return call.title_sv, call.title_en, call.programme, call.closes_at


async def _index(session: Session, watched: WatchedCall) -> None:
    call = watched.call
    await records.index(session, watched.record, body="\n".join((call.title_en, call.programme, call.gives)))

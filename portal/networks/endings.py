"""A membership that ends on a day to come: its member is in through that day, then she is seen out,
and her successor has what is open with her."""

from datetime import datetime, time, timedelta
from typing import Any

from portal import clock, jobs
from portal.activity import actions as activity
from portal.clock import STOCKHOLM
from portal.db import Session, Sessions, unit_of_work
from portal.networks.access import Role
from portal.networks.handover import hand_over, see_out
from portal.networks.members import begin, check_apart, check_succeeds, keep_a_coordinator
from portal.networks.models import EndingForm, Membership
from portal.networks.queries import WHOLE
from portal.networks.wrong import Wrong
from portal.web import Conflict, _l

JOB = "ending"


async def plan(session: Session, leaving: Membership, *, by: Membership, form: EndingForm, successor: Membership | None) -> None:
    """`form.ends_on` is her last day. A day that was planned before is forgotten. Conflict for the last coordinator."""
    await begin(session, leaving, by=by)
    await keep_a_coordinator(session, leaving)
    if form.ends_on is None or form.ends_on < leaving.starts_on:
        raise Wrong("ends_on", _l("Sista dagen kan inte ligga före den första."))
    if leaving.role == Role.deputy:
        days = (leaving.starts_on, form.ends_on)
        await check_apart(session, leaving.person_id, leaving.unit_id, days=days, field="ends_on", but=leaving)
    if successor is not None:
        await check_succeeds(session, successor, leaving=leaving, by=by, day=form.ends_on + timedelta(days=1))
    leaving.ends_on, leaving.successor_id = form.ends_on, successor.id if successor else None
    activity.record(session, verb="member.ending", by=by, member=leaving.id, day=form.ends_on.isoformat(), successor=leaving.successor_id)
    await session.flush()
    over = datetime.combine(form.ends_on + timedelta(days=1), time(), STOCKHOLM)
    key = f"{JOB}.{leaving.id}.{form.ends_on:%Y%m%d}"
    payload = {"leaving": leaving.id, "by": by.id, "day": form.ends_on.isoformat()}
    await jobs.enqueue(session, JOB, payload, key=key, pause=over - clock.now())


async def withdraw(session: Session, staying: Membership, *, by: Membership) -> None:
    """She stays after all. A deputy is always one until a day."""
    await begin(session, staying, by=by)
    if staying.ends_on is None or staying.role == Role.deputy:
        raise Conflict(_l("Det finns inget avslut att ta tillbaka."))
    staying.ends_on = staying.successor_id = None
    activity.record(session, verb="member.staying", by=by, member=staying.id)


async def end(sessions: Sessions, payload: dict[str, Any]) -> None:
    """The job, when the day is over. Nothing is done for who is in after all; where the successor
    is not, or is a guest now, what is open stays where it is.

    The pause is counted from when its transaction began, and clocks differ: where the day is not
    over yet, TemporaryError brings it back."""
    async with unit_of_work(sessions) as session:
        leaving = await session.get_one(Membership, payload["leaving"], with_for_update={"key_share": True})
        if leaving.lasts(clock.today()):
            if leaving.ends_on is not None and leaving.ends_on.isoformat() == payload["day"]:
                raise jobs.TemporaryError(f"the last day of membership {leaving.id} is not over")
            return
        await session.refresh(leaving, ["network", "person", "unit"])
        if leaving.successor_id is not None:
            successor, by = [await session.get_one(Membership, each, options=WHOLE) for each in (leaving.successor_id, payload["by"])]
            leaving.successor_id = None
            if successor.lasts(clock.today()) and not successor.is_guest:
                await hand_over(session, leaving, successor=successor, by=by)
        await see_out(session, leaving)

"""A closing day is moved so late that somebody's calendar program may not read of it in time: she is mailed it, once."""

from portal import clock, ical, notifications
from portal.calendar.files import deadlines
from portal.calendar.programs import may_miss
from portal.calendar.queries import deadline_readers
from portal.db import Session
from portal.networks.models import Membership
from portal.notifications import Draft, Facts, Kind, Link, Part
from portal.notifications.models import Mailing
from portal.notifications.queries import told_later
from portal.records.deadlines import Moved
from portal.records.models import Record
from portal.web import _, _l, current_locale
from portal.words import weekday_date

MOVED = "calendar.day_moved"
NOWHERE = "https://portal.invalid"  # the letter has a link of its own


async def tell_late(session: Session, record: Record, moved: Moved) -> None:
    """Mail those whose program may show the old day when the first of the two is over, but whoever moved it."""
    moment = clock.now()
    soonest = min((each for each in (moved.before, moved.after) if each > moment), default=None)
    if soonest is None:
        return
    found = await deadline_readers(session, record.network_id, person_id=moved.owner_id)
    people = {each.person_id for each in found if may_miss(each.program, soonest, moment)} - {moved.by_id}
    if people:
        await notifications.tell(
            session,
            MOVED,
            event=f"{MOVED}:{moved.name}:{moved.sequence}",
            people=people,
            network_id=record.network_id,
            record=record,
            ref=moved.sequence,
            by=moved.by_id,
        )


async def notice(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    """None when her calendar shows it no more, or a later letter tells of it. One that is moved
    once more, but to far away, is told here."""
    if await told_later(session, mailing, membership.person_id):
        return None
    event, record = await _event(session, membership, mailing), await session.get(Record, mailing.record_id)
    if record is None or event is None or event.day is None or event.day < clock.today():
        return None
    parts: list[Part] = [
        _("En sista dag är flyttad. Det här gäller nu:"),
        Facts([event.title, weekday_date(event.day, current_locale())]),
        _("Du får mejlet för att ditt kalenderprogram läser om så sällan att ändringen kanske inte syns där i tid."),
        Link(_("Läs mer"), record.path),
    ]
    return Draft(_("Flyttad: %(title)s", title=event.title), parts)


async def _event(session: Session, membership: Membership, mailing: Mailing) -> ical.Event | None:
    """What her feed shows of it."""
    uid = f"{mailing.event.split(':')[1]}@portal"
    shown = await deadlines(session, membership, page=NOWHERE, locale=current_locale())
    return next((each for each in shown if each.uid == uid), None)


LETTERS = {MOVED: Kind(_l("Sent flyttad sista dag, till dem vars kalender kanske inte hinner läsa om"), notice, listed=True)}

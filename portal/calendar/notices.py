"""A meeting changes so late that somebody's calendar program may not read of it in time: she is mailed it, once."""

from collections.abc import Set
from datetime import datetime

from portal import clock, notifications
from portal.calendar.programs import may_miss
from portal.calendar.queries import readers
from portal.db import Session
from portal.meetings.letters import facts
from portal.meetings.models import Meeting, State
from portal.meetings.queries import meeting as read_meeting
from portal.networks.models import Membership
from portal.notifications import Draft, Kind, Link, Part
from portal.notifications.models import Mailing
from portal.notifications.queries import told_later
from portal.web import _, _l

LATE = "calendar.late"


async def tell_late(session: Session, meeting: Meeting, *, before: datetime, told: Set[int], by: Membership) -> None:
    """Mail those whose program may show the old time or place when the meeting begins, or would have begun. Left out are those who
    are `told` already, and whoever changed it."""
    moment = clock.now()
    soonest = min((each for each in (before, meeting.starts_at) if each > moment), default=None)
    if soonest is None:
        return
    people = {each.person_id for each in await readers(session, meeting) if may_miss(each.program, soonest, moment)} - told - {by.person_id}
    if people:
        await notifications.tell(
            session,
            LATE,
            event=f"{LATE}:{meeting.record_id}:{meeting.sequence}",
            people=people,
            network_id=meeting.record.network_id,
            record=meeting.record,
            ref=meeting.sequence,
            by=by.person_id,
        )


async def notice(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    """None when a later letter tells of it. A change after this one that was not late itself, of a meeting far ahead, is told here."""
    if mailing.record_id is None or await told_later(session, mailing, membership.person_id):
        return None
    meeting = await read_meeting(session, membership, mailing.record_id)
    if meeting.is_over:
        return None
    why = _("Du får mejlet för att ditt kalenderprogram läser om så sällan att ändringen kanske inte syns där i tid.")
    link = Link(_("Läs mer"), meeting.record.path)
    if meeting.state == State.cancelled:
        gone: list[Part] = [_("Träffen blir inte av."), facts(meeting), meeting.cancel_reason, why, link]
        return Draft(_("Inställd träff: %(title)s", title=meeting.record.heading), gone)
    return Draft(
        _("Träffen är ändrad: %(title)s", title=meeting.record.heading),
        [_("Träffen är ändrad. Det här gäller nu:"), facts(meeting), why, link],
    )


LETTERS = {LATE: Kind(_l("Sen ändring, till dem vars kalender kanske inte hinner läsa om"), notice, listed=True)}

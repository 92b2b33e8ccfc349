"""Letters about notes that are on correction."""

from datetime import datetime, time

from sqlalchemy.orm import joinedload

from portal.clock import STOCKHOLM
from portal.db import Session
from portal.meetings.minutes import CIRCULATED, of
from portal.meetings.models import Meeting
from portal.networks.models import Membership
from portal.notifications import Draft, Kind, Link, Part
from portal.notifications.models import Mailing
from portal.web import _, _l, current_locale
from portal.words import date_long


async def circulation(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    """None when the notes are locked, or have been sent once more."""
    meeting = await _meeting(session, mailing)
    minutes = await of(session, meeting) if meeting else None
    if meeting is None or minutes is None or minutes.is_locked or minutes.round != mailing.ref:
        return None
    day = date_long(datetime.combine(minutes.respond_by, time(), STOCKHOLM), current_locale())
    parts: list[Part] = [
        _("Anteckningarna från träffen är skrivna. Läs dem, och föreslå ändringar i det avsnitt där något är fel senast %(day)s.", day=day),
        _("Du är justerare: anteckningarna blir färdiga när du och den som samordnar har godkänt dem.")
        if minutes.adjuster.person_id == membership.person_id
        else "",
        Link(_("Läs anteckningarna"), f"{meeting.record.path}#notes-title"),
    ]
    return Draft(_("På justering: %(title)s", title=meeting.record.heading), [each for each in parts if each])


async def _meeting(session: Session, mailing: Mailing) -> Meeting | None:
    return await session.get(Meeting, mailing.record_id, options=[joinedload(Meeting.record)])  # type: ignore[arg-type]


LETTERS = {CIRCULATED: Kind(_l("Anteckningar på justering"), circulation, listed=True)}

"""Letters about notes, on correction and corrected after they were locked, and about what was proposed for an agenda."""

from datetime import datetime, time

from sqlalchemy.orm import joinedload

from portal.clock import STOCKHOLM
from portal.db import Session
from portal.meetings.agenda_models import Proposal
from portal.meetings.minutes import AMENDED, CIRCULATED, of
from portal.meetings.models import Meeting
from portal.meetings.proposals import RULED
from portal.meetings.record_models import Amendment
from portal.networks.models import Membership
from portal.notifications import Draft, Kind, Link, Part, Quote
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


async def amendment(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    meeting = await _meeting(session, mailing)
    written = await session.get(Amendment, mailing.ref)
    if meeting is None or written is None:
        return None
    parts: list[Part] = [_("Anteckningarna från träffen har rättats i efterhand:"), Quote(written.body), Link(_("Läs anteckningarna"), meeting.record.path)]
    return Draft(_("Rättade anteckningar: %(title)s", title=meeting.record.heading), parts)


async def ruling(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    """What became of a proposal; None when it is the reader's no more."""
    proposal = await session.get(Proposal, mailing.ref)
    if proposal is None or proposal.fate is None:
        return None
    meeting = await session.get(Meeting, proposal.meeting_id, options=[joinedload(Meeting.record)]) if proposal.meeting_id else None  # type: ignore[arg-type]
    if meeting is None:
        parts: list[Part] = [_("Ditt förslag till dagordningen togs inte in:"), Quote(proposal.word), Link(_("Till förslagen"), "/meetings/proposals")]
        return Draft(_("Om ditt förslag: %(title)s", title=proposal.title), parts)
    parts = [_("Ditt förslag står nu på dagordningen för %(meeting)s.", meeting=meeting.record.heading), Link(_("Läs dagordningen"), meeting.record.path)]
    return Draft(_("Om ditt förslag: %(title)s", title=proposal.title), parts)


async def _meeting(session: Session, mailing: Mailing) -> Meeting | None:
    return await session.get(Meeting, mailing.record_id, options=[joinedload(Meeting.record)])  # type: ignore[arg-type]


LETTERS = {
    CIRCULATED: Kind(_l("Anteckningar på justering"), circulation, listed=True),
    AMENDED: Kind(_l("Rättade anteckningar"), amendment, listed=True),
    RULED: Kind(_l("Svar på förslag"), ruling),
}

"""Letters about meetings: the summons, a change, a cancellation. Each says what holds when it leaves."""

from sqlalchemy.orm import joinedload

from portal.db import Session
from portal.meetings.models import Meeting, State
from portal.networks.models import Membership
from portal.notifications import Draft, Facts, Kind, Link, Part
from portal.notifications.models import Mailing
from portal.web import _, _l, current_locale
from portal.words import span, weekday_date

SUMMONED, CHANGED, CANCELLED = "meeting.summoned", "meeting.changed", "meeting.cancelled"


async def summons(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    """None when the meeting has been cancelled or held meanwhile."""
    meeting = await _meeting(session, mailing)
    if meeting is None or meeting.state != State.summoned:
        return None
    return Draft(_("Kallelse: %(title)s", title=meeting.record.heading), _invitation(_("Välkommen till nätverkets träff."), meeting))


async def change(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    """None when it has been changed once more: the later letter tells."""
    meeting = await _meeting(session, mailing)
    if meeting is None or meeting.state != State.summoned or meeting.sequence != mailing.ref:
        return None
    return Draft(_("Träffen är ändrad: %(title)s", title=meeting.record.heading), _invitation(_("Träffen är ändrad. Så här gäller nu:"), meeting))


async def cancellation(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    meeting = await _meeting(session, mailing)
    if meeting is None or meeting.state != State.cancelled:
        return None
    parts: list[Part] = [_("Träffen blir inte av."), facts(meeting), meeting.cancel_reason, Link(_("Läs mer"), meeting.record.path)]
    return Draft(_("Inställd träff: %(title)s", title=meeting.record.heading), parts)


async def _meeting(session: Session, mailing: Mailing) -> Meeting | None:
    return await session.get(Meeting, mailing.record_id, options=[joinedload(Meeting.record)])  # type: ignore[arg-type]


def _invitation(opening: str, meeting: Meeting) -> list[Part]:
    return [opening, facts(meeting), meeting.purpose, Link(_("Läs dagordningen och svara om du kommer"), meeting.record.path)]


def facts(meeting: Meeting) -> Facts:
    """What, when, where."""
    locale = current_locale()
    when = f"{weekday_date(meeting.starts_at, locale)} {span(meeting.starts_at, meeting.ends_at, locale)}"
    return Facts([each for each in (meeting.record.heading, when, meeting.place, meeting.online_url) if each])


LETTERS = {
    SUMMONED: Kind(_l("Kallelse"), summons, listed=True),
    CHANGED: Kind(_l("Träffen är ändrad"), change, listed=True),
    CANCELLED: Kind(_l("Inställd träff"), cancellation, listed=True),
}

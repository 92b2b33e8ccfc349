"""The letter to somebody whose comment or place in a thread a ruling is about."""

from sqlalchemy.orm import joinedload

from portal.db import Session
from portal.moderation.models import Notice, Reason, Ruling, Verb
from portal.moderation.words import REASONS, TOLD
from portal.networks.models import Membership
from portal.notifications import Draft, Facts, Kind, Link
from portal.notifications.models import Mailing
from portal.web import _, _l

RULING = "ruling"


async def ruling(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    """What has been done, and why; None when she has read it, or when a later ruling stands in its place."""
    note = await session.get(Notice, mailing.ref)
    ruled = await session.get(Ruling, mailing.ref, options=[joinedload(Ruling.record)])  # type: ignore[arg-type]
    if ruled is None or note is None or note.read_at is not None:
        return None
    told = TOLD[Verb(ruled.verb)]
    facts = [str(told.name), _("I tråden om %(title)s", title=ruled.record.heading)]
    if ruled.reason:
        facts.append(_("Skäl: %(reason)s", reason=" – ".join(filter(None, (str(REASONS[Reason(ruled.reason)]), ruled.words)))))
    again = _("Tycker du att det blev fel? Hör av dig till samordnaren.")
    return Draft(
        f"{told.name}: {ruled.record.heading}", [Facts(facts), str(told.sentence), again, Link(_("Läs mer"), f"/rulings/{ruled.id}")]
    )


LETTERS = {RULING: Kind(_l("Beslut om en kommentar"), ruling)}

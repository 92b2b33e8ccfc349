"""What stands in the database, as one fingerprint: to show that a refusal has written nothing."""

from collections.abc import Iterable

from sqlalchemy import text

from portal.db import Session
from portal.tables import metadata

# Tries are counted whatever comes of them, and mail is on its way by itself: only how much a request has put on its way counts.
# Whom a comment is told to is found by a job, minutes later; and how it went to read a calendar of others is noted by one.
# The mark that a calendar has changed is left by such jobs too.
PASSING = frozenset({"attempt", "calendar_change", "foreign_calendar", "invited", "mail_out", "mailing", "notification"})
BY_REQUESTS = {
    "calendars read": "FROM foreign_calendar WHERE ended_at IS NULL",
    "calendars ended": "FROM foreign_calendar WHERE ended_at IS NOT NULL",
    "mail_out": "FROM mail_out WHERE message_id NOT IN (SELECT message_id FROM notification)",
    "notification": "FROM notification JOIN mailing ON mailing.id = mailing_id WHERE kind <> 'comment'",
}


async def written(session: Session, *, besides: Iterable[str] = ()) -> dict[str, str]:
    """For every table how many rows it has, and the sum of their hashes: in whatever order they lie, and without sorting them, which
    would cost ten times as much as all the rest."""
    names = sorted(set(metadata.tables) - PASSING - set(besides))
    parts = [
        f"SELECT '{name}' AS name, concat(count(*), ' ', sum(hashtextextended(t::text, 0))) AS rows FROM \"{name}\" t" for name in names
    ]
    parts += [f"SELECT '{name}', count(*)::text {rows}" for name, rows in BY_REQUESTS.items()]
    rows = await session.execute(text(" UNION ALL ".join(parts)))
    found = {row.name: row.rows for row in rows}
    await session.commit()
    return found

"""Calendar links: one that is new, one that is read and one that is read no longer."""

from datetime import UTC, datetime
from typing import Any

from portal.calendar import words
from portal.calendar.models import Alarm, Feed, Reading, Scope
from portal.calendar.programs import Program
from portal.calendar.subscribing import Address

MADE = datetime(2026, 9, 1, 7, 10, tzinfo=UTC)


def samples() -> dict[str, Any]:
    """The context of calendar/_new_link.html and _feeds.html."""
    return {
        "address": Address("https://portal.example/calendar/Qm9zdGFkZXI.ics", "EU-nätverket"),
        "feeds": [
            Feed(id=1, name="Outlook på jobbet", scope=Scope.meetings, alarm=Alarm.day, created_at=MADE, token_hash=b""),
            Feed(id=2, name="Telefonen", scope=Scope.everything, alarm=Alarm.none, created_at=MADE, token_hash=b""),
        ],
        "readings": {1: [_reading(Program.outlook, 304), _reading(Program.thunderbird, 0)], 2: []},
        "is_late": lambda reading: not reading.status,
        "groups": (),
        "words": words,
    }


def _reading(program: Program, status: int) -> Reading:
    return Reading(feed_id=1, program=program, agent="", read_at=datetime(2026, 11, 22, 11, 5, tzinfo=UTC), status=status, events=7)

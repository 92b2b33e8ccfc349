"""A foreign calendar (RFC 5545) read event by event. A program of its own with little memory and time: strangers made what it reads.

`main` with FILE FIRST LAST as arguments prints one JSON object: `events` between the two days (ISO, both included), `refused` with a title
and a word for the reason for each event that is not among them although it should be, and `outside`, how many lie on other days.
Or `broken` with a word, when the file as a whole is none that can be read.

Each event is given to the library alone, after all that is not needed has been left out of it (parts.py): a broken line costs one event.
"""

import json
import re
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, use_zoneinfo

from portal.clock import STOCKHOLM
from portal.sources.calendars.parts import TIMES, Parts, Raw, RefusedError, decoded, take_apart, zone_called

MEMORY = 512 << 20
SECONDS = 8
MOST_TIMES, MOST_SHOWN, LONGEST_ZONE = 400, 2_000, 1_000
LONGEST = timedelta(days=400)
EACH = 0.7  # seconds for one event with all its repetitions
ZONE_OF = re.compile(r';TZID=(?:"([^"]*)"|([^";:]*))', re.IGNORECASE)
ALL_DAY = re.compile(";VALUE=DATE[;:]", re.IGNORECASE)
WITH_ZONES = ("DTSTART", "DTEND", "RDATE", "EXDATE", "RECURRENCE-ID")


# What the libraries raise for what they cannot read.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError, AssertionError, OSError)


class _OverError(BaseException):
    """The time of one event is over. No library's `except Exception` may keep that."""


def read(content: bytes, first: date, last: date) -> dict[str, Any]:
    """What `main` prints. RefusedError with a word when the file as a whole is none that can be read."""
    use_zoneinfo()  # forgets what another file has said a zone is
    parts = take_apart(decoded(content))
    if not parts.is_calendar and not parts.events:
        raise RefusedError("none")
    found: dict[str, Any] = {"events": [], "refused": [], "outside": 0}
    for group in _same(parts, found["refused"]):
        try:
            events = _unfold(group, parts, first, last)
        except (RefusedError, *UNREADABLE) as reason:
            why = str(reason) if isinstance(reason, RefusedError) else "unreadable"
            found["refused"] += [{"title": each.title, "why": why} for each in group]
        else:
            found["outside"] += not events
            found["events"] += events
    if len(found["events"]) > MOST_SHOWN:
        found["events"].sort(key=lambda each: each["first"])
        found["refused"].append({"title": "", "why": "many"})
        del found["events"][MOST_SHOWN:]
    return found


def _same(parts: Parts, refused: list[dict[str, str]]) -> Iterator[list[Raw]]:
    """The forms of one event together: the one that is repeated and those of its times that are another. Older ones are refused."""
    groups: dict[str, dict[str, Raw]] = {}
    for number, event in enumerate(parts.events):
        is_off = event.value("STATUS").upper() == "CANCELLED" and not event.value("RECURRENCE-ID")
        if fault := event.fault or ("cancelled" if parts.is_cancelling or is_off else "" if event.value("DTSTART") else "undated"):
            refused.append({"title": event.title, "why": fault})
            continue
        group = groups.setdefault(event.value("UID") or f"#{number}", {})
        known = group.get(time_of := event.value("RECURRENCE-ID"))
        if known is not None:
            older, event = sorted((known, event), key=lambda each: each.age)
            refused.append({"title": older.title, "why": "older"})
        group[time_of] = event
    return iter([list(group.values()) for group in groups.values()])


def _unfold(group: list[Raw], parts: Parts, first: date, last: date) -> list[dict[str, Any]]:
    """The times between the two days of an event in all its forms."""
    for event in group:
        _check_zones(event, parts)
    calendar = _calendar(group, parts)
    if not any(each.is_repeated for each in group):
        found = list(calendar.walk("VEVENT"))
    else:
        with _time_limit(EACH):
            found = _between(calendar, first, last)
    shown = [_told(each, parts.zone) for each in found if str(each.get("STATUS", "")).upper() != "CANCELLED"]
    return [each for each in shown if each["first"] <= last.isoformat() and each["last"] >= first.isoformat()]


def _between(calendar: Calendar, first: date, last: date) -> list[Any]:
    found = list(recurring_ical_events.of(calendar, skip_bad_series=False).between(first, last + timedelta(days=1)))
    if len(found) > MOST_TIMES:
        raise RefusedError("often")
    return found


def _calendar(group: list[Raw], parts: Parts) -> Calendar:
    """A calendar of one event in all its forms, with the zones that it names."""
    named = {name for event in group for line in event.lines if (name := _zone_name(line))}
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//portal//reader//"]
    whole += [line for zone in parts.zones if _names_one_of(zone, named) for line in zone]
    for event in group:
        lines = event.lines if event.value("UID") else [*event.lines, "UID:none"]
        whole += ["BEGIN:VEVENT", *lines, "END:VEVENT"]
    calendar = Calendar.from_ical("\r\n".join([*whole, "END:VCALENDAR", ""]))
    if not isinstance(calendar, Calendar):
        raise RefusedError("unreadable")
    for read_event in calendar.walk("VEVENT"):
        if any(name in TIMES for name, _error in read_event.errors):
            raise RefusedError("unreadable")
    return calendar


def _check_zones(event: Raw, parts: Parts) -> None:
    """A zone that nobody knows would become no zone at all, and the hour a wrong one."""
    for line in event.lines:
        name = _zone_name(line)
        if name and not (zone_called(name) or _is_windows(name) or any(_names_one_of(zone, {name}) for zone in parts.zones)):
            raise RefusedError("zone")


def _zone_name(line: str) -> str:
    """The zone that a start, an end or a repetition with hours names."""
    found = ZONE_OF.search(line) if line.upper().startswith(WITH_ZONES) and not ALL_DAY.search(line) else None
    return (found[1] or found[2] or "") if found else ""


def _names_one_of(zone: list[str], names: set[str]) -> bool:
    """Whether a VTIMEZONE of a reasonable length is called one of `names`."""
    called = next((line.partition(":")[2].strip() for line in zone if line.upper().startswith("TZID")), "")
    return called in names and len(zone) <= LONGEST_ZONE


def _is_windows(name: str) -> bool:
    probe = f'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID="{name}":20270101T120000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'
    try:
        return all(each.get("DTSTART").dt.tzinfo is not None for each in Calendar.from_ical(probe).walk("VEVENT"))
    except OSError:  # a name that is none which a file could have
        return False


def _told(event: Any, zone: ZoneInfo) -> dict[str, Any]:
    """An event's words, days and, if it has hours, moments. Times without zone are the calendar's."""
    starts, ends = event.start, event.end
    if (isinstance(starts, datetime) != isinstance(ends, datetime)) or not 1900 < starts.year < 2200 or not 1900 < ends.year < 2201:
        raise RefusedError("unreadable")
    told = {"title": str(event.get("SUMMARY", ""))[:500], "place": str(event.get("LOCATION", ""))[:500]}
    if not isinstance(starts, datetime):
        last = max(starts, ends - timedelta(days=1)) if ends > starts else starts
        return told | _days(starts, last, ends - starts)
    starts, ends = (each if each.tzinfo else each.replace(tzinfo=zone) for each in (starts, ends))
    local, until = starts.astimezone(STOCKHOLM), ends.astimezone(STOCKHOLM)
    last = until.date() - timedelta(days=until.time() == time() and until.date() > local.date())
    moments = {"starts": local.isoformat(), "ends": until.isoformat()}
    return told | moments | _days(local.date(), last, ends - starts)


def _days(first: date, last: date, length: timedelta) -> dict[str, Any]:
    if length < timedelta(0):
        raise RefusedError("backwards")
    if length > LONGEST:
        raise RefusedError("lasting")
    return {"first": first.isoformat(), "last": last.isoformat()}


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """RefusedError when what is inside has not come to its end by then."""

    def over(_signal: int, _frame: object) -> None:
        raise _OverError

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _OverError:
        raise RefusedError("often") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    path, first, last = sys.argv[1:]
    try:
        told = read(Path(path).read_bytes(), date.fromisoformat(first), date.fromisoformat(last))
    except RefusedError as reason:
        told = {"broken": str(reason)}
    except (MemoryError, RecursionError):
        told = {"broken": "heavy"}
    print(json.dumps(told))

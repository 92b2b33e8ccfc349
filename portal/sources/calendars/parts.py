"""A calendar file (RFC 5545) taken apart into events, line by line and without believing in its structure. Pure, and without any library.

Each event keeps only the lines that a plan needs: descriptions, organisers, attendees, alarms and attachments never come any further.
"""

import re
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.clock import STOCKHOLM

MOST_LINES, MOST_EVENTS = 200_000, 5_000
LONGEST_LINE, LONGEST_LIST, MOST_PROPERTIES, DEEPEST = 2_000, 40_000, 200, 6
TIMES = {"UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
NEEDED = TIMES | {"LOCATION", "STATUS", "DTSTAMP", "SEQUENCE"}
REPEATS = ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
LISTS = {"RDATE", "EXDATE"}
NAME = re.compile(r"[A-Za-z0-9-]+(?=[;:])")
TOO_OFTEN = re.compile(r"FREQ\s*=\s*(SECONDLY|MINUTELY|HOURLY)", re.IGNORECASE)
FOLDED = re.compile("(?:\r\n|\r|\n)[ \t]")


class RefusedError(Exception):
    """The argument is a word for the reason."""


@dataclass
class Raw:
    """The lines of an event that are needed, as they stand."""

    lines: list[str] = field(default_factory=list)
    fault: str = ""

    def value(self, name: str) -> str:
        """What stands after the first colon outside quotes of a property, or nothing."""
        found = next((line for line in self.lines if line.upper().startswith((f"{name};", f"{name}:"))), "")
        return re.sub(r'^[^:"]*(?:"[^"]*"[^:"]*)*:', "", found).strip()

    @property
    def title(self) -> str:
        return self.value("SUMMARY").replace("\\n", " ").replace("\\N", " ").replace("\\", "")[:200]

    @property
    def is_repeated(self) -> bool:
        return any(self.value(name) for name in REPEATS)

    @property
    def age(self) -> tuple[int, str]:
        """By which of two forms of the same event the later one is told."""
        sequence = self.value("SEQUENCE")
        return (int(sequence) if sequence.isdecimal() and len(sequence) < 10 else 0), self.value("DTSTAMP")


@dataclass
class Parts:
    """What a file is made of: time zones, events, and the zone that it says its times are meant in."""

    zones: list[list[str]] = field(default_factory=list)
    events: list[Raw] = field(default_factory=list)
    zone: ZoneInfo = STOCKHOLM
    is_cancelling: bool = False
    is_calendar: bool = False


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or Windows-1252; folded lines are whole again (section 3.1)."""
    try:
        text = content.decode("utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    return FOLDED.sub("", text.replace("\0", ""))


def take_apart(text: str) -> Parts:
    """The file's events and zones, whatever is around, between or inside them."""
    parts, stack = Parts(), list[str]()
    lines = re.split("\r\n|\r|\n", text)
    if len(lines) > MOST_LINES:
        raise RefusedError("long")
    for line in lines:
        name = NAME.match(line)
        key = name.group().upper() if name else ""
        if key == "BEGIN":
            _begin(parts, stack, line[6:].strip().upper())
        elif key == "END":
            _end(parts, stack, line[4:].strip().upper())
        elif "VTIMEZONE" in stack:
            parts.zones[-1].append(line)
        elif stack and stack[-1] == "VEVENT":
            _keep(parts.events[-1], key, line)
        elif key == "X-WR-TIMEZONE":
            parts.zone = zone_called(line.partition(":")[2].strip()) or parts.zone
        elif key == "METHOD":
            parts.is_cancelling = parts.is_cancelling or line.upper().endswith(":CANCEL")
    if "VEVENT" in stack:
        parts.events[-1].fault = "cut"
    return parts


def _begin(parts: Parts, stack: list[str], kind: str) -> None:
    if "VTIMEZONE" in stack and kind == "VEVENT":  # the zone has no end, and no use
        parts.zones.pop()
        del stack[stack.index("VTIMEZONE") :]
    if "VTIMEZONE" in stack:
        parts.zones[-1].append(f"BEGIN:{kind}")
    elif kind == "VTIMEZONE":
        parts.zones.append(["BEGIN:VTIMEZONE"])
    elif kind == "VEVENT":
        if "VEVENT" in stack:
            parts.events[-1].fault = "cut"
            del stack[stack.index("VEVENT") :]
        parts.events.append(Raw())
    elif kind == "VCALENDAR":
        parts.is_calendar = True
    stack.append(kind)
    if len(stack) > DEEPEST:
        raise RefusedError("deep")
    if len(parts.events) > MOST_EVENTS:
        raise RefusedError("long")


def _end(parts: Parts, stack: list[str], kind: str) -> None:
    """An END that ends nothing is passed over; one that leaves something open ends that, too, and an event so ended is cut off."""
    if "VTIMEZONE" in stack and kind in stack:
        parts.zones[-1].append(f"END:{kind}")
    while kind in stack:
        ended = stack.pop()
        if ended == kind:
            break
        if ended == "VEVENT":
            parts.events[-1].fault = "cut"


def _keep(event: Raw, key: str, line: str) -> None:
    if key not in NEEDED:
        return
    if len(line) > (LONGEST_LIST if key in LISTS else LONGEST_LINE):
        event.fault = "line"
    elif key == "RRULE" and TOO_OFTEN.search(line):
        event.fault = "often"
    elif len(event.lines) > MOST_PROPERTIES:
        event.fault = "line"
    else:
        event.lines.append(line.replace(" ", "") if key == "RRULE" else line)  # Exchange writes BYDAY=MO, TU


def zone_called(name: str) -> ZoneInfo | None:
    """A zone of the time zone database."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None

"""RFC 5545 and 7986, pure: rows of a calendar → the bytes of a feed, and whether a client has those bytes already."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import icalendar
from icalendar.prop import vDuration, vText

from portal.characters import LINE_END, SURROGATE, TERMINAL_SEQUENCE, UNWANTED
from portal.clock import STOCKHOLM
from portal.links import NOT_IN_LINK

CANCELLED = {"sv": "INSTÄLLD", "en": "CANCELLED"}
CANCELLED_IS_SHOWN = timedelta(days=30)
# Yearly rules, since Outlook ignores lists of dates, which is what the library would make for a zone of its own.
# The clocks of the whole Union change in the same moment, one o'clock UTC (directive 2000/84/EC).
EU_ZONE = """\
BEGIN:VTIMEZONE
TZID:{name}
BEGIN:DAYLIGHT
DTSTART:19700329T{spring:02}0000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:{summer_name}
TZOFFSETFROM:{winter:+03}00
TZOFFSETTO:{summer:+03}00
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T{autumn:02}0000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:{winter_name}
TZOFFSETFROM:{summer:+03}00
TZOFFSETTO:{winter:+03}00
END:STANDARD
END:VTIMEZONE
"""
ENTITY_TAG = re.compile('(?:W/)?("[^"]*")')  # RFC 9110 section 8.8.3; compared weakly, so without W/
ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True, kw_only=True)
class Event:
    """A meeting with aware `starts_at` and `ends_at`, or a deadline on a `day`; of one that is cancelled neither need be said (RFC 5546
    section 3.2.5).

    `uid` never changes; `sequence` rises with every change a guest should see, its place and group included, and
    `updated_at` with every change at all: it is what the feed calls DTSTAMP and LAST-MODIFIED. `alarm` is when to remind, counted
    from the start (for a deadline from midnight): before it when negative.
    """

    uid: str
    title: str
    created_at: datetime
    updated_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    day: date | None = None
    place: str = ""
    url: str = ""
    description: str = ""
    sequence: int = 0
    cancelled: bool = False
    cancelled_at: datetime | None = None
    alarm: timedelta | None = None

    def __post_init__(self) -> None:
        for name in ("created_at", "updated_at", "starts_at", "ends_at", "cancelled_at"):
            if moment := getattr(self, name):
                # In UTC, since Python compares two moments of one zone by their wall clocks, whatever the season.
                object.__setattr__(self, name, _in_utc(moment))
        is_bare = self.cancelled and self.day is self.starts_at is None
        if ((self.day is None) == (self.starts_at is None) and not is_bare) or isinstance(self.day, datetime):
            raise ValueError(f"{self.uid}: either a day or a start")
        if self.starts_at and (self.ends_at is None or self.ends_at <= self.starts_at):
            raise ValueError(f"{self.uid}: ends before it starts")
        if not re.fullmatch("[!-~]{1,200}", self.uid) or (self.url and not _is_address(self.url)):
            raise ValueError(f"{self.uid!r}: not a uid, or {self.url!r} not an address")


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment}: a moment without zone")
    return moment.astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """What a feed says of itself. `url` is a page to read, not the secret address of the feed;
    `color` a CSS name; `zone` one of the Union's."""

    name: str
    url: str
    refresh: timedelta
    color: str
    events: Iterable[Event]
    zone: ZoneInfo = STOCKHOLM

    def __post_init__(self) -> None:
        if not _is_address(self.url) or not re.fullmatch("[a-z]+", self.color) or self.refresh <= timedelta(0):
            raise ValueError(f"{self.url!r}, {self.color!r}, {self.refresh}: not an address, a colour, a time to wait")


def _is_address(url: str) -> bool:
    return url.startswith(("https://", "http://")) and not NOT_IN_LINK.search(url)


class _Text(vText):
    """TEXT with just the escapes of RFC 5545 section 3.3.11: the library's own take the \\N in G:\\Natverk for a line."""

    def to_ical(self) -> bytes:
        return self.translate(ESCAPES).encode()


def current(events: Iterable[Event], today: date) -> list[Event]:
    """The events without those that were cancelled more than 30 days before `today` (a Swedish date)."""
    oldest = today - CANCELLED_IS_SHOWN
    return [event for event in events if not event.cancelled or _cancelled_on(event) >= oldest]


def _cancelled_on(event: Event) -> date:
    return (event.cancelled_at or event.updated_at).astimezone(STOCKHOLM).date()


def feed(calendar: Calendar, *, language: str) -> bytes:
    """The feed to subscribe to: the same rows in any order give the same bytes, whenever they are asked for."""
    whole = icalendar.Calendar()
    whole.add("version", "2.0")
    whole.add("prodid", f"-//Portal//Network calendar//{language.upper()}")
    whole.add("calscale", "GREGORIAN")
    whole.add("method", "PUBLISH")
    whole.add("name", _Text(_line(calendar.name)))
    whole.add("x-wr-calname", _Text(_line(calendar.name)))
    # No X-WR-TIMEZONE: each hour names its zone, and readers that heed it forget which of two hours a moment in UTC is.
    whole.add("refresh-interval", calendar.refresh, {"VALUE": "DURATION"})
    whole.add("x-published-ttl", vDuration(calendar.refresh))
    whole.add("url", calendar.url)
    whole.add("color", calendar.color)
    whole.add_component(zone_of(calendar.zone))
    head, end, rest = whole.to_ical().rpartition(b"END:VCALENDAR")
    events = [_lines(event, CANCELLED[language], calendar.zone) for event in sorted(calendar.events, key=_place_in_time)]
    return b"".join([head, *events, end, rest])


def file(event: Event, *, language: str) -> bytes:
    """One event to put into a calendar by hand. It does not follow what changes later; its UID is that of feeds and invitations."""
    whole = icalendar.Calendar()
    whole.add("version", "2.0")
    whole.add("prodid", f"-//Portal//Network calendar//{language.upper()}")
    whole.add("calscale", "GREGORIAN")
    whole.add("method", "PUBLISH")
    whole.add_component(zone_of(STOCKHOLM))
    whole.add_component(component_of(event, CANCELLED[language]))
    return whole.to_ical()


@lru_cache
def zone_of(zone: ZoneInfo) -> icalendar.Component:
    """The zone's VTIMEZONE. ValueError for one whose clocks do not change with the Union's."""
    winter, summer = (datetime(2026, month, 1, tzinfo=zone) for month in (1, 7))
    hours = [(each.utcoffset() or timedelta(0)) // timedelta(hours=1) for each in (winter, summer)]
    changes = [datetime(2026, month, day, 1, tzinfo=UTC) for month, day in ((3, 29), (10, 25))]
    before, after = ([(moment + step).astimezone(zone).utcoffset() for moment in changes] for step in (timedelta(seconds=-1), timedelta(0)))
    if before != [winter.utcoffset(), summer.utcoffset()] or after != before[::-1] or before[0] == before[1]:
        raise ValueError(f"{zone.key}: its clocks do not change with the Union's")
    given = {"winter": hours[0], "summer": hours[1], "spring": 1 + hours[0], "autumn": 1 + hours[1]}
    names = {"name": zone.key, "winter_name": winter.tzname(), "summer_name": summer.tzname()}
    return icalendar.Timezone.from_ical(EU_ZONE.format(**given, **names))


def _place_in_time(event: Event) -> tuple[datetime, str]:
    midnight = datetime.combine(event.day or date.max, time.min, STOCKHOLM)
    return event.starts_at or midnight, event.uid


@lru_cache(maxsize=4096)  # All members of a network poll the same events, day and night; one takes half a millisecond.
def _lines(event: Event, cancelled: str, zone: ZoneInfo) -> bytes:
    return component_of(event, cancelled, zone).to_ical()


def component_of(event: Event, cancelled: str, zone: ZoneInfo = STOCKHOLM) -> icalendar.Event:
    """The event as every calendar of ours shows it; `cancelled` is the word before the title of one that will not be."""
    component = icalendar.Event()
    component.add("uid", event.uid)
    component.add("sequence", event.sequence)
    component.add("created", event.created_at)
    component.add("dtstamp", event.updated_at)
    component.add("last-modified", event.updated_at)
    _add_time(component, event, zone)
    summary = _Text(_line(f"{cancelled}: {event.title}" if event.cancelled else event.title))
    component.add("summary", summary)
    if place := _line(event.place):
        component.add("location", _Text(place))
    if description := _prose(event.description):
        component.add("description", _Text(description))
    if event.url:
        component.add("url", event.url)
    component.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    component.add("transp", "TRANSPARENT" if event.cancelled or event.day else "OPAQUE")
    if event.alarm is not None and not event.cancelled:
        component.add_component(_alarm(event.alarm, summary))
    return component


def _alarm(trigger: timedelta, summary: vText) -> icalendar.Alarm:
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", trigger)
    return alarm


def _add_time(component: icalendar.Event, event: Event, zone: ZoneInfo) -> None:
    if event.day:
        component.add("dtstart", event.day)
        component.add("dtend", event.day + timedelta(days=1))
    elif event.starts_at and event.ends_at:
        component.add("dtstart", _moment(event.starts_at, zone))
        component.add("dtend", _moment(event.ends_at, zone))


def _moment(moment: datetime, zone: ZoneInfo) -> datetime:
    """By the zone's clock, but in UTC in the hour that comes a second time: local time would mean the first one."""
    local = moment.astimezone(zone)
    return moment if local.fold else local


def _prose(text: str) -> str:
    text = TERMINAL_SEQUENCE.sub("", SURROGATE.sub("", text))
    return UNWANTED.sub("", LINE_END.sub("\n", text)).strip()


def _line(text: str) -> str:
    return " ".join(_prose(text).split())


def etag(content: bytes) -> str:
    """A strong validator: other bytes, other tag."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def not_modified(*, if_none_match: str | None, if_modified_since: str | None, etag: str, last_modified: datetime | None = None) -> bool:
    """May the answer be 304, given the two request headers (RFC 9110 section 13)?

    If-None-Match decides alone when it is there. A date is trusted only if `last_modified` is a *stored* moment in
    whole seconds that moved forward, never back and never twice within one second, each time the etag became another.
    A maximum over rows is none: it goes back when a row is deleted, and the clients that know dates only would then
    be told "unchanged" for ever. Without such a moment give None. Only the very date we sent counts: a client may
    have made up any other from its own clock.
    """
    if if_none_match is not None:
        return if_none_match.strip() == "*" or etag in ENTITY_TAG.findall(if_none_match)
    if if_modified_since is None or last_modified is None:
        return False
    return if_modified_since == format_datetime(last_modified.astimezone(UTC), usegmt=True)

"""The feed as calendar programs read it: two libraries that know nothing of each other, and the bytes themselves."""

import random
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.clock import STOCKHOLM
from portal.ical import Calendar, Event, current, etag, feed

WRITTEN = datetime(2026, 1, 5, 8, 30, 59, 999999, tzinfo=UTC)
EDITED = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
WHOLE = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Portal//Network calendar//SV
CALSCALE:GREGORIAN
METHOD:PUBLISH
NAME:Träffar\\, Strandvik
X-WR-CALNAME:Träffar\\, Strandvik
COLOR:steelblue
REFRESH-INTERVAL;VALUE=DURATION:PT3H
URL:https://portal.example/strandvik/calendar
X-PUBLISHED-TTL:PT3H
BEGIN:VTIMEZONE
TZID:Europe/Stockholm
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:Träff 2
DTSTART;TZID=Europe/Stockholm:20260324T130000
DTEND;TZID=Europe/Stockholm:20260324T150000
DTSTAMP:20260201T090000Z
UID:meeting-2@portal.example
SEQUENCE:3
CREATED:20260105T083059Z
DESCRIPTION:Dagordning:\\n1. Föregående träff\\; beslut
LAST-MODIFIED:20260201T090000Z
LOCATION:Kommunhuset\\, Ekan
STATUS:CONFIRMED
TRANSP:OPAQUE
URL:https://portal.example/strandvik/meetings/2
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def meeting(local: datetime = datetime(2026, 3, 24, 13, tzinfo=STOCKHOLM), **fields: Any) -> Event:
    required = {"uid": "meeting-1@portal.example", "title": "Träff", "created_at": WRITTEN, "updated_at": EDITED}
    return Event(**{**required, "starts_at": local, "ends_at": local + timedelta(hours=2), **fields})


def deadline(day: date, **fields: Any) -> Event:
    return meeting(**{"uid": "window-1@portal.example", "starts_at": None, "ends_at": None, "day": day, **fields})


def published(*events: Event, language: str = "sv") -> bytes:
    url = "https://portal.example/strandvik/calendar"
    calendar = Calendar(name="Träffar, Strandvik", url=url, refresh=timedelta(hours=3), color="steelblue", events=events)
    return feed(calendar, language=language)


def properties(content: bytes) -> Iterator[tuple[str, str]]:
    """Name with parameters, and value as it stands, of each line: RFC 5545 section 3.1 by hand."""
    for line in content.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n"):
        name, _, value = line.partition(":")
        yield name, value


def event_of(content: bytes) -> dict[str, str]:
    lines = list(properties(content))
    return dict(lines[lines.index(("BEGIN", "VEVENT")) : lines.index(("END", "VEVENT"))])


def unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def hours(content: bytes) -> tuple[list[datetime], list[datetime]]:
    """When the events start, in UTC, by icalendar with the machine's zones and by vobject with the feed's own VTIMEZONE."""
    parsed: Any = icalendar.Calendar.from_ical(content)
    ours = [event["DTSTART"].dt.astimezone(UTC) for event in parsed.events]
    theirs = [event.dtstart.value.astimezone(UTC) for event in vobject.readOne(content.decode()).vevent_list]
    return ours, theirs


def test_a_feed_is_these_bytes() -> None:
    event = meeting(
        uid="meeting-2@portal.example",
        title="Träff 2",
        place="Kommunhuset, Ekan",
        url="https://portal.example/strandvik/meetings/2",
        description="Dagordning:\n1. Föregående träff; beslut",
        sequence=3,
    )
    assert published(event).decode() == WHOLE


@pytest.mark.parametrize(
    ("day", "utc_hour"),
    [(date(2026, 3, 24), 12), (date(2026, 3, 31), 11), (date(2026, 10, 24), 11), (date(2026, 10, 31), 12), (date(2027, 3, 29), 11)],
)
def test_a_meeting_at_13_stays_at_13_on_either_side_of_the_clock_change(day: date, utc_hour: int) -> None:
    content = published(meeting(datetime(day.year, day.month, day.day, 13, tzinfo=STOCKHOLM)))
    assert f"DTSTART;TZID=Europe/Stockholm:{day:%Y%m%d}T130000\r\n".encode() in content
    in_utc = datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)
    assert hours(content) == ([in_utc], [in_utc])


@pytest.mark.parametrize("zone", ["Europe/Stockholm", "Europe/Helsinki", "Europe/Brussels", "Europe/Lisbon", "UTC"])
def test_every_quarter_of_an_hour_around_the_clock_changes_is_right(zone: str) -> None:
    changes = [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC)]
    moments = [change + timedelta(minutes=15 * step) for change in changes for step in range(-8, 16)]
    events = [meeting(moment.astimezone(ZoneInfo(zone)), uid=f"{number:03}@x") for number, moment in enumerate(moments)]
    content = published(*events)
    assert hours(content) == (moments, moments)
    assert content.count(b"DTSTART;TZID=Europe/Stockholm:20261025T02") == 4
    assert content.count(b"DTSTART:20261025T01") == 4


def test_there_is_one_zone_with_yearly_rules() -> None:
    names = [name for name, _ in properties(published(meeting()))]
    assert names.count("RRULE") == 2
    assert names.count("TZID") == 1
    assert "RDATE" not in names


def test_a_deadline_is_a_whole_day_and_leaves_people_free() -> None:
    content = published(deadline(date(2026, 12, 31), title="Sista dag kl. 23.59"))
    written = event_of(content)
    assert (written["DTSTART;VALUE=DATE"], written["DTEND;VALUE=DATE"]) == ("20261231", "20270101")
    assert written["TRANSP"] == "TRANSPARENT"
    (parsed,) = vobject.readOne(content.decode()).vevent_list
    assert (parsed.dtstart.value, parsed.dtend.value) == (date(2026, 12, 31), date(2027, 1, 1))


@pytest.mark.parametrize(("language", "title"), [("sv", "INSTÄLLD: Träff"), ("en", "CANCELLED: Träff")])
def test_a_cancelled_meeting_says_so_in_every_way_there_is(language: str, title: str) -> None:
    written = event_of(published(meeting(), language=language))
    assert (written["SUMMARY"], written["STATUS"], written["TRANSP"]) == ("Träff", "CONFIRMED", "OPAQUE")
    called_off = meeting(cancelled=True, cancelled_at=EDITED, sequence=1)
    written = event_of(published(called_off, language=language))
    assert (written["SUMMARY"], written["STATUS"], written["TRANSP"]) == (title, "CANCELLED", "TRANSPARENT")
    assert (written["UID"], written["SEQUENCE"]) == ("meeting-1@portal.example", "1")


def test_a_cancelled_meeting_is_shown_for_thirty_days_by_the_swedish_calendar() -> None:
    late_in_the_evening = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)  # 1 March in Sweden
    called_off = meeting(cancelled=True, cancelled_at=late_in_the_evening)
    held = meeting(uid="held@x")
    assert current([called_off, held], date(2026, 3, 31)) == [called_off, held]
    assert current([called_off, held], date(2026, 4, 1)) == [held]
    without_moment = meeting(cancelled=True)  # updated on 1 February
    assert current([without_moment], date(2026, 3, 3)) == [without_moment]
    assert current([without_moment], date(2026, 3, 4)) == []


@pytest.mark.parametrize("letter", "aåé€👍")
def test_lines_are_folded_between_letters_wherever_the_border_falls(letter: str) -> None:
    for before in range(55, 72):
        title = "x" * before + letter * 60
        content = published(meeting(title=title))
        lines = content.split(b"\r\n")
        assert max(len(line) for line in lines) <= 75
        assert [line.decode() for line in lines]
        assert unescaped(event_of(content)["SUMMARY"]) == title
        assert vobject.readOne(content.decode()).vevent.summary.value == title


@pytest.mark.parametrize(
    ("typed", "title", "description"),
    [
        ('Mat; dryck, och \\ mer: "ja"', None, None),
        ("G:\\Nätverk\\nytt\\", None, None),
        ("Rad 1\r\nRad 2\rRad 3\u2028Rad 4\x85", "Rad 1 Rad 2 Rad 3 Rad 4", "Rad 1\nRad 2\nRad 3\nRad 4"),
        ("A\r\nATTENDEE:mailto:a@x.se", "A ATTENDEE:mailto:a@x.se", "A\nATTENDEE:mailto:a@x.se"),
        ("A\nEND:VEVENT\nBEGIN:VEVENT", "A END:VEVENT BEGIN:VEVENT", None),
        ("fak\u202etura\u2066\u2069", "faktura", "faktura"),
        ("\x1b[31mröd\x1b[0m \x07\x00\x9fx\ufeff", "röd x", "röd x"),
        ("a\tb", "a b", "a\tb"),
        ("halv\ud800", "halv", "halv"),
    ],
)
def test_what_people_type_stays_text(typed: str, title: str | None, description: str | None) -> None:
    plain = published(meeting(place="x", description="x"))
    content = published(meeting(title=typed, place=typed, description=typed))
    assert [name for name, _ in properties(content)] == [name for name, _ in properties(plain)]
    written, read = event_of(content), vobject.readOne(content.decode()).vevent
    expected = typed if title is None else title
    assert unescaped(written["SUMMARY"]) == unescaped(written["LOCATION"]) == read.summary.value == expected
    assert unescaped(written["DESCRIPTION"]) == read.description.value == (description or typed)


@given(st.text(st.one_of(st.sampled_from('\\;,:\r\n\t"nNåäö\u2028\u202e\x1b\ud800'), st.characters()), max_size=200))
def test_no_text_makes_another_property(typed: str) -> None:
    plain = published(meeting(place="x", description="x"))
    content = published(meeting(title=f"a{typed}", place=f"a{typed}", description=f"a{typed}"))
    assert [name for name, _ in properties(content)] == [name for name, _ in properties(plain)]
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    controls = {letter for _, value in properties(content) for letter in value if unicodedata.category(letter) == "Cc"}
    assert controls <= {"\t"}


def test_nobody_who_takes_part_is_named() -> None:
    content = published(meeting(place="x", description="x", url="https://x.se/1"))
    names = {name.partition(";")[0] for name, _ in properties(content)}
    assert names.isdisjoint({"ATTENDEE", "ORGANIZER", "CONTACT"})


def test_an_empty_calendar_is_valid_and_stable() -> None:
    empty = published()
    assert empty == published()
    parsed: Any = icalendar.Calendar.from_ical(empty)
    assert [part.name for part in parsed.subcomponents] == ["VTIMEZONE"]
    assert vobject.readOne(empty.decode()).vtimezone.tzid.value == "Europe/Stockholm"


def test_the_same_rows_give_the_same_bytes_at_any_time_in_any_order() -> None:
    events = [meeting(uid=f"{number}@x") for number in range(20)]
    events += [deadline(date(2026, 3, 24), uid=f"d{number}@x") for number in range(5)]
    with clock.fixed(datetime(2026, 1, 1, tzinfo=UTC)):
        first = published(*events)
    random.Random(7).shuffle(events)
    with clock.fixed(datetime(2031, 1, 1, tzinfo=UTC)):
        assert published(*events) == first
    assert first.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert first.endswith(b"END:VCALENDAR\r\n")


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Träff!"},
        {"place": "Ekan"},
        {"url": "https://portal.example/2"},
        {"description": "Ny"},
        {"sequence": 1},
        {"updated_at": EDITED + timedelta(seconds=1)},
        {"ends_at": datetime(2026, 3, 24, 16, tzinfo=STOCKHOLM)},
        {"cancelled": True},
    ],
)
def test_a_change_gives_another_tag(change: dict[str, Any]) -> None:
    before, after = etag(published(meeting())), etag(published(meeting(**change)))
    assert before == etag(published(meeting()))
    assert before != after
    assert re.fullmatch('"[0-9a-f]{32}"', after)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"starts_at": datetime(2026, 3, 24, 13)}, "without zone"),  # noqa: DTZ001
        ({"updated_at": datetime(2026, 3, 24, 13)}, "without zone"),  # noqa: DTZ001
        ({"ends_at": datetime(2026, 3, 24, 13, tzinfo=STOCKHOLM)}, "ends before it starts"),
        ({"ends_at": None}, "ends before it starts"),
        ({"starts_at": None}, "either a day or a start"),
        ({"day": date(2026, 3, 24)}, "either a day or a start"),
        ({"starts_at": None, "ends_at": None, "day": datetime(2026, 3, 24, tzinfo=UTC)}, "either a day or a start"),
        ({"uid": ""}, "not a uid"),
        ({"uid": "a\r\nATTENDEE:x"}, "not a uid"),
        ({"url": "javascript:alert(1)"}, "not an address"),
        ({"url": "https://x.se/\r\nATTENDEE:x"}, "not an address"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        meeting(**wrong)


def test_a_meeting_in_the_hour_that_comes_twice_is_not_taken_for_its_twin() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=STOCKHOLM)
    second = first.replace(fold=1)
    end = datetime(2026, 10, 25, 4, tzinfo=STOCKHOLM)
    assert event_of(published(meeting(first, ends_at=end)))["DTSTART;TZID=Europe/Stockholm"] == "20261025T023000"
    assert event_of(published(meeting(second, ends_at=end)))["DTSTART"] == "20261025T013000Z"


@pytest.mark.parametrize("wrong", [{"url": "webcal://x.se"}, {"url": "https://x.se\r\nX:y"}, {"color": "#fff"}, {"refresh": timedelta(0)}])
def test_a_calendar_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    right: dict[str, Any] = {"name": "x", "url": "https://x.se", "refresh": timedelta(hours=1), "color": "red", "events": []}
    assert feed(Calendar(**right), language="sv")
    with pytest.raises(ValueError, match="not an address, a colour, a time to wait"):
        Calendar(**{**right, **wrong})

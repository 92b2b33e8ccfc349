"""Calendar files of all sorts, read or refused with a sentence for each event; and those that were made to do harm."""

import sys
import time
from datetime import date

import pytest

from portal.sources.calendars import reading, worker
from portal.sources.calendars.reading import BROKEN, WHY, Read, Span, Unreadable, read
from tests.sources.recordings import names, recorded

SPAN, WIDE = Span(date(2026, 1, 1), date(2029, 12, 31)), Span(date(1990, 1, 1), date(2029, 12, 31))


def calendar(*events: str, around: str = "") -> bytes:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\n{around}{''.join(events)}END:VCALENDAR\r\n".encode()


def event(title: str = "Sportlov", *more: str, uid: str = "1", start: str = "DTSTART;VALUE=DATE:20270210") -> str:
    return "".join(f"{line}\r\n" for line in ("BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{title}", start, *more, "END:VEVENT"))


def whys(found: Read) -> list[tuple[str, str]]:
    return [(each.title, each.why) for each in found.refused]


def looked_at(content: bytes, span: Span = SPAN) -> Read:
    """What the worker makes of it, without a process of its own around."""
    return Read.model_validate(worker.read(content, span.first, span.last))


@pytest.mark.parametrize("name", names("ics", "*.ics"))
def test_every_recorded_file_is_read_or_refused_event_by_event(name: str):
    """Each event is shown, lies on other days, or has its sentence; nothing is lost without a word."""
    content = recorded("ics", name)
    for span in (SPAN,) if b"RRULE" in content else (SPAN, WIDE):
        parts, found = worker.take_apart(worker.decoded(content)), looked_at(content, span)
        assert {each.why for each in found.refused} <= WHY.keys()
        assert all(span.first <= each.last and each.first <= span.last for each in found.events)
        told = {each.title for each in (*found.events, *found.refused)}
        forms: dict[str, set[str]] = {}
        for number, each in enumerate(parts.events):
            forms.setdefault(each.value("UID") or str(number), set()).add(reading._line(each.title))
        assert sum(not titles & told for titles in forms.values()) <= found.outside


async def test_a_large_file_with_faults_keeps_all_but_the_faulty():
    found = await read(recorded("ics", "node-ical__large-file-with-late-error.ics"), WIDE)
    assert (len(found.events), len(found.refused), found.outside) == (394, 7, 0)
    assert whys(found)[0] == ("Event 060", "unreadable")


def test_days_hours_and_zones():
    found = looked_at(
        calendar(
            event("Sportlov", "DTEND;VALUE=DATE:20270222", uid="1", start="DTSTART;VALUE=DATE:20270215"),
            event("Möte", "DTEND:20270210T140000Z", uid="2", start="DTSTART:20270210T120000Z"),
            event("Lunch", "DURATION:PT1H", uid="3", start="DTSTART;TZID=W. Europe Standard Time:20270602T120000"),
            event("Flytande", "DTEND:20270303T160000", uid="4", start="DTSTART:20270303T150000"),
            event("Nattmöte", "DTEND:20270305T230000Z", uid="5", start="DTSTART:20270305T180000Z"),
        ),
    )
    told = [
        (
            each.title,
            each.first.isoformat(),
            each.last.isoformat(),
            each.starts and f"{each.starts:%H:%M}",
            each.ends and f"{each.ends:%H:%M}",
        )
        for each in found.events
    ]
    assert told == [
        ("Sportlov", "2027-02-15", "2027-02-21", None, None),
        ("Möte", "2027-02-10", "2027-02-10", "13:00", "15:00"),
        ("Lunch", "2027-06-02", "2027-06-02", "12:00", "13:00"),
        ("Flytande", "2027-03-03", "2027-03-03", "15:00", "16:00"),
        ("Nattmöte", "2027-03-05", "2027-03-05", "19:00", "00:00"),
    ]


def test_repetitions_are_unfolded_with_what_was_moved_and_what_was_taken_out():
    found = looked_at(
        calendar(
            event(
                "KS",
                "RRULE:FREQ=MONTHLY;BYDAY=3WE;COUNT=4",
                "EXDATE:20270317T090000",
                "DTEND:20270120T120000",
                start="DTSTART:20270120T090000",
            ),
            event("KS (flyttat)", "RECURRENCE-ID:20270217T090000", "DTEND:20270218T120000", start="DTSTART:20270218T090000"),
        ),
    )
    assert sorted((each.title, each.first.isoformat()) for each in found.events) == [
        ("KS", "2027-01-20"),
        ("KS", "2027-04-21"),
        ("KS (flyttat)", "2027-02-18"),
    ]


def test_what_lies_on_other_days_is_counted_and_not_shown():
    found = looked_at(calendar(event(start="DTSTART;VALUE=DATE:19990101"), event(uid="2", start="DTSTART;VALUE=DATE:20990101")))
    assert (found.events, found.refused, found.outside) == ([], [], 2)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (event("x", start="LOCATION:ingenstans"), "undated"),
        (event("x", start="DTSTART:20271332T000000"), "unreadable"),
        (event("x", "RRULE:FREQ=NEVER"), "unreadable"),
        (event("x", "STATUS:CANCELLED"), "cancelled"),
        (event("x", "DTEND;VALUE=DATE:20270101"), "backwards"),
        (event("x", "DTEND;VALUE=DATE:20290101"), "lasting"),
        (event("x", start='DTSTART;TZID="Mars/Phobos":20270210T100000'), "zone"),
        (event("x", start=f"DTSTART;TZID={'A' * 1_000}:20270210T100000"), "zone"),
        (event("x", "RRULE:FREQ=SECONDLY", start="DTSTART:20000101T000000Z"), "often"),
        (event("x", "RRULE:FREQ=MINUTELY;COUNT=3", start="DTSTART:20270101T000000Z"), "often"),
        (event("x", "RRULE:FREQ=DAILY"), "often"),
        (
            event(
                "x",
                "RRULE:FREQ=YEARLY;BYSECOND=0,1,2,3,4,5,6,7,8,9;BYMINUTE=0,1,2,3,4,5,6,7,8,9;BYHOUR=0,1,2,3,4,5,6,7,8,9",
                start="DTSTART:20270101T000000Z",
            ),
            "often",
        ),
        (event("x", "LOCATION:" + "x" * 5_000_0), "line"),
        (event("x", "RDATE:" + "20270101T000000Z," * 4_000), "line"),
        (event("x", *(f"RDATE:2027010{n % 9 + 1}T000000Z" for n in range(500))), "line"),
        ("BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:x\r\nDTSTART;VALUE=DATE:20270210\r\n", "cut"),
    ],
)
def test_one_bad_event_has_its_sentence_and_costs_no_other(lines: str, why: str):
    found = looked_at(calendar(event("Bra", uid="9"), lines))
    assert whys(found) == [("x", why)]
    assert [each.title for each in found.events] == ["Bra"]


def test_of_two_forms_of_one_event_the_later_holds():
    found = looked_at(calendar(event("Gammal", "SEQUENCE:1"), event("Ny", "SEQUENCE:2"), event("Äldst", "SEQUENCE:0")))
    assert [each.title for each in found.events] == ["Ny"]
    assert sorted(whys(found)) == [("Gammal", "older"), ("Äldst", "older")]


def test_a_number_that_is_none_tells_nothing_of_which_is_the_later():
    found = looked_at(calendar(event("Ny", "SEQUENCE:1"), event("Gammal", "SEQUENCE:²"), event("Bra", uid="2")))
    assert [each.title for each in found.events] == ["Ny", "Bra"]
    assert whys(found) == [("Gammal", "older")]


@pytest.mark.parametrize("end", ["", "END:VTIMEZONE\r\n"], ids=["without end", "around an event"])
def test_a_zone_that_holds_an_event_is_passed_over_and_the_event_is_read(end: str):
    zone = "BEGIN:VTIMEZONE\r\nTZID:Hemma\r\nBEGIN:STANDARD\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\n"
    found = looked_at(calendar(event("Bra"), end, event("x", uid="2", start="DTSTART;TZID=Hemma:20270210T100000"), around=zone))
    assert [each.title for each in found.events] == ["Bra"]
    assert whys(found) == [("x", "zone")]


def test_nothing_of_the_people_in_a_calendar_comes_further():
    lines = (
        "DESCRIPTION:Ring 070-123 45 67",
        "ORGANIZER;CN=Maja:mailto:maja@example.se",
        "ATTENDEE:mailto:olle@example.se",
        "ATTACH:https://x.se/a",
        "LOCATION:Tranan",
    )
    found = looked_at(calendar(event("Möte", *lines)))
    assert found.model_dump_json().count("@") == 0
    assert [(each.title, each.place) for each in found.events] == [("Möte", "Tranan")]
    assert "070" not in found.model_dump_json()


def test_controls_and_turned_text_do_not_come_through():
    found = looked_at(calendar(event("Sport\u202elov\x07\x00 nu\\nsen\x1b[31m")))
    assert [each.title for each in found.events] == ["Sportlov nu sen"]


def test_a_line_that_a_lone_return_breaks_adds_no_property():
    found = looked_at(calendar(event("Ett\rDTSTART;VALUE=DATE:20280101\rX")))
    assert [(each.title, each.first.year) for each in found.events] in ([("Ett", 2028)], [("Ett", 2027)], [])
    assert len(found.events) + len(found.refused) == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"<!doctype html><title>Logga in</title>", "none"),
        (b'{"events": []}', "none"),
        (b"\x89PNG\r\n\x1a\n" + bytes(1000), "none"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:X\r\n" * 100_000, "deep"),
        (calendar(*(event(uid=str(n)) for n in range(5_001))), "long"),
        (b"BEGIN:VCALENDAR\r\n" + b"X:1\r\n" * 200_001, "long"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_a_file_that_is_no_calendar_or_too_much_of_one_is_a_sentence(content: bytes, why: str):
    with pytest.raises(Unreadable) as refused:
        await read(content, SPAN)
    assert refused.value.message_sv == BROKEN[why]


async def test_alarms_that_would_fill_the_memory_are_not_even_looked_at():
    """GHSA-qjcq-q7h7-r74v: REPEAT made a list of as many moments."""
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nREPEAT:2000000000\r\nDURATION:PT1M\r\nEND:VALARM"
    found = await read(calendar(event("Bra", alarm)), SPAN)
    assert [each.title for each in found.events] == ["Bra"]


async def test_one_line_of_five_megabytes_and_a_zone_without_end_are_passed_over():
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Lång\r\n"
        + "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n" * 5_000
        + "END:VTIMEZONE\r\n"
    )
    found = await read(
        calendar(
            event("Bra", "DESCRIPTION:" + "x" * 4_000_000), event("x", uid="2", start="DTSTART;TZID=Lång:20270210T100000"), around=zone
        ),
        SPAN,
    )
    assert [each.title for each in found.events] == ["Bra"]
    assert whys(found) == [("x", "zone")]


async def test_what_takes_too_long_is_ended_and_the_next_file_is_read(monkeypatch, tmp_path):
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)\n")
    began = time.monotonic()
    with monkeypatch.context() as patched:
        patched.setattr(reading, "WORKER", (sys.executable, str(slow)))
        patched.setattr(reading, "PATIENCE", 0.3)
        with pytest.raises(Unreadable) as refused:
            await read(calendar(event()), SPAN)
    assert refused.value.message_sv == BROKEN["heavy"]
    assert time.monotonic() - began < 20
    assert len((await read(calendar(event()), SPAN)).events) == 1


@pytest.mark.parametrize(
    "harm",
    ["worker.decoded = lambda content: bytearray(1 << 30)", "def forever(content):\n    while True: pass\nworker.decoded = forever"],
    ids=["memory", "time"],
)
async def test_who_takes_too_much_is_ended_by_his_own_limits(harm: str, monkeypatch):
    greedy = f"import sys; sys.path.insert(0, sys.argv.pop(1)); from portal.sources.calendars import worker; worker.SECONDS = 1\n{harm}\nworker.main()"
    monkeypatch.setattr(reading, "WORKER", (*reading.WORKER[:3], greedy, reading.WORKER[4]))
    with pytest.raises(Unreadable) as refused:
        await read(calendar(event()), SPAN)
    assert refused.value.message_sv == BROKEN["heavy"]


async def test_what_a_worker_says_is_checked_again(monkeypatch, tmp_path):
    lying = tmp_path / "lying.py"
    monkeypatch.setattr(reading, "WORKER", (sys.executable, str(lying)))
    for said in ('{"broken": "__class__"}', "[]", '{"events": [{"title": 1}], "refused": [], "outside": 0}', "", "\\xff", '{"events": 5}'):
        lying.write_text(f"print({said!r})")
        with pytest.raises(Unreadable):
            await read(calendar(event()), SPAN)

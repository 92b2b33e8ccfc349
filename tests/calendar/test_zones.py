"""P17: events are at the right local time in four zones, on either side of both clock changes, by two independent libraries."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from portal.ical import Calendar, Event, feed
from tests.calendar.reading import by_icalendar, by_vobject
from tests.promises import mutants

ZONES = ("Europe/Stockholm", "Europe/Helsinki", "Europe/Brussels", "Europe/Lisbon")
CHANGES = [datetime(*day, 1, tzinfo=UTC) for day in ((2026, 3, 29), (2026, 10, 25), (2027, 3, 28), (2027, 10, 31))]
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)


def published(zone: str, moments: list[datetime]) -> bytes:
    """A feed by the clock of the zone, with an event of an hour at each moment, called by it."""
    events = [
        Event(
            uid=f"{each:%Y%m%dT%H%M}@x",
            title="Träff",
            created_at=WRITTEN,
            updated_at=WRITTEN,
            starts_at=each,
            ends_at=each + timedelta(hours=1),
        )
        for each in moments
    ]
    calendar = Calendar(name="x", url="https://x.se", refresh=timedelta(hours=4), color="teal", events=events, zone=ZoneInfo(zone))
    return feed(calendar, language="sv")


def misread(zone: str) -> list[str]:
    """Which events around the clock changes two libraries, or one of them, take for another moment than they are."""
    around = [change + timedelta(minutes=15 * step) for change in CHANGES for step in range(-9, 10)]
    noons = [change.replace(hour=11) + timedelta(days=days) for change in CHANGES for days in (-7, -1, 0, 1, 7)]
    moments = sorted({*around, *noons})
    content = published(zone, moments)
    expected, read = {f"{each:%Y%m%dT%H%M}@x": each for each in moments}, (by_icalendar(content), by_vobject(content))
    return [uid for uid, moment in expected.items() if [each.get(uid) for each in read] != [moment, moment]]


@pytest.mark.parametrize("zone", ZONES)
def test_every_quarter_of_an_hour_around_each_clock_change_is_the_same_moment_to_two_libraries(zone: str):
    assert misread(zone) == []


def test_hours_without_a_zone_are_found_out(monkeypatch: pytest.MonkeyPatch):
    mutants.write_hours_without_their_zone(monkeypatch)
    assert all(misread(zone) for zone in ("Europe/Helsinki", "Europe/Lisbon"))


@pytest.mark.parametrize("zone", ZONES)
def test_hours_are_written_by_the_clock_of_the_zone_with_its_own_rules_beside(zone: str):
    moments = [change.replace(hour=11) + timedelta(days=days) for change in CHANGES for days in (-1, 1)]
    calendar = icalendar.Calendar.from_ical(published(zone, moments))
    (rules,) = calendar.walk("VTIMEZONE")
    assert rules["TZID"] == zone
    assert len([part for part in rules.subcomponents if "RRULE" in part and "RDATE" not in part]) == 2
    written = [(event["DTSTART"].params["TZID"], event["DTSTART"].to_ical().decode()[9:11]) for event in calendar.events]
    assert written == [(zone, f"{each.astimezone(ZoneInfo(zone)):%H}") for each in moments]
    assert len({hour for _zone, hour in written}) == 2  # the moment at eleven UTC is another hour after each change


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Africa/Casablanca", "Asia/Tokyo"])
def test_a_zone_whose_clocks_do_not_change_with_the_unions_is_refused(zone: str):
    with pytest.raises(ValueError, match="do not change with the Union's"):
        published(zone, [WRITTEN])

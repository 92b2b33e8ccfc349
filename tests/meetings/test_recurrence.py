"""The days of a series, and its rule in words. Another library that reads RFC 5545 finds the same days."""

from datetime import date, timedelta

import icalendar
import pytest
import recurring_ical_events

from portal.meetings.recurrence import MOST, Repeats, Rule
from portal.web import speaking

THURSDAY = date(2026, 12, 10)


@pytest.mark.parametrize(
    ("rule", "sv", "en"),
    [
        (Rule(Repeats.months, 1, THURSDAY), "Varje månad, andra torsdagen", "Every month, second Thursday"),
        (Rule(Repeats.months, 2, date(2026, 12, 1)), "Varannan månad, första tisdagen", "Every other month, first Tuesday"),
        (Rule(Repeats.months, 3, date(2026, 12, 30)), "Var 3:e månad, sista onsdagen", "Every 3 months, last Wednesday"),
        (Rule(Repeats.weeks, 1, THURSDAY), "Varje vecka på torsdagar", "Every week on Thursdays"),
        (Rule(Repeats.weeks, 4, date(2026, 12, 11)), "Var 4:e vecka på fredagar", "Every 4 weeks on Fridays"),
    ],
)
def test_a_rule_in_words(rule: Rule, sv: str, en: str):
    with speaking("sv"):
        assert rule.words == sv
    with speaking("en"):
        assert rule.words == en


def test_the_second_thursday_is_the_second_thursday_in_every_month():
    days = Rule(Repeats.months, 1, THURSDAY).days(times=14)
    assert len(days) == 14
    assert {(day.weekday(), (day.day - 1) // 7) for day in days} == {(3, 1)}
    assert [day.month for day in days[:3]] == [12, 1, 2]


def test_a_fifth_weekday_is_the_last_one_so_that_no_month_is_skipped():
    days = Rule(Repeats.months, 1, date(2026, 12, 31)).days(times=12)
    assert [day.month for day in days] == [12, *range(1, 12)]
    assert all((day + timedelta(days=7)).month != day.month for day in days)


def test_the_last_day_is_included_and_a_series_without_end_ends():
    assert Rule(Repeats.weeks, 2, THURSDAY).days(until=THURSDAY + timedelta(days=28)) == [
        THURSDAY + timedelta(days=14 * n) for n in range(3)
    ]
    assert Rule(Repeats.weeks, 1, THURSDAY).days(until=date(2099, 12, 31))[-1] == THURSDAY + timedelta(weeks=MOST)
    assert Rule(Repeats.weeks, 1, THURSDAY).days(until=date(9999, 12, 31)) == Rule(Repeats.weeks, 1, THURSDAY).days(times=MOST + 1)
    assert Rule(Repeats.months, 12, date(2026, 12, 29)).days(until=THURSDAY) == []


@pytest.mark.parametrize(
    ("rule", "written"),
    [
        (Rule(Repeats.months, 2, THURSDAY), "FREQ=MONTHLY;INTERVAL=2;BYDAY=2TH;COUNT=9"),
        (Rule(Repeats.weeks, 3, THURSDAY), "FREQ=WEEKLY;INTERVAL=3;COUNT=9"),
    ],
)
def test_another_reader_of_rules_finds_the_same_days(rule: Rule, written: str):
    event = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261210T130000\r\nRRULE:{written}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(event)).between(date(2026, 1, 1), date(2029, 1, 1))
    assert [each["DTSTART"].dt.date() for each in found] == rule.days(times=9)

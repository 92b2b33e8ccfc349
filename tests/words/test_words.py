"""Dates, hours, numbers and names as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import words
from portal.clock import STOCKHOLM

DAY = date(2026, 12, 10)


def at(day: int, hour: int, minute: int = 0, second: int = 0, month: int = 12, year: int = 2026) -> datetime:
    """A moment by the Swedish clock, in UTC as the database gives it."""
    return datetime(year, month, day, hour, minute, second, tzinfo=STOCKHOLM).astimezone(UTC)


NOW = at(10, 14, 30)  # a Thursday


def test_dates() -> None:
    assert words.date_short(DAY) == "2026-12-10"
    assert (words.date_long(DAY, "sv"), words.date_long(DAY, "en")) == ("den 10 december 2026", "10 December 2026")
    assert (words.weekday_date(DAY, "sv"), words.weekday_date(DAY, "en")) == ("torsdag den 10 december 2026", "Thursday 10 December 2026")
    assert (words.day_month(DAY, "sv"), words.day_month(DAY, "en")) == ("10 december", "10 December")
    assert (words.day_month(date(2027, 3, 1), "sv"), words.day_month(date(2027, 3, 1), "en")) == ("1 mars", "1 March")


def test_a_moment_has_the_swedish_date() -> None:
    midnight = datetime(2026, 12, 9, 23, 30, tzinfo=UTC)
    assert words.date_short(midnight) == "2026-12-10"
    assert words.weekday_date(midnight, "sv") == "torsdag den 10 december 2026"


@pytest.mark.parametrize(("day", "number"), [(date(2026, 11, 19), 47), (date(2027, 1, 3), 53), (date(2024, 12, 30), 1)])
def test_weeks_are_counted_as_in_sweden(day: date, number: int) -> None:
    assert (words.week(day, "sv"), words.week(day, "en")) == (f"vecka {number}", f"week {number}")


def test_hours() -> None:
    assert (words.clock_time(at(10, 13), "sv"), words.clock_time(at(10, 13), "en")) == ("13.00", "13:00")
    assert words.clock_time(datetime(2026, 7, 1, 7, 5, tzinfo=UTC), "sv") == "09.05"
    assert words.clock_time(at(10, 23, 59, 59), "sv") == "23.59"


@pytest.mark.parametrize(
    ("start", "end", "swedish", "english"),
    [
        (at(10, 13), at(10, 15, 30), "kl. 13.00–15.30", "13:00–15:30"),
        (at(10, 13), at(10, 13), "kl. 13.00", "13:00"),
        (at(10, 13), None, "kl. 13.00", "13:00"),
        (at(10, 22), at(11, 1, 30), "kl. 22.00 till 11 december kl. 01.30", "22:00 to 11 December at 01:30"),
        (at(31, 22), at(1, 1, month=1, year=2027), "kl. 22.00 till 1 januari 2027 kl. 01.00", "22:00 to 1 January 2027 at 01:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 2, 30, tzinfo=UTC), "kl. 02.30–03.30", "02:30–03:30"),
    ],
)
def test_spans(start: datetime, end: datetime | None, swedish: str, english: str) -> None:
    assert (words.span(start, end, "sv"), words.span(start, end, "en")) == (swedish, english)


@pytest.mark.parametrize(
    ("said", "unbroken"),
    [
        ("torsdag den 5 juni 2026 kl. 13.00–15.30", "torsdag den_5_juni 2026 kl._13.00–15.30"),
        ("Thursday 15 June 2026 13:00–15:30", "Thursday 15_June 2026 13:00–15:30"),
        ("kl. 22.00 till 11 december kl. 01.30", "kl._22.00 till 11_december kl._01.30"),
        ("i går kl. 13.04", "i går kl._13.04"),
        ("vecka 47", "vecka 47"),
        ("2026-12-13", "2026-12-13"),
    ],
)
def test_a_line_never_ends_inside_a_day_or_an_hour(said, unbroken):
    assert words.unbroken(said) == unbroken.replace("_", "\u00a0")


@pytest.mark.parametrize(
    ("moment", "swedish", "english"),
    [
        (NOW, "nyss", "just now"),
        (NOW - timedelta(seconds=59), "nyss", "just now"),
        (NOW + timedelta(seconds=30), "nyss", "just now"),
        (NOW - timedelta(minutes=1), "för 1 minut sedan", "1 minute ago"),
        (NOW - timedelta(minutes=59), "för 59 minuter sedan", "59 minutes ago"),
        (NOW - timedelta(hours=1), "för 1 timme sedan", "1 hour ago"),
        (at(10, 0, 5), "för 14 timmar sedan", "14 hours ago"),
        (at(9, 23, 59), "i går kl. 23.59", "yesterday at 23:59"),
        (at(9, 13, 4), "i går kl. 13.04", "yesterday at 13:04"),
        (at(8, 9), "i tisdags", "on Tuesday"),
        (at(4, 9), "i fredags", "on Friday"),
        (at(3, 9), "3 december", "3 December"),
        (at(3, 9, year=2025), "3 december 2025", "3 December 2025"),
        (at(11, 9), "i morgon kl. 09.00", "tomorrow at 09:00"),
    ],
)
def test_how_long_ago(moment: datetime, swedish: str, english: str) -> None:
    assert (words.ago(moment, NOW, "sv"), words.ago(moment, NOW, "en")) == (swedish, english)


def test_just_after_midnight_an_hour_ago_was_yesterday() -> None:
    assert words.ago(at(9, 23, 45), at(10, 0, 15), "sv") == "för 30 minuter sedan"
    assert words.ago(at(9, 23, 5), at(10, 0, 15), "sv") == "i går kl. 23.05"


@pytest.mark.parametrize(
    ("moment", "swedish", "english", "nearness"),
    [
        (at(10, 23, 59, 59), "i dag kl. 23.59", "today at 23:59", "soon"),
        (at(10, 14), "i dag kl. 14.00", "today at 14:00", "late"),
        (at(11, 23, 59, 59), "i morgon", "tomorrow", "soon"),
        (at(11, 12), "i morgon kl. 12.00", "tomorrow at 12:00", "soon"),
        (at(9, 23, 59), "i går", "yesterday", "late"),
        (at(16, 23, 59), "16 december", "16 December", "soon"),
        (at(18, 12), "18 december kl. 12.00", "18 December at 12:00", "later"),
        (at(27, 23, 59, month=11), "27 november", "27 November", "late"),
        (at(5, 23, 59, month=1, year=2027), "5 januari 2027", "5 January 2027", "later"),
        (DAY, "i dag", "today", "soon"),
        (DAY - timedelta(days=1), "i går", "yesterday", "late"),
        (DAY + timedelta(days=1), "i morgon", "tomorrow", "soon"),
        (DAY + timedelta(days=8), "18 december", "18 December", "later"),
    ],
)
def test_when_it_is_due(moment: date, swedish: str, english: str, nearness: str) -> None:
    assert (words.due(moment, NOW, "sv"), words.due(moment, NOW, "en")) == (swedish, english)
    assert words.nearness(moment, NOW) == nearness


def test_a_date_of_another_year_says_which() -> None:
    then, since = date(2026, 12, 29), datetime(2027, 8, 28, 11, 40, tzinfo=UTC)
    assert (words.near_date(then, since, "sv"), words.near_date(then, since, "en")) == ("29 december 2026", "29 December 2026")
    assert words.near_date(since, since, "sv") == "28 augusti"


@pytest.mark.parametrize(
    ("value", "swedish", "english"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1234567, "1\u00a0234\u00a0567", "1,234,567"),
        (-5, "−5", "−5"),
        (1234.5, "1\u00a0234,5", "1,234.5"),
        (0.1 + 0.2, "0,3", "0.3"),
        (-0.001, "0", "0"),
        (Decimal("99.95"), "99,95", "99.95"),
        (10.0, "10", "10"),
    ],
)
def test_numbers(value: int | float | Decimal, swedish: str, english: str) -> None:
    assert (words.number(value, "sv"), words.number(value, "en")) == (swedish, english)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Anna Berg", "AB"),
        ("anna-lena åhs svensson", "AS"),
        ("Åsa Öberg", "ÅÖ"),
        ("Anna", "AN"),
        ("Ö", "Ö"),
        ("Анна Берг", "АБ"),
        ("李明", "李明"),
        ("فاطمة علي", "فع"),
        ("ßa", "SS"),
        ("  «Bo»  (Ek) ", "BE"),
        ("Bo 2", "BO"),
        ("", "–"),
        ("👩 7", "–"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert words.initials(name) == letters


def test_swedish_order() -> None:
    names = [
        "Öberg",
        "Åberg",
        "Ärlig",
        "Zorn",
        "wall",
        "Vall",
        "Valter",
        "Éva",
        "Eva",
        "Evert",
        "anna",
        "Anna",
        "Ümit",
        "Yngve",
        "Zz",
        "Ødegård",
        "A 2",
        "berg",
    ]
    assert sorted(names, key=words.sort_key) == [
        *("A 2", "Anna", "anna", "berg", "Eva", "Éva", "Evert", "Vall", "Valter", "wall", "Ümit", "Yngve"),
        *("Zorn", "Zz", "Åberg", "Ärlig", "Öberg", "Ødegård"),
    ]
    assert words.sort_key("a\u030a") == ("{", "a\u030a")


@given(st.text())
def test_any_name_has_initials_and_a_place(name: str) -> None:
    assert 1 <= len(words.initials(name)) <= 2
    assert words.sort_key(name)[1] == name

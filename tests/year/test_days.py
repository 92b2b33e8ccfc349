"""Holidays, eves and weeks, beside what a library of the world's holidays knows."""

from datetime import date

import pytest
from holidays import country_holidays

from portal.year.days import Kind, months_after, same_week_day, special_days, weeks_of

OURS = {"Sveriges nationaldag": "Nationaldagen", "Allhelgonaafton": "Allahelgonsafton"}


def known(year: int, *categories: str) -> dict[date, str]:
    found = country_holidays("SE", years=year, language="sv", categories=categories, include_sundays=False)
    return {day: name.split(" (")[0] for day, name in found.items()}


@pytest.mark.parametrize("year", [2008, *range(2024, 2046)])
def test_holidays_and_eves_are_those_that_the_library_knows(year: int):
    special = special_days(year)
    holidays = {day: OURS.get(each.name, each.name) for day, each in special.items() if each.kind == Kind.holiday}
    assert set(holidays) == set(known(year, "public"))
    assert {day for day, name in holidays.items() if known(year, "public")[day] != name} <= {date(2008, 5, 1)}  # two on one day
    eves = known(year, "optional", "de_facto")
    assert {day for day, each in special.items() if each.kind == Kind.eve} == {
        day for day, name in eves.items() if name != "Klämdag"
    } - set(holidays)


def test_a_working_day_between_free_ones_is_a_bridge():
    bridges = [day for day, each in special_days(2027).items() if each.kind == Kind.bridge]
    assert bridges == [date(2027, 5, 7)]
    assert special_days(2026)[date(2026, 5, 15)].name == "Klämdag"
    assert date(2026, 1, 2) in special_days(2026)


def test_weeks_are_counted_as_swedes_do():
    january = weeks_of(2027, 1)
    assert [week.number for week in january] == [53, 1, 2, 3, 4]
    assert january[0].days == (None, None, None, None, date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3))
    assert [week.number for week in weeks_of(2026, 12)] == [49, 50, 51, 52, 53]
    assert weeks_of(2027, 12)[-1].days[4:] == (date(2027, 12, 31), None, None)


def test_the_same_day_of_the_same_week_another_year():
    assert same_week_day(date(2026, 2, 11), 2027) == date(2027, 2, 17)
    assert same_week_day(date(2026, 12, 30), 2027) == date(2027, 12, 29)  # week 53, which 2027 does not have


def test_three_months_later():
    assert months_after(date(2027, 11, 30), 3) == date(2028, 2, 29)
    assert months_after(date(2027, 1, 31), 3) == date(2027, 4, 30)

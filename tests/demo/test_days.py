"""On whatever day the demo is loaded, its year is a believable one."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from portal import clock
from portal.consultations.models import Stage as Kind
from portal.demo import days
from portal.demo.consultations import window_of
from portal.demo.content import consultations, meetings
from portal.demo.loader import put_everything
from portal.demo.meetings import day_of
from portal.demo.networks import board_dates
from portal.demo.stage import Stage

EVERY_DAY = [date(2028, 1, 1) + timedelta(days=n) for n in range(366)]
JULY_AND_NEW_YEAR = [date(2027, 7, 1), date(2027, 7, 17), date(2027, 7, 31), date(2027, 12, 31), date(2028, 1, 1), date(2028, 2, 29)]


def stage_on(day: date) -> Stage:
    return Stage(None, day, Path())  # type: ignore[arg-type]


def test_everything_has_happened_on_working_days_and_by_daylight():
    for day in EVERY_DAY:
        stage = stage_on(day)
        put_everything(stage)
        moments = [clock.local(moment) for moment, _deed in stage.script]
        assert len(moments) > 200
        assert max(moments).date() < day
        assert min(moments).date() > day - timedelta(days=460)
        wrong = [each for each in moments if not days.is_working_day(each.date()) or not 7 <= each.hour < 20]
        assert wrong == [], day


@pytest.mark.parametrize("day", JULY_AND_NEW_YEAR, ids=str)
def test_july_and_new_year_are_no_exceptions(day: date):
    assert all(each.weekday() < 5 and each.month != 7 for each in (day_of(stage_on(day), gathering) for gathering in meetings.ALL))


def test_nobody_meets_in_july_at_weekends_or_at_christmas():
    for day in EVERY_DAY:
        for gathering in meetings.ALL:
            meets = day_of(stage_on(day), gathering)
            assert meets.weekday() in (1, 2, 3), (day, gathering.key)
            assert meets.month != 7, (day, gathering.key)
            assert (meets.month, meets.day) not in {(12, 24), (12, 31), (1, 1), (1, 6)}, (day, gathering.key)
            assert (meets > day) == (gathering.offset > 0)


def test_meetings_keep_their_order_and_are_well_apart():
    ours = sorted((each for each in meetings.ALL if each.by == "ingela"), key=lambda each: each.offset)
    for day in EVERY_DAY:
        dates = [day_of(stage_on(day), each) for each in ours]
        assert all(timedelta(days=30) < later - earlier < timedelta(days=140) for earlier, later in pairwise(dates)), day


def test_the_housing_questionnaire_closes_a_sunday_and_the_call_five_days_later():
    housing = next(each for each in consultations.ALL if each.key == "housing")
    for day in EVERY_DAY:
        first, second = (window_of(day, window) for window in housing.windows)
        assert (first.stage, second.stage) == (Kind.public_consultation, Kind.call_for_evidence)
        assert first.closes_on.weekday() == 6
        assert second.closes_on - first.closes_on == timedelta(days=5)
        assert first.opens_on is not None
        assert first.opens_on < day < first.closes_on < day + timedelta(days=19)


def test_boards_never_meet_in_july_nor_on_holidays_and_want_their_papers_before():
    for day in EVERY_DAY:
        for _name, dates in board_dates(day):
            assert dates
            for each in dates:
                assert days.is_working_day(each.meets_on)
                assert days.is_working_day(each.cutoff_on)
                assert each.cutoff_on < each.meets_on


def test_a_moment_is_the_swedish_hour_in_winter_and_in_summer():
    assert days.moment(date(2027, 1, 12), "9.05") == datetime.fromisoformat("2027-01-12T08:05:00+00:00")
    assert days.moment(date(2027, 6, 8), "9.05") == datetime.fromisoformat("2027-06-08T07:05:00+00:00")


def test_working_days_step_over_weekends_holidays_and_july():
    assert days.working(date(2027, 8, 2), -1) == date(2027, 6, 30)
    assert days.working(date(2027, 6, 30), 1) == date(2027, 8, 2)
    assert days.working(date(2026, 11, 23), -1) == date(2026, 11, 20)
    assert days.working(date(2026, 12, 23), 1) == date(2026, 12, 28)

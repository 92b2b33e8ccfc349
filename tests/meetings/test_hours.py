"""A meeting in a night when the clocks change: the hour that is skipped is refused, and of the one that comes twice it is asked which."""

import re
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal.meetings.models import Meeting, comes_twice, instead_of, moment
from tests.factories import Cast

NIGHT = {"title": "Nattmöte", "day": "2026-10-25", "starts": "02:30", "ends": "04:00"}


@pytest.mark.parametrize(
    ("day", "skipped"), [(date(2026, 3, 29), True), (date(2027, 3, 28), True), (date(2026, 3, 28), False), (date(2026, 10, 25), False)]
)
def test_the_skipped_hour_is_from_two_to_three(day: date, skipped: bool):
    hours = (time(1, 59), time(2), time(2, 30), time(2, 59), time(3))
    assert [instead_of(day, each) is not None for each in hours] == [False, skipped, skipped, skipped, False]


@pytest.mark.parametrize(
    ("day", "twice"), [(date(2026, 10, 25), True), (date(2027, 10, 31), True), (date(2026, 10, 24), False), (date(2026, 3, 29), False)]
)
def test_the_hour_that_comes_twice_is_from_two_to_three(day: date, twice: bool):
    hours = (time(1, 59), time(2), time(2, 30), time(2, 59), time(3))
    assert [comes_twice(day, each) for each in hours] == [False, twice, twice, twice, False]


def test_the_suggestion_is_the_same_time_after_the_change():
    assert instead_of(date(2026, 3, 29), time(2, 30)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC) == moment(date(2026, 3, 29), time(3, 30))


@pytest.mark.parametrize(("locale", "sentence"), [("sv", "Skriv till exempel 03.30."), ("en", "Enter for instance 03:30.")])
async def test_a_skipped_time_is_refused_with_a_suggestion_by_its_field(locale: str, sentence: str, cast: Cast, session, browser):
    cast.coordinator.person.locale = locale
    session.add(cast.coordinator.person)
    await session.commit()
    ingela = await browser(cast.coordinator)
    ingela.client.cookies.set("language", locale)
    refused = await ingela.post("/granby/meetings", {**NIGHT, "day": "2026-03-29"})
    assert refused.status_code == 422
    assert re.search(rf'id="f-starts-error">.*{re.escape(sentence)}', refused.text)
    assert 'id="f-ends-error"' not in refused.text


async def test_of_a_time_that_comes_twice_it_is_asked_which_and_both_are_kept_apart(cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    assert "starts_in" not in (await ingela.get("/granby/meetings/new")).text
    asked = await ingela.post("/granby/meetings", NIGHT)
    assert asked.status_code == 422
    assert "kommer två gånger" in asked.text
    assert len(re.findall(r'type="radio" name="starts_in"', asked.text)) == 2
    assert 'name="ends_in"' not in asked.text
    places = [
        (await ingela.post("/granby/meetings", {**NIGHT, "starts_in": season})).headers["location"] for season in ("summer", "winter")
    ]
    starts = [each.starts_at for each in await session.scalars(select(Meeting).order_by(col(Meeting.record_id)))]
    assert starts == [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    for place, season in zip(places, ("summer", "winter"), strict=True):
        assert re.search(rf'name="starts_in" value="{season}"[^>]* checked', (await ingela.get(f"{place}/edit")).text)
    short = await ingela.post("/granby/meetings", {**NIGHT, "starts_in": "winter", "ends": "02:45", "ends_in": "summer"})
    assert (short.status_code, "sluta efter att den börjar" in short.text) == (422, True)
    long = await ingela.post("/granby/meetings", {**NIGHT, "starts": "02:45", "starts_in": "summer", "ends": "02:15", "ends_in": "winter"})
    assert long.status_code == 303

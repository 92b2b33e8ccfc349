"""What is said about days before anybody is told of them."""

from datetime import UTC, date, datetime

import pytest

from portal.web import speaking
from portal.year import advice
from portal.year.advice import Advice, Picked
from portal.year.marks import Mark, Sort
from portal.year.rhythm import suggest

DAY = date(2027, 2, 10)
TODAY = date(2026, 11, 26)


def picked(day: date = DAY) -> Picked:
    return Picked(day, datetime(day.year, day.month, day.day, 12, tzinfo=UTC), datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC))


def said(day: date = DAY, *marks: Mark) -> list[str]:
    return [each.sentence for each in advice.about(picked(day), marks, today=TODAY)]


@pytest.mark.parametrize(
    ("count", "sentence", "kind"),
    [
        (0, "0 av 4–6 träffar. Lägg till minst 4 till.", "warn"),
        (3, "3 av 4–6 träffar. Lägg till minst en till.", "warn"),
        (4, "4 av 4–6 träffar. Antalet är inom målet.", "good"),
        (6, "6 av 4–6 träffar. Antalet är inom målet.", "good"),
        (7, "7 av 4–6 träffar. Det är en mer än nätverket har bestämt.", "warn"),
        (9, "9 av 4–6 träffar. Det är 3 mer än nätverket har bestämt.", "warn"),
    ],
)
def test_the_number_is_held_against_what_the_network_means_to_have(count: int, sentence: str, kind: str):
    assert advice.tally(count, least=4, most=6) == Advice(sentence, kind)


def test_a_goal_of_one_number_is_said_as_one():
    assert advice.tally(1, least=1, most=1).sentence == "1 av 1 träff. Antalet är inom målet."


def test_more_than_three_months_is_long_and_three_months_are_not():
    assert advice.gaps([date(2027, 2, 10), date(2027, 5, 10), date(2027, 8, 10)], 2027) == []
    [gap] = advice.gaps([date(2027, 5, 11), date(2027, 2, 10)], 2027)
    assert gap.sentence == "Mer än tre månader mellan 10 februari och 11 maj."


def test_the_neighbouring_years_count_but_what_lies_in_them_alone_does_not():
    [gap] = advice.gaps([date(2026, 3, 1), date(2026, 10, 1), date(2027, 2, 10)], 2027)
    assert gap.sentence == "Mer än tre månader mellan 1 oktober 2026 och 10 februari."


@pytest.mark.parametrize(
    ("day", "sentences"),
    [
        (DAY, []),
        (date(2027, 7, 8), ["I juli har de flesta semester."]),
        (date(2027, 7, 10), ["Det är helg.", "I juli har de flesta semester."]),
        (date(2027, 5, 6), ["Kristi himmelsfärdsdag."]),
        (date(2027, 5, 7), ["Klämdag."]),
        (date(2027, 3, 25), ["Skärtorsdagen."]),
        (date(2026, 11, 25), ["Dagen har redan varit."]),
    ],
)
def test_what_a_day_is_in_itself(day: date, sentences: list[str]):
    assert said(day) == sentences


def test_what_lies_on_the_day():
    marks = [
        Mark(Sort.board, DAY, DAY, "Kommunstyrelsen"),
        Mark(Sort.cutoff, DAY, DAY, "Kultur- och fritidsnämnden"),
        Mark(Sort.meeting, DAY, DAY, "Nätverksträff 1"),
        Mark(Sort.foreign, date(2027, 2, 8), date(2027, 2, 14), "Sportlov", whose="Läsåret"),
        Mark(Sort.foreign, date(2027, 1, 8), date(2027, 6, 14), "Vårtermin", whose="Läsåret"),
        Mark(Sort.window, date(2027, 1, 8), DAY, "Samråd"),
        Mark(Sort.board, date(2027, 2, 11), date(2027, 2, 11), "Dagen efter"),
    ]
    assert said(DAY, *marks) == [
        "Kommunstyrelsen sammanträder.",
        "Stopptid för Kultur- och fritidsnämnden.",
        "Nätverket har redan en träff: Nätverksträff 1.",
        "Krockar med Sportlov (Läsåret).",
    ]


def test_what_has_hours_is_in_the_way_during_them_alone():
    def at(first: int, last: int) -> Mark:
        moments = [datetime(2027, 2, 10, hour, tzinfo=UTC) for hour in (first, last)]
        return Mark(Sort.foreign, DAY, DAY, "Regionträff", whose="Regionen", starts_at=moments[0], ends_at=moments[1])

    assert said(DAY, at(8, 12)) == []
    assert said(DAY, at(14, 16)) == ["Krockar med Regionträff (Regionen)."]


def test_last_years_weeks_are_suggested_beside_what_is_taken_or_free():
    before = [date(2026, 2, 11), date(2026, 5, 13), date(2026, 7, 8)]
    assert suggest(2027, before=before, taken={date(2027, 2, 17)}, not_before=TODAY) == [date(2027, 2, 18), date(2027, 5, 19)]


def test_a_first_year_gets_five_days_that_nothing_is_said_about():
    days = suggest(2027, before=[], taken=set(), not_before=TODAY)
    assert len(days) == 5
    assert [sentence for day in days for sentence in said(day)] == []
    assert advice.gaps(days, 2027) == [Advice("Mer än tre månader mellan 28 april och 1 september.")]


def test_nothing_is_suggested_for_days_that_have_been():
    assert all(day >= date(2027, 6, 1) for day in suggest(2027, before=[], taken=set(), not_before=date(2027, 6, 1)))


def test_it_is_said_in_english_too():
    with speaking("en"):
        assert advice.tally(4, least=4, most=6).sentence == "4 of 4–6 meetings. The number is within the goal."
        assert said(date(2027, 7, 8)) == ["In July most people are on holiday."]
        assert said(date(2027, 5, 6)) == ["Ascension Day."]

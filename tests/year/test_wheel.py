"""The wheel is a picture of the marks, each where its day is, and says in words what it shows."""

from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest

from portal.web import speaking
from portal.year.marks import Mark, Sort
from portal.year.wheel import CENTRE, wheel

SVG = "{http://www.w3.org/2000/svg}"
MARKS = [
    Mark(
        Sort.meeting, date(2027, 7, 2), date(2027, 7, 2), "Träff <1> & mer", "/meetings/7",
        starts_at=datetime(2027, 7, 2, 11, tzinfo=UTC), ends_at=datetime(2027, 7, 2, 13, tzinfo=UTC),
    ),
    Mark(Sort.board, date(2027, 4, 2), date(2027, 4, 2), "Kommunstyrelsen"),
    Mark(Sort.cutoff, date(2027, 1, 1), date(2027, 1, 1), "Kommunstyrelsen"),
    Mark(Sort.window, date(2026, 11, 1), date(2027, 10, 1), "Bostäder", "/consultations/3"),
    Mark(Sort.window, date(2027, 11, 1), date(2028, 2, 1), "Vatten", "/consultations/4"),
    Mark(Sort.call, date(2027, 8, 1), date(2027, 9, 15), "Vänortsmöten", "/calls/5"),
    Mark(Sort.reminder, date(2027, 12, 31), date(2027, 12, 31), "Samla siffror"),
]  # fmt: skip


def drawn(marks: list[Mark] = MARKS, *, today: date = date(2027, 4, 1)) -> ElementTree.Element:
    whole = str(wheel(2027, marks, today=today, base="/granby")).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return ElementTree.fromstring(whole)


def test_every_mark_says_its_words_and_what_has_a_page_leads_there():
    links = {each.get("href"): each.get("aria-label") for each in drawn().iter(f"{SVG}a")}
    assert links == {
        "/granby/meetings/7": "Träff 1: Träff <1> & mer, fredag den 2 juli 2027 kl. 13.00–15.00",
        "/granby/consultations/3": "Samrådstid: Bostäder, söndag den 1 november 2026 till fredag den 1 oktober 2027",
        "/granby/consultations/4": "Samrådstid: Vatten, måndag den 1 november 2027 till tisdag den 1 februari 2028",
        "/granby/calls/5": "Utlysning: Vänortsmöten, söndag den 1 augusti 2027 till onsdag den 15 september 2027",
    }
    told = [each.text for each in drawn().iter(f"{SVG}title")]
    assert told[0] == "Årshjulet 2027"
    assert "Stopptid: Kommunstyrelsen, fredag den 1 januari 2027" in told
    assert len(told) == 1 + len(MARKS)


def test_it_describes_itself():
    picture = drawn()
    said = picture.find(f"{SVG}desc").text
    assert said == "1 träff, 1 sammanträde, 1 stopptid, 2 samråd, 1 utlysning, 1 påminnelse. Allt står också i tabellen."
    assert picture.get("aria-labelledby").split() == [picture.find(f"{SVG}{name}").get("id") for name in ("title", "desc")]


def test_a_day_stands_where_the_clock_hand_of_the_year_would_be():
    picture = drawn()
    meeting = next(each for each in picture.iter(f"{SVG}circle") if each.get("class") == "f-petrol")
    x, y = float(meeting.get("cx")), float(meeting.get("cy"))
    assert abs(x - CENTRE) < 3  # the year's middle is at the bottom
    assert y > CENTRE + 200
    board = next(each for each in picture.iter(f"{SVG}path") if each.get("class") == "f-ink").get("d")
    assert float(board[1:].split(" ")[0]) > CENTRE + 200  # and the end of March to the right


def test_the_name_of_a_month_stands_clear_of_the_rim_also_where_it_is_wider_than_high():
    rim = max(float(each.get("r")) for each in drawn().iter(f"{SVG}circle"))
    centres = {
        each.text: (float(each.get("x")), float(each.get("y"))) for each in drawn().iter(f"{SVG}text") if "month" in each.get("class")
    }
    assert len(centres) == 12
    for name, (x, y) in centres.items():
        nearest_x, nearest_y = max(abs(x - CENTRE) - 25, 0), max(abs(y - CENTRE) - 14, 0)  # half of "mar" in the largest letters, 27 px
        assert (nearest_x**2 + nearest_y**2) ** 0.5 > rim, name


@pytest.mark.parametrize("marks", [[], MARKS, MARKS * 40], ids=["nothing", "a year", "far too much"])
def test_nothing_is_drawn_outside_the_picture(marks: list[Mark]):
    left, top, width, height = map(float, drawn(marks).get("viewBox").split())
    for each in drawn(marks).iter():
        assert all(left <= float(each.get(name, 0)) <= left + width for name in ("cx", "x", "x1", "x2"))
        assert all(top <= float(each.get(name, 0)) <= top + height for name in ("cy", "y", "y1", "y2"))


def test_today_has_a_hand_in_its_own_year_alone():
    assert [each.get("class") for each in drawn().iter(f"{SVG}g")].count("today") == 1
    assert [each.get("class") for each in drawn(today=date(2026, 4, 1)).iter(f"{SVG}g")].count("today") == 0
    strong = [each.text for each in drawn().iter(f"{SVG}text") if each.get("class") == "month strong"]
    assert strong == ["apr"]


def test_it_speaks_english_too():
    with speaking("en"):
        whole = wheel(2027, MARKS, today=date(2027, 4, 1), base="")
    assert "Year wheel 2027" in whole
    assert "1 meeting" in whole
    assert "Årshjulet" not in whole

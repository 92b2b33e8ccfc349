"""Board dates as people paste them."""

from datetime import date

import pytest

from portal.networks.dates import decoded, read_dates

FEBRUARY, MARCH = (date(2027, 2, 10), date(2027, 1, 25)), (date(2027, 3, 10), date(2027, 2, 22))


@pytest.mark.parametrize(
    "text",
    [
        "2027-02-10;2027-01-25\n2027-03-10;2027-02-22",
        "2027-02-10,2027-01-25\n2027-03-10,2027-02-22\n",
        "2027-02-10\t2027-01-25\r\n\r\n2027-03-10\t2027-02-22\r\n",
        "Sammanträde;Stopptid\n2027-02-10;2027-01-25\n2027-03-10;2027-02-22",
        '"Sammanträde";"Stopptid"\n"2027-02-10";"2027-01-25"\n"2027-03-10";"2027-02-22"',
        "2027-02-10; 2027-01-25;\n;;\n 2027-03-10 ;2027-02-22;;",
        "2027-02-10 2027-01-25\n2027-03-10    2027-02-22",
        "10 februari 2027 25 januari 2027\n10 mars 2027  2027-02-22",
        "10 februari 2027;25 januari 2027\n10 mars 2027;22 februari 2027",
        "onsdag den 10 feb 2027;måndag 25 jan. 2027\nOnsdagen den 10 MARS 2027;22 Februari 2027",
    ],
)
def test_a_list_is_read_however_it_is_written(text: str) -> None:
    dates = read_dates(text)
    assert dates.wrong == []
    assert [(each.meets_on, each.cutoff_on) for each in dates.meetings] == [FEBRUARY, MARCH]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Listan är tom."),
        ("Sammanträde;Stopptid\n", "Listan är tom."),
        ("2027-02-10;2027-01-25\n2027-03-10", "Rad 2: Skriv två datum med semikolon emellan."),
        ("2027-02-10;2027-01-25;2027-01-20", "Rad 1: Skriv två datum med semikolon emellan."),
        ("2027-02-30;2027-01-25", "Rad 1: ”2027-02-30” är inte ett datum."),
        ("datum;stopp\n2027-02-10;snart 2027", "Rad 2: ”snart 2027” är inte ett datum."),
        ("10 fubruari 2027;2027-01-25", "Rad 1: ”10 fubruari 2027” är inte ett datum."),
        ("2027-02-10;2027-02-11", "Rad 1: Stopptiden kan inte ligga efter sammanträdet."),
        ("0027-02-10;0027-01-25", "Rad 1: Året ska ligga mellan 2000 och 2099."),
        ("2027-02-10;2027-01-25\n\n2027-02-10;2027-01-20", "Rad 3: Sammanträdet 2027-02-10 står två gånger."),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, sentence: str) -> None:
    assert read_dates(text).wrong == [sentence]


def test_many_mistakes_are_summed_up_and_a_list_has_an_end() -> None:
    assert read_dates("7\n" * 8).complaint.endswith("Rad 5: ”7” är inte ett datum. och 3 rader till.")
    assert read_dates("2027-02-10;2027-01-25\n" * 401).wrong == ["Listan är för lång: högst 400 rader."]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_as_spreadsheets_save_it(encoding: str) -> None:
    assert decoded("Sammanträde;Stopptid\n".encode(encoding)) == "Sammanträde;Stopptid\n"

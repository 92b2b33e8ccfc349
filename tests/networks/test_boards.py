"""Boards and their dates: typed one by one, pasted, or from a CSV file; all of a list or nothing."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal.db import Session
from portal.networks.board_models import BoardMeeting
from tests.networks.conftest import Enter, Town, deeds

BOARDS = "/granby/administer/boards"
KNOWN = (date(2099, 2, 10), date(2099, 1, 25))


async def dates_of(session: Session, town: Town) -> list[tuple[date, date]]:
    wanted = select(BoardMeeting).where(col(BoardMeeting.board_id) == town.board.id).order_by(col(BoardMeeting.meets_on))
    return [(each.meets_on, each.cutoff_on) for each in await session.scalars(wanted.execution_options(populate_existing=True))]


async def test_a_new_board_asks_for_its_dates(town: Town, browser: Enter) -> None:
    coordinator = await browser(town.cast.coordinator)
    added = await coordinator.post(BOARDS, {"name": "Bildningsnämnden"})
    page = (await coordinator.get(added.headers["location"])).text
    assert "Bildningsnämnden är tillagd. Nu behövs datum." in page
    assert "Nämnden har inga datum ännu." in page


async def test_a_pasted_list_is_entered(town: Town, browser: Enter, session: Session) -> None:
    coordinator = await browser(town.cast.coordinator)
    pasted = "Sammanträde;Stopptid\r\n10 februari 2027;25 januari 2027\r\n2027-03-10\t2027-02-22\r\n2099-02-10,2099-01-20"
    answer = await coordinator.post(f"{BOARDS}/{town.board.id}/list", {"dates": pasted})
    page = (await coordinator.get(answer.headers["location"])).text
    assert "2 sammanträden är införda. En stopptid är ändrad." in page
    assert "onsdag den\u00a010\u00a0februari 2027" in page
    entered = [(date(2027, 2, 10), date(2027, 1, 25)), (date(2027, 3, 10), date(2027, 2, 22)), (date(2099, 2, 10), date(2099, 1, 20))]
    assert await dates_of(session, town) == entered


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
async def test_a_file_is_entered(encoding: str, town: Town, browser: Enter, session: Session) -> None:
    content = "Sammanträde;Stopptid\r\n2027-02-10;2027-01-25\r\n".encode(encoding)
    coordinator = await browser(town.cast.coordinator)
    files = {"file": ("nämnd.csv", content, "text/csv")}
    answer = await coordinator.post(f"{BOARDS}/{town.board.id}/list", {"dates": ""}, files=files)
    assert answer.headers["location"] == f"{BOARDS}/{town.board.id}"
    assert await dates_of(session, town) == [(date(2027, 2, 10), date(2027, 1, 25)), KNOWN]


async def test_an_empty_file_leaves_what_was_pasted(town: Town, browser: Enter, session: Session) -> None:
    files = {"file": ("", b"", "application/octet-stream")}
    await (await browser(town.cast.coordinator)).post(f"{BOARDS}/{town.board.id}/list", {"dates": "2027-02-10;2027-01-25"}, files=files)
    assert len(await dates_of(session, town)) == 2


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("", "Fyll i fältet."),
        ("2027-02-10;2027-01-25\n2027-02-31;2027-01-25", "Rad 2: ”2027-02-31” är inte ett datum."),
        ("2027-02-10;2027-01-25\n2027-03-10", "Rad 2: Skriv två datum med semikolon emellan."),
        ("2027-02-10;2027-02-11", "Rad 1: Stopptiden kan inte ligga efter sammanträdet."),
        ("2027-02-10;2027-01-25\x00", "Texten innehåller ett tecken som inte får finnas."),
        ("<script>1;2</script>", "Rad 1: ”&lt;script&gt;1” är inte ett datum."),
    ],
)
async def test_one_bad_line_and_nothing_is_entered(pasted: str, sentence: str, town: Town, browser: Enter, session: Session) -> None:
    answer = await (await browser(town.cast.coordinator)).post(f"{BOARDS}/{town.board.id}/list", {"dates": pasted})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert await dates_of(session, town) == [KNOWN]
    assert await deeds(session, town.cast) == []


async def test_a_bad_file_comes_back_as_text_to_mend(town: Town, browser: Enter) -> None:
    files = {"file": ("nämnd.csv", b"2027-02-10;snart 1", "text/csv")}
    answer = await (await browser(town.cast.coordinator)).post(f"{BOARDS}/{town.board.id}/list", {"dates": ""}, files=files)
    assert "Rad 1: ”snart 1” är inte ett datum." in answer.text
    assert ">\n2027-02-10;snart 1</textarea>" in answer.text


async def test_one_date_is_typed(town: Town, browser: Enter, session: Session) -> None:
    coordinator = await browser(town.cast.coordinator)
    path = f"{BOARDS}/{town.board.id}/dates"
    late = await coordinator.post(path, {"meets_on": "2027-02-10", "cutoff_on": "2027-02-11"})
    assert "Stopptiden kan inte ligga efter sammanträdet." in late.text
    assert await dates_of(session, town) == [KNOWN]
    await coordinator.post(path, {"meets_on": "2027-02-10", "cutoff_on": "2027-02-10"})
    assert await dates_of(session, town) == [(date(2027, 2, 10), date(2027, 2, 10)), KNOWN]


async def test_the_same_dates_again_change_nothing(town: Town, browser: Enter, session: Session) -> None:
    coordinator = await browser(town.cast.coordinator)
    again = await coordinator.post(f"{BOARDS}/{town.board.id}/list", {"dates": "2099-02-10;2099-01-25"})
    assert "Alla datumen fanns redan." in (await coordinator.get(again.headers["location"])).text
    assert await deeds(session, town.cast) == []


async def test_a_board_with_dates_is_not_removed(town: Town, browser: Enter, session: Session) -> None:
    coordinator = await browser(town.cast.coordinator)
    refused = await coordinator.post(f"{BOARDS}/{town.board.id}/removal")
    assert refused.status_code == 409
    assert "Nämnden har datum. Ta bort dem först." in refused.text
    other = await coordinator.post(f"{BOARDS}/{town.bare_board.id}/dates/{town.meeting.id}/removal")
    assert other.status_code == 404
    await coordinator.post(f"{BOARDS}/{town.board.id}/dates/{town.meeting.id}/removal")
    assert await dates_of(session, town) == []
    assert (await coordinator.post(f"{BOARDS}/{town.board.id}/removal")).headers["location"] == BOARDS


async def test_a_name_is_used_once(town: Town, browser: Enter) -> None:
    coordinator = await browser(town.cast.coordinator)
    for path in (BOARDS, f"{BOARDS}/{town.bare_board.id}"):
        assert "Det finns redan en nämnd som heter så." in (await coordinator.post(path, {"name": "kommunstyrelsen"})).text

"""An import into the database: what the source has changed since is taken over, and a broken file changes nothing."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlmodel import col

from portal.app import Portal
from portal.consultations.models import Consultation, Initiative
from portal.db import Session, unit_of_work
from portal.records.models import Record
from portal.sources.actions import Imported, import_have_your_say
from portal.sources.have_your_say import read
from tests.factories import Cast
from tests.ground.test_commands import portal as command
from tests.sources.constructed import constructed_detail, constructed_item, constructed_list, constructed_status, moment
from tests.sources.recordings import names, recorded
from tests.written import written

OPENS, CLOSES, LATER = "2026/09/01 10:00:00", "2026/11/24 23:59:59", "2026/12/08 23:59:59"


def constructed_answer(*statuses: tuple[str, str], title: str = "Havsakten", **fields: Any) -> bytes:
    """A list answer with one initiative that has a window for each (stage, last moment); constructed, not recorded."""
    windows = [constructed_status(stage, "OPEN", OPENS, closes) for stage, closes in statuses]
    titles = [{"field": "SHORT_TITLE", "language": "SV", "value": title}]
    return constructed_list(constructed_item(currentStatuses=windows, initiativeTranslations=titles, **fields))


async def taken_over(portal: Portal, *answers: bytes) -> Imported:
    async with unit_of_work(portal.sessions) as session:
        return await import_have_your_say(session, [each for answer in answers for each in read(answer)])


async def stored(portal: Portal) -> Initiative:
    async with portal.sessions() as session:
        return (await session.scalars(select(Initiative).options(selectinload(Initiative.windows)))).one()  # type: ignore[arg-type]


FIRST = (("OPC_LAUNCHED", CLOSES),)


async def test_the_same_constructed_answer_twice_changes_nothing(cast: Cast, portal: Portal, session: Session):
    assert await taken_over(portal, constructed_answer(*FIRST)) == Imported(new=1, consultations=2)
    before = await written(session)
    assert await taken_over(portal, constructed_answer(*FIRST)) == Imported(same=1)
    assert await written(session) == before


@pytest.mark.parametrize("name", names("have-your-say", "*Initiatives_*.json"))
async def test_a_recorded_answer_twice_changes_nothing(name: str, cast: Cast, portal: Portal, session: Session):
    answer = recorded("have-your-say", name)
    first = await taken_over(portal, answer)
    before = await written(session)
    assert (first.new > 0, first.same, first.changed) == (True, 0, 0)
    assert await taken_over(portal, answer) == Imported(same=first.new)
    assert await written(session) == before


async def test_a_constructed_date_that_was_moved_is_moved(cast: Cast, portal: Portal, session: Session, browser):
    await taken_over(portal, constructed_answer(*FIRST))
    (window,) = (await stored(portal)).windows
    assert window.closes_at == moment(2026, 11, 24, 23, 59, 59)
    assert await taken_over(portal, constructed_answer(("OPC_LAUNCHED", LATER))) == Imported(changed=1)
    (moved,) = (await stored(portal)).windows
    assert (moved.id, moved.closes_at, moved.published_text) == (window.id, moment(2026, 12, 8, 23, 59, 59), LATER)
    record = await session.scalar(select(col(Consultation.record_id)).where(col(Consultation.network_id) == cast.network.id))
    page = (await (await browser(cast.contact)).get(f"/granby/consultations/{record}")).text
    assert re.search(r"8\sdecember(&nbsp;|\s)2026", page)
    assert not re.search(r"24\snovember", page)


async def test_a_constructed_window_that_came_later_stands_beside_the_first(cast: Cast, portal: Portal):
    await taken_over(portal, constructed_answer(*FIRST))
    both = constructed_answer(*FIRST, ("ADOPTION_WORKFLOW", LATER))
    assert await taken_over(portal, both) == Imported(changed=1)
    assert [(each.key, each.closes_at) for each in (await stored(portal)).windows] == [
        ("public_consultation", moment(2026, 11, 24, 23, 59, 59)),
        ("adopted_proposal", moment(2026, 12, 8, 23, 59, 59)),
    ]
    assert await taken_over(portal, constructed_answer(("ADOPTION_WORKFLOW", LATER))) == Imported(same=1)  # the list has current ones alone
    assert len((await stored(portal)).windows) == 2


async def test_a_constructed_title_that_is_new_is_found_by_its_words(cast: Cast, portal: Portal, session: Session, browser):
    await taken_over(portal, constructed_answer(*FIRST))
    assert await taken_over(portal, constructed_answer(*FIRST, title="Fiskefriden")) == Imported(changed=1)
    assert set(await session.scalars(select(col(Record.title)))) == {"Fiskefriden"}
    maja = await browser(cast.contact)
    assert "Fiskefriden" in (await maja.get("/granby/search?q=fiskefriden")).text
    assert "Fiskefriden" not in (await maja.get("/granby/search?q=havsakten")).text


async def test_a_constructed_title_follows_its_source_in_both_languages(cast: Cast, portal: Portal, session: Session):
    async def called() -> set[tuple[str, str]]:
        return {(title, english) for title, english in await session.execute(select(col(Record.title), col(Record.title_en)))}

    await taken_over(portal, constructed_answer(*FIRST, shortTitle="Ocean Act"))
    assert await called() == {("Havsakten", "Ocean Act")}
    assert await taken_over(portal, constructed_answer(*FIRST, shortTitle="European Ocean Act")) == Imported(changed=1)
    assert await called() == {("Havsakten", "European Ocean Act")}
    await taken_over(portal, constructed_answer(*FIRST, title="Fiskefriden", shortTitle="Fishing Peace"))
    assert await called() == {("Fiskefriden", "Fishing Peace")}


async def test_what_a_network_has_decided_and_said_outlasts_an_update(cast: Cast, portal: Portal, session: Session, browser):
    await taken_over(portal, constructed_answer(*FIRST))
    ingela = await browser(cast.coordinator)
    record = await session.scalar(select(col(Consultation.record_id)).where(col(Consultation.network_id) == cast.network.id))
    assert (
        await ingela.post(f"/granby/consultations/{record}/triage", {"triage": "watching", "reason": "Hamnen berörs"})
    ).status_code == 303
    await taken_over(portal, constructed_answer(("OPC_LAUNCHED", LATER), title="Kustakten"))
    page = (await ingela.get(f"/granby/consultations/{record}")).text
    assert ("Kustakten" in page, "Hamnen berörs" in page) == (True, True)


async def test_a_constructed_detail_adds_what_the_list_leaves_out(cast: Cast, portal: Portal):
    await taken_over(portal, constructed_answer(*FIRST))
    summary = [
        {"field": "SUMMARY", "language": "SV", "value": "<p>Om haven.</p>"},
        {"field": "SHORT_TITLE", "language": "SV", "value": "Havsakten"},
    ]
    assert await taken_over(portal, constructed_detail(initiativeTranslations=summary)) == Imported(changed=1)
    assert (await stored(portal)).summary_sv == "Om haven."
    assert await taken_over(portal, constructed_answer(*FIRST)) == Imported(same=1)
    assert (await stored(portal)).summary_sv == "Om haven."


async def test_the_command_changes_nothing_when_one_of_its_files_is_broken(
    cast: Cast, portal: Portal, session: Session, database_url: str, tmp_path: Path
):
    await taken_over(portal, constructed_answer(*FIRST))
    whole = constructed_answer(("OPC_LAUNCHED", LATER), title="Kustakten")
    right, wrong = tmp_path / "right.json", tmp_path / "wrong.json"
    right.write_bytes(whole)
    wrong.write_bytes(whole[:-10])
    settings = {"DATABASE_URL": database_url.replace("+asyncpg", ""), "PORTAL_DATA": str(tmp_path), "PORTAL_SECRET": "x" * 40}
    before = await written(session)
    done = await asyncio.to_thread(lambda: command("sources", "import", "have-your-say", str(right), str(wrong), **settings))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"portal: {wrong} cannot be taken over, and nothing was changed:")
    assert await written(session) == before
    wrong.write_bytes(whole)  # and the same two, mended
    done = await asyncio.to_thread(lambda: command("sources", "import", "have-your-say", str(right), str(wrong), **settings))
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 new, 1 changed, 1 as before" in done.stdout
    assert (await stored(portal)).title_sv == "Kustakten"

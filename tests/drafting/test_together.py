"""Several write in one section at the same time: each sees the others, what is called saved is
stored, and both ways of writing write one text."""

import asyncio
import os
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

from portal import clock
from portal.drafting import actions, crdt, document, documents
from portal.drafting.models import Section, SectionDocument, SectionVersion
from portal.meetings import agenda, minutes, minutes_document
from portal.meetings.models import AgendaItem, Meeting
from portal.meetings.record_models import ApprovalForm
from portal.networks.members import end_membership
from portal.web import Conflict
from tests.drafting.conftest import Notes
from tests.drafting.editor import until
from tests.factories import Cast
from tests.making import circulated


async def shown(session, notes: Notes, words: str) -> Section:
    """The section once it shows these words."""
    async with asyncio.timeout(30):
        while True:
            await session.commit()
            section = await session.get(Section, notes.section.id, populate_existing=True)
            if document.to_text(section.body) == words:
                return section
            await asyncio.sleep(0.05)


async def stored(session, notes: Notes) -> str:
    """What the log says."""
    kept = (await session.scalars(select(SectionDocument).where(SectionDocument.section_id == notes.section.id))).one()
    newer = await documents.changes(session, kept.stream_id, kept.seq)
    return document.to_text(crdt.body_of(documents.states(kept, newer)))


def form(section: Section, body: str) -> dict[str, str]:
    return {"heading": section.heading, "body": body, "version": str(section.version)}


async def test_two_write_in_one_section_and_see_each_other(cast: Cast, session, notes, edits):
    ingela, maja = await edits(cast.coordinator), await edits(cast.contact)
    ingela.type("Ingela ")
    await until(lambda: maja.words == "Ingela ")
    maja.type("Maja")
    await until(lambda: ingela.words == "Ingela Maja")
    await ingela.saved()
    await maja.saved()
    assert await stored(session, notes) == "Ingela Maja"
    section = await shown(session, notes, "Ingela Maja")
    assert section.updated_by_id == cast.contact.person_id


async def test_what_is_called_saved_is_stored(cast: Cast, session, notes, edits):
    ingela = await edits(cast.coordinator)
    for number in range(5):
        ingela.type(f"{number} ")
        await ingela.saved()
        assert await stored(session, notes) == ingela.words.strip()
        await session.commit()


async def test_a_long_text_that_is_pasted_in_comes_in_parts_and_is_saved(cast: Cast, session, notes, edits):
    ingela, maja = await edits(cast.coordinator), await edits(cast.contact)
    pasted = "Ett långt utlåtande. " * 11_000  # 242 kB
    ingela.type(pasted)
    await ingela.saved(60)
    assert ingela.refused == {}
    await until(lambda: maja.words == pasted)
    assert await stored(session, notes) == pasted.strip()


async def test_what_is_larger_than_a_text_may_be_is_refused_and_still_stands_where_it_was_written(cast: Cast, session, notes, edits):
    ingela = await edits(cast.coordinator)
    ingela.type("Före. ")
    await ingela.saved()
    for pasted in ("x" * 300_000, "y" * 900_000):
        ingela.type(pasted)
        await until(lambda: bool(ingela.refused), 60)
        assert set(ingela.refused.values()) == {"too_large"}
        assert ingela.words.endswith(pasted)
        ingela.refused.clear()
    assert await stored(session, notes) == "Före."


async def test_a_document_is_begun_once_however_many_open_it(cast: Cast, session, notes, browser):
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    await ingela.post(f"/granby/sections/{notes.section.id}", form(notes.section, "Det som **redan** står.\n\n- en sak"))
    answers = await asyncio.gather(*(each.post(notes.document) for each in (ingela, maja) * 4))
    assert {(each.status_code, each.json()["mark"], each.json()["stream"]) for each in answers} == {
        (200, answers[0].json()["mark"], answers[0].json()["stream"])
    }
    assert await stored(session, notes) == "Det som redan står.\nen sak"
    assert (await session.execute(text("SELECT count(*) FROM section_document"))).scalar_one() == 1


async def test_a_saved_form_becomes_a_change_that_editors_see(cast: Cast, session, notes, edits, browser):
    ingela, maja = await edits(cast.coordinator), await browser(cast.contact)
    ingela.type("Vi välkomnar förslaget.")
    await ingela.saved()
    section = await shown(session, notes, "Vi välkomnar förslaget.")
    answer = await maja.post(f"/granby/sections/{section.id}", form(section, "Vi välkomnar verkligen förslaget.\n\nMajas stycke."))
    assert answer.status_code == 303
    await until(lambda: ingela.words == "Vi välkomnar verkligen förslaget.\nMajas stycke.")
    ingela.type(" Ja.", paragraph=0)
    await ingela.saved()
    await shown(session, notes, "Vi välkomnar verkligen förslaget. Ja.\nMajas stycke.")


async def test_a_form_that_began_before_others_wrote_shows_both_texts(cast: Cast, session, notes, edits, browser):
    ingela, maja = await edits(cast.coordinator), await browser(cast.contact)
    ingela.type("Ingelas ord, nyss.")
    await ingela.saved()
    answer = await maja.post(f"/granby/sections/{notes.section.id}", form(notes.section, "Majas ord."))
    assert answer.status_code == 409
    assert "Avsnittet har ändrats" in answer.text
    assert "Ingelas ord, nyss." in answer.text
    assert "Majas ord." in answer.text
    assert await stored(session, notes) == "Ingelas ord, nyss."


async def test_a_lock_keeps_the_last_word_and_ends_writing(cast: Cast, session, notes, edits):
    ingela = await edits(cast.coordinator)
    ingela.type("Beslutat.")
    await ingela.saved()
    await actions.lock(session, notes.text)
    await session.commit()
    await until(lambda: "text.locked" in [each.get("kind") for each in ingela.frames])
    ingela.type(" Men nej.")
    await until(lambda: bool(ingela.refused))
    assert set(ingela.refused.values()) <= {"may_not_write", "locked"}
    await session.refresh(notes.section)
    assert document.to_text(notes.section.body) == await stored(session, notes) == "Beslutat."
    assert (await session.get(SectionVersion, (notes.section.id, notes.section.version))).body == notes.section.body


async def test_an_approval_is_of_the_last_word(cast: Cast, session, notes, edits):
    """What is written while somebody reads the notes takes her yes away, whether the page shows it yet or not."""
    meeting = await session.get(Meeting, notes.record.id)
    await session.refresh(meeting, ["record"])
    await circulated(session, cast, meeting)
    read = minutes_document.mark(await minutes_document.content(session, meeting, cast.network))
    ingela = await edits(cast.coordinator)
    ingela.type("Sent tillagt.")
    await ingela.saved()
    with pytest.raises(Conflict):
        await minutes.approve(session, meeting, by=cast.contact, form=ApprovalForm(mark=read))


async def test_who_is_no_author_any_more_is_refused_and_nobody_keeps_what_she_was_shown(cast: Cast, session, notes, edits):
    ingela, maja = await edits(cast.coordinator), await edits(cast.contact)
    maja.type("Före. ")
    await maja.saved()
    await until(lambda: ingela.words == "Före. ")
    await actions.unask(session, notes.text, memberships=[cast.contact.id])
    maja.type("Efter.")
    await until(lambda: ingela.words == "Före. Efter.")  # shown before it is stored; the right is asked for again when it is
    await session.commit()
    await until(lambda: bool(maja.refused))
    assert set(maja.refused.values()) == {"may_not_write"}
    await until(lambda: ingela.resyncs == 1)
    assert [each["anew"] for each in ingela.frames if each["t"] == "resync"] == [True]
    assert await stored(session, notes) == "Före."


async def test_who_leaves_the_network_writes_no_more(cast: Cast, session, notes, edits):
    maja = await edits(cast.contact)
    maja.type("Före. ")
    await maja.saved()
    await end_membership(session, cast.contact, by=cast.coordinator)
    await session.commit()
    maja.type("Efter.")
    await asyncio.sleep(1)
    assert maja.unsaved or maja._waiting or maja.refused
    assert await stored(session, notes) == "Före."


async def test_who_has_an_item_open_that_is_taken_off_the_agenda_is_told_that_her_words_are_not_saved(cast: Cast, session, notes, edits):
    item = (await session.scalars(select(AgendaItem).order_by(AgendaItem.position))).all()[1]
    ingela, maja = [await edits(each, await session.get(Section, item.section_id)) for each in (cast.coordinator, cast.contact)]
    meeting = await session.get_one(Meeting, notes.record.id, options=[joinedload(Meeting.record)])
    await agenda.remove(session, meeting, item, by=cast.coordinator)
    await session.commit()
    for writer in (ingela, maja):  # the one is asked by what stores, the other by what looks at changes
        writer.type("Vi beslutar i kväll.")
        await until(lambda writer=writer: not writer.unsaved or writer.refused)
        assert set(writer.refused.values()) == {"no_text"}
        assert writer.resyncs == 0


async def test_the_workers_death_costs_nobody_a_word(cast: Cast, portal, session, notes, edits):
    ingela, maja = await edits(cast.coordinator), await edits(cast.contact)
    ingela.type("Ett ")
    await ingela.saved()
    process = portal.hub._texts._checking._checker._process
    os.kill(process.pid, 9)
    await process.wait()
    maja.type("två")
    await maja.saved()
    await until(lambda: ingela.words == "Ett två")
    assert (ingela.refused, maja.refused) == ({}, {})
    assert await stored(session, notes) == "Ett två"


async def test_what_stood_before_a_long_quiet_is_kept_as_a_version(cast: Cast, session, notes, edits):
    ingela, maja = await edits(cast.coordinator), await edits(cast.contact)
    ingela.type("I går.")
    await ingela.saved()
    section = await shown(session, notes, "I går.")
    section.updated_at = clock.now() - timedelta(minutes=11)
    await session.commit()
    maja.type(" I dag.")
    await maja.saved()
    section = await shown(session, notes, "I går. I dag.")
    kept = (
        await session.scalars(select(SectionVersion).where(SectionVersion.section_id == section.id).order_by(SectionVersion.version))
    ).all()
    assert [(document.to_text(each.body), each.author_id) for each in kept] == [
        ("", cast.coordinator.person_id), ("I går.", cast.coordinator.person_id)
    ]  # fmt: skip


async def test_versions_have_names_are_compared_and_come_back(cast: Cast, session, notes, edits, browser):
    ingela, page = await edits(cast.coordinator), await browser(cast.coordinator)
    ingela.type("Första tanken.")
    await ingela.saved()
    versions = f"/granby/sections/{notes.section.id}/versions"
    assert (await page.post(versions, {"name": ""})).status_code == 422
    assert (await page.post(versions, {"name": "Till remissen"})).status_code == 303
    await session.refresh(notes.section)
    named = notes.section.version
    ingela.delete(0, 6)
    ingela.type("Andra", at=0)
    await ingela.saved()
    section = await shown(session, notes, "Andra tanken.")
    compared = (await page.get(f"{versions}?from={named}&to={section.version}")).text
    assert "Version 2: Till remissen" in compared
    assert '<del><span class="away">borttaget: </span>Första</del><ins><span class="away">tillagt: </span>Andra</ins> tanken.' in compared
    assert (await page.post(f"{versions}/{named}/restoring")).status_code == 303
    await until(lambda: ingela.words == "Första tanken.")
    await session.refresh(notes.section)
    assert document.to_text(notes.section.body) == "Första tanken."
    assert "Andra tanken." in [document.to_text(each.body) for each in await session.scalars(select(SectionVersion))]
    assert (await page.post(f"{versions}/999/restoring")).status_code == 404


async def test_w25_two_windows_that_were_away_until_the_log_forgot_them_bring_both_texts(cast: Cast, session, notes, edits, monkeypatch):
    monkeypatch.setattr(documents, "FOLDED_AFTER", 1)
    monkeypatch.setattr(documents, "KEPT_IN_LOG", 0)
    ingela, *windows = [await edits(each) for each in (cast.coordinator, cast.contact, cast.contact)]
    ingela.type("Början.")
    await ingela.saved()
    await until(lambda: {each.words for each in windows} == {"Början."})
    for number, window in enumerate(windows):
        await window.away()
        window.add_paragraph(f"Fönster {number}.")
    for number in range(3):
        ingela.type(f" {number}")
        await ingela.saved()
        await shown(session, notes, ingela.words)
    events = "SELECT count(*) FROM live_event JOIN section_document USING (stream_id)"
    assert (await session.execute(text(events))).scalar_one() == 0
    for window in windows:
        await window.back()
        await window.saved()
    await until(lambda: len({each.words for each in (ingela, *windows)}) == 1)
    assert sorted(ingela.words.split("\n")) == ["Början. 0 1 2", "Fönster 0.", "Fönster 1."]
    assert [window.resyncs for window in windows] == [1, 1]

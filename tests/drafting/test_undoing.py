"""What one person wrote is taken away, what she took away comes back, and the others' words stand."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.drafting import crdt, document, documents, undoing
from portal.drafting.models import CoAuthor, SectionVersion
from portal.networks.access import Role
from tests.drafting.conftest import Notes, document_of
from tests.drafting.editor import until
from tests.drafting.test_together import shown, stored
from tests.factories import Cast


def form(person: int, since: datetime, end: datetime) -> dict[str, str]:
    return {"person": str(person), "since": said(since), "until": said(end)}


def said(moment: datetime) -> str:
    """As a browser's field says it."""
    return clock.local(moment).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize("folded", [False, True])
async def test_the_coordinator_undoes_what_one_person_wrote_and_took_away(
    cast: Cast, session, notes: Notes, edits, browser, monkeypatch, folded
):
    if folded:
        monkeypatch.setattr(documents, "FOLDED_AFTER", 1)
    ingela, maja = await edits(cast.coordinator), await edits(cast.contact)
    ingela.type("Vi välkomnar förslaget.")
    await ingela.saved()
    await until(lambda: maja.words == ingela.words)
    maja.delete(3, 13)
    maja.type(" Aldrig i livet!")
    maja.add_paragraph("Majas stycke.")
    await maja.saved()
    await until(lambda: ingela.words == maja.words)
    ingela.type("Ja: ", at=0)
    await ingela.saved()
    assert ingela.words == "Ja: Vi förslaget. Aldrig i livet!\nMajas stycke."
    await shown(session, notes, ingela.words)
    page, moment = await browser(cast.coordinator), clock.now()
    address = f"/granby/sections/{notes.section.id}"
    assert "Ta bort det en person har skrivit" in (await page.get(f"{address}/versions")).text
    hers = form(cast.contact.person_id, moment - timedelta(hours=1), moment)
    assert (await page.post(f"{address}/undoing", hers)).status_code == 303
    await until(lambda: ingela.words == maja.words == "Ja: Vi välkomnar förslaget.")
    assert await stored(session, notes) == ingela.words
    await session.refresh(notes.section)
    assert document.to_text(notes.section.body) == ingela.words
    kept = [document.to_text(each.body) for each in await session.scalars(select(SectionVersion).order_by(SectionVersion.version))]
    assert kept[-2:] == ["Ja: Vi förslaget. Aldrig i livet!\nMajas stycke.", ingela.words]
    maja.type(" Igen.")
    await maja.saved()
    await until(lambda: ingela.words == "Ja: Vi välkomnar förslaget. Igen.")
    assert (ingela.refused, maja.refused) == ({}, {})


async def test_what_was_written_at_another_time_stands(cast: Cast, session, notes: Notes, edits, browser):
    maja, page = await edits(cast.contact), await browser(cast.coordinator)
    maja.type("Majas ord.")
    await maja.saved()
    moment = clock.now()
    then = form(cast.contact.person_id, moment - timedelta(days=2), moment - timedelta(days=1))
    answer = await page.post(f"/granby/sections/{notes.section.id}/undoing", then)
    assert answer.status_code == 409
    assert "Av det som skrevs då finns inget kvar att ta bort." in answer.text
    assert (await page.post(f"/granby/sections/{notes.section.id}/undoing", then | {"since": "i går"})).status_code == 422
    assert await stored(session, notes) == "Majas ord."


async def test_an_author_undoes_her_own_words_and_nobody_elses(cast: Cast, session, notes: Notes, edits, browser):
    ingela, maja, page = await edits(cast.coordinator), await edits(cast.contact), await browser(cast.contact)
    ingela.add_paragraph("Ingelas stycke.")
    maja.add_paragraph("Majas stycke.")
    for each in (ingela, maja):
        await each.saved()
    address, moment = f"/granby/sections/{notes.section.id}", clock.now()
    shown_to_her = (await page.get(f"{address}/versions")).text
    assert f'<option value="{cast.contact.person_id}">' in shown_to_her
    assert f'<option value="{cast.coordinator.person_id}">' not in shown_to_her
    assert (await page.post(f"{address}/undoing", form(cast.coordinator.person_id, moment - timedelta(hours=1), moment))).status_code == 403
    assert (await page.post(f"{address}/undoing", form(cast.contact.person_id, moment - timedelta(hours=1), moment))).status_code == 303
    await until(lambda: "Majas" not in ingela.words)
    assert await stored(session, notes) == "Ingelas stycke."


@pytest.mark.parametrize(("bound", "left"), [("KEPT_IN_LOG", 2), ("LARGEST_LOG", 1)])
async def test_what_the_log_has_forgotten_is_in_what_it_begins_with(cast: Cast, session, notes: Notes, edits, monkeypatch, bound, left):
    monkeypatch.setattr(documents, "FOLDED_AFTER", 1)
    monkeypatch.setattr(documents, bound, 2)
    ingela = await edits(cast.coordinator)
    for number in range(5):
        ingela.type(f"{number} ")
        await ingela.saved()
        await shown(session, notes, ingela.words.strip())
    kept = await document_of(session, notes)
    log = await documents.changes(session, kept.stream_id, kept.base_seq)
    assert [each.seq for each in log] == [kept.base_seq + each for each in range(1, left + 1)]
    assert document.to_text(crdt.body_of([kept.base, *(update for each in log for update in each.updates)])) == ingela.words.strip()


async def test_few_undo_at_once_and_whoever_waits_too_long_or_twice_is_told_so(
    cast: Cast, session, notes: Notes, edits, browser, monkeypatch
):
    maja, page = await edits(cast.contact), await browser(cast.contact)
    ingela = await browser(cast.coordinator)
    maja.add_paragraph("Majas stycke.")
    await maja.saved()
    address, moment = f"/granby/sections/{notes.section.id}/undoing", clock.now()
    hers = form(cast.contact.person_id, moment - timedelta(hours=1), moment)
    for _turn in range(undoing.AT_ONCE):
        await undoing.TURNS.acquire()
    first = asyncio.create_task(page.post(address, hers))
    await until(lambda: len(undoing.IN_LINE) == 1)
    again = await page.post(address, hers)
    assert (again.status_code, "Du håller redan på att ta bort text." in again.text) == (409, True)
    monkeypatch.setattr(undoing, "LONGEST_WAIT", 0.05)
    late = await ingela.post(address, hers)
    assert (late.status_code, "Andra håller på att ta bort text just nu." in late.text) == (503, True)
    assert await stored(session, notes) == "Majas stycke."
    for _turn in range(undoing.AT_ONCE):
        undoing.TURNS.release()
    assert ((await first).status_code, await stored(session, notes), undoing.IN_LINE) == (303, "", set())


async def test_who_is_coordinator_no_more_when_her_turn_comes_undoes_nothing_of_others(cast: Cast, session, notes: Notes, edits, browser):
    maja, ingela = await edits(cast.contact), await browser(cast.coordinator)
    maja.add_paragraph("Majas stycke.")
    await maja.saved()
    moment = clock.now()
    hers = form(cast.contact.person_id, moment - timedelta(hours=1), moment)
    for _turn in range(undoing.AT_ONCE):
        await undoing.TURNS.acquire()
    waiting = asyncio.create_task(ingela.post(f"/granby/sections/{notes.section.id}/undoing", hers))
    await until(lambda: len(undoing.IN_LINE) == 1)
    cast.coordinator.role = Role.contact
    session.add(CoAuthor(text_id=notes.text.id, membership_id=cast.coordinator.id))
    await session.commit()
    for _turn in range(undoing.AT_ONCE):
        undoing.TURNS.release()
    assert ((await waiting).status_code, await stored(session, notes)) == (403, "Majas stycke.")

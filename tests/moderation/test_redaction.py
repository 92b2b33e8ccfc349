"""Words that are removed for good: two confirmations, and then they stand nowhere."""

import asyncio

import pytest
from sqlalchemy import text

from portal.accounts.actions import keep_form
from portal.comments import queries
from portal.comments.actions import keep_edit
from portal.comments.markup import _kept
from portal.db import Session, readings_of
from portal.moderation.actions import report
from portal.moderation.models import Reason, ReasonForm
from portal.rooms import frames
from portal.tables import metadata
from portal.web import Forbidden
from portal.web.templates import pieces
from tests.moderation.conftest import NUMBER, Enter, Talk, events, rulings, verbs

WHY = {"reason": "personal_data", "words": "Ett privat nummer"}
TYPED = WHY | {"typed": "Ta bort texten"}


async def tables_with(session: Session, words: str) -> set[str]:
    """Every table of the database in which the words stand."""
    found = set()
    for name in metadata.tables:
        if await session.scalar(text(f'SELECT exists(SELECT 1 FROM "{name}" t WHERE t::text LIKE :like)'), {"like": f"%{words}%"}):
            found.add(name)
    return found


async def test_it_takes_a_reason_and_then_the_words_that_confirm_it(talk: Talk, session: Session, browser: Enter):
    ingela = await browser(talk.cast.coordinator)
    first = await ingela.get(talk.of("redaction"))
    assert "Det här försvinner" in first.text
    assert (await ingela.post(talk.of("redaction"), {})).status_code == 422
    second = await ingela.post(talk.of("redaction"), WHY)
    assert (second.status_code, "Skriv ”ta bort texten”" in second.text) == (200, True)
    wrong = await ingela.post(talk.of("redaction"), WHY | {"typed": "ja"})
    assert (wrong.status_code, "Skriv orden precis som de står." in wrong.text) == (422, True)
    assert "comment" in await tables_with(session, NUMBER)
    assert await verbs(session) == []
    assert (await ingela.post(talk.of("redaction"), TYPED)).status_code == 303
    assert await verbs(session) == ["comment.redacted"]


async def test_the_words_stand_nowhere_afterwards(talk: Talk, session: Session, browser: Enter):
    ingela, tomas, maja = [await browser(each) for each in (talk.cast.coordinator, talk.cast.deputy, talk.cast.contact)]
    await tomas.post(f"/granby/comments/{talk.comment.id}", {"body": f"Fredriksdotter har {NUMBER}", "version": "1"})
    await maja.post(talk.of("report"), {"reason": "personal_data", "words": f"Hon har {NUMBER}"})
    await tomas.post(f"/granby/records/{talk.record.id}/draft", {"body": f"Jag menar {NUMBER}"})
    assert await tables_with(session, NUMBER) == {"comment", "comment_version", "comment_report", "comment_draft"}
    assert await tables_with(session, "fredriksdott") == {"comment"}
    await ingela.post(talk.of("redaction"), TYPED)
    assert await tables_with(session, NUMBER) == set()
    assert await tables_with(session, "fredriksdott") == set()
    for member in (talk.cast.coordinator, talk.cast.registrar, talk.cast.deputy):
        someone = await browser(member)
        for path in (
            talk.page,
            talk.of("versions"),
            "/granby",
            "/granby/search?q=Fredriksdotter",
            f"/granby/records/{talk.record.id}/history",
        ):
            answer = await someone.get(path)
            assert (path, answer.status_code, NUMBER in answer.text) == (path, 200, False)
    for path in ("log", "log.csv", "log.json"):
        exported = (await ingela.get(f"/granby/moderation/{path}")).text
        assert ("Ett privat nummer" in exported, "Ingela Rask" in exported, NUMBER in exported) == (True, True, False), path


async def test_a_report_that_comes_while_they_are_removed_brings_none_of_them_back(talk: Talk, session: Session, browser: Enter):
    comment, record = await queries.comment(session, talk.cast.contact, talk.comment.id)
    await (await browser(talk.cast.coordinator)).post(talk.of("redaction"), TYPED)
    form = ReasonForm(reason=Reason.personal_data, words=f"Hon har {NUMBER}")
    with pytest.raises(Forbidden):
        await report(session, comment, record, by=talk.cast.contact, form=form)
    await session.commit()
    assert await tables_with(session, NUMBER) == set()


async def test_nor_does_a_page_that_is_open_still_in_which_their_author_was_changing_them(talk: Talk, session: Session, browser: Enter):
    tomas, ingela = await browser(talk.cast.deputy), await browser(talk.cast.coordinator)
    kept = {"body": f"Ring henne på {NUMBER}"}
    comment, record = await queries.comment(session, talk.cast.deputy, talk.comment.id)
    assert (await tomas.post(talk.of("draft"), kept)).status_code == 204
    await ingela.post(talk.of("redaction"), TYPED)
    with pytest.raises(Forbidden):
        await keep_edit(session, comment, record, by=talk.cast.deputy, body=kept["body"])  # it had been read before
    await session.commit()
    assert [(await tomas.post(talk.of("draft"), kept)).status_code, (await tomas.get(talk.of("edit"))).status_code] == [403, 403]
    assert await tables_with(session, NUMBER) == set()


async def test_nor_do_they_stand_in_a_form_that_came_late_and_was_sent_again(talk: Talk, session: Session, browser: Enter):
    tomas = talk.cast.deputy.person_id
    posted = {"body": [f"Ring {NUMBER}"], "key": [str(talk.comment.key)]}
    await keep_form(session, person_id=tomas, path=f"/granby/records/{talk.record.id}/comments", fields=posted)
    await keep_form(session, person_id=tomas, path=f"/granby/comments/{talk.comment.id}", fields={"body": [f"Ring nu {NUMBER}"]})
    await keep_form(session, person_id=talk.cast.contact.person_id, path=talk.of("report"), fields={"words": [f"Hon har {NUMBER}"]})
    await keep_form(session, person_id=tomas, path=f"/granby/comments/{talk.comment.id}0", fields={"body": ["Något annat"]})
    await session.commit()
    await (await browser(talk.cast.coordinator)).post(talk.of("redaction"), TYPED)
    assert await tables_with(session, NUMBER) == set()
    assert await tables_with(session, "Något annat") == {"kept_form"}


async def test_nor_does_it_stand_anywhere_whom_they_named(talk: Talk, session: Session, browser: Enter):
    ingela, tomas = await browser(talk.cast.coordinator), await browser(talk.cast.deputy)
    await tomas.post(f"/granby/comments/{talk.comment.id}", {"body": "@Sirkka Laine har en sjuk mor", "version": "1"})
    sirkka = await browser(talk.cast.reader)
    assert "allt" in (await sirkka.get(talk.page)).text.split("Följ:")[1].split("</summary>")[0]
    await ingela.post(talk.of("redaction"), TYPED)
    assert await session.scalar(text("SELECT count(*) FROM comment_mention")) == 0
    assert "när jag nämns" in (await sirkka.get(talk.page)).text.split("Följ:")[1].split("</summary>")[0]


async def test_nor_in_what_a_process_keeps_of_the_pages_it_has_made_and_of_what_it_has_read(talk: Talk, portal, browser: Enter):
    ingela, read = await browser(talk.cast.coordinator), readings_of(portal.sessions)
    assert NUMBER in (await ingela.get(talk.page)).text
    assert _kept.cache_info().currsize > 0
    assert pieces("sv").made > 0
    read.keep("what was said", NUMBER, "1:1:")
    await ingela.post(talk.of("redaction"), TYPED)
    async with asyncio.timeout(5):
        while _kept.cache_info().currsize:  # the process is told as every other is: by the database, after the commit
            await asyncio.sleep(0.01)
    assert [pieces("sv").made, pieces("en").made, read.kept] == [0, 0, 0]


async def test_open_browsers_are_told_and_get_the_placeholder(talk: Talk, session: Session, portal, browser: Enter):
    ingela = await browser(talk.cast.coordinator)
    await ingela.post(talk.of("redaction"), TYPED)
    assert await events(session, talk.comment) == ["comment.posted", "comment.redacted"]

    class Told:
        kind, ref = "comment.redacted", talk.comment.id

    stream = await session.scalar(text("SELECT stream_id FROM thread WHERE record_id = :id"), {"id": talk.record.id})
    async with portal.sessions() as another:
        sent = await frames.render(another, stream, [Told()], "sv")
    assert "Texten är borttagen: personuppgifter" in sent[0]["html"]
    assert NUMBER not in sent[0]["html"]


async def test_what_is_gone_is_neither_shown_again_edited_hidden_answered_nor_removed_twice(talk: Talk, session: Session, browser: Enter):
    ingela, tomas = await browser(talk.cast.coordinator), await browser(talk.cast.deputy)
    await ingela.post(talk.of("hiding"), WHY)
    await ingela.post(talk.of("redaction"), TYPED)
    for path, given in (("restoration", {}), ("hiding", WHY), ("redaction", TYPED)):
        assert (path, (await ingela.post(talk.of(path), given)).status_code) == (path, 409)
    assert (await tomas.post(f"/granby/comments/{talk.comment.id}", {"body": "Åter", "version": "1"})).status_code == 403
    answer = {"body": "Svar", "key": "6f0f6a30-33f5-4f10-8a3c-6f0c4c9e8f11", "parent_id": str(talk.comment.id)}
    assert (await tomas.post(f"/granby/records/{talk.record.id}/comments", answer)).status_code == 403
    assert "Det gör jag." in (await tomas.get(talk.page)).text
    assert [each.verb for each in await rulings(session)] == ["comment.hidden", "comment.redacted"]


@pytest.mark.parametrize("role", ["deputy", "registrar", "admin", "head"])
async def test_nobody_but_the_coordinator_removes_words_not_even_their_author(role: str, talk: Talk, session: Session, browser: Enter):
    someone = await browser(talk.cast.everyone[role])
    assert (await someone.post(talk.of("redaction"), TYPED)).status_code == 403
    assert NUMBER in (await someone.get(talk.page)).text

"""Hide, restore, hide again; the author is told; and locking, which goes the same way."""

import re

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from portal.comments.models import Comment, CommentVersion
from portal.db import Session
from portal.moderation.models import Notice
from tests.browser import Browser
from tests.moderation.conftest import NUMBER, Enter, Talk, events, verbs

WHY = {"reason": "personal_data", "words": "Ett nummer"}


async def test_hide_show_hide_show_and_the_answer_stays_readable(talk: Talk, session: Session, browser: Enter):
    ingela, maja = await browser(talk.cast.coordinator), await browser(talk.cast.contact)
    for _time in range(2):
        await ingela.post(talk.of("hiding"), WHY)
        shown = (await maja.get(talk.page)).text
        assert NUMBER not in shown
        assert "Dold av samordnaren: personuppgifter – Ett nummer" in shown
        assert "Det gör jag." in shown
        assert "0 resultat" in (await maja.get("/granby/search?q=Fredriksdotter")).text
        await ingela.post(talk.of("restoration"))
        assert NUMBER in (await maja.get(talk.page)).text
        assert "1 resultat för" in (await maja.get("/granby/search?q=Fredriksdotter")).text
    assert await verbs(session) == ["comment.hidden", "comment.restored"] * 2
    assert await events(session, talk.comment) == ["comment.posted", *["comment.hidden", "comment.restored"] * 2]


async def test_hiding_is_undone_with_the_button_that_follows_it(talk: Talk, session: Session, browser: Enter):
    ingela = await browser(talk.cast.coordinator)
    await ingela.post(talk.of("hiding"), WHY)
    told = (await ingela.get(talk.page)).text
    undo = re.search(r'<form method="post" action="([^"]+)">[^/]*<button class="btn small">.*Ångra', told)
    assert undo is not None
    assert undo[1] == talk.of("restoration?undo=1")
    await ingela.post(undo[1])
    assert NUMBER in (await ingela.get(talk.page)).text


async def test_nobody_hides_twice_or_without_a_reason(talk: Talk, session: Session, browser: Enter):
    ingela = await browser(talk.cast.coordinator)
    assert (await ingela.post(talk.of("hiding"), {"words": "Nej"})).status_code == 422
    await ingela.post(talk.of("hiding"), WHY)
    assert (await ingela.post(talk.of("hiding"), {"reason": "insult"})).status_code == 409
    assert await verbs(session) == ["comment.hidden"]


async def test_the_author_is_told_why_on_her_first_page_until_she_has_read_it(talk: Talk, session: Session, browser: Enter):
    ingela, tomas, maja = [await browser(each) for each in (talk.cast.coordinator, talk.cast.deputy, talk.cast.contact)]
    await ingela.post(talk.of("hiding"), WHY)
    path = note(await home(tomas))
    assert "Din kommentar är dold" not in await home(maja)
    told = (await tomas.get(path)).text
    assert "Personuppgifter – Ett nummer" in told
    assert talk.of("versions") in told
    assert NUMBER in (await tomas.get(talk.of("versions"))).text
    assert (await maja.get(path)).status_code == 404
    await tomas.post(f"{path}/receipt")
    assert "Din kommentar är dold" not in await home(tomas)


async def test_only_the_latest_of_what_happened_to_a_comment_waits_unread(talk: Talk, session: Session, browser: Enter):
    ingela, tomas = await browser(talk.cast.coordinator), await browser(talk.cast.deputy)
    await ingela.post(talk.of("hiding"), WHY)
    await ingela.post(talk.of("restoration"))
    shown = await home(tomas)
    assert ("Din kommentar är dold" in shown, "Din kommentar visas igen" in shown) == (False, True)
    assert len(list(await session.scalars(select(Notice)))) == 1


async def test_a_locked_thread_is_opened_again_and_both_stand_in_the_log(talk: Talk, session: Session, browser: Enter):
    ingela, tomas = await browser(talk.cast.coordinator), await browser(talk.cast.deputy)
    for _time in range(2):
        await ingela.post(f"/granby/records/{talk.record.id}/lock")
    shown = (await tomas.get(talk.page)).text
    assert re.search(r"<form[^>]* data-composer[^>]* hidden>", shown)
    assert "may-write" not in shown
    assert "Tråden är låst" in (await ingela.get("/granby/moderation")).text
    await ingela.post(f"/granby/records/{talk.record.id}/unlocking")
    assert await verbs(session) == ["thread.locked", "thread.unlocked"]


async def test_nobody_rewrites_anothers_words(talk: Talk, session: Session, browser: Enter):
    people = [each for role, each in talk.cast.everyone.items() if role not in ("deputy", "outsider")]
    for member in people:
        someone = await browser(member)
        assert (await someone.get(f"/granby/comments/{talk.comment.id}/edit")).status_code == 403
        assert (await someone.post(f"/granby/comments/{talk.comment.id}", {"body": "Andra ord", "version": "1"})).status_code == 403
    kept = (
        await session.scalars(select(Comment).where(col(Comment.id) == talk.comment.id).execution_options(populate_existing=True))
    ).one()
    assert NUMBER in kept.body
    assert list(await session.scalars(select(CommentVersion))) == []


async def test_the_database_refuses_to_change_or_delete_a_ruling(talk: Talk, session: Session, browser: Enter):
    await (await browser(talk.cast.coordinator)).post(talk.of("hiding"), WHY)
    for attempt in ("UPDATE ruling SET words = ''", "DELETE FROM ruling"):
        refused = None
        try:
            await session.execute(text(attempt))
        except DBAPIError as failure:
            refused = failure
        await session.rollback()
        assert "never changed or deleted" in str(refused), attempt
    assert await verbs(session) == ["comment.hidden"]


async def home(someone: Browser) -> str:
    return (await someone.get("/granby")).text


def note(page: str) -> str:
    found = re.search(r'href="(/granby/rulings/\d+)">Din kommentar är dold', page)
    assert found is not None
    return found[1]

"""Somebody minds a comment: the report, the queue, and the ruling that settles it."""

import re

import pytest
from sqlalchemy import func, select

from portal.activity.models import Activity
from portal.db import Session
from portal.moderation.models import Report
from tests.moderation.conftest import NUMBER, Enter, Talk, rulings, verbs

REPORT = {"reason": "personal_data", "words": "Ett privat nummer"}


async def count(session: Session) -> int:
    return await session.scalar(select(func.count()).select_from(Report)) or 0


async def test_a_report_waits_for_the_coordinator_and_names_who_sent_it_to_her_alone(talk: Talk, session: Session, browser: Enter):
    maja, ingela = await browser(talk.cast.contact), await browser(talk.cast.coordinator)
    assert "anmäld kommentar" not in (await ingela.get("/granby")).text
    assert (await maja.post(talk.of("report"), REPORT)).status_code == 303
    assert "1 anmäld kommentar" in (await ingela.get("/granby")).text
    queue = (await ingela.get("/granby/moderation")).text
    assert all(word in queue for word in (NUMBER, "Ett privat nummer", "Anmält av Maja Lindqvist"))
    assert "Anmält" not in (await (await browser(talk.cast.deputy)).get(talk.page)).text
    assert await session.scalar(select(func.count()).where(Activity.verb.contains("report"))) == 0


async def test_who_has_reported_stands_in_no_page_or_file_of_anybody_else(talk: Talk, session: Session, browser: Enter):
    await (await browser(talk.cast.guest)).post(talk.of("report"), REPORT)
    ingela, yvonne, zainab = [await browser(each) for each in (talk.cast.coordinator, talk.cast.registrar, talk.cast.admin)]
    for path in ("/granby/moderation/log", "/granby/moderation/log.csv", "/granby/moderation/log.json"):
        assert "Pelle Öhrn" in (await ingela.get(path)).text, path
        assert "Pelle Öhrn" not in (await yvonne.get(path)).text, path
    history = (await zainab.get(f"/granby/records/{talk.record.id}/history")).text + (await zainab.get("/granby/administer/log")).text
    assert "anmäl" not in history


async def test_the_same_person_twice_is_one_report_until_the_words_are_others(talk: Talk, session: Session, browser: Enter):
    maja, tomas = await browser(talk.cast.contact), await browser(talk.cast.deputy)
    for _time in range(2):
        assert (await maja.post(talk.of("report"), REPORT)).status_code == 303
    assert (await count(session), await verbs(session)) == (1, ["comment.reported"])
    await tomas.post(f"/granby/comments/{talk.comment.id}", {"body": f"Ring {NUMBER} efter sex", "version": "1"})
    await maja.post(talk.of("report"), REPORT)
    assert await count(session) == 2


async def test_ones_own_comment_is_not_reported(talk: Talk, session: Session, browser: Enter):
    tomas = await browser(talk.cast.deputy)
    assert (await tomas.get(talk.of("report"))).status_code == 403
    assert (await tomas.post(talk.of("report"), REPORT)).status_code == 403
    assert await count(session) == 0


@pytest.mark.parametrize(
    ("given", "wrong"), [({}, "Ange ett skäl"), ({"reason": "other"}, "Skriv vad skälet är"), ({"reason": "mord"}, "Välj ett")]
)
async def test_a_report_has_a_reason_and_the_last_one_needs_words(given, wrong: str, talk: Talk, session: Session, browser: Enter):
    answer = await (await browser(talk.cast.contact)).post(talk.of("report"), given)
    assert answer.status_code == 422
    assert wrong in answer.text
    assert await count(session) == 0


async def test_left_alone_the_comment_stays_and_the_queue_is_empty(talk: Talk, session: Session, browser: Enter):
    await (await browser(talk.cast.contact)).post(talk.of("report"), REPORT)
    ingela = await browser(talk.cast.coordinator)
    await ingela.post(talk.of("dismissal"))
    assert NUMBER not in (await ingela.get("/granby/moderation")).text
    assert NUMBER in (await ingela.get(talk.page)).text
    report = (await session.scalars(select(Report))).one()
    assert (await verbs(session), report.ruling_id) == (["comment.reported", "comment.left"], (await rulings(session))[1].id)
    await ingela.post(talk.of("dismissal"))
    assert len(await rulings(session)) == 2


async def test_hiding_settles_the_reports_and_the_menu_counts_what_waits(talk: Talk, session: Session, browser: Enter):
    for member in (talk.cast.contact, talk.cast.reader):
        await (await browser(member)).post(talk.of("report"), REPORT)
    ingela = await browser(talk.cast.coordinator)
    assert menu((await ingela.get(talk.page)).text) == "Moderering 1 att göra"
    await ingela.post(talk.of("hiding"), {"reason": "personal_data"})
    assert menu((await ingela.get(talk.page)).text) == "Moderering"
    assert {each.ruling_id for each in await session.scalars(select(Report))} == {(await rulings(session))[-1].id}


async def test_hiding_in_the_queue_leads_back_to_it_and_what_is_undone_waits_there_again(talk: Talk, session: Session, browser: Enter):
    await (await browser(talk.cast.contact)).post(talk.of("report"), REPORT)
    ingela = await browser(talk.cast.coordinator)
    assert talk.of("hiding?from=queue") in (await ingela.get("/granby/moderation")).text
    assert (await ingela.post(talk.of("hiding?from=queue"), {"reason": "other", "words": ""})).status_code == 422
    answer = await ingela.post(talk.of("hiding?from=queue"), {"reason": "personal_data"})
    assert answer.headers["location"] == "/granby/moderation"
    queue = (await ingela.get("/granby/moderation")).text
    assert NUMBER not in queue
    undo = re.search(rf'action="({talk.of("restoration")}[^"]*)"', queue)
    assert undo is not None
    answer = await ingela.post(undo[1].replace("&amp;", "&"))
    assert answer.headers["location"] == "/granby/moderation"
    assert NUMBER in (await ingela.get("/granby/moderation")).text
    await ingela.post(talk.of("hiding"), {"reason": "personal_data"})
    assert (await ingela.post(talk.of("restoration"))).headers["location"] == f"{talk.page}#c{talk.comment.id}"
    assert NUMBER not in (await ingela.get("/granby/moderation")).text
    assert await verbs(session) == ["comment.reported", *["comment.hidden", "comment.restored"] * 2]


async def test_locking_in_the_queue_leads_back_to_it_and_so_does_what_takes_it_back(talk: Talk, session: Session, browser: Enter):
    await (await browser(talk.cast.contact)).post(talk.of("report"), REPORT)
    ingela = await browser(talk.cast.coordinator)
    lock, unlock = (f"/granby/records/{talk.record.id}/{deed}?from=queue" for deed in ("lock", "unlocking"))
    for path, is_locked in ((lock, True), (unlock, False)):
        assert path in (await ingela.get("/granby/moderation")).text
        assert (await ingela.post(path)).headers["location"] == "/granby/moderation"
        assert ('data-when-locked="true" hidden>' in (await ingela.get(talk.page)).text) is not is_locked


def menu(page: str) -> str:
    """What the menu says of the room."""
    found = re.search(r'<a href="/granby/moderation">(.+?)</a>', page, re.DOTALL)
    assert found is not None
    return " ".join(re.sub("<[^>]+>", " ", found[1]).split())

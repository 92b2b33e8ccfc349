"""Guests whose comments wait for approval: seen by them and the coordinator, and by nobody else, until they are let in."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update
from sqlmodel import col

from portal import clock
from portal.activity.models import Activity
from portal.comments.models import Comment
from portal.comments.voices import voices
from portal.db import Session
from portal.networks.access import Role
from portal.networks.models import Membership
from portal.records.actions import share
from tests.browser import Browser
from tests.factories import make_member
from tests.making import make_comment
from tests.moderation.conftest import Enter, Talk, events, verbs

WORDS = "Solkatten hälsar från Vitsjö"


@pytest.fixture
async def waits(talk: Talk, session: Session, browser: Enter) -> Comment:
    talk.cast.network.guests_comment = talk.cast.network.guests_wait = True
    session.add(talk.cast.network)
    await session.commit()
    answer = await say(await browser(talk.cast.guest), talk)
    assert answer.status_code == 303
    return (await session.scalars(select(Comment).where(col(Comment.author_id) == talk.cast.guest.person_id))).one()


async def say(someone: Browser, talk: Talk, body: str = WORDS, key: str | None = None):
    return await someone.post(f"/granby/records/{talk.record.id}/comments", {"body": body, "key": key or str(uuid4())})


async def test_it_is_nowhere_for_the_others(waits: Comment, talk: Talk, session: Session, browser: Enter):
    for role in ("contact", "deputy", "reader", "registrar", "admin"):
        someone = await browser(talk.cast.everyone[role])
        shown = (await someone.get(talk.page)).text
        assert WORDS not in shown, role
        assert "2 kommentarer" in shown, role
        assert "0 resultat" in (await someone.get("/granby/search?q=Solkatten")).text, role
        assert (await someone.get(f"/granby/comments/{waits.id}/versions")).status_code == 404, role
        assert (await someone.post(f"/granby/comments/{waits.id}/report", {"reason": "insult"})).status_code == 404, role
    assert await events(session, waits) == []
    assert list(await session.scalars(select(Activity).where(col(Activity.actor_id) == talk.cast.guest.person_id))) == []


async def test_nobody_hears_of_it_on_home_before_it_is_approved(waits: Comment, talk: Talk, session: Session, browser: Enter):
    moment = clock.now() - timedelta(hours=2)
    await session.execute(update(Membership).where(col(Membership.id) == talk.cast.contact.id).values(seen_at=moment, before_at=moment))
    await session.commit()
    maja, ingela = await browser(talk.cast.contact), await browser(talk.cast.coordinator)
    shown = (await maja.get("/granby")).text
    assert "Pelle Öhrn" not in shown
    assert "2 kommentarer" in shown
    await ingela.post(f"/granby/comments/{waits.id}/approval", {"version": "1"})
    shown = (await maja.get("/granby")).text
    assert "Pelle Öhrn" in shown
    assert "3 kommentarer" in shown


async def test_its_units_voice_is_not_heard_before_it_is_approved(waits: Comment, talk: Talk, session: Session):
    talk.cast.guest.unit = talk.cast.school
    session.add(talk.cast.guest)
    await session.flush()
    assert [unit.name for unit in (await voices(session, talk.record, [talk.cast.school])).silent] == ["Bildning"]
    waits.held_at = None
    await session.flush()
    assert [unit.name for unit in (await voices(session, talk.record, [talk.cast.school])).heard] == ["Bildning"]


async def test_another_guest_does_not_find_out_by_a_name_who_waits(waits: Comment, talk: Talk, session: Session, browser: Enter):
    other = await make_member(session, talk.cast.network, "Ulla Gäst", Role.guest)
    await share(session, talk.record, by=talk.cast.coordinator, guest=other)
    await session.commit()
    await say(await browser(other), talk, "@Pelle Öhrn och @Maja Lindqvist")
    html = await session.scalar(select(col(Comment.html)).where(col(Comment.author_id) == other.person_id))
    assert '<strong class="mention">@Maja Lindqvist</strong>' in html
    assert '<strong class="mention">@Pelle Öhrn</strong>' not in html


async def test_its_author_and_the_coordinator_see_it_and_that_it_waits(waits: Comment, talk: Talk, session: Session, browser: Enter):
    ingela, pelle = await browser(talk.cast.coordinator), await browser(talk.cast.guest)
    for someone in (ingela, pelle):
        shown = (await someone.get(talk.page)).text
        assert WORDS in shown
        assert "Väntar på godkännande" in shown
        assert shown.index("Det gör jag.") < shown.index(WORDS)
        assert "0 resultat" in (await someone.get("/granby/search?q=Solkatten")).text
    assert "1 kommentar väntar" in (await ingela.get("/granby")).text
    assert WORDS in (await ingela.get("/granby/moderation")).text


async def test_approved_it_comes_into_the_thread_as_new(waits: Comment, talk: Talk, session: Session, browser: Enter):
    ingela, maja, pelle = [await browser(each) for each in (talk.cast.coordinator, talk.cast.contact, talk.cast.guest)]
    await say(maja, talk, "Sagt medan gästen väntade.")
    await ingela.post(f"/granby/comments/{waits.id}/approval", {"version": "1"})
    shown = (await maja.get(talk.page)).text
    assert shown.index("Sagt medan gästen väntade.") < shown.index(WORDS)
    assert "4 kommentarer" in shown
    assert "1 resultat för" in (await maja.get("/granby/search?q=Solkatten")).text
    assert await events(session, waits) == ["comment.posted"]
    assert await verbs(session) == ["comment.approved"]
    assert "Din kommentar är godkänd" in (await pelle.get("/granby")).text
    assert "4 kommentarer" in (await maja.get("/granby/findings")).text or "4" in (await maja.get("/granby/findings")).text


async def test_other_words_than_those_that_were_read_are_not_approved(waits: Comment, talk: Talk, session: Session, browser: Enter):
    ingela, pelle = await browser(talk.cast.coordinator), await browser(talk.cast.guest)
    assert (await pelle.get(f"/granby/comments/{waits.id}/edit")).status_code == 200
    await pelle.post(f"/granby/comments/{waits.id}", {"body": "Helt andra ord", "version": "1"})
    assert (await ingela.post(f"/granby/comments/{waits.id}/approval", {"version": "1"})).status_code == 409
    assert (await ingela.post(f"/granby/comments/{waits.id}/approval", {"version": "2"})).status_code == 303
    assert (await pelle.post(f"/granby/comments/{waits.id}", {"body": "Smygändrat", "version": "2"})).status_code == 403
    assert (await pelle.get(f"/granby/comments/{waits.id}/edit")).status_code == 403
    assert "must-wait" in (await pelle.get(talk.page)).text


async def test_refused_it_never_came_and_its_author_reads_why(waits: Comment, talk: Talk, session: Session, browser: Enter):
    ingela, pelle, maja = [await browser(each) for each in (talk.cast.coordinator, talk.cast.guest, talk.cast.contact)]
    await ingela.post(f"/granby/comments/{waits.id}/hiding", {"reason": "off_topic", "words": "Reklam"})
    assert "hör inte hit – Reklam" in (await pelle.get(talk.page)).text
    assert "Reklam" not in (await maja.get(talk.page)).text
    assert "Din kommentar är dold" in (await pelle.get("/granby")).text
    assert await events(session, waits) == []
    assert WORDS not in (await ingela.get("/granby/moderation")).text
    await ingela.post(f"/granby/comments/{waits.id}/restoration")
    assert WORDS in (await ingela.get("/granby/moderation")).text
    assert WORDS not in (await maja.get(talk.page)).text


async def test_the_same_key_twice_waits_once(waits: Comment, talk: Talk, session: Session, browser: Enter):
    pelle, key = await browser(talk.cast.guest), str(uuid4())
    for _time in range(2):
        assert (await say(pelle, talk, "En gång till", key)).status_code == 303
    assert len(list(await session.scalars(select(Comment).where(col(Comment.held_at).is_not(None))))) == 2


async def test_members_never_wait(waits: Comment, talk: Talk, session: Session, browser: Enter):
    await say(await browser(talk.cast.contact), talk, "Jag är med i nätverket.")
    assert "Jag är med i nätverket." in (await (await browser(talk.cast.reader)).get(talk.page)).text


async def test_turning_pages_of_the_thread_its_author_misses_nothing(talk: Talk, waits: Comment, session: Session, browser: Enter):
    cast = talk.cast
    await make_comment(session, talk.record, cast.coordinator, "Just före gästen")
    await session.commit()
    await say(await browser(cast.guest), talk, "Och gästen")
    for number in range(49):
        await make_comment(session, talk.record, (cast.contact, cast.deputy, cast.head)[number % 3], f"Nummer {number}")
    await session.commit()
    for member in (cast.guest, cast.coordinator):
        someone, address, seen = await browser(member), talk.page, []
        while address:
            shown = (await someone.get(address)).text
            seen += re.findall(r'data-exchange="(\d+)"', shown)
            older = re.search(r'href="(\?before=\d+)#thread"', shown)
            address = f"{talk.page}{older[1]}" if older else ""
        top = select(col(Comment.id)).where(col(Comment.record_id) == talk.record.id, col(Comment.parent_id).is_(None))
        assert sorted(map(int, seen)) == sorted(await session.scalars(top))


MANY = """
INSERT INTO comment (record_id, seq, author_id, membership_id, key, fingerprint, body, html, version, created_at, held_at, hidden_words, search)
SELECT record_id, seq, author_id, membership_id, gen_random_uuid(), fingerprint, body, html, 1, created_at, held_at, '', search
FROM comment, generate_series(1, 60) WHERE id = :held
"""


async def test_a_thread_opens_where_all_that_is_new_waits_and_is_more_than_a_page_shows(
    waits: Comment, talk: Talk, session: Session, browser: Enter
):
    """Said last before it was a reply, so that nothing on the page is older than the coordinator's last visit."""
    yesterday = clock.now() - timedelta(days=1)
    await session.execute(update(Comment).where(col(Comment.id) != waits.id).values(created_at=yesterday - timedelta(days=1)))
    await session.execute(text(MANY), {"held": waits.id})
    await session.execute(update(Membership).values(seen_at=yesterday, before_at=yesterday))
    await session.commit()
    page = await (await browser(talk.cast.coordinator)).get(talk.page)
    assert (page.status_code, page.text.count(WORDS)) == (200, 61)


async def test_who_hides_it_is_told_that_only_its_author_reads_why(waits: Comment, talk: Talk, session: Session, browser: Enter):
    ingela = await browser(talk.cast.coordinator)
    everybody, author = "Visas för alla som läser tråden", "Visas för författaren"
    for page in (f"/granby/comments/{waits.id}/hiding", "/granby/moderation"):
        shown = (await ingela.get(page)).text
        assert (page, author in shown, everybody in shown) == (page, True, False)
    shown = (await ingela.get(f"/granby/comments/{talk.comment.id}/hiding")).text
    assert (author in shown, everybody in shown) == (False, True)

"""A thread: posting, repeating, replying, editing, hiding, locking, and who may do what."""

import re
from uuid import uuid4

from sqlalchemy import func, select, update

from portal import clock
from portal.comments.models import Comment, CommentDraft
from portal.db import Session
from portal.records.actions import share
from tests.factories import Cast
from tests.making import make_finding


def words(body: str, **given: object) -> dict[str, object]:
    return {"body": body, "key": str(uuid4()), **given}


async def comments(session: Session) -> list[Comment]:
    return list((await session.scalars(select(Comment).order_by(Comment.seq, Comment.id).execution_options(populate_existing=True))).all())


async def test_a_comment_is_on_the_page_in_the_order_it_was_posted(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja, ingela = await browser(cast.contact), await browser(cast.coordinator)
    await maja.post(f"/granby/records/{record.id}/comments", words("Vi har **samma** fråga."))
    await ingela.post(f"/granby/records/{record.id}/comments", words("Jag tar upp det."))
    shown = (await maja.get(f"/granby{record.path}")).text
    assert "<strong>samma</strong>" in shown
    assert shown.index("Vi har") < shown.index("Jag tar upp det.")


async def test_f08_the_same_key_twice_is_one_comment_and_the_same_answer(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja = await browser(cast.contact)
    form = words("En gång räcker.")
    first = await maja.post(f"/granby/records/{record.id}/comments", form)
    again = await maja.post(f"/granby/records/{record.id}/comments", form)
    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    assert [each.body for each in await comments(session)] == ["En gång räcker."]


async def test_f09_a21_the_same_key_with_other_words_is_refused_and_keeps_the_text(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja = await browser(cast.contact)
    form = words("Först.")
    await maja.post(f"/granby/records/{record.id}/comments", form)
    refused = await maja.post(f"/granby/records/{record.id}/comments", form | {"body": "Något helt annat."})
    assert refused.status_code == 409
    assert "Något helt annat." in refused.text
    assert [each.body for each in await comments(session)] == ["Först."]
    (stored,) = await comments(session)
    assert f'href="/granby/comments/{stored.id}"' in refused.text
    (other,) = re.findall(r'name="key" value="([^"]+)"', refused.text)
    again = await maja.post(f"/granby/records/{record.id}/comments", form | {"body": "Något helt annat.", "key": other})
    assert again.status_code == 303
    assert [each.body for each in await comments(session)] == ["Först.", "Något helt annat."]


async def test_a20_the_key_of_somebody_elses_comment_makes_one_of_ones_own(cast: Cast, session, browser):
    record, form = await make_finding(session, cast.contact), words("Samma ord.")
    maja, tomas = await browser(cast.contact), await browser(cast.deputy)
    first, second = [await each.post(f"/granby/records/{record.id}/comments", form) for each in (maja, tomas)]
    assert (first.status_code, second.status_code, first.headers["location"] != second.headers["location"]) == (303, 303, True)
    assert [each.author_id for each in await comments(session)] == [cast.contact.person_id, cast.deputy.person_id]


async def test_replies_go_one_level_deep(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja = await browser(cast.contact)
    await maja.post(f"/granby/records/{record.id}/comments", words("Fråga"))
    top = (await comments(session))[0]
    await maja.post(f"/granby/records/{record.id}/comments", words("Svar", parent_id=top.id))
    reply = (await comments(session))[1]
    await maja.post(f"/granby/records/{record.id}/comments", words("Svar på svar", parent_id=reply.id))
    assert [each.parent_id for each in await comments(session)] == [None, top.id, top.id]


async def test_a_draft_answers_a_comment_of_its_thread_or_nothing(cast: Cast, session, browser):
    record, other = await make_finding(session, cast.contact), await make_finding(session, cast.contact, title="En annan")
    maja = await browser(cast.contact)
    for each in (record, other):
        await maja.post(f"/granby/records/{each.id}/comments", words("Fråga"))
    mine, elsewhere = [each.id for each in await comments(session)]
    for parent, status in ((mine, 204), (elsewhere, 404), (10**6, 404)):
        answer = await maja.post(f"/granby/records/{record.id}/draft", {"body": "Halva", "parent_id": parent})
        assert (parent, answer.status_code) == (parent, status)
    assert [each.parent_id for each in await session.scalars(select(CommentDraft))] == [mine]


def in_the_composer(page: str) -> tuple[str, str]:
    """What is written there, and the comment that it answers."""
    parent = re.search(r'name="parent_id" value="(\d*)"', page)
    words = re.search(r'<textarea id="comment-body"[^>]*>([^<]*)<', page)
    assert parent is not None
    assert words is not None
    return words[1], parent[1]


async def test_what_was_being_written_opens_by_itself_with_what_it_answers(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja = await browser(cast.contact)
    await maja.post(f"/granby/records/{record.id}/comments", words("Fråga"))
    asked = (await comments(session))[0].id
    await maja.post(f"/granby/records/{record.id}/draft", {"body": "Till alla"})
    await maja.post(f"/granby/records/{record.id}/draft", {"body": "Ett svar", "parent_id": asked})
    page = f"/granby{record.path}"
    assert in_the_composer((await maja.get(page)).text) == ("Ett svar", str(asked))
    assert in_the_composer((await maja.get(f"{page}?reply={asked}")).text) == ("Ett svar", str(asked))
    assert in_the_composer((await maja.get(f"{page}?reply=0")).text) == ("Till alla", "")
    await maja.post(f"/granby/records/{record.id}/comments", words("Ett svar", parent_id=asked))
    assert in_the_composer((await maja.get(page)).text) == ("Till alla", "")


async def test_a_locked_thread_shows_its_writer_what_she_has_not_sent(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja, ingela = await browser(cast.contact), await browser(cast.coordinator)
    await maja.post(f"/granby/records/{record.id}/draft", {"body": "Halvvägs till en mening"})
    await ingela.post(f"/granby/records/{record.id}/lock")
    kept = 'data-kept-words><p class="small">Det du skrev och inte har skickat:'
    shown = (await maja.get(f"/granby{record.path}")).text
    assert (kept in shown, "Halvvägs till en mening" in shown) == (True, True)
    assert "Halvvägs" not in (await ingela.get(f"/granby{record.path}")).text
    await ingela.post(f"/granby/records/{record.id}/unlocking")
    shown = (await maja.get(f"/granby{record.path}")).text
    assert (kept in shown, in_the_composer(shown)) == (False, ("Halvvägs till en mening", ""))


async def test_what_an_author_makes_of_her_comment_is_kept_until_she_saves_or_throws_it_away(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja, tomas = await browser(cast.contact), await browser(cast.deputy)
    await maja.post(f"/granby/records/{record.id}/comments", words("Först"))
    number = (await comments(session))[0].id
    there = f"/granby/comments/{number}"
    assert (await tomas.post(f"{there}/draft", {"body": "Inte min"})).status_code == 403
    assert (await maja.post(f"{there}/draft", {"body": "Först, och s", "version": "1"})).status_code == 204
    page = (await maja.get(f"{there}/edit")).text
    assert ("Först, och s</textarea>" in page, "Kommentaren är inte ändrad ännu." in page) == (True, True)
    assert in_the_composer((await maja.get(f"/granby{record.path}")).text) == ("", "")  # it is no comment of its own

    await maja.post(f"{there}/draft", {"discard": "1"})
    assert "Först</textarea>" in (await maja.get(f"{there}/edit")).text
    await maja.post(f"{there}/draft", {"body": "Först och sist"})
    await maja.post(there, {"body": "Helt nytt", "version": "1"})
    assert "Helt nytt</textarea>" in (await maja.get(f"{there}/edit")).text

    await maja.post(f"{there}/draft", {"body": "Helt nytt här"})
    await session.execute(update(Comment).values(edited_at=clock.now(), body="Ändrat på annat håll", version=3))
    await session.commit()
    page = (await maja.get(f"{there}/edit")).text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    both = await maja.post(there, {"body": "Helt nytt här", "version": version[1]})
    assert (both.status_code, "Ändrat på annat håll" in both.text, "Helt nytt här" in both.text) == (409, True, True)


async def test_only_the_author_edits_and_the_old_words_stay_readable(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja, ingela = await browser(cast.contact), await browser(cast.coordinator)
    await maja.post(f"/granby/records/{record.id}/comments", words("Gamla ord"))
    comment = (await comments(session))[0]
    refused = await ingela.post(f"/granby/comments/{comment.id}", {"body": "Samordnarens ord", "version": 1})
    assert refused.status_code == 403
    await maja.post(f"/granby/comments/{comment.id}", {"body": "Nya ord", "version": 1})
    stale = await maja.post(f"/granby/comments/{comment.id}", {"body": "Ännu nyare", "version": 1})
    assert stale.status_code == 409
    kept = (await ingela.get(f"/granby/comments/{comment.id}/versions")).text
    assert "Nya ord" in kept
    assert "Gamla ord" in kept


async def test_a_hidden_comment_shows_the_reason_to_all_and_the_words_to_few(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja, ingela, tomas = await browser(cast.contact), await browser(cast.coordinator), await browser(cast.deputy)
    await maja.post(f"/granby/records/{record.id}/comments", words("Ring 070-123 45 67"))
    comment = (await comments(session))[0]
    assert "070-123" in (await tomas.get(f"/granby{record.path}")).text
    refused = await tomas.post(f"/granby/comments/{comment.id}/hiding", {"reason": "insult"})
    assert refused.status_code == 403
    await ingela.post(f"/granby/comments/{comment.id}/hiding", {"reason": "personal_data", "words": "Nummer"})
    shown = (await tomas.get(f"/granby{record.path}")).text
    assert "070-123" not in shown
    assert "personuppgifter" in shown
    assert (await tomas.get(f"/granby/comments/{comment.id}/versions")).status_code == 403
    registrar = await browser(cast.registrar)
    assert "070-123" in (await registrar.get(f"/granby/comments/{comment.id}/versions")).text
    assert "070-123" in (await maja.get(f"/granby/comments/{comment.id}/versions")).text
    await ingela.post(f"/granby/comments/{comment.id}/restoration")
    assert "070-123" in (await tomas.get(f"/granby{record.path}")).text


async def test_f19_a_locked_thread_takes_no_comments_and_keeps_the_text(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja, ingela = await browser(cast.contact), await browser(cast.coordinator)
    assert (await maja.post(f"/granby/records/{record.id}/lock")).status_code == 403
    await ingela.post(f"/granby/records/{record.id}/lock")
    refused = await maja.post(f"/granby/records/{record.id}/comments", words("Den här tanken kom för sent, men den finns kvar."))
    assert refused.status_code == 403
    assert "Den här tanken kom för sent" in refused.text
    await ingela.post(f"/granby/records/{record.id}/unlocking")
    assert (await maja.post(f"/granby/records/{record.id}/comments", words("Nu går det"))).status_code == 303


async def test_guests_comment_only_in_what_is_shared_and_where_the_network_lets_them(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    pelle = await browser(cast.guest)
    assert (await pelle.get(f"/granby{record.path}")).status_code == 404
    await share(session, record, by=cast.coordinator, guest=cast.guest)
    await session.commit()
    assert (await pelle.get(f"/granby{record.path}")).status_code == 200
    assert (await pelle.post(f"/granby/records/{record.id}/comments", words("Hej"))).status_code == 403
    cast.network.guests_comment = True
    session.add(cast.network)
    await session.commit()
    assert (await pelle.post(f"/granby/records/{record.id}/comments", words("Hej"))).status_code == 303


async def test_readers_read_and_outsiders_find_nothing(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    reader, outsider = await browser(cast.reader), await browser(cast.outsider)
    assert (await reader.get(f"/granby{record.path}")).status_code == 200
    assert (await reader.post(f"/granby/records/{record.id}/comments", words("Hej"))).status_code == 403
    assert (await outsider.get(f"/granby{record.path}")).status_code == 404
    assert (await outsider.post(f"/vitby/records/{record.id}/comments", words("Hej"))).status_code == 404
    assert await session.scalar(select(func.count()).select_from(Comment)) == 0


async def test_what_is_being_written_is_kept_until_it_is_posted(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja = await browser(cast.contact)
    kept = await maja.post(f"/granby/records/{record.id}/draft", {"body": "Halvfärdig tan"})
    assert kept.status_code == 204
    assert "Halvfärdig tan" in (await maja.get(f"/granby{record.path}")).text
    await maja.post(f"/granby/records/{record.id}/comments", words("Hel tanke"))
    assert await session.scalar(select(func.count()).select_from(CommentDraft)) == 0


async def test_a_fragment_is_the_comment_alone(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja = await browser(cast.contact)
    answer = await maja.post(f"/granby/records/{record.id}/comments", words("Kort"), headers={"x-fragment": "1"})
    assert answer.status_code == 201
    assert answer.text.lstrip().startswith("<article")
    assert "Kort" in answer.text

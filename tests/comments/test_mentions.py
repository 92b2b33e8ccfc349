"""@Name in a comment: who stands out, who is told, and what is said of those who cannot be."""

from urllib.parse import unquote
from uuid import uuid4

from sqlalchemy import select

from portal.comments import markdown
from portal.comments.models import Comment, CommentMention
from portal.db import Session
from portal.records.actions import share
from portal.records.models import Audience, Record
from tests.browser import Browser
from tests.factories import Cast, make_member
from tests.making import make_finding

BOLD = '<strong class="mention">@{}</strong>'


async def write(browser: Browser, record: Record, body: str, **more: str):
    return await browser.post(f"/granby/records/{record.id}/comments", {"body": body, "key": str(uuid4())}, **more)


async def mentioned(session: Session) -> list[int]:
    return list(await session.scalars(select(CommentMention.person_id).order_by(CommentMention.person_id)))


async def the_comment(session: Session) -> Comment:
    return (await session.scalars(select(Comment).execution_options(populate_existing=True))).one()


def test_the_longest_name_is_meant_and_no_half_name():
    names = ["Anna Berg", "Anna Berg-Ek", "Anna"]
    assert markdown.named("@Anna Berg-Ek och @anna berg, inte @Annabel eller @Anna-Lena", names) == ["Anna Berg-Ek", "anna berg"]
    assert markdown.named("mejl@Anna och .@Anna", names) == []
    assert markdown.named("> @Anna skrev\n\nJa.", names) == []
    assert markdown.named("[@Anna](https://exempel.se) **@Anna**", names) == ["Anna"]


def test_nobody_writes_the_class_of_a_mention_himself():
    assert "<strong" not in markdown.render('<strong class="mention">@Anna</strong> @Anna', [])
    assert markdown.render("Hej @Anna!", ["Anna"]) == f"<p>Hej {BOLD.format('Anna')}!</p>"


async def test_a_named_member_stands_out_and_finds_it_on_home_until_she_has_opened_the_thread(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    ingela, tomas = await browser(cast.coordinator), await browser(cast.deputy)
    await write(ingela, record, "Kan @Tomas Ekvall svara?")
    waiting = "Ingela Rask nämnde dig i Nya avloppsdirektivet"
    assert waiting in (await tomas.get("/granby")).text
    assert waiting not in (await (await browser(cast.head)).get("/granby")).text
    assert BOLD.format("Tomas Ekvall") in (await tomas.get(f"/granby{record.path}")).text
    assert waiting not in (await tomas.get("/granby")).text
    assert await mentioned(session) == [cast.deputy.person_id]


async def test_a_later_mention_waits_again_and_an_edit_does_not_tell_twice(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    ingela, tomas, bengt = [await browser(each) for each in (cast.coordinator, cast.deputy, cast.head)]
    await write(ingela, record, "@Tomas Ekvall?")
    await tomas.get(f"/granby{record.path}")
    comment = await the_comment(session)
    await ingela.post(f"/granby/comments/{comment.id}", {"body": "@Tomas Ekvall och @Bengt Sjöholm?", "version": 1})
    assert "nämnde dig" not in (await tomas.get("/granby")).text
    assert "Ingela Rask nämnde dig" in (await bengt.get("/granby")).text
    assert BOLD.format("Bengt Sjöholm") in (await tomas.get(f"/granby{record.path}")).text
    await write(ingela, record, "Du @tomas ekvall?")
    assert "Ingela Rask nämnde dig" in (await tomas.get("/granby")).text


async def test_m12_who_may_not_read_is_not_told_and_the_author_hears_it_in_words(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    record.audience = Audience.unit
    await session.commit()
    maja, tomas = await browser(cast.contact), await browser(cast.deputy)
    answer = await write(maja, record, "@Tomas Ekvall och @Ingela Rask och @Pelle Öhrn")
    said = "Pelle Öhrn, Tomas Ekvall kan inte läsa det här och har inte fått veta att du skrev."
    assert said in (await maja.get(answer.headers["location"])).text
    assert await mentioned(session) == [cast.coordinator.person_id]
    html = (await the_comment(session)).html
    assert BOLD.format("Ingela Rask") in html
    assert BOLD.format("Tomas Ekvall") not in html
    assert "nämnde dig" not in (await tomas.get("/granby")).text
    fragment = await write(maja, record, "@Tomas Ekvall", headers={"X-Fragment": "1"})
    assert "<p data-untold>Tomas Ekvall kan inte läsa" in fragment.text


async def test_a_guest_is_named_only_where_the_thread_is_shared_with_her(cast: Cast, session, browser):
    cast.network.guests_comment = True
    shared, other = await make_finding(session, cast.contact), await make_finding(session, cast.contact, title="Eget")
    await share(session, shared, by=cast.coordinator, guest=cast.guest)
    await session.commit()
    maja, pelle = await browser(cast.contact), await browser(cast.guest)
    await write(maja, other, "@Pelle Öhrn")
    assert await mentioned(session) == []
    await write(maja, shared, "@Pelle Öhrn")
    assert await mentioned(session) == [cast.guest.person_id]
    assert "Maja Lindqvist nämnde dig i Nya avloppsdirektivet" in (await pelle.get("/granby")).text


async def test_a_guest_does_not_find_out_by_writing_names_who_the_members_are(cast: Cast, session, browser):
    cast.network.guests_comment = True
    record = await make_finding(session, cast.contact)
    await share(session, record, by=cast.coordinator, guest=cast.guest)
    await session.commit()
    pelle = await browser(cast.guest)
    answer = await write(pelle, record, "@Maja Lindqvist, @Tomas Ekvall, @Finns Inte")
    html = (await the_comment(session)).html
    assert BOLD.format("Maja Lindqvist") in html
    assert BOLD.format("Tomas Ekvall") not in html
    assert "kan inte läsa" not in unquote((await pelle.get(answer.headers["location"])).text)


async def test_m12_at_most_twenty_are_named_in_a_comment(cast: Cast, session, browser):
    names = [f"Person {letter}son" for letter in "ABCDEFGHIJKLMNOPQRSTUVXYZ"]
    for number, name in enumerate(names):
        await make_member(session, cast.network, f"{number}x {name}", "reader")
    await session.commit()
    record = await make_finding(session, cast.contact)
    await write(await browser(cast.contact), record, " ".join(f"@{number}x {name}" for number, name in enumerate(names)))
    assert len(await mentioned(session)) == 20
    assert (await the_comment(session)).html.count('class="mention"') == 20


async def test_m12_a_short_name_repeated_is_no_comment(cast: Cast, session, browser):
    await make_member(session, cast.network, "Å", "reader")
    record = await make_finding(session, cast.contact)
    maja = await browser(cast.contact)
    assert (await write(maja, record, "@Å " * 6_000)).status_code == 422
    assert (await write(maja, record, "@Å " * 300)).status_code == 303


async def test_a_hidden_comment_tells_nothing(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja, ingela, tomas = [await browser(each) for each in (cast.contact, cast.coordinator, cast.deputy)]
    await write(maja, record, "@Tomas Ekvall, ring 070-123 45 67")
    assert "nämnde dig" in (await tomas.get("/granby")).text
    comment = await the_comment(session)
    await ingela.post(f"/granby/comments/{comment.id}/hiding", {"reason": "personal_data"})
    assert "nämnde dig" not in (await tomas.get("/granby")).text


async def test_suggestions_are_members_whose_names_begin_so(cast: Cast, browser):
    maja = await browser(cast.contact)

    async def names(typed: str) -> list[str]:
        return [each["name"] for each in (await maja.get("/granby/members/suggest", params={"q": typed})).json()]

    assert await names("ma") == ["Maja Lindqvist"]
    assert await names("sj") == ["Bengt Sjöholm"]
    assert await names("maja l") == ["Maja Lindqvist"]
    assert [await names(typed) for typed in ("m", "", "%%", "__", "pe", "ol", "\\\\", "aj")] == [[]] * 8


async def test_at_most_ten_are_suggested(cast: Cast, session, browser):
    for number in range(12):
        await make_member(session, cast.network, f"Kim{number} Karlsson", "reader")
    await session.commit()
    answer = await (await browser(cast.contact)).get("/granby/members/suggest?q=karl")
    assert len(answer.json()) == 10

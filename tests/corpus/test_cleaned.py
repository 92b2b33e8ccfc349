"""What is accepted is stored clean; what was meanwhile changed, locked or hidden is refused with the text kept."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.comments.models import Comment
from portal.db import Session
from portal.records.models import Record
from tests.authz.rows import filled
from tests.authz.world import World
from tests.corpus.answers import decent
from tests.corpus.forms import FINDING_DATA, FORMS, TYPED
from tests.factories import Cast
from tests.making import make_finding
from tests.written import written

UNCLEAN = {
    "F04 overrides": ("Snäll \u202eltit\u202c el\u2066\u2069", "Snäll ltit el"),
    "F04 escape sequences": ("\x1b[31mRöd\x1b[0m\x07\x08", "Röd"),
    "F07 line ends": ("Ämne\r\nBcc: alla@exempel.se", "Ämne Bcc: alla@exempel.se"),
    "F07 lone line ends": ("ett\rtvå\u2028tre\u2029fyra", "ett två tre fyra"),
    "F04 tags and marks": ("a\U000e0041\ufeffb", "ab"),
    "composed": ("A\u030angström", "Ångström"),
    "a pile": ("o" + "\u0301" * 500 + "k", None),
    "M14 markup": ("<script>alert(1)</script>{{7*7}}{% raw %}", "<script>alert(1)</script>{{7*7}}{% raw %}"),
}


@pytest.mark.parametrize("case", UNCLEAN)
async def test_a_title_is_stored_clean_and_shown_as_text(case: str, cast: Cast, session: Session, browser):
    given, stored = UNCLEAN[case]
    maja = await browser(cast.contact)
    data = FINDING_DATA | {"title": given, "themes": str(cast.themes[0].id)}
    assert (await maja.post("/granby/findings", data)).status_code == 303
    record = (await session.scalars(select(Record))).one()
    assert record.title == stored or (stored is None and len(record.title) < 40)
    for path in ("/granby/findings", f"/granby{record.path}", "/granby/search?q=ett"):
        answer = await maja.get(path)
        assert decent(answer)
        assert not set("\u202e\u2066\x1b\x07\x08\r\u2028\ufeff") & set(answer.text)
        assert "<script>alert" not in answer.text
        assert ">49<" not in answer.text


async def test_f04_a_comment_keeps_its_lines_and_loses_its_controls(cast: Cast, session: Session, browser):
    record = await make_finding(session, cast.contact)
    maja = await browser(cast.contact)
    await maja.post(f"/granby/records/{record.id}/comments", {"body": "ett\x07\r\ntvå\u202e\r\n\r\ntre", "key": str(uuid4())})
    assert (await session.scalars(select(Comment))).one().body == "ett\ntvå\n\ntre"


async def test_f18_an_older_version_is_a_conflict_and_both_texts_are_shown(own_world: World):
    numbers = own_world.unshared.numbers
    ingela, maja = own_world.browsers["coordinator"], own_world.browsers["contact"]
    section = f"/granby/sections/{numbers['section']}"
    assert (await ingela.post(section, {"heading": "Rubrik", "body": "Först av allt.", "version": "1"})).status_code == 303
    before = await written(own_world.sessions)
    late = await maja.post(section, {"heading": "Rubrik", "body": TYPED, "version": "1"})
    assert (late.status_code, decent(late)) == (409, True)
    assert "Först av allt." in late.text
    assert TYPED in late.text
    assert await written(own_world.sessions) == before


async def test_f18_an_edit_of_a_comment_that_was_changed_meanwhile_shows_both_texts_and_can_be_sent_again(
    cast: Cast, session: Session, browser
):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    posted = await maja.post(f"/granby/records/{record.id}/comments", {"body": "Ursprunget.", "key": str(uuid4())})
    path = f"/granby/comments/{posted.headers['location'].partition('#c')[2]}"
    assert (await maja.post(path, {"body": "Ändrat i telefonen.", "version": "1"})).status_code == 303
    before = await written(session)
    late = await maja.post(path, {"body": TYPED, "version": "1"})
    assert (late.status_code, decent(late), TYPED in late.text) == (409, True, True)
    assert "<blockquote>Ändrat i telefonen.</blockquote>" in late.text
    assert 'name="version" value="2"' in late.text
    assert await written(session) == before
    assert (await maja.post(path, {"body": TYPED, "version": "2"})).status_code == 303
    assert [each.body for each in await session.scalars(select(Comment).execution_options(populate_existing=True))] == [TYPED]


async def test_f19_a_thread_that_was_locked_meanwhile_keeps_the_text(cast: Cast, session: Session, browser):
    record = await make_finding(session, cast.contact)
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    await ingela.post(f"/granby/records/{record.id}/lock")
    answer = await maja.post(f"/granby/records/{record.id}/comments", {"body": TYPED, "key": str(uuid4())})
    assert (answer.status_code, TYPED in answer.text, decent(answer)) == (403, True, True)


async def test_f19_a_reply_to_what_was_hidden_meanwhile_keeps_the_text(own_world: World):
    numbers = own_world.unshared.numbers
    ingela, maja = own_world.browsers["coordinator"], own_world.browsers["contact"]
    await ingela.post(f"/granby/comments/{numbers['comment']}/hiding", {"reason": "off_topic"})
    form = {"body": TYPED, "key": str(uuid4()), "parent_id": str(numbers["comment"])}
    answer = await maja.post(f"/granby/records/{numbers['finding']}/comments", form)
    assert (answer.status_code, TYPED in answer.text) == (403, True)


async def test_f10_a_sign_in_that_ended_meanwhile_keeps_the_text(own_world: World):
    numbers = own_world.unshared.numbers | {"theme": own_world.cast.themes[0].id, "board": 1}
    ingela = own_world.browsers["coordinator"]
    assert (await ingela.post("/sign-out")).status_code == 303
    ingela.client.cookies.set("sid", "x" * 43)
    for form in (each for each in FORMS if each.keeps and not each.outside):
        answer = await ingela.post(form.address(numbers), filled(form.data, numbers))
        assert (str(form), answer.status_code, TYPED in answer.text, decent(answer)) == (str(form), 401, True, True)

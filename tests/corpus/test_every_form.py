"""Rows of corpus F that every form must answer alike: encodings, kinds of content, tokens, controls, fields that are not its own."""

from typing import Any

import pytest
from markupsafe import escape
from sqlalchemy import select, text
from sqlmodel import col

from portal.comments.models import Comment
from portal.records.models import Record
from tests.authz.rows import filled
from tests.authz.world import World
from tests.corpus.answers import decent, faults
from tests.corpus.forms import FORMS, Form
from tests.corpus.test_forms import TRIED
from tests.written import written

FORM = "application/x-www-form-urlencoded"
# What no form takes: its kind, the body after the token, the status.
UNREADABLE: dict[str, tuple[str, bytes, int]] = {
    "F05 a lone surrogate": (FORM, b"&%s=%%ed%%a0%%80", 400),
    "F06 bytes that are no UTF-8": (FORM, b"&%s=%%ff%%fe", 400),
    "F06 Latin-1": (FORM, "&%s=åäö".encode("latin-1"), 400),
    "F17 JSON": ("application/json", b'{"%s": "a"}', 415),
    "F17 JSON as text": ("text/plain", b'{"%s": "a"}', 415),
}
WRITTEN = [form for form in FORMS if form.keeps and not form.outside]
DRAFTS = [form for form in FORMS if form.path.endswith("/draft")]


def at(world: World, form: Form) -> tuple[str, dict[str, Any]]:
    numbers = world.shared.numbers
    return form.address(numbers), filled(form.data, numbers)


@pytest.mark.parametrize("case", UNREADABLE)
async def test_what_cannot_be_read_is_refused_by_every_form(case: str, world: World):
    kind, body, status = UNREADABLE[case]
    before, wrong = await written(world.sessions), []
    for form in FORMS:
        browser, (path, data) = world.browsers[form.role], at(world, form)
        name = (form.keeps or next(iter(data), "x")).encode()
        content = (f"csrf={browser.csrf}".encode() if kind == FORM else b"") + body % name
        answer = await browser.client.post(path, content=content, headers={"content-type": kind})
        if answer.status_code != status or faults(answer):
            wrong.append((str(form), answer.status_code, faults(answer)))
    assert wrong == []
    assert await written(world.sessions) == before


async def test_f11_a_token_of_another_sign_in_brings_the_text_back_with_one_that_holds(world: World):
    """A second tab, in which somebody has signed in again."""
    before = await written(world.sessions)
    for form in (*WRITTEN, *DRAFTS):
        browser, (path, data) = world.browsers[form.role], at(world, form)
        answer = await browser.post(path, data | {"csrf": world.browsers["reader"].csrf})
        assert (str(form), answer.status_code, decent(answer)) == (str(form), 403, True)
        assert (str(form), f'name="csrf" value="{browser.csrf}"' in answer.text) == (str(form), True)
        assert str(escape(data.get(form.keeps) or next(iter(data.values())))) in answer.text
    assert await written(world.sessions) == before


async def test_f02_a_comment_of_twenty_thousand_letters_passes_and_of_one_more_is_told_its_length(world: World):
    maja, numbers = world.browsers["contact"], world.shared.numbers
    longest = ("Ord med åäö " * 2_000)[:19_999] + "."
    comment, draft, post = (
        f"/granby/{path}".format(**numbers) for path in ("comments/{comment}", "records/{spare}/draft", "records/{spare}/comments")
    )
    version = (await world.sessions.get_one(Comment, numbers["comment"], populate_existing=True)).version
    for path, data in ((post, {"key": "3f0a1f62-5d4c-4f4e-9a55-0a4f8a2b1c99"}), (comment, {"version": str(version)}), (draft, {})):
        refused = await maja.post(path, data | {"body": longest + "!"})
        assert (path, refused.status_code) == (path, 422)
        assert path == draft or ("20001 tecken, högst 20000" in refused.text and longest[:400] in refused.text)
        assert (path, (await maja.post(path, data | {"body": longest})).status_code) == (path, 204 if path == draft else 303)
    bodies = await world.sessions.scalars(select(col(Comment.body)).where(col(Comment.author_id) == world.cast.contact.person_id))
    assert list(bodies).count(longest) == 2


RULINGS = ("/hiding", "/redaction", "/removals")  # after them others would be refused; their words are a report's
CONTROLS = "Rad\x07 ett\x1b[31m\r\nrad\x9b2J två\x7f\x85tre\u202e"


async def test_f04_controls_are_left_out_of_whatever_is_written(world: World):
    """In every form with a text of its own, and in what is kept while one writes; lines stay lines where a text has lines."""
    numbers, wrong = world.shared.numbers | {"finding": world.shared.numbers["spare"]}, []
    for number, form in enumerate(each for each in (*WRITTEN, *DRAFTS) if not each.path.endswith(RULINGS)):
        data = filled(form.data, numbers) | {form.keeps or ("title" if "title" in form.data else "body"): f"{CONTROLS} {number}"}
        answer = await world.browsers[form.role].post(form.address(numbers), data)
        if answer.status_code not in (form.ok, 409) or faults(answer):
            wrong.append((str(form), answer.status_code, faults(answer)))
    assert wrong == []
    texts = await everything_stored(world)
    assert not set("\x07\x1b\r\x7f\x85\x9b\u202e") & set(texts)
    assert texts.count("Rad ett\nrad två\ntre") >= 8
    assert texts.count("Rad ett rad två tre") >= 8


STORED = """
SELECT string_agg(format('SELECT concat_ws(chr(10), %s) AS words FROM %I', columns, table_name), ' UNION ALL ') FROM (
  SELECT table_name, string_agg(quote_ident(column_name), ', ') AS columns FROM information_schema.columns
  WHERE table_schema = 'public' AND table_name NOT LIKE 'pgqueuer%' AND data_type IN ('text', 'character varying', 'jsonb', 'json')
  GROUP BY table_name
) AS tables"""


async def everything_stored(world: World) -> str:
    """Every text and every JSON in the database, in one statement."""
    every = await world.sessions.scalar(text(STORED))
    return "\0".join(await world.sessions.scalars(text(every)))


@pytest.mark.parametrize("form", [*WRITTEN, *DRAFTS], ids=str)
async def test_f12_fields_that_nobody_asked_for_change_nothing(form: Form, world: World):
    """Neither who wrote it, nor where it belongs, nor who may read it."""
    own = world.shared.numbers
    numbers = own | {"finding": own["quiet"], "comment": own["to_hide"]}
    foreign = str(world.cast.outsider.network_id)
    more = TRIED | {
        "author_id": str(world.cast.outsider.person_id),
        "network_id": foreign,
        "space_id": foreign,
        "audience": "public",
        "hidden_at": "2020-01-01",
    }
    data = {name: value for name, value in more.items() if name not in form.fields} | filled(form.data, numbers)
    data |= {name: f"f12.{value}" for name, value in data.items() if name == "email"}  # nobody is invited twice
    answer = await world.browsers[form.role].post(form.address(numbers), data)
    assert answer.status_code < 500
    records = (await world.sessions.scalars(select(Record).execution_options(populate_existing=True))).all()
    assert {(each.network_id, str(each.audience)) for each in records} <= {
        (world.cast.network.id, "network"),
        (world.cast.network.id, "author"),
    }
    authors = set(await world.sessions.scalars(select(col(Comment.author_id))))
    assert world.cast.outsider.person_id not in authors
    assert "2020-01-01" not in await everything_stored(world)

"""A form that comes after the sign-in has ended: its text is never lost."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.accounts import actions
from portal.accounts.models import KeptForm, Person
from portal.db import Session
from tests.accounts.conftest import sign_in
from tests.accounts.test_cookie import SECRET_WORDS, with_password
from tests.browser import Browser

PROFILE = {"name": "Asta Nyare", "phone": "070-000 00 00", "language": "sv", "theme": "dark", "shortcuts": "true"}


async def kept_of(session: Session) -> KeptForm:
    return (await session.scalars(select(KeptForm))).one()


async def test_f10_a_form_sent_after_the_sign_in_has_ended_is_shown_again_and_sent_once_more(
    visitor: Browser, someone: Person, session: Session
) -> None:
    await with_password(session, someone)
    await sign_in(session, visitor, someone)
    await actions.end(session, person=someone)
    await session.commit()

    late = await visitor.post("/me", PROFILE)
    kept = await kept_of(session)
    assert late.status_code == 401
    assert f"/sign-in?next=/kept/{kept.id}" in late.text
    assert "Det du skrev finns kvar." in late.text

    entered = await visitor.post("/sign-in/password", {"email": someone.email, "password": SECRET_WORDS, "next": f"/kept/{kept.id}"})
    assert entered.headers["location"] == f"/kept/{kept.id}"
    page = (await visitor.get(f"/kept/{kept.id}")).text
    assert '<pre class="typed">Asta Nyare</pre>' in page
    assert 'name="phone" value="070-000 00 00"' in page
    assert 'name="theme" value="dark"' in page
    assert f'value="{visitor.csrf}"' in page

    sent = await visitor.post(f"/kept/{kept.id}/sending", kept.fields)
    assert (sent.status_code, sent.headers["location"]) == (307, "/me")
    followed = await visitor.post(f"/kept/{kept.id}/sending", kept.fields, follow_redirects=True)
    assert "Dina uppgifter är sparade." in followed.text
    await session.refresh(someone)
    assert (someone.name, someone.phone, someone.theme) == ("Asta Nyare", "070-000 00 00", "dark")
    assert "Texter som inte hann skickas" not in (await visitor.get("/me")).text


async def test_a_form_waits_on_ones_own_page_until_it_is_thrown_away(visitor: Browser, someone: Person, session: Session) -> None:
    await sign_in(session, visitor, someone)
    number = await actions.keep_form(
        session,
        person_id=someone.id,
        path="/granby/findings",
        fields={"body": ["Mer rening."], "title": ["Avlopp & <b>rening"], "key": ["7f"]},
    )
    await session.commit()
    page = (await visitor.get("/me")).text
    assert f'href="/kept/{number}">Avlopp &amp; &lt;b&gt;rening</a>' in page
    answer = await visitor.post(f"/kept/{number}/discarding")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await session.scalar(select(func.count()).select_from(KeptForm)) == 0
    assert (await visitor.get(f"/kept/{number}")).status_code == 404


async def test_nobody_else_reads_sends_or_throws_away_a_kept_form(
    visitor: Browser, other_visitor: Browser, someone: Person, session: Session
) -> None:
    number = await actions.keep_form(session, person_id=someone.id, path="/me", fields={"name": ["Hemlig text"]})
    stranger = await actions.add_person(session, name="Olle Utter", email="olle.kept@example.se")
    await session.commit()
    await sign_in(session, visitor, someone)
    await sign_in(session, other_visitor, stranger)
    assert "Hemlig text" in (await visitor.get(f"/kept/{number}")).text
    refused = [
        await other_visitor.get(f"/kept/{number}"),
        await other_visitor.post(f"/kept/{number}/sending"),
        await other_visitor.post(f"/kept/{number}/discarding"),
    ]
    assert [each.status_code for each in refused] == [404, 404, 404]
    assert not any("Hemlig text" in each.text for each in refused)
    kept = await kept_of(session)
    assert (kept.sent_at, kept.fields) == (None, {"name": ["Hemlig text"]})


async def test_what_a_script_sends_in_the_background_is_not_kept(visitor: Browser, someone: Person, session: Session) -> None:
    await sign_in(session, visitor, someone)
    await actions.end(session, person=someone)
    await session.commit()
    answer = await visitor.post("/me", PROFILE, headers={"sec-fetch-mode": "cors"})
    assert answer.status_code == 401
    assert await session.scalar(select(func.count()).select_from(KeptForm)) == 0


async def test_passwords_and_codes_are_never_kept(visitor: Browser, someone: Person, session: Session) -> None:
    await sign_in(session, visitor, someone)
    await actions.end(session, person=someone)
    await session.commit()
    late = await visitor.post("/me/password", {"password": SECRET_WORDS, "again": SECRET_WORDS, "note": "Det här finns kvar"})
    assert (late.status_code, SECRET_WORDS in late.text) == (401, False)
    assert (await kept_of(session)).fields == {"note": ["Det här finns kvar"]}


@pytest.mark.parametrize(("days", "left"), [(29, 1), (31, 0)])
async def test_a_late_form_is_forgotten_after_a_month(days: int, left: int, someone: Person, session: Session) -> None:
    await actions.keep_form(session, person_id=someone.id, path="/me", fields={"name": ["Asta"]})
    with clock.fixed(clock.now() + timedelta(days=days)):
        await actions.sweep(session)
    assert await session.scalar(select(func.count()).select_from(KeptForm)) == left


async def late(session: Session, person: Person, text: str) -> int | None:
    number = await actions.keep_form(session, person_id=person.id, path="/me", fields={"name": [text]})
    await session.commit()
    return number


async def test_twenty_forms_wait_at_most_and_the_next_is_left_with_its_writer(visitor: Browser, someone: Person, session: Session) -> None:
    await sign_in(session, visitor, someone)
    numbers = [await late(session, someone, f"Text {number}") for number in range(actions.MOST_KEPT)]
    assert None not in numbers
    await actions.end(session, person=someone)
    await session.commit()
    refused = await visitor.post("/me", PROFILE | {"name": "Det som inte fick plats"})
    assert refused.status_code == 401
    assert "Kopiera det du skrev innan du loggar in" in refused.text
    assert "Det du skrev finns kvar." not in refused.text
    assert '<pre class="typed">Det som inte fick plats</pre>' in refused.text
    assert set(await session.scalars(select(KeptForm.id))) == set(numbers)


async def test_a_form_that_was_sent_makes_room_and_one_that_waits_never_does(someone: Person, session: Session) -> None:
    numbers = [await late(session, someone, f"Text {number}") for number in range(actions.MOST_KEPT)]
    actions.note_sent(await session.get_one(KeptForm, numbers[3]))
    await session.commit()
    newest = await late(session, someone, "Den nyaste")
    assert set(await session.scalars(select(KeptForm.id))) == {*numbers, newest} - {numbers[3]}
    assert await late(session, someone, "Ännu en") is None


@pytest.mark.parametrize(("letters", "kept"), [(256 * 1024 - 4, True), (256 * 1024 - 3, False)])
async def test_a_form_of_more_than_256_kib_is_not_kept(letters: int, kept: bool, someone: Person, session: Session) -> None:
    assert (await late(session, someone, "x" * letters) is not None) is kept
    assert await late(session, someone, "å" * (128 * 1024)) is None

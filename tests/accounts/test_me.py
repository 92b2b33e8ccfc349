"""One's own page: name, language, light or dark."""

from collections.abc import Awaitable, Callable

import pytest

from portal.accounts.models import Person
from portal.db import Session
from portal.networks.models import Membership
from tests.accounts.conftest import sign_in
from tests.accounts.test_cookie import SECRET_WORDS, cookie_of, with_password
from tests.browser import Browser
from tests.factories import Cast
from tests.making import make_finding

Enter = Callable[[Membership], Awaitable[Browser]]
TYPED = {"name": "Asta Nyare", "phone": "", "language": "sv", "theme": "auto"}


async def test_one_changes_ones_own_page(visitor: Browser, someone: Person, session: Session) -> None:
    await sign_in(session, visitor, someone)
    typed = {"name": "  Asta\u202e Nyare ", "phone": "070-1", "language": "en", "theme": "dark"}
    answer = await visitor.post("/me", typed)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    await session.refresh(someone)
    kept = (someone.name, someone.phone, someone.locale, someone.theme, someone.shortcuts)
    assert kept == ("Asta Nyare", "070-1", "en", "dark", False)
    page = (await visitor.get("/me")).text
    assert '<html lang="en" data-theme="dark"' in page
    assert 'value="Asta Nyare"' in page


async def test_nobody_changes_more_than_the_form_has(visitor: Browser, someone: Person, session: Session) -> None:
    await sign_in(session, visitor, someone)
    email = someone.email
    await visitor.post("/me", {**TYPED, "email": "annan@example.se", "id": "1", "password_hash": "x", "closed_at": "2026-01-01"})
    await session.refresh(someone)
    assert (someone.name, someone.email, someone.password_hash, someone.closed_at) == ("Asta Nyare", email, None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "\u200b"),
        ("name", "x" * 101),
        ("name", "a\x00b"),
        ("phone", "0" * 41),
        ("language", "fi"),
        ("theme", "rosa"),
        ("shortcuts", "kanske"),
    ],
)
async def test_what_will_not_do_is_shown_again_as_it_was_typed(
    field: str, value: str, visitor: Browser, someone: Person, session: Session
) -> None:
    await sign_in(session, visitor, someone)
    answer = await visitor.post("/me", {**TYPED, "phone": "070-2", field: value})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert field == "phone" or 'value="070-2"' in answer.text
    await session.refresh(someone)
    assert (someone.name, someone.phone) == ("Asta Ny", "")


async def test_a_name_is_text_and_never_markup(visitor: Browser, someone: Person, session: Session) -> None:
    await sign_in(session, visitor, someone)
    await visitor.post("/me", {**TYPED, "name": '"><script>alert(1)</script>{{7*7}}'})
    page = (await visitor.get("/me")).text
    assert "&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("path", ["/me", "/kept/1"])
async def test_ones_own_pages_ask_a_stranger_to_sign_in(path: str, visitor: Browser) -> None:
    answer = await visitor.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path}")


async def test_language_and_theme_are_kept_in_the_browser_of_a_visitor(visitor: Browser) -> None:
    assert '<html lang="sv">' in (await visitor.get("/sign-in")).text
    answer = await visitor.post("/language", {"language": "en", "next": "/cookies"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/cookies")
    assert cookie_of(answer, "language")["max-age"] == str(365 * 24 * 3600)
    await visitor.post("/theme", {"theme": "dark"})
    assert '<html lang="en" data-theme="dark">' in (await visitor.get("/sign-in")).text


async def test_language_and_theme_are_kept_with_the_person(visitor: Browser, someone: Person, session: Session) -> None:
    await sign_in(session, visitor, someone)
    await visitor.post("/language", {"language": "en"})
    await visitor.post("/theme", {"theme": "light"})
    await session.refresh(someone)
    assert (someone.locale, someone.theme) == ("en", "light")


async def test_signing_in_brings_the_persons_own_language_and_theme(visitor: Browser, someone: Person, session: Session) -> None:
    someone.locale, someone.theme = "en", "dark"
    await with_password(session, someone)
    assert '<html lang="sv">' in (await visitor.get("/sign-in")).text
    await visitor.post("/sign-in/password", {"email": someone.email, "password": SECRET_WORDS})
    assert '<html lang="en" data-theme="dark"' in (await visitor.get("/me")).text


@pytest.mark.parametrize(("chosen", "spoken"), [(False, "en"), (True, "sv")])
async def test_a_language_chosen_at_the_door_stays_with_who_has_never_chosen_one(
    chosen: bool, spoken: str, visitor: Browser, someone: Person, session: Session
) -> None:
    someone.chose_locale = chosen
    await with_password(session, someone)
    await visitor.post("/language", {"language": "en"})
    await visitor.post("/sign-in/password", {"email": someone.email, "password": SECRET_WORDS})
    assert f'<html lang="{spoken}"' in (await visitor.get("/me")).text
    await session.refresh(someone)
    assert (someone.locale, someone.chose_locale) == (spoken, True)


async def test_who_signs_out_takes_her_language_and_theme_along(visitor: Browser, someone: Person, session: Session) -> None:
    someone.locale, someone.theme, someone.chose_locale = "en", "dark", True
    await with_password(session, someone)
    await visitor.post("/sign-in/password", {"email": someone.email, "password": SECRET_WORDS})
    assert '<html lang="en" data-theme="dark"' in (await visitor.get("/me")).text
    answer = await visitor.post("/sign-out")
    assert (cookie_of(answer, "language")["max-age"], cookie_of(answer, "theme")["max-age"]) == ("0", "0")
    door = (await visitor.get("/")).text
    assert ('<html lang="sv">' in door, "Du är utloggad." in door) == (True, True)
    door = (await visitor.get("/sign-in", headers={"accept-language": "en"})).text
    assert '<html lang="en">' in door


@pytest.mark.parametrize(("path", "typed"), [("/language", {"language": "fi"}), ("/language", {}), ("/theme", {"theme": "x\x00"})])
async def test_an_unknown_choice_is_refused(path: str, typed: dict[str, str], visitor: Browser) -> None:
    answer = await visitor.post(path, typed)
    assert answer.status_code == 422
    assert "language" not in visitor.client.cookies
    assert "theme" not in visitor.client.cookies


@pytest.mark.parametrize(
    ("name", "status"),
    [
        *(
            (each, 422)
            for each in (
                "Tomas Ekvall",
                "  tomas  EKVALL",
                "Tomas\u00a0Ekvall",
                "T\u043emas \u0415kv\u0430ll",
                "Tomas Ek\u200bva\ufe0fll",
                "Tomas EkvaI1",
            )
        ),
        *((each, 303) for each in ("Olle Utter", "MAJA Lindqvist", "Tomas Ekwall", "Tomas Ekvail")),
    ],
)
async def test_nobody_takes_a_colleagues_name(name: str, status: int, cast: Cast, browser: Enter, session: Session) -> None:
    """Olle is in another network; Maja may respell her own name, also when somebody else has come to bear it."""
    cast.reader.person.name = "Maja Lindqvist"
    session.add(cast.reader.person)
    await session.commit()
    answer = await (await browser(cast.contact)).post("/me", {**TYPED, "name": name})
    assert (answer.status_code, "heter redan så" in answer.text) == (status, status == 422)
    log = await (await browser(cast.coordinator)).get("/granby/administer/log")
    assert (f"{name.strip()} hette tidigare Maja Lindqvist" in log.text) is (status == 303)


async def test_what_a_word_says_and_can_take_back_is_for_the_one_sign_in(cast: Cast, browser: Enter, session: Session) -> None:
    ingela, maja, record = await browser(cast.coordinator), await browser(cast.contact), await make_finding(session, cast.contact)
    await ingela.post(f"/granby/records/{record.id}/lock")
    word = ingela.client.cookies["flash"]
    maja.client.cookies.set("flash", word)
    assert "Ångra" not in (await maja.get("/granby")).text
    assert "Ångra" in (await ingela.get("/granby")).text
    await ingela.post("/sign-out")
    ingela.client.cookies.delete("sid")  # as the browser does, whose cookie the answer takes away
    assert "Du är utloggad." in (await ingela.get("/")).text

"""Passwords: for those who want one."""

import asyncio

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from portal import clock
from portal.accounts import passwords
from portal.accounts.models import Attempt, Person
from portal.db import Session
from portal.mail import MailOut
from tests.accounts.conftest import HOST, Letter, ask_for_code, is_signed_in, sign_in
from tests.accounts.test_code import NOBODY, without_marks
from tests.accounts.test_cookie import SECRET_WORDS, with_password
from tests.browser import Browser

REFUSAL = "E-postadressen eller lösenordet stämmer inte."


def test_comparing_with_nobodys_password_costs_what_comparing_with_somebodys_does():
    assert not passwords.HASHER.check_needs_rehash(passwords.NOBODY)


async def test_a_password_signs_in(visitor: Browser, someone: Person, session: Session) -> None:
    await with_password(session, someone)
    answer = await visitor.post("/sign-in/password", {"email": someone.email, "password": SECRET_WORDS, "next": "/me"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    assert await is_signed_in(visitor, someone)


async def test_wrong_password_no_password_and_nobody_get_the_same_answer(visitor: Browser, someone: Person, session: Session) -> None:
    without = await visitor.post("/sign-in/password", {"email": someone.email, "password": SECRET_WORDS})
    await with_password(session, someone)
    wrong = await visitor.post("/sign-in/password", {"email": someone.email, "password": SECRET_WORDS + "?"})
    nobody = await visitor.post("/sign-in/password", {"email": NOBODY, "password": SECRET_WORDS})
    assert without.status_code == wrong.status_code == nobody.status_code == 422
    assert without_marks(without.text) == without_marks(wrong.text) == without_marks(nobody.text)
    assert REFUSAL in wrong.text
    assert f'value="{someone.email}"' in wrong.text
    assert SECRET_WORDS not in wrong.text


async def test_sixty_guesses_at_once_are_exactly_ten(visitor: Browser, someone: Person, session: Session) -> None:
    await with_password(session, someone)
    guesses = [visitor.post("/sign-in/password", {"email": someone.email, "password": f"gissning {n}"}) for n in range(60)]
    answers = await asyncio.gather(*guesses)
    assert sorted(each.status_code for each in answers) == [422] * 10 + [429] * 50
    assert (await visitor.post("/sign-in/password", {"email": someone.email, "password": SECRET_WORDS})).status_code == 429


async def test_a_place_with_a_hundred_failures_may_not_guess_on_but_sign_in_with_a_code(
    visitor: Browser, someone: Person, letter: Letter, session: Session
) -> None:
    await with_password(session, someone)
    session.add_all(Attempt(bucket=f"address:{HOST}", at=clock.now()) for _ in range(99))
    await session.commit()
    assert (await visitor.post("/sign-in/password", {"email": NOBODY, "password": "x"})).status_code == 422
    assert (await visitor.post("/sign-in/password", {"email": someone.email, "password": SECRET_WORDS})).status_code == 429
    code = await ask_for_code(visitor, letter, someone.email)
    assert (await visitor.post("/sign-in/code", {"code": code})).status_code == 303


async def test_only_failures_count_against_a_place(visitor: Browser, someone: Person, session: Session) -> None:
    await with_password(session, someone)
    await visitor.post("/sign-in/password", {"email": someone.email, "password": SECRET_WORDS})
    place = select(func.count()).where(col(Attempt.bucket) == f"address:{HOST}")
    assert await session.scalar(place) == 0
    await visitor.post("/sign-in/password", {"email": someone.email, "password": "x"})
    assert await session.scalar(place) == 1


async def test_a_new_password_is_stored_as_argon2id_ends_other_devices_and_is_told_by_mail(
    visitor: Browser, other_visitor: Browser, someone: Person, letter: Letter, session: Session
) -> None:
    for each in (visitor, other_visitor):
        await sign_in(session, each, someone)
        assert await is_signed_in(each, someone)
    answer = await visitor.post("/me/password", {"password": SECRET_WORDS, "again": SECRET_WORDS})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    await session.refresh(someone)
    assert (someone.password_hash or "").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await is_signed_in(visitor, someone)
    assert not await is_signed_in(other_visitor, someone)
    assert "Ditt lösenord är ändrat." in await letter(someone.email)
    answer = await other_visitor.post("/sign-in/password", {"email": someone.email, "password": SECRET_WORDS})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("password", "again", "field"),
    [
        ("fjorton tecken", "fjorton tecken", "password"),
        ("", "", "password"),
        ("x" * 1025, "x" * 1025, "password"),
        (SECRET_WORDS, SECRET_WORDS.upper(), "again"),
        (SECRET_WORDS, "", "again"),
    ],
)
async def test_a_password_that_will_not_do_changes_nothing(
    password: str, again: str, field: str, visitor: Browser, other_visitor: Browser, someone: Person, session: Session
) -> None:
    for each in (visitor, other_visitor):
        await sign_in(session, each, someone)
    answer = await visitor.post("/me/password", {"password": password, "again": again})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert password == "" or password not in answer.text
    await session.refresh(someone)
    assert someone.password_hash is None
    assert await is_signed_in(other_visitor, someone)
    assert await session.scalar(select(func.count()).select_from(MailOut)) == 0


async def test_the_same_letters_typed_on_another_keyboard_are_the_same_password(
    visitor: Browser, someone: Person, session: Session
) -> None:
    await sign_in(session, visitor, someone)
    composed = "sjö och å och ängar"
    await visitor.post("/me/password", {"password": composed, "again": composed})
    decomposed = "sjo\u0308 och a\u030a och a\u0308ngar"
    answer = await visitor.post("/sign-in/password", {"email": someone.email, "password": decomposed})
    assert answer.status_code == 303


async def test_a_password_can_be_removed(visitor: Browser, someone: Person, session: Session) -> None:
    await with_password(session, someone)
    await sign_in(session, visitor, someone)
    assert "Ta bort lösenordet" in (await visitor.get("/me")).text
    assert (await visitor.post("/me/password/removal")).status_code == 303
    await session.refresh(someone)
    assert someone.password_hash is None
    assert await is_signed_in(visitor, someone)
    answer = await visitor.post("/sign-in/password", {"email": someone.email, "password": SECRET_WORDS})
    assert answer.status_code == 422

"""Signing in with a code by e-mail: the ordinary way."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from portal import clock
from portal.accounts.models import Attempt, Person, SignInCode
from portal.db import Session
from portal.mail import MailOut
from tests.accounts.conftest import Letter, ask_for_code, is_signed_in, other_than
from tests.browser import Browser

NOBODY = "ingen.sadan@example.se"
REFUSAL = "Koden stämmer inte, eller så gäller den inte längre. Se efter i mejlet, eller be om en ny kod."


def without_marks(page: str) -> str:
    """A page without what differs from browser to browser: the form token and the typed address."""
    page = re.sub(r'(name="csrf" value|data-csrf)="[0-9a-f]{64}"', "", page)
    page = re.sub(r'name="once" value="[0-9a-f-]{36}"', "", page)
    return re.sub(r"[a-z.0-9]+@example\.se", "", page)


async def test_a_code_from_the_mail_signs_in(visitor: Browser, someone: Person, letter: Letter) -> None:
    assert not await is_signed_in(visitor, someone)
    code = await ask_for_code(visitor, letter, someone.email)
    answer = await visitor.post("/sign-in/code", {"code": f"{code[:3]} {code[3:]}"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await is_signed_in(visitor, someone)


async def test_answers_are_the_same_whether_or_not_somebody_has_the_address(
    visitor: Browser, other_visitor: Browser, someone: Person, letter: Letter, session: Session
) -> None:
    for path, fields in (("/sign-in/code-request", {}), ("/sign-in/code", {"code": "000000"})):
        known = await visitor.post(path, {"email": someone.email, **fields})
        unknown = await other_visitor.post(path, {"email": NOBODY, **fields})
        assert known.status_code == unknown.status_code
        assert known.headers.get("location") == unknown.headers.get("location")
        assert without_marks(known.text) == without_marks(unknown.text)
    pages = [await each.get("/sign-in/code") for each in (visitor, other_visitor)]
    assert str(someone.email) in pages[0].text
    assert NOBODY in pages[1].text
    assert without_marks(pages[0].text) == without_marks(pages[1].text)
    assert "Din kod är" in await letter(someone.email)
    assert list(await session.scalars(select(col(MailOut.to)))) == [someone.email]


@pytest.mark.parametrize(("chosen", "said"), [(None, "Din kod är"), ("en", "Your code is")])
async def test_the_mail_speaks_the_language_that_was_chosen_at_the_door(
    chosen: str | None, said: str, visitor: Browser, someone: Person, letter: Letter
) -> None:
    if chosen:
        await visitor.post("/language", {"language": chosen})
    await visitor.post("/sign-in/code-request", {"email": someone.email})
    assert said in await letter(someone.email)


async def test_a_code_works_once(visitor: Browser, other_visitor: Browser, someone: Person, letter: Letter) -> None:
    code = await ask_for_code(visitor, letter, someone.email)
    browser = visitor.client.cookies["browser"]
    assert (await visitor.post("/sign-in/code", {"code": code})).status_code == 303
    visitor.client.cookies.delete("sid")
    assert visitor.client.cookies["browser"] == browser
    answer = await visitor.post("/sign-in/code", {"code": code})
    assert (answer.status_code, REFUSAL in answer.text) == (422, True)


async def test_no_earlier_code_of_the_browser_works_after_the_sign_in(visitor: Browser, someone: Person, letter: Letter) -> None:
    first = await ask_for_code(visitor, letter, someone.email)
    second = await ask_for_code(visitor, letter, someone.email, number=2)
    assert (await visitor.post("/sign-in/code", {"code": second})).status_code == 303
    visitor.client.cookies.delete("sid")
    assert (await visitor.post("/sign-in/code", {"code": first})).status_code == 422


@pytest.mark.parametrize(("wrong_tries", "status"), [(4, 303), (5, 422)])
async def test_a_code_takes_five_tries(wrong_tries: int, status: int, visitor: Browser, someone: Person, letter: Letter) -> None:
    code = await ask_for_code(visitor, letter, someone.email)
    for _try in range(wrong_tries):
        answer = await visitor.post("/sign-in/code", {"code": other_than(code)})
        assert (answer.status_code, REFUSAL in answer.text) == (422, True)
    assert (await visitor.post("/sign-in/code", {"code": code})).status_code == status
    assert await is_signed_in(visitor, someone) == (status == 303)


async def test_tries_at_the_same_moment_are_counted_one_by_one(visitor: Browser, someone: Person, letter: Letter, session: Session) -> None:
    code = await ask_for_code(visitor, letter, someone.email)
    await asyncio.gather(*(visitor.post("/sign-in/code", {"code": other_than(code)}) for _ in range(20)))
    assert await session.scalar(select(col(SignInCode.tries))) == 5


async def test_a_code_is_refused_in_another_browser(visitor: Browser, other_visitor: Browser, someone: Person, letter: Letter) -> None:
    code = await ask_for_code(visitor, letter, someone.email)
    answer = await other_visitor.post("/sign-in/code", {"code": code})
    assert (answer.status_code, REFUSAL in answer.text) == (422, True)
    assert (await visitor.post("/sign-in/code", {"code": code})).status_code == 303


@pytest.mark.parametrize(("minutes", "status"), [(14, 303), (16, 422)])
async def test_a_code_lasts_a_quarter_of_an_hour(minutes: int, status: int, visitor: Browser, someone: Person, letter: Letter) -> None:
    code = await ask_for_code(visitor, letter, someone.email)
    with clock.fixed(clock.now() + timedelta(minutes=minutes)):
        answer = await visitor.post("/sign-in/code", {"code": code})
    assert (answer.status_code, REFUSAL in answer.text) == (status, status == 422)


@pytest.mark.parametrize("typed", ["", "12", "abcdef", "1" * 13, "١٢٣٤٥٦"])
async def test_whatever_is_no_code_gets_the_one_sentence(typed: str, visitor: Browser) -> None:
    answer = await visitor.post("/sign-in/code", {"code": typed})
    assert (answer.status_code, REFUSAL in answer.text) == (422, True)


async def test_somebody_whose_account_is_closed_gets_no_code(visitor: Browser, someone: Person, session: Session) -> None:
    someone.closed_at = clock.now()
    session.add(someone)
    await session.commit()
    answer = await visitor.post("/sign-in/code-request", {"email": someone.email})
    assert answer.headers["location"] == "/sign-in/code"
    assert await session.scalar(select(func.count()).select_from(MailOut)) == 0


async def test_sixty_requests_at_once_send_exactly_five_codes(visitor: Browser, someone: Person, session: Session) -> None:
    asking = [visitor.post("/sign-in/code-request", {"email": someone.email}) for _ in range(60)]
    answers = await asyncio.gather(*asking)
    assert sorted(each.status_code for each in answers) == [303] * 5 + [429] * 55
    assert await session.scalar(select(func.count()).select_from(MailOut)) == 5
    refused = next(each for each in answers if each.status_code == 429)
    assert refused.headers["retry-after"] == "600"
    assert "Det blev många försök" in refused.text
    assert str(someone.email) in refused.text


async def test_the_limit_of_an_address_does_not_care_about_capitals_and_ends(visitor: Browser, someone: Person) -> None:
    assert someone.email
    for written in (someone.email, someone.email.upper(), someone.email.title(), someone.email, someone.email):
        assert (await visitor.post("/sign-in/code-request", {"email": written})).status_code == 303
    assert (await visitor.post("/sign-in/code-request", {"email": someone.email})).status_code == 429
    with clock.fixed(clock.now() + timedelta(minutes=11)):
        assert (await visitor.post("/sign-in/code-request", {"email": someone.email})).status_code == 303


async def test_an_address_gets_thirty_codes_a_day(visitor: Browser, someone: Person, session: Session) -> None:
    session.add_all(Attempt(bucket=f"codes of a day:{someone.email}", at=clock.now() - timedelta(hours=1)) for _ in range(29))
    await session.commit()
    assert (await visitor.post("/sign-in/code-request", {"email": someone.email})).status_code == 303
    assert (await visitor.post("/sign-in/code-request", {"email": someone.email})).status_code == 429
    with clock.fixed(clock.now() + timedelta(hours=23, minutes=1)):
        assert (await visitor.post("/sign-in/code-request", {"email": someone.email})).status_code == 303


@pytest.mark.parametrize("typed", ["", "asta", "asta@", "a@b@example.se", "asta@example.se\r\nBcc: b@example.se", "a\x00@example.se"])
async def test_what_is_no_address_is_shown_again_with_the_error(typed: str, visitor: Browser, session: Session) -> None:
    answer = await visitor.post("/sign-in/code-request", {"email": typed})
    assert answer.status_code == 422
    assert 'id="f-email-error"' in answer.text
    assert await session.scalar(select(func.count()).select_from(SignInCode)) == 0


async def test_the_way_one_was_on_is_kept_through_the_sign_in(visitor: Browser, someone: Person, letter: Letter) -> None:
    asked = await visitor.get("/me?a=1")
    assert asked.headers["location"] == "/sign-in?next=/me%3Fa%3D1"
    door = await visitor.get(asked.headers["location"])
    assert 'name="next" value="/me?a=1"' in door.text
    answer = await visitor.post("/sign-in/code-request", {"email": someone.email, "next": "/me?a=1"})
    page = await visitor.get(answer.headers["location"])
    assert 'name="next" value="/me?a=1"' in page.text
    code = "".join(filter(str.isdigit, (await letter(someone.email)).splitlines()[0]))
    assert (await visitor.post("/sign-in/code", {"code": code, "next": "/me?a=1"})).headers["location"] == "/me?a=1"

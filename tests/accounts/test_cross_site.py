"""Requests that come from another site, or without this browser's form token, change nothing."""

import pytest

from portal.accounts.models import Person
from portal.db import Session
from tests.accounts.conftest import sign_in
from tests.browser import Browser
from tests.conftest import BASE_URL

REFUSED = {
    "no token": ({"csrf": ""}, {}),
    "a token that is no token": ({"csrf": "å" * 64}, {}),
    "the browser of another site": ({}, {"sec-fetch-site": "cross-site"}),
    "a sister site": ({}, {"sec-fetch-site": "same-site"}),
    "a foreign origin": ({}, {"origin": "https://evil.example"}),
    "our host on another port": ({}, {"origin": "http://127.0.0.1:8001"}),
    "our host over https": ({}, {"origin": "https://127.0.0.1:8000"}),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_it_changes_nothing(case: str, visitor: Browser, someone: Person, session: Session) -> None:
    typed, headers = REFUSED[case]
    await sign_in(session, visitor, someone)
    answer = await visitor.post("/theme", {"theme": "dark", **typed}, headers=headers)
    assert answer.status_code == 403
    await session.refresh(someone)
    assert someone.theme == "auto"


async def test_another_browsers_token_changes_nothing(visitor: Browser, other_visitor: Browser, someone: Person, session: Session) -> None:
    for each in (visitor, other_visitor):
        await sign_in(session, each, someone)
    assert (await visitor.post("/theme", {"theme": "dark", "csrf": other_visitor.csrf})).status_code == 403
    await session.refresh(someone)
    assert someone.theme == "auto"


async def test_the_token_from_before_the_sign_in_changes_nothing_but_the_text_is_kept(
    visitor: Browser, someone: Person, session: Session
) -> None:
    await visitor.get("/sign-in")
    before = visitor.csrf
    await sign_in(session, visitor, someone)
    typed = {"name": "Asta\nmed en lång text", "language": "sv", "theme": "auto", "csrf": before}
    answer = await visitor.post("/me", typed)
    assert answer.status_code == 403
    assert "Asta\nmed en lång text" in answer.text
    assert f'value="{visitor.csrf}"' in answer.text
    await session.refresh(someone)
    assert someone.name == "Asta Ny"


@pytest.mark.parametrize(
    "headers",
    [{}, {"sec-fetch-site": "same-origin", "origin": BASE_URL}, {"sec-fetch-site": "none"}, {"origin": "null"}],
)
async def test_our_own_pages_get_through(headers: dict[str, str], visitor: Browser, someone: Person, session: Session) -> None:
    await sign_in(session, visitor, someone)
    assert (await visitor.post("/theme", {"theme": "dark"}, headers=headers)).status_code == 303
    await session.refresh(someone)
    assert someone.theme == "dark"


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in/code-request",
        "/sign-in/password",
        "/sign-out",
        "/me/address/code-request",
        "/me/password",
        "/me/password/removal",
        "/me/devices/1/ending",
        "/me/devices/ending",
        "/kept/1/sending",
        "/kept/1/discarding",
        "/language",
        "/theme",
        "/demo/sign-in",
    ],
)
async def test_no_address_that_changes_something_answers_a_get(path: str, visitor: Browser, someone: Person, session: Session) -> None:
    await sign_in(session, visitor, someone)
    assert (await visitor.get(path)).status_code == 405

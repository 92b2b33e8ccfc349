"""Where one may be sent on to after the sign-in: our own pages, and nothing else (L03)."""

import pytest

from portal.accounts.models import Person
from portal.db import Session
from tests.accounts.conftest import sign_in
from tests.accounts.test_cookie import SECRET_WORDS, with_password
from tests.browser import Browser

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "https:evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\r\nSet-Cookie: sid=x",
    "\r\nSet-Cookie: sid=x",
    "javascript:alert(1)",
    "evil.example",
    " /me",
    "",
]


@pytest.mark.parametrize("asked", ELSEWHERE)
async def test_another_place_becomes_the_start_page(asked: str, visitor: Browser, someone: Person, session: Session) -> None:
    await with_password(session, someone)
    typed = {"email": someone.email, "password": SECRET_WORDS, "next": asked}
    entered = await visitor.post("/sign-in/password", typed)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    again = await visitor.client.get("/sign-in", params={"next": asked})
    assert (again.status_code, again.headers["location"]) == (303, "/")
    for path, choice in (("/language", {"language": "en"}), ("/theme", {"theme": "dark"})):
        assert (await visitor.post(path, {**choice, "next": asked})).headers["location"] == "/"


@pytest.mark.parametrize("asked", ["/me", "/granby/findings?q=%C3%A5&sida=2#tråd-7", "/%0d%0aSet-Cookie:%20a=b"])
async def test_a_page_of_ours_is_where_one_comes(asked: str, visitor: Browser, someone: Person, session: Session) -> None:
    await sign_in(session, visitor, someone)
    answer = await visitor.post("/theme", {"theme": "dark", "next": asked})
    assert answer.headers["location"].startswith(asked.split("#")[0])
    assert "a=b" not in "".join(answer.headers.get_list("set-cookie"))

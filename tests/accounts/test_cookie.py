"""The sign-in cookie: minted by us alone, new at every sign-in, out of reach of scripts and other sites."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.accounts import passwords
from portal.accounts.models import Person, SignedIn
from portal.accounts.queries import hash_of
from portal.app import create_app
from portal.config import Settings
from portal.db import Session
from tests.accounts.conftest import HOST, Letter, ask_for_code, is_signed_in, sign_in
from tests.browser import Browser

SECRET_WORDS = "fyra ord efter varandra"


def cookie_of(answer: httpx.Response, name: str) -> Morsel[str]:
    for header in answer.headers.get_list("set-cookie"):
        found = SimpleCookie(header)
        if name in found:
            return found[name]
    raise AssertionError(f"{name} was not set")


async def with_password(session: Session, person: Person) -> Person:
    person.password_hash = await passwords.hashed(SECRET_WORDS)
    session.add(person)
    await session.commit()
    return person


@pytest.mark.parametrize(
    ("typed", "max_age", "lasts"), [({}, "", timedelta(hours=12)), ({"trusted": "true"}, "2592000", timedelta(days=30))]
)
async def test_a_trusted_device_is_remembered_for_thirty_days(
    typed: dict[str, str],
    max_age: str,
    lasts: timedelta,
    visitor: Browser,
    someone: Person,
    letter: Letter,
    session: Session,
) -> None:
    code = await ask_for_code(visitor, letter, someone.email)
    answer = await visitor.post("/sign-in/code", {"code": code, **typed})
    cookie = cookie_of(answer, "sid")
    assert (cookie["path"], cookie["httponly"], cookie["samesite"].lower(), cookie["secure"]) == ("/", True, "lax", "")
    assert cookie["max-age"] == max_age
    row = (await session.scalars(select(SignedIn))).one()
    assert (row.token_hash, row.expires_at - row.created_at) == (hash_of(cookie.value), lasts)


async def test_a_sign_in_ends_by_itself(visitor: Browser, someone: Person, letter: Letter) -> None:
    code = await ask_for_code(visitor, letter, someone.email)
    await visitor.post("/sign-in/code", {"code": code})
    with clock.fixed(clock.now() + timedelta(hours=11)):
        assert await is_signed_in(visitor, someone)
    with clock.fixed(clock.now() + timedelta(hours=13)):
        assert not await is_signed_in(visitor, someone)


async def test_a_token_that_the_browser_chose_is_never_adopted(visitor: Browser, someone: Person, letter: Letter, session: Session) -> None:
    chosen = "A" * 43
    code = await ask_for_code(visitor, letter, someone.email)
    visitor.client.cookies.set("sid", chosen, domain=HOST)
    assert not await is_signed_in(visitor, someone)
    await visitor.post("/sign-in/code", {"code": code})
    assert visitor.client.cookies["sid"] != chosen
    assert await is_signed_in(visitor, someone)
    assert (await session.scalars(select(SignedIn).where(col(SignedIn.token_hash) == hash_of(chosen)))).first() is None


async def test_each_sign_in_gets_a_new_token_and_ends_the_one_before(
    visitor: Browser, other_visitor: Browser, someone: Person, session: Session
) -> None:
    await with_password(session, someone)
    first = await sign_in(session, visitor, someone)
    other_visitor.client.cookies.set("sid", first, domain=HOST)
    assert await is_signed_in(other_visitor, someone)
    await visitor.post("/sign-in/password", {"email": someone.email, "password": SECRET_WORDS})
    assert visitor.client.cookies["sid"] != first
    assert await is_signed_in(visitor, someone)
    assert not await is_signed_in(other_visitor, someone)


async def test_signing_out_ends_the_device_and_takes_the_cookie(
    visitor: Browser, other_visitor: Browser, someone: Person, session: Session
) -> None:
    token = await sign_in(session, visitor, someone)
    answer = await visitor.post("/sign-out")
    assert (answer.status_code, answer.headers["location"], cookie_of(answer, "sid")["max-age"]) == (303, "/", "0")
    assert "sid" not in visitor.client.cookies
    assert "Du är utloggad." in (await visitor.get("/")).text
    other_visitor.client.cookies.set("sid", token, domain=HOST)
    assert not await is_signed_in(other_visitor, someone)


async def test_signing_out_with_a_token_that_has_ended_takes_the_cookie_too(visitor: Browser) -> None:
    visitor.client.cookies.set("sid", "B" * 43, domain=HOST)
    answer = await visitor.post("/sign-out")
    assert (answer.status_code, "sid" in visitor.client.cookies) == (303, False)


@asynccontextmanager
async def over_https(database_url: str, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at a portal that is served over https."""
    address = "https://portal.example.se"
    app = create_app(Settings(data=folder, base_url=address, secret="s" * 32), database_url)
    async with app.litestar.lifespan(), httpx.AsyncClient(transport=httpx.ASGITransport(app.asgi), base_url=address) as client:
        await client.get("/sign-in")
        client.headers["x-csrf-token"] = app.litestar.state.frame.sign(f"csrf:{client.cookies['__Host-browser']}")
        yield client


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("portal.example.se", 200),
        ("Portal.Example.SE:443", 200),
        ("portal.example.se:80", 421),
        ("127.0.0.1", 421),
        ("localhost:8000", 421),
    ],
)
async def test_the_portal_answers_to_its_own_address_alone(
    host: str, status: int, session: Session, database_url: str, tmp_path: Path
) -> None:
    async with over_https(database_url, tmp_path) as browser:
        assert (await browser.get("/sign-in", headers={"host": host})).status_code == status
        assert (await browser.get("/health/live", headers={"host": host})).status_code == 200


async def test_over_https_the_cookie_belongs_to_this_host_alone(
    someone: Person, session: Session, database_url: str, tmp_path: Path
) -> None:
    await with_password(session, someone)
    async with over_https(database_url, tmp_path) as browser:
        entered = await browser.post("/sign-in/password", data={"email": someone.email, "password": SECRET_WORDS})
        cookie = cookie_of(entered, "__Host-sid")
        assert (cookie["secure"], cookie["path"], cookie["domain"], cookie["httponly"]) == (True, "/", "", True)
        page = await browser.get("/me")
        assert page.status_code == 200
        token = page.text.split('name="csrf" value="')[1][:64]
        gone = cookie_of(await browser.post("/sign-out", headers={"x-csrf-token": token}), "__Host-sid")
        assert (gone["secure"], gone["path"], gone["max-age"]) == (True, "/", "0")

"""People at the doors: a second browser, somebody with an address of her own, and the mail that comes to it."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from portal import mail
from portal.accounts import actions
from portal.accounts.models import Person
from portal.app import Portal
from portal.config import Settings
from portal.db import Session
from tests.browser import Browser
from tests.conftest import BASE_URL

Letter = Callable[..., Awaitable[str]]
HOST = "127.0.0.1"


@pytest.fixture
async def other_visitor(portal: Portal) -> AsyncIterator[Browser]:
    """Another browser that nobody is signed in with."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(portal.asgi), base_url=BASE_URL) as client:
        yield Browser(client, portal)


@pytest.fixture
async def someone(session: Session) -> Person:
    """A person whose address no other test uses."""
    person = await actions.add_person(session, name="Asta Ny", email=f"asta.{secrets.token_hex(6)}@example.se")
    await session.commit()
    return person


@pytest.fixture
def letter(settings: Settings) -> Letter:
    """`await letter(address)`: the text of the newest mail to it, once `number` have come."""

    async def newest(to: str | None, *, number: int = 1) -> str:
        for _moment in range(400):
            came = [each for each in mail.kept(settings.mail_folder) if each.to == to]
            if len(came) >= number:
                return came[0].text
            await asyncio.sleep(0.025)
        raise AssertionError(f"{number} mails to {to} were expected, {len(came)} came")

    return newest


async def sign_in(session: Session, browser: Browser, person: Person) -> str:
    """Sign `person` in with this browser as the portal would have; returns the token."""
    await browser.get("/health/live")
    agent = actions.Visitor(browser=browser.client.cookies["browser"], address=HOST, agent="Firefox/140.0 (Windows NT 10.0)")
    _device, token = await actions.start(session, person=person, trusted=True, visitor=agent)
    await session.commit()
    browser.client.cookies.set("sid", token, domain=HOST)
    return token


async def ask_for_code(browser: Browser, letter: Letter, email: str | None, *, number: int = 1) -> str:
    """Ask for a code and read it in the mail."""
    answer = await browser.post("/sign-in/code-request", {"email": email})
    assert answer.headers["location"] == "/sign-in/code"
    return "".join(each for each in (await letter(email, number=number)).splitlines()[0] if each.isdigit())


def other_than(code: str) -> str:
    """A code that is wrong."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def is_signed_in(browser: Browser, person: Person) -> bool:
    answer = await browser.get("/me")
    return answer.status_code == 200 and f'value="{person.name}"' in answer.text

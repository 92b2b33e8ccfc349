"""The list of signed-in devices, and ending them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.accounts import actions
from portal.accounts.devices import device_name
from portal.accounts.models import Attempt, Person, SignedIn, SignInCode
from portal.db import Session
from tests.accounts.conftest import is_signed_in, sign_in
from tests.browser import Browser
from tests.factories import Cast

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


async def device_ids(session: Session, person: Person) -> list[int]:
    rows = await session.scalars(select(SignedIn).order_by(SignedIn.id))  # type: ignore[arg-type]
    return [row.id for row in rows if row.person_id == person.id]


async def test_one_ends_a_device_of_ones_own(visitor: Browser, other_visitor: Browser, someone: Person, session: Session) -> None:
    for each in (visitor, other_visitor):
        await sign_in(session, each, someone)
    here, there = await device_ids(session, someone)
    page = (await visitor.get("/me")).text
    assert page.count("Firefox på Windows</span>") == 3  # both rows, and the button of the other one
    assert f"/me/devices/{there}/ending" in page
    assert f"/me/devices/{here}/ending" not in page
    answer = await visitor.post(f"/me/devices/{there}/ending")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me#devices")
    assert await is_signed_in(visitor, someone)
    assert not await is_signed_in(other_visitor, someone)


async def test_one_ends_all_other_devices(visitor: Browser, other_visitor: Browser, someone: Person, session: Session) -> None:
    for each in (other_visitor, visitor):
        await sign_in(session, each, someone)
    assert (await visitor.post("/me/devices/ending")).status_code == 303
    assert await is_signed_in(visitor, someone)
    assert not await is_signed_in(other_visitor, someone)


async def test_somebody_elses_device_does_not_exist(
    visitor: Browser, other_visitor: Browser, someone: Person, cast: Cast, session: Session
) -> None:
    await sign_in(session, visitor, someone)
    await sign_in(session, other_visitor, cast.contact.person)
    (theirs,) = await device_ids(session, cast.contact.person)
    assert (await visitor.post(f"/me/devices/{theirs}/ending")).status_code == 404
    assert await is_signed_in(other_visitor, cast.contact.person)


@pytest.mark.parametrize("number", ["0", "01", "+1", "1e3", "-1", "99999999999999999999", "abc", "١"])
async def test_what_is_no_device_is_not_found(number: str, visitor: Browser, someone: Person, session: Session) -> None:
    await sign_in(session, visitor, someone)
    assert (await visitor.post(f"/me/devices/{number}/ending")).status_code == 404


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (WINDOWS, "Chrome på Windows"),
        (WINDOWS + " Edg/140.0.0.0", "Edge på Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Version/19.0 Mobile Safari/604",
            "Safari på iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28 Chrome/130 Safari/537.36",
            "Samsung Internet på Android",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox på Linux"),
        ("curl/8.0", "Okänd webbläsare"),
        ("", "Okänd webbläsare"),
    ],
)
def test_a_device_has_a_name_that_its_owner_knows(agent: str, name: str) -> None:
    assert device_name(agent) == name


async def test_what_nobody_needs_any_more_is_forgotten(visitor: Browser, someone: Person, session: Session) -> None:
    await sign_in(session, visitor, someone)
    await visitor.post("/sign-in/code-request", {"email": someone.email})
    for days, left in ((0, (1, 1, 3)), (2, (1, 0, 0)), (59, (1, 0, 0)), (61, (0, 0, 0))):
        with clock.fixed(clock.now() + timedelta(days=days)):
            await actions.sweep(session)
        counts = [await session.scalar(select(func.count()).select_from(table)) for table in (SignedIn, SignInCode, Attempt)]
        assert tuple(counts) == left, days

"""Unknown pages and crashes: friendly words and a reference that stands in the log, nothing of what was wrong or typed."""

import logging
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import get, post

from portal import clock
from portal.app import Portal, create_app
from portal.config import Settings
from portal.db import Session
from portal.networks.models import Membership, Network
from portal.web import Refused
from tests.authz.world import World
from tests.browser import Browser
from tests.conftest import BASE_URL
from tests.corpus.answers import decent
from tests.corpus.forms import FORMS
from tests.corpus.test_requests import fetch
from tests.written import written

SECRET = "lösenordet är hemligheten-4711"


@get("/crash")
async def crash() -> None:
    raise RuntimeError(SECRET)


@post("/crash")
async def crash_late() -> None:
    raise RuntimeError(SECRET)


@post("/{network:str}/crash")
async def crash_in_the_database(membership: Membership, session: Session) -> None:
    session.add(Network(slug=membership.network.slug, name=SECRET, municipality="Granby kommun", created_at=clock.now()))
    await session.flush()


class Unspeakable:
    """A sentence that cannot be said."""

    def __str__(self) -> str:
        raise RuntimeError(SECRET)


@get("/unspeakable")
async def refuse_without_a_word() -> None:
    refusal = Refused()
    refusal.message = Unspeakable()
    raise refusal


@pytest.fixture
async def crashing(running: Portal, settings: Settings, database_url: str) -> AsyncIterator[Browser]:
    """A portal with a page that is broken; it shares nothing but the database with the others."""
    portal = create_app(settings, database_url)
    portal.litestar.register(crash)
    portal.litestar.register(crash_late)
    portal.litestar.register(crash_in_the_database)
    portal.litestar.register(refuse_without_a_word)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(portal.asgi), base_url=BASE_URL) as client:
        yield Browser(client, portal)


def reference_in(page: str) -> str:
    found = re.search(r"<code>([0-9a-f]{8})</code>", page)
    assert found, page
    return found[1]


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_a_crash_has_a_friendly_page(language: str, crashing: Browser, caplog: pytest.LogCaptureFixture):
    answer = await crashing.get("/crash", headers={"accept-language": language})
    assert answer.status_code == 500
    assert ("Något gick fel hos oss" in answer.text) is (language == "sv")
    for word in (SECRET, "RuntimeError", "Traceback", ".py"):
        assert word not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    crashes = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert [reference_in(answer.text) in each.getMessage() for each in crashes] == [True]


async def test_a_crash_keeps_what_was_typed_and_logs_none_of_it(crashing: Browser, caplog: pytest.LogCaptureFixture):
    answer = await crashing.post("/crash", {"body": "Jag skrev detta i en timme."})
    assert (answer.status_code, "Jag skrev detta i en timme." in answer.text) == (500, True)
    assert reference_in(answer.text) in caplog.text
    assert "i en timme" not in caplog.text


async def test_a_write_that_the_database_refuses_has_its_page_too(crashing: Browser, world: World, caplog: pytest.LogCaptureFixture):
    """Whoever asked cannot be read any more after it, not even her network's name."""
    crashing.client.cookies.set("sid", world.browsers["contact"].client.cookies["sid"])
    answer = await crashing.post("/granby/crash", {"body": "Jag skrev detta i en timme."})
    assert (answer.status_code, "Jag skrev detta i en timme." in answer.text) == (500, True)
    assert "Något gick fel hos oss" in answer.text
    (crashed,) = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert reference_in(answer.text) in crashed
    assert "IntegrityError" in caplog.text
    assert SECRET not in caplog.text + answer.text


async def test_a_page_of_failure_that_fails_is_followed_by_a_last_one(crashing: Browser, caplog: pytest.LogCaptureFixture):
    answer = await crashing.get("/unspeakable", headers={"accept-language": "en"})
    assert (answer.status_code, "Something went wrong" in answer.text, SECRET in answer.text) == (500, True, False)
    assert reference_in(answer.text) in caplog.text


@pytest.mark.parametrize("role", ["anonymous", "contact", "guest"])
@pytest.mark.parametrize("path", ["/granby/nowhere/at/all", "/granby/findings/123456789", "/nowhere.php", "/vitby"])
async def test_an_unknown_page_is_friendly(role: str, path: str, world: World, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO, logger="portal.web"):
        answer = await world.browsers[role].get(path)
    if answer.status_code == 303:
        assert role == "anonymous"
        return
    assert (answer.status_code, decent(answer)) == (404, True)
    assert "Sidan finns inte" in answer.text
    assert reference_in(answer.text) in caplog.text


ODD = ("//x", "/a/../b", "/%00", "/a%5cb", "/" + "x" * 3000, "/granby//findings")


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_an_odd_address_is_as_friendly(language: str, world: World, caplog: pytest.LogCaptureFixture):
    places = [(path, [], 404) for path in ODD] + [("/", [("host", "evil.example")], 421), ("/", [("host", "a b")], 400)]
    for path, headers, status in places:
        caplog.clear()
        with caplog.at_level(logging.INFO, logger="portal.web"):
            answer = await fetch(world.browsers["contact"], path, [*headers, ("accept-language", language)])
        assert (path[:40], answer.status_code, decent(answer)) == (path[:40], status, True)
        assert f'<html lang="{language}">' in answer.text
        assert ("Det gick inte" in answer.text or "Sidan finns inte" in answer.text) is (language == "sv")
        (said,) = [each.getMessage() for each in caplog.records if each.name == "portal.web"]
        assert f"reference {reference_in(answer.text)}" in said
        assert "\x00" not in said
        assert len(said) < 400


async def test_secret_addresses_are_not_logged(world: World, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO, logger="portal"):
        for path in (
            "/calendar/mycket-hemlig-adress.ics",
            "/invitations/mycket-hemlig-adress",
            "//calendar/mycket-hemlig-adress.ics",
            "/mail/stop/mycket-hemlig-adress",
            "/answers/mycket-hemlig-adress",
            "//answers/mycket-hemlig-adress",
            "//mail/stop/mycket-hemlig-adress",
        ):
            assert (await fetch(world.browsers["anonymous"], path, [])).status_code == 404
    ours = [each.getMessage() for each in caplog.records if each.name.startswith("portal")]
    assert len(ours) > 0
    assert not [each for each in ours if "hemlig" in each]


async def test_a_form_for_no_page_is_not_found(world: World):
    for role in ("anonymous", "contact"):
        answer = await world.browsers[role].post("/granby/nowhere/at/all", {"body": "x" * 1000})
        assert (answer.status_code, decent(answer)) == (404, True)


async def test_a_form_after_the_sign_in_has_ended_is_kept(world: World):
    """The old cookie of somebody whose account is closed keeps nothing; see test_kept.py for those who may come back."""
    before = await written(world.sessions)
    for form in FORMS:
        if form.outside and not form.path.startswith("/me"):
            continue
        answer = await world.browsers["closed"].post(form.address(world.shared.numbers), {"body": "Text"})
        assert (str(form), answer.status_code, decent(answer)) == (str(form), 401, True)
    assert await written(world.sessions) == before


@pytest.mark.parametrize("address", ["/portal?host=/nowhere/at/all", "127.0.0.1:1/portal"], ids=["its socket is gone", "nobody listens"])
async def test_a_database_that_is_away_is_said_plainly(address: str, settings: Settings, caplog: pytest.LogCaptureFixture):
    portal = create_app(settings, f"postgresql+asyncpg://portal@{address}")
    cookies = {"sid": "x" * 43, "browser": "y" * 43}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(portal.asgi), base_url=BASE_URL, cookies=cookies) as client:
        read = await client.get("/granby/findings")
        wrote = await Browser(client, portal).post("/granby/findings", {"what": "Skrivet under avbrottet"})
    for answer in (read, wrote):
        assert (answer.status_code, answer.headers["retry-after"], "Databasen svarar inte just nu" in answer.text) == (503, "5", True)
    assert "Skrivet under avbrottet" in wrote.text
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []

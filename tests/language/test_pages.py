"""Whoever chooses English reads English: every page that a coordinator can walk to, and every complaint about a form."""

import re
from datetime import timedelta
from html import unescape

import httpx
import pytest

from portal import clock
from portal.consultations.actions import SECTIONS
from portal.db import Session
from portal.networks.access import Role
from portal.networks.models import Membership, Theme
from portal.web.language import LOCALES, catalogue
from tests.browser import Browser
from tests.factories import make_member, make_network, make_unit
from tests.language.markup import read

PUBLIC = ["/sign-in", "/sign-in/code", "/accessibility", "/privacy", "/cookies", "/contact", "/invitations/unknown"]
ROOMS = [
    "",
    "/findings",
    "/findings/new",
    "/meetings",
    "/meetings/new",
    "/consultations",
    "/consultations/new",
    "/calls",
    "/calls/new",
    "/calendar",
    "/members",
]
ADMINISTRATION = ["", "/members", "/invitations", "/invitations/new", "/units", "/themes", "/boards", "/settings", "/log"]
EMPTY = [
    *(f"/granby{room}" for room in ROOMS),
    *(f"/granby/administer{room}" for room in ADMINISTRATION),
    "/granby/search",
    "/granby/search?q=water",
    "/me",
    "/me/address/code",
]
LINK = re.compile(r'<a [^>]*href="(/[^"#?]*)')
# A comment's markup is the same for all; its author, who has written everything here, does not see this link.
OWN_REPORT = re.compile(r"/comments/\d+/report$")
CATALOGUE = {key: said for key, said in vars(catalogue("en"))["_catalog"].items() if key}
SWEDISH = {key if isinstance(key, str) else key[0] for key in CATALOGUE} - set(CATALOGUE.values())


def swedish_in(html: str) -> list[str]:
    """Texts that have Swedish letters or stand untranslated; what the portal writes into every answer is content."""
    texts = [text for text in read(html) if not any(section in text for section in SECTIONS)]
    return [text for text in texts if re.search("[åäöÅÄÖ]", text) or text in SWEDISH]


def swedish_on(page: httpx.Response) -> list[str]:
    assert '<html lang="en"' in page.text
    assert "Accessibility" in read(page.text)
    return swedish_in(page.text)


@pytest.mark.parametrize("path", PUBLIC)
async def test_a_visitor_whose_browser_asks_for_english_reads_english(path: str, visitor: Browser):
    assert swedish_on(await visitor.get(path, headers={"Accept-Language": "en-GB,en;q=0.9,sv;q=0.5"})) == []


async def test_even_an_address_that_no_page_can_have_is_refused_in_english(visitor: Browser):
    page = await visitor.get("/a//b", headers={"Accept-Language": "en"})
    assert (page.status_code, '<html lang="en">' in page.text, "The page does not exist" in page.text) == (404, True, True)
    assert swedish_in(page.text) == []


async def test_a_swedish_page_is_seen_to_be_swedish(visitor: Browser):
    page = await visitor.get("/privacy", headers={"Accept-Language": "sv"})
    assert {"Kakor", "Kontakt", "Bara du.", "Allmänna handlingar"} <= set(swedish_in(page.text))


@pytest.fixture
async def coordinator(session: Session) -> Membership:
    """The coordinator of a network without units, themes or anything else."""
    network = await make_network(session, name="Granby network", language="en")
    member = await make_member(session, network, "Ingela Rask", Role.coordinator)
    await session.commit()
    return member


@pytest.fixture
async def english(coordinator: Membership, browser) -> Browser:
    opened = await browser(coordinator)
    opened.client.cookies.set("language", "en")
    return opened


@pytest.mark.parametrize("path", EMPTY)
async def test_an_empty_network_speaks_english(path: str, english: Browser):
    page = await english.get(path)
    assert page.status_code == 200
    assert swedish_on(page) == []


async def test_every_page_that_one_can_walk_to_speaks_english(english: Browser, coordinator: Membership, session: Session):
    places = await fill(english, coordinator, session)
    walked: dict[str, list[str]] = {}
    waiting = ["/granby", "/granby/search?q=water"]
    while waiting:
        path = waiting.pop()
        page = await english.get(path, follow_redirects=True)
        assert page.status_code == (403 if OWN_REPORT.search(path) else 200), path
        if page.headers.get("content-disposition", "").startswith("attachment"):
            walked[path] = swedish_in(page.text)
            continue
        walked[path] = swedish_on(page)
        links = {unescape(link) for link in LINK.findall(page.text)}
        waiting += sorted(link for link in links if link not in walked and link not in waiting and not link.startswith("/static/"))
    assert len(walked) > 50
    assert set(places) <= walked.keys()
    assert {path: texts for path, texts in walked.items() if texts} == {}


async def fill(english: Browser, coordinator: Membership, session: Session) -> list[str]:
    """One of everything, written in English through the front door; the pages of the four records."""
    network = coordinator.network
    theme = Theme(network_id=network.id, name="Water", position=0)
    session.add(theme)
    unit = await make_unit(session, network, "Water Ltd", "municipal_company")
    await make_unit(session, network, "Schools")
    await make_member(session, network, "Maja Lindqvist", Role.contact, unit=unit)
    await make_member(session, network, "Pelle Holm", Role.guest)
    await session.commit()
    today = clock.today()
    finding = {
        "title": "More water tests",
        "source_url": "https://example.eu/a",
        "happens": "More tests.",
        "means": "More work.",
        "themes": [theme.id],
    }
    meeting = {
        "title": "Network meeting",
        "day": (today + timedelta(days=9)).isoformat(),
        "starts": "13:00",
        "ends": "15:00",
        "place": "Room 2",
    }
    consultation = {
        "title_sv": "Water Act",
        "stage": "public_consultation",
        "closes_on": (today + timedelta(days=9)).isoformat(),
        "zone": "Europe/Brussels",
    }
    call = {"title_sv": "Town twinning", "programme": "CERV", "gives": "Meetings.", "closes_on": consultation["closes_on"]}
    made = (("findings", finding), ("meetings", meeting), ("consultations", consultation), ("calls", call))
    places = [await post(english, f"/granby/{room}", form) for room, form in made]
    for place in places:
        await post(
            english,
            f"/granby/records/{place.rpartition('/')[2]}/comments",
            {"body": "Good **water**.", "key": f"00000000-0000-4000-8000-{place.rpartition('/')[2]:0>12}"},
        )
    await post(english, f"{places[1]}/summons", {})
    await post(english, f"{places[2]}/triage", {"triage": "answering"})
    await post(english, "/granby/administer/boards", {"name": "Executive board"})
    await post(english, "/granby/administer/invitations", {"name": "Tomas Ek", "email": "tomas@example.se", "role": "reader"})
    await post(english, "/granby/calendar/feeds", {"name": "Outlook"})
    return places


async def post(english: Browser, path: str, form: dict[str, object]) -> str:
    """Where the browser is sent after a form that was accepted."""
    answer = await english.post(path, form)
    assert answer.status_code in (200, 303), (path, read(answer.text))
    return answer.headers.get("location", path).partition("#")[0]


@pytest.mark.parametrize(
    ("path", "form", "sentence"),
    [
        ("/granby/findings", {"source_url": "nowhere"}, "Enter a whole web address that begins with https://."),
        (
            "/granby/meetings",
            {"title": "M", "day": "2027-02-10", "starts": "13:00", "ends": "12:00"},
            "The meeting must end after it begins.",
        ),
        ("/granby/meetings", {"title": "M", "day": "soon", "starts": "13:00", "ends": "14:00"}, "Write the date like this: 2026-12-13."),
        (
            "/granby/consultations",
            {"title_sv": "C", "stage": "planned", "opens_on": "2027-02-10", "closes_on": "2027-02-09", "zone": "Europe/Brussels"},
            "It must open before it closes.",
        ),
        (
            "/granby/administer/invitations",
            {"name": "", "email": "x", "role": "reader"},
            "Enter an email address, for example anna@kommun.se.",
        ),
        ("/granby/administer/settings", {"name": "", "meetings_least": "6", "meetings_most": "4"}, "Write a name."),
    ],
)
async def test_complaints_about_a_form_are_english(path: str, form: dict[str, str], sentence: str, english: Browser):
    page = await english.post(path, form)
    assert page.status_code == 422
    assert any(sentence in text for text in read(page.text))
    assert swedish_on(page) == []


def test_swedish_and_english_are_the_languages():
    assert LOCALES == ("sv", "en")
    assert len(SWEDISH) > 1000

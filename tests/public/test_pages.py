"""The pages that anybody may read."""

import re
from collections.abc import Awaitable, Callable
from html import unescape

import pytest
from sqlmodel import col, update

from portal.app import Portal
from portal.db import Session
from portal.networks.models import Membership, Network
from portal.public.cookies import cookies
from tests.browser import Browser
from tests.factories import Cast

PAGES = ["/accessibility", "/privacy", "/cookies", "/contact"]
MOST_WORDS = 25


def text_of(page: str) -> list[str]:
    """The pieces of text within <main>, one for each element."""
    main = page[page.index("<main") : page.index("</main>")]
    return [unescape(piece).strip() for piece in re.split(r"<[^>]+>", main) if piece.strip()]


@pytest.mark.parametrize("path", PAGES)
async def test_it_opens_without_a_sign_in_and_stands_in_the_footer(path: str, visitor: Browser) -> None:
    page = await visitor.get(path)
    assert (page.status_code, page.text.count("<h1>")) == (200, 1)
    for other in PAGES:
        assert f'<a href="{other}">' in page.text


@pytest.mark.parametrize("path", [*PAGES, "/sign-in", "/sign-in/code"])
async def test_its_sentences_are_short(path: str, visitor: Browser) -> None:
    pieces = text_of((await visitor.get(path)).text)
    sentences = [sentence for piece in pieces for sentence in re.split(r"(?<=[.?!:])\s+", piece)]
    assert max(len(sentence.split()) for sentence in sentences) > 3
    assert [sentence for sentence in sentences if len(sentence.split()) > MOST_WORDS] == []


@pytest.mark.parametrize("path", PAGES)
async def test_a_member_keeps_her_menu_there(path: str, browser: Callable[[Membership], Awaitable[Browser]], cast: Cast) -> None:
    page = await (await browser(cast.contact)).get(path)
    assert f"Din meny, {cast.contact.person.name}" in page.text


async def test_the_accessibility_statement_has_what_the_law_asks_for(visitor: Browser, cast: Cast) -> None:
    page = (await visitor.get("/accessibility")).text
    for part in (
        cast.network.municipality,
        "delvis förenlig",
        "WCAG 2.1",
        "den\u00a023\u00a0november 2026",
        'href="/contact"',
        "digg.se/tdosanmalan",
    ):
        assert part in page


async def test_contact_shows_what_each_network_has_written(visitor: Browser, cast: Cast, session: Session) -> None:
    await session.execute(
        update(Network).where(col(Network.id) == cast.outsider.network_id).values(contact=" ", word_coordinator="EU-strateg")
    )
    written = "Ring växeln\n0123-456 <b>78</b>"
    await session.execute(update(Network).where(col(Network.id) == cast.network.id).values(contact=written))
    await session.commit()
    page = (await visitor.get("/contact")).text
    assert cast.network.name in page
    assert "<p>Ring växeln</p><p>0123-456 &lt;b&gt;78&lt;/b&gt;</p>" in page
    assert cast.outsider.network.name in page
    assert page.count("Ring växeln hos Granby kommun och fråga efter nätverkets EU-strateg.") == 1


async def test_the_list_of_cookies_is_the_cookies_that_are_set(
    visitor: Browser, portal: Portal, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal.litestar.state.frame, "demo", True)
    answers = [
        await visitor.get("/sign-in"),
        await visitor.post("/language", {"language": "en"}),
        await visitor.post("/theme", {"theme": "dark"}),
        await visitor.post("/demo/sign-in", {"person": str(cast.contact.person.id)}),
        await visitor.post("/sign-out"),
    ]
    set_names = {header.partition("=")[0] for answer in answers for header in answer.headers.get_list("set-cookie")}
    assert set_names == {each.name for each in cookies(portal.litestar.state.frame)}
    page = (await visitor.get("/cookies")).text
    for name in set_names:
        assert f"<code>{name}</code>" in page


async def test_the_style_guide_opens_without_a_sign_in(visitor: Browser) -> None:
    page = await visitor.get("/styleguide")
    assert (page.status_code, "<h1>Stilguide</h1>" in page.text) == (200, True)

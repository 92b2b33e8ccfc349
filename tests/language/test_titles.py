"""A consultation is called in English what it is called in English, wherever its title is shown; and in Swedish never so."""

import re

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal.db import Session
from portal.drafting.models import Section
from portal.networks.models import Membership
from portal.records.models import Record
from tests.browser import Browser
from tests.factories import Cast
from tests.making import make_comment, make_consultation

SV, EN = "Rättsakt om överkomliga bostäder", "Affordable Housing Act"
SWEDISH, ENGLISH = (True, False), (False, True)


def titles_in(text: str) -> tuple[bool, bool]:
    """Whether the Swedish title stands there, and whether the English one does."""
    text = re.sub("</?mark>", "", text)
    return SV in text, EN in text


@pytest.fixture
async def enter(browser):
    async def entered(member: Membership, language: str) -> Browser:
        opened: Browser = await browser(member)
        opened.client.cookies.set("language", language)
        return opened

    return entered


@pytest.fixture
async def record(cast: Cast, session: Session) -> Record:
    return (await make_consultation(session, cast.coordinator, SV, title_en=EN)).record


async def happen(cast: Cast, session: Session, record: Record, browser) -> dict[str, str]:
    """All that makes a title appear; the pages where the coordinator reads of it, by name."""
    ingela, maja, tomas = await browser(cast.coordinator), await browser(cast.contact), await browser(cast.deputy)
    said = await make_comment(session, record, cast.contact, "Hej @Ingela Rask.")
    rude = await make_comment(session, record, cast.deputy, "Strunt.")
    held = await make_comment(session, record, cast.deputy, "Struntprat.")
    await session.commit()
    done = [
        await maja.post(f"/granby/comments/{said.id}", {"body": "Hej igen @Ingela Rask.", "version": 1}),
        await ingela.post(f"/granby{record.path}/triage", {"triage": "answering"}),
        await ingela.post(f"/granby{record.path}/units", {"unit": [cast.school.id, cast.housing.id]}),
        await maja.post(f"/granby/comments/{held.id}/report", {"reason": "insult"}),
        await tomas.post(f"/granby/comments/{said.id}/report", {"reason": "off_topic"}),
        await ingela.post(f"/granby/comments/{rude.id}/hiding", {"reason": "insult"}),
        await ingela.post(f"/granby/records/{record.id}/removals", {"person": cast.head.person_id, "reason": "off_topic"}),
        await ingela.post(f"/granby/records/{record.id}/lock"),
    ]
    section = (await session.scalars(select(col(Section.id)))).first()
    done.append(await ingela.post(f"/granby/sections/{section}/draft", {"body": "Vi", "version": 1}))
    assert [(str(answer.url), answer.text) for answer in done if answer.status_code >= 400] == []
    return {
        "home": "",
        "consultations": "/consultations",
        "search": "/search?q=bostäder&kind=consultation",
        "found in a comment": "/search?q=igen",
        "guess": "/search?q=afordabel",
        "activity": "/administer/log",
        "history": f"/records/{record.id}/history",
        "sharing": f"/records/{record.id}/shares",
        "versions": f"/comments/{said.id}/versions",
        "conclusion": f"/comments/{said.id}/conclusion",
        "queue": "/moderation",
        "moderation log": "/moderation/log",
        "removals": f"/records/{record.id}/removals",
        "hiding": f"/comments/{said.id}/hiding",
        "units": f"{record.path}/units",
        "section": f"/sections/{section}/edit",
        "section's versions": f"/sections/{section}/versions",
    }


async def test_one_reads_a_title_in_ones_own_language_wherever_it_is_shown(cast: Cast, session: Session, record: Record, browser, enter):
    places = await happen(cast, session, record, browser)
    for language, expected in (("en", ENGLISH), ("sv", SWEDISH), ("en", ENGLISH)):
        ingela = await enter(cast.coordinator, language)
        pages = {name: await ingela.get(f"/granby{path}") for name, path in places.items()}
        assert {name: page.status_code for name, page in pages.items()} == dict.fromkeys(places, 200)
        assert {name: titles_in(page.text) for name, page in pages.items()} == dict.fromkeys(places, expected), language
        links = await ingela.get("/granby/records/titles", params={"paths": [record.path]})
        assert links.json() == {record.path: EN if language == "en" else SV}
    page = (await (await enter(cast.coordinator, "en")).get(f"/granby{record.path}")).text
    assert (page.count(EN) >= 2, SV in page) == (True, False)


async def test_home_says_in_ones_own_language_what_waits(cast: Cast, session: Session, record: Record, browser, enter):
    await happen(cast, session, record, browser)

    async def waits(member: Membership, language: str) -> str:
        return (await (await enter(member, language)).get("/granby")).text.partition("data-tasks>")[2].partition("</ul>")[0]

    for language, words in (("en", (EN, SV)), ("sv", (SV, EN))):
        ingela, tomas = await waits(cast.coordinator, language), await waits(cast.deputy, language)
        named, begun = (
            ("Maja Lindqvist mentioned you in", "Sammanfattning: ")
            if language == "en"
            else ("Maja Lindqvist nämnde dig i", "Sammanfattning: ")
        )
        assert (f"{named} {words[0]}" in ingela, f"{begun}{words[0]}" in ingela, words[1] in ingela) == (True, True, False)
        why = "Read why: " if language == "en" else "Läs varför: "
        assert (f"{why}{words[0]}" in tomas, f">{words[0]}</a>" in tomas, words[1] in tomas) == (True, True, False)


async def test_without_an_english_title_the_swedish_one_is_read(cast: Cast, session: Session, browser, enter):
    record = (await make_consultation(session, cast.coordinator, SV)).record
    places = await happen(cast, session, record, browser)
    del places["guess"]
    ingela = await enter(cast.coordinator, "en")
    read = {name: titles_in((await ingela.get(f"/granby{path}")).text) for name, path in (places | {"itself": record.path}).items()}
    assert read == dict.fromkeys(read, SWEDISH)


async def test_what_a_registrar_fetches_is_the_same_whoever_fetches_it(cast: Cast, session: Session, record: Record, browser, enter):
    await happen(cast, session, record, browser)
    english, swedish = [
        (await (await enter(cast.registrar, language)).get("/granby/moderation/log.json")).json() for language in ("en", "sv")
    ]
    assert {each["record"] for each in english} == {SV}
    assert english == swedish

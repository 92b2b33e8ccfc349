"""However many versions a section has and however long they are, a page of them stays a page."""

import re
from datetime import timedelta

import pytest

from portal import clock
from portal.drafting import document, history
from portal.drafting.models import SectionVersion
from tests.drafting.conftest import Notes
from tests.factories import Cast

SHOWN = re.compile(r'<h2 id="v(\d+)">')
NEXT = re.compile(r'rel="next" href="(\?before=\d+)"')


async def kept(session, cast: Cast, notes: Notes, number: int) -> None:
    """The section at its version after so many others, each with a sentence of its own."""
    section, moment = notes.section, clock.now() - timedelta(days=1)
    given = {"section_id": section.id, "heading": section.heading, "author_id": cast.contact.person_id, "at": moment}
    bodies = {version: document.from_markdown(f"Det här är sats {version}.") for version in range(1, number + 1)}
    session.add_all(SectionVersion(version=version, body=body, **given) for version, body in bodies.items() if version > 1)
    section.version, section.body = number + 1, document.from_markdown("Det här står nu.")
    await session.commit()


async def pages(page, address: str) -> list[list[int]]:
    """The versions that each page shows, from the newest on."""
    found, text = [], (await page.get(address)).text
    while True:
        found.append([int(version) for version in SHOWN.findall(text)])
        onwards = NEXT.search(text)
        if onwards is None:
            return found
        text = (await page.get(address + onwards[1])).text


@pytest.mark.parametrize(
    ("limit", "most", "sizes"), [("MOST_VERSIONS", 20, [20, 20, 6]), ("MOST_LETTERS", 300, [16, 16, 14])], ids=["many", "long"]
)
async def test_many_versions_are_shown_page_by_page_and_none_is_passed_over(
    limit: str, most: int, sizes, cast: Cast, session, notes, browser, monkeypatch
):
    monkeypatch.setattr(history, limit, most)
    monkeypatch.setattr(history, "MOST_VERSIONS", 20)
    await kept(session, cast, notes, 45)
    page, address = await browser(cast.contact), f"/granby/sections/{notes.section.id}/versions"
    found = await pages(page, address)
    assert [version for each in found for version in each] == list(range(46, 0, -1))
    assert list(map(len, found)) == sizes


async def test_each_version_tells_what_it_changed_and_any_two_are_compared(cast: Cast, session, notes, browser):
    await kept(session, cast, notes, 45)
    page, address = await browser(cast.contact), f"/granby/sections/{notes.section.id}/versions"
    last = (await page.get(f"{address}?before=27")).text
    oldest_there = last.split(SHOWN.search(last)[0])[1].split("</section>")[0]
    assert re.findall(r"</span>(\w+)</(ins|del)>", oldest_there) == [("25", "del"), ("26", "ins")]
    assert (
        "Skillnaden från Version 3 till Nu" in (compared := (await page.get(f"{address}?from=3&to=46")).text),
        "sats 3" in compared,
    ) == (True, True)
    assert (await page.get(f"{address}?before=1")).status_code == 200

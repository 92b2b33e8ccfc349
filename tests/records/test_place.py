"""A form says where it is, as the page of a record does: the room, and the record that is changed."""

import re

import pytest

from portal.rooms import places
from tests.factories import Cast
from tests.making import make_call, make_finding, make_meeting


def place(page: str) -> list[tuple[str, str]]:
    """Address and words of each step."""
    return re.findall(r'<li><a href="([^"]+)">([^<]+)</a>', page.partition('<nav class="crumbs"')[2].partition("</nav>")[0])


@pytest.mark.parametrize(
    ("room", "name"), [("findings", "Spaningar"), ("calls", "Utlysningar"), ("consultations", "Samråd"), ("meetings", "Träffar")]
)
async def test_the_form_of_a_new_record_leads_to_its_room(cast: Cast, browser, room, name):
    assert place((await (await browser(cast.coordinator)).get(f"/granby/{room}/new")).text) == [(f"/granby/{room}", name)]


async def test_the_form_of_a_change_leads_to_its_record_too(cast: Cast, session, browser):
    finding, meeting = (
        await make_finding(session, cast.coordinator, title="Vätgas"),
        await make_meeting(session, cast.coordinator, title="Träff ett"),
    )
    call = await make_call(session, cast.coordinator, title="Vänortsmöten")
    ingela = await browser(cast.coordinator)
    for record in (finding, meeting.record, call.record):
        room = f"/granby/{record.path.split('/')[1]}"
        steps = place((await ingela.get(f"/granby{record.path}/edit")).text)
        assert [address for address, _name in steps] == [room, f"/granby{record.path}"]
        assert steps[1][1] == record.heading


@pytest.mark.parametrize(("path", "name"), [("", "home"), ("/meetings/year", "meetings"), ("/actions", "meetings"), ("/search", None)])
async def test_the_menu_shows_the_place_that_a_page_belongs_to(cast: Cast, path, name):
    assert [each.key for each in places(cast.coordinator, f"/granby{path}", {}) if each.current] == ([name] if name else [])

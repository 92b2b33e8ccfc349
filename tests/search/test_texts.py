"""Joint texts are found by what stands in them, by those who may read them."""

from portal.db import Session
from portal.records.actions import share
from tests.factories import Cast
from tests.making import make_meeting


async def test_what_stands_in_notes_is_found_with_its_endings_by_whoever_reads_them(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator, "Höstens träff")
    address = "/granby/search?q=spaningarna+bedömas"
    maja, guest, outsider = [await browser(each) for each in (cast.contact, cast.guest, cast.outsider)]
    found = (await maja.get(address)).text
    assert f'href="/granby{meeting.record.path}#s' in found
    assert "<mark>Spaningar</mark> att <mark>bedöma</mark>" in found
    assert ("1 resultat" in found, "1 resultat" in (await maja.get(f"{address}&kind=finding")).text) == (True, False)
    assert "0 resultat" in (await maja.get(f"{address}+bostäder")).text
    assert "0 resultat" in (await guest.get(address)).text
    assert (await outsider.get(address)).status_code == 404
    await share(session, meeting.record, by=cast.coordinator, guest=cast.guest)
    await session.commit()
    assert "1 resultat" in (await guest.get(address)).text


async def test_a_record_that_is_found_by_its_title_is_shown_once_and_names_in_the_format_find_nothing(
    cast: Cast, session: Session, browser
):
    await make_meeting(session, cast.coordinator, "Spaningar att bedöma i höst")
    maja = await browser(cast.contact)
    assert "1 resultat" in (await maja.get("/granby/search?q=spaningar")).text
    assert ["0 resultat" in (await maja.get(f"/granby/search?q={typed}")).text for typed in ("paragraph", "content", ".*", "[")] == [
        True
    ] * 4

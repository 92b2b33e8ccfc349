"""A record's history tells who has done what with it."""

from tests.factories import Cast
from tests.making import make_meeting


async def test_members_read_who_has_done_what(cast: Cast, session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    ingela, reader = await browser(cast.coordinator), await browser(cast.reader)
    await ingela.post(f"/granby{meeting.record.path}/holding")
    shown = (await reader.get(f"/granby/records/{meeting.record_id}/history")).text
    assert "Träff planerad&nbsp;· Ingela Rask" in shown
    assert shown.index("Träff hållen") < shown.index("Träff planerad")
    assert (await (await browser(cast.guest)).get(f"/granby/records/{meeting.record_id}/history")).status_code == 404

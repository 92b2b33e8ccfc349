"""What one has begun to write in a section and not saved is there until one saves it or throws it away oneself."""

from sqlalchemy import select
from sqlmodel import col

from portal.db import Session
from portal.drafting.models import Section, SectionDraft
from portal.home.waiting import tasks
from tests.factories import Cast
from tests.making import make_circulated, make_correction, make_meeting


async def test_it_outlasts_a_correction_that_is_taken_in_meanwhile(cast: Cast, session: Session, browser):
    meeting = await make_circulated(session, cast, "Träff")
    section, correction = await make_correction(session, meeting, by=cast.contact, body="Vi var fyra.")
    ingela = await browser(cast.coordinator)
    assert (await ingela.post(f"/granby/sections/{section.id}/draft", {"body": "Vad jag just skriver.", "version": "1"})).status_code == 204
    ruled = await ingela.post(f"/granby{meeting.record.path}/corrections/{correction.id}/ruling", {"outcome": "taken"})
    assert ruled.status_code == 303
    assert "Vad jag just skriver." in (await ingela.get(f"/granby/sections/{section.id}/edit")).text
    both = await ingela.post(
        f"/granby/sections/{section.id}", {"heading": section.heading, "body": "Vad jag just skriver.", "version": "1"}
    )
    assert (both.status_code, "Vi var fyra." in both.text, "Vad jag just skriver." in both.text) == (409, True, True)


async def test_it_is_gone_once_it_is_saved_though_it_says_what_stood_there_already(cast: Cast, session: Session, browser):
    await make_meeting(session, cast.coordinator)
    section = (await session.scalars(select(Section).order_by(col(Section.id)))).first()
    ingela = await browser(cast.coordinator)
    await ingela.post(f"/granby/sections/{section.id}/draft", {"body": "", "version": "1"})
    assert [each.why for each in await tasks(session, cast.coordinator) if each.icon == "pencil"] == [
        "Text som du inte har sparat i avsnittet"
    ]
    assert (
        await ingela.post(f"/granby/sections/{section.id}", {"heading": section.heading, "body": "", "version": "1"})
    ).status_code == 303
    assert (await session.scalars(select(SectionDraft))).all() == []
    assert [each for each in await tasks(session, cast.coordinator) if each.icon == "pencil"] == []

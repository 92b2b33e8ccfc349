"""Meetings from plan to finished notes; who may do what; notes that nobody overwrites."""

import asyncio
import re
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select, text

from portal import clock, mail
from portal.config import Settings
from portal.drafting.models import Section
from portal.mail import MailOut
from portal.meetings import actions
from portal.meetings.models import AgendaItem, Meeting, MeetingForm
from portal.notifications.models import Mailing, Notification
from tests.factories import Cast, make_member
from tests.making import make_meeting

PLAN = {"title": "Nätverksträff 1", "day": "2027-02-10", "starts": "13:00", "ends": "15:30", "place": "Tranan"}


async def test_the_coordinator_plans_and_nobody_is_mailed(cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    planned = await ingela.post("/granby/meetings", PLAN)
    assert planned.status_code == 303
    shown = (await ingela.get(planned.headers["location"])).text
    assert "kl.\u00a013.00–15.30" in shown
    assert "Föregående träff" in shown
    assert (await session.scalars(select(Notification))).all() == []


@pytest.mark.parametrize("role", ["contact", "head", "reader", "registrar", "admin"])
async def test_others_do_not_plan(cast: Cast, browser, role):
    member = await browser(cast.everyone[role])
    assert (await member.get("/granby/meetings/new")).status_code == 403
    assert (await member.post("/granby/meetings", PLAN)).status_code == 403


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"title": ""}, "Skriv en rubrik."),
        ({"day": "i morgon"}, "2026-12-13"),
        ({"ends": "12:00"}, "sluta efter att den börjar"),
        ({"day": "2026-03-29", "starts": "02:30", "ends": "04:00"}, "Klockan ställs fram"),
        ({"online_url": "javascript:alert(1)"}, "webbadress"),
        ({"title": "x" * 201}, "för lång"),
    ],
)
async def test_a_wrong_form_says_why_and_keeps_what_was_typed(cast: Cast, session, browser, given, sentence):
    ingela = await browser(cast.coordinator)
    refused = await ingela.post("/granby/meetings", PLAN | given)
    assert refused.status_code == 422
    assert sentence in refused.text
    assert "Tranan" in refused.text
    assert (await session.scalars(select(Meeting))).all() == []


async def kept_letters(settings: Settings, path: str, *, number: int) -> dict[str, str]:
    """What has been written to whom about the page, once so many letters are on their way."""
    async with asyncio.timeout(20):
        while True:
            kept = [letter for letter in mail.kept(settings.mail_folder) if f"{path}\n\n-- \n" in letter.text]
            if len(kept) == number:
                return {letter.to: letter.text for letter in kept}
            await asyncio.sleep(0.05)


async def test_nobody_is_summoned_to_what_has_been(cast: Cast, session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    ingela, maja, path = await browser(cast.coordinator), await browser(cast.contact), f"/granby{meeting.record.path}"
    assert f'action="{path}/summons"' in (await ingela.get(path)).text
    await session.execute(text("UPDATE meeting SET starts_at = now() - interval '3 hours', ends_at = now() - interval '1 hour'"))
    await session.commit()
    page = (await ingela.get(path)).text
    assert (f"{path}/summons" in page, page.count(f'action="{path}/holding"')) == (False, 1)
    assert "Kallelsen kommer när dagordningen är klar." not in (await maja.get(path)).text
    refused = await ingela.post(f"{path}/summons")
    assert (refused.status_code, "Träffen har redan varit" in refused.text) == (409, True)
    assert (await session.scalars(select(Mailing))).all() == []


async def test_summons_mails_every_member_once_in_her_language_but_no_guest(cast: Cast, session, browser, settings: Settings):
    cast.contact.person.locale = "en"
    session.add(cast.contact.person)
    meeting = await make_meeting(session, cast.coordinator)
    ingela = await browser(cast.coordinator)
    assert (await ingela.post(f"/granby{meeting.record.path}/summons")).status_code == 303
    assert (await ingela.post(f"/granby{meeting.record.path}/summons")).status_code == 409
    title, path = meeting.record.title, f"/granby{meeting.record.path}"
    letters = await kept_letters(settings, path, number=7)
    assert len(letters) == 7
    assert cast.guest.person.email not in letters
    mails = {mail.to: mail.subject for mail in (await session.scalars(select(MailOut))).all()}
    assert mails[cast.head.person.email] == f"Kallelse: {title}"
    assert mails[cast.contact.person.email] == f"Notice: {title}"
    assert letters[cast.head.person.email].startswith(f"Hej {cast.head.person.name}!\n\nVälkommen till nätverkets träff.\n\n{title}\n")
    assert letters[cast.contact.person.email].startswith(f"Hello {cast.contact.person.name}!\n\n")


async def test_members_answer_for_themselves_and_the_coordinator_sees_it(cast: Cast, session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    maja, ingela, guest = await browser(cast.contact), await browser(cast.coordinator), await browser(cast.guest)
    assert (await maja.post(f"/granby{meeting.record.path}/answer", {"answer": "no"})).status_code == 303
    assert "1 kan inte" in (await ingela.get(f"/granby{meeting.record.path}")).text
    await maja.post(f"/granby{meeting.record.path}/answer", {"answer": "yes"})
    assert "1 kommer" in (await ingela.get(f"/granby{meeting.record.path}")).text
    assert (await guest.post(f"/granby{meeting.record.path}/answer", {"answer": "yes"})).status_code == 404


async def test_who_answers_for_two_units_is_one_of_those_who_come_and_writes_whichever_of_her_seats_is_asked(cast: Cast, session, browser):
    second = await make_member(session, cast.network, "Maja", "contact", unit=cast.housing, person=cast.contact.person)
    meeting = await make_meeting(session, cast.coordinator)
    maja, ingela, path = await browser(cast.contact), await browser(cast.coordinator), f"/granby{meeting.record.path}"
    await maja.post(f"{path}/answer", {"answer": "yes"})
    assert re.search("1 kommer.*6 har inte svarat", (await ingela.get(path)).text)
    await actions.hold(session, meeting, by=cast.coordinator)
    await actions.record_presence(session, meeting, by=cast.coordinator, present={cast.contact.id, second.id, cast.head.id})
    await session.commit()
    assert "2 av 7 närvarande" in (await ingela.get(path)).text
    section = (await session.scalars(select(Section).order_by(Section.id))).first()
    assert (await maja.get(f"/granby/sections/{section.id}/edit")).status_code == 403
    for seat in (second, cast.contact):
        await ingela.post(f"{path}/note-takers", {"member": seat.id})
        assert (await maja.get(f"/granby/sections/{section.id}/edit")).status_code == 200
        await ingela.post(f"{path}/note-takers", {"member": seat.id, "ending": "1"})
    second.ends_on = clock.today() - timedelta(days=1)
    await session.commit()
    await ingela.post(f"{path}/note-takers", {"member": second.id})
    assert (await maja.get(f"/granby/sections/{section.id}/edit")).status_code == 403


async def test_the_list_counts_the_year_against_what_the_network_means_to_have(cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    year = clock.today().year
    for number, said in enumerate((f"0 träffar {year}.", f"1 träff {year}.", f"2 träffar {year}.")):
        page = (await ingela.get("/granby/meetings")).text
        assert f"{said} Målet är 4–6 om året." in page
        await make_meeting(session, cast.coordinator, f"Träff {number}", day=clock.today())


async def test_those_asked_to_take_notes_are_others_than_the_coordinator(cast: Cast, session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    page = (await (await browser(cast.coordinator)).get(f"/granby{meeting.record.path}/note-takers")).text
    listed = page[page.index('<ul class="rows">') : page.index("</ul>", page.index('<ul class="rows">'))]
    assert "Maja Lindqvist" in listed
    assert "Ingela Rask" not in listed


async def test_two_people_in_one_section_lose_nothing(cast: Cast, session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    section = (await session.scalars(select(Section).order_by(Section.id))).first()
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    assert (await maja.get(f"/granby/sections/{section.id}/edit")).status_code == 403
    await ingela.post(f"/granby{meeting.record.path}/note-takers", {"member": cast.contact.id})
    form = {"heading": section.heading, "version": 1}
    assert (await ingela.post(f"/granby/sections/{section.id}", form | {"body": "Ingelas ord om åtgärderna."})).status_code == 303
    both = await maja.post(f"/granby/sections/{section.id}", form | {"body": "Majas ord om något annat."})
    assert both.status_code == 409
    assert "Avsnittet har ändrats" in both.text
    assert "Ingelas ord" in both.text
    assert "Majas ord om något annat." in both.text
    saved = await maja.post(f"/granby/sections/{section.id}", form | {"body": "Båda texterna.", "version": 2})
    assert saved.status_code == 303
    history = (await maja.get(f"/granby/sections/{section.id}/versions")).text
    assert "Ingela Rask" in history
    assert "Maja Lindqvist" in history


async def test_a_version_is_read_without_the_marks_of_bold_text(cast: Cast, session, browser):
    await make_meeting(session, cast.coordinator)
    section = (await session.scalars(select(Section).order_by(Section.id))).first()
    ingela = await browser(cast.coordinator)
    for version, body in enumerate(("Det är en **lokal fråga**.", "Det är en lokal fråga."), 1):
        assert (
            await ingela.post(f"/granby/sections/{section.id}", {"heading": section.heading, "body": body, "version": version})
        ).status_code == 303
    newest, before = (await ingela.get(f"/granby/sections/{section.id}/versions")).text.split('<p class="diff">')[1:]
    assert "Det är en lokal fråga." in before
    assert "**" not in before
    assert newest.count("**") == 2


async def test_the_agenda_is_added_to_changed_moved_and_emptied(cast: Cast, session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    ingela = await browser(cast.coordinator)
    page = f"/granby{meeting.record.path}"
    await ingela.post(f"{page}/agenda", {"title": "Utlysningar", "minutes": "20", "presenter": "Maja"})
    items = (await session.scalars(select(AgendaItem).order_by(AgendaItem.position))).all()
    assert [item.title for item in items] == ["Föregående träff", "Spaningar att bedöma", "Utlysningar"]
    await ingela.post(f"{page}/agenda/{items[2].id}/rise")
    await ingela.post(f"{page}/agenda/{items[2].id}", {"title": "Utlysningar och behov", "minutes": "25"})
    await ingela.post(f"{page}/agenda/{items[1].id}/removal")
    now = (await session.scalars(select(AgendaItem).order_by(AgendaItem.position).execution_options(populate_existing=True))).all()
    assert [item.title for item in now] == ["Föregående träff", "Utlysningar och behov"]
    assert (await ingela.post(f"{page}/agenda", {"title": "", "minutes": "många"})).status_code == 422


async def test_a_held_meeting_counts_who_was_there_and_is_not_cancelled(cast: Cast, session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    ingela, page = await browser(cast.coordinator), f"/granby{meeting.record.path}"
    await ingela.post(f"{page}/holding")
    await ingela.post(f"{page}/attendance", {"present": [cast.contact.id, cast.coordinator.id]})
    shown = (await ingela.get(page)).text
    assert "2 av 7 närvarande" in shown
    assert "har inte svarat" not in shown
    assert (await ingela.post(f"{page}/cancellation", {"reason": "x"})).status_code == 409


async def test_a_cancelled_meeting_says_why_and_takes_no_answers(cast: Cast, session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    await ingela.post(f"/granby{meeting.record.path}/cancellation", {"reason": "För få anmälda"})
    assert "För få anmälda" in (await maja.get(f"/granby{meeting.record.path}")).text
    assert (await maja.post(f"/granby{meeting.record.path}/answer", {"answer": "yes"})).status_code == 409


def test_summer_time_is_by_the_swedish_clock():
    spring = MeetingForm.model_validate({"title": "x", "day": date(2026, 3, 31), "starts": time(13), "ends": time(14)})
    winter = MeetingForm.model_validate({"title": "x", "day": date(2026, 3, 24), "starts": time(13), "ends": time(14)})
    assert (spring.starts_at.hour, winter.starts_at.hour) == (11, 12)


async def test_what_is_known_of_its_day_is_said_when_a_meeting_is_planned_or_moved(cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    form = {"title": "Träff", "day": "2031-07-10", "starts": "13:00", "ends": "14:30"}

    async def sent(path: str, **changed: str) -> str:
        answer = await ingela.client.post(path, data=form | changed, headers={"x-csrf-token": ingela.csrf}, follow_redirects=True)
        return re.search(r'<div class="flash">.*?<p>(.*?)</p>', answer.text, re.DOTALL)[1]

    assert await sent("/granby/meetings") == "Träffen är planerad. Ingen har fått mejl ännu. I juli har de flesta semester."
    meeting = (await session.scalars(select(Meeting))).one()
    page = f"/granby/meetings/{meeting.record_id}"
    assert await sent(page, starts="12:00", version=await version_of(ingela, page)) == "Träffen är ändrad."  # it does not clash with itself
    assert await sent(page, day="2031-12-26", version=await version_of(ingela, page)) == "Träffen är ändrad. Annandag jul."
    assert await sent("/granby/meetings", day="2031-03-12") == "Träffen är planerad. Ingen har fått mejl ännu."


async def version_of(browser, page: str) -> str:
    return re.search(r'name="version" value="([^"]*)"', (await browser.get(f"{page}/edit")).text)[1]

"""An agenda: against the clock, in the order wanted, about records, copied, and fed by what members propose."""

import asyncio
import re
from datetime import time, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from portal import clock
from portal.db import Session
from portal.meetings.actions import cancel
from portal.meetings.agenda_models import Proposal, ProposalForm
from portal.meetings.models import AgendaItem, CancelForm, Meeting
from portal.meetings.proposals import propose
from portal.notifications.models import Mailing
from portal.records.actions import share
from tests.factories import Cast
from tests.making import make_action, make_finding, make_group, make_meeting
from tests.written import written


async def titles(session: Session, meeting: Meeting) -> list[str]:
    wanted = select(col(AgendaItem.title)).where(col(AgendaItem.meeting_id) == meeting.record_id).order_by(col(AgendaItem.position))
    return list(await session.scalars(wanted))


async def numbers(session: Session, meeting: Meeting) -> list[str]:
    wanted = select(col(AgendaItem.id)).where(col(AgendaItem.meeting_id) == meeting.record_id).order_by(col(AgendaItem.position))
    return [str(each) for each in await session.scalars(wanted)]


async def test_each_item_says_when_it_begins_and_the_agenda_when_it_is_too_long(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator, starts=time(13), ends=time(13, 45))
    ingela, page = await browser(cast.coordinator), f"/granby{meeting.record.path}"
    form = {"title": "Utlysningar", "minutes": "25", "presenter": "Maja", "goal": "decide"}
    added = await ingela.post(f"{page}/agenda", form)
    assert (added.status_code, added.headers["location"]) == (303, f"{page}#new-item")  # the next one is written there
    await ingela.post(f"{page}/agenda", {"title": "Övrigt"})
    await ingela.post(f"{page}/agenda", {"title": "Avslutning"})
    shown = (await ingela.get(page)).text
    assert re.findall(r'class="begins">([\d.]+)', shown) == ["13.15", "13.30", "13.55"]  # what follows an item without a length has no hour
    assert "10 minuter för mycket" in shown
    assert "Maja&nbsp;· Beslut" in shown
    item = (await numbers(session, meeting))[2]
    edited = await ingela.get(f"{page}/agenda/{item}")
    assert re.search(r'<option value="decide" selected', edited.text)


async def test_dragged_items_stay_where_they_were_dropped(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    ingela, maja, page = await browser(cast.coordinator), await browser(cast.contact), f"/granby{meeting.record.path}"
    await ingela.post(f"{page}/agenda", {"title": "Övrigt"})
    first, second, third = await numbers(session, meeting)
    assert (await ingela.post(f"{page}/agenda/order", {"item": [first, third, second]})).status_code == 303
    assert await titles(session, meeting) == ["Föregående träff", "Övrigt", "Spaningar att bedöma"]
    assert re.findall(r"<h3[^>]*>(\d\. [^<]+)", (await ingela.get(page)).text) == [
        "1. Föregående träff",
        "2. Övrigt",
        "3. Spaningar att bedöma",
    ]
    for wrong in ([first, third], [first, third, third], [first, third, "9"], []):
        assert (wrong, (await ingela.post(f"{page}/agenda/order", {"item": wrong})).status_code) == (wrong, 409)
    assert (await maja.post(f"{page}/agenda/order", {"item": [first, second, third]})).status_code == 403


async def test_the_first_item_keeps_its_place_and_its_open_actions_whatever_it_is_called(cast: Cast, session: Session, browser):
    earlier = await make_meeting(session, cast.coordinator, "Förra", day=clock.today())
    await make_action(session, earlier, by=cast.coordinator, owner=cast.contact, what="Ringa regionen")
    meeting = await make_meeting(session, cast.coordinator)
    ingela, page = await browser(cast.coordinator), f"/granby{meeting.record.path}"
    first, second = await numbers(session, meeting)
    await ingela.post(f"{page}/agenda/{first}", {"title": "Sedan sist"})
    for deed, status in ((f"agenda/{first}/fall", 303), (f"agenda/{second}/rise", 303), (f"agenda/{first}/removal", 409)):
        assert (deed, (await ingela.post(f"{page}/{deed}")).status_code) == (deed, status)
    assert (await ingela.post(f"{page}/agenda/order", {"item": [second, first]})).status_code == 409
    assert await titles(session, meeting) == ["Sedan sist", "Spaningar att bedöma"]
    shown = (await ingela.get(page)).text
    assert "/rise" not in shown
    assert "/fall" not in shown  # of two items there is nothing to move
    assert shown.index("Sedan sist") < shown.index("Ringa regionen") < shown.index("Spaningar att bedöma")
    assert [f"agenda/{each}/removal" in (await ingela.get(f"{page}/agenda/{each}")).text for each in (first, second)] == [False, True]
    await ingela.post(f"{page}/agenda/copy", {"meeting_id": str(earlier.record_id)})
    assert await titles(session, meeting) == ["Sedan sist", "Spaningar att bedöma"]


async def test_an_agenda_is_copied_but_for_what_stands_there(cast: Cast, session: Session, browser):
    source, meeting = await make_meeting(session, cast.coordinator, "Förra"), await make_meeting(session, cast.coordinator, "Nästa")
    ingela = await browser(cast.coordinator)
    await ingela.post(
        f"/granby{source.record.path}/agenda", {"title": "Laget runt", "minutes": "30", "presenter": "Alla", "goal": "inform"}
    )
    assert (await ingela.post(f"/granby{meeting.record.path}/agenda/copy", {"meeting_id": str(source.record_id)})).status_code == 303
    assert await titles(session, meeting) == ["Föregående träff", "Spaningar att bedöma", "Laget runt"]
    copied = (
        await session.scalars(
            select(AgendaItem).where(col(AgendaItem.meeting_id) == meeting.record_id, col(AgendaItem.title) == "Laget runt")
        )
    ).one()
    assert (copied.minutes, copied.presenter, copied.goal, copied.decision) == (30, "Alla", "inform", "")
    assert (await ingela.post(f"/granby{meeting.record.path}/agenda/copy", {"meeting_id": "999999"})).status_code == 404


async def test_the_agenda_of_a_meeting_that_was_called_off_is_offered_for_another(cast: Cast, session: Session, browser):
    later = clock.today() + timedelta(days=60)
    source, meeting = await make_meeting(session, cast.coordinator, "Inställda", day=later), await make_meeting(session, cast.coordinator)
    ingela, page = await browser(cast.coordinator), f"/granby{meeting.record.path}/agenda/copy"
    assert "Inställda" not in (await ingela.get(page)).text
    await cancel(session, source, by=cast.coordinator, form=CancelForm(reason="Storm"))
    await session.commit()
    assert re.search(r"Inställda \(Inställd\)\s*<", (await ingela.get(page)).text)


async def test_an_item_is_about_records_and_each_reader_sees_her_own(cast: Cast, session: Session, browser):
    meeting, finding = await make_meeting(session, cast.coordinator), await make_finding(session, cast.contact)
    await share(session, meeting.record, by=cast.coordinator, guest=cast.guest)
    await session.commit()
    ingela, maja, guest, page = (
        await browser(cast.coordinator),
        await browser(cast.contact),
        await browser(cast.guest),
        f"/granby{meeting.record.path}",
    )
    item = (await numbers(session, meeting))[1]
    assert (await ingela.post(f"{page}/agenda/{item}/records", {"record_id": str(finding.id)})).status_code == 303
    assert "Nya avloppsdirektivet" in (await maja.get(page)).text
    assert "Nya avloppsdirektivet" not in (await guest.get(page)).text
    assert (await ingela.post(f"{page}/agenda/{item}/records", {"record_id": "999999"})).status_code == 404
    for days in (20, 40):
        await make_meeting(session, cast.coordinator, "Arbetsmöte", day=clock.today() + timedelta(days=days))
    offered = (await ingela.get(f"{page}/agenda/{(await numbers(session, meeting))[0]}")).text
    assert re.findall(r'<optgroup label="(\w+)"><option value="\d+">([^<]+)', offered)[0] == ("Spaningar", finding.title)
    wanted = [f"{clock.today() + timedelta(days=days)} Arbetsmöte" for days in (40, 20)]
    assert re.findall(r"<option[^>]*>([\d-]+ Arbetsmöte)", offered) == wanted  # they share their title
    await ingela.post(f"{page}/agenda/{item}/records/{finding.id}/removal")
    assert "Nya avloppsdirektivet" not in (await maja.get(page)).text


async def test_a_proposal_is_taken_in_or_declined_with_a_word(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    ingela, maja, tomas = [await browser(each) for each in (cast.coordinator, cast.contact, cast.deputy)]
    for title in ("Skolornas utbyten", "Fika"):
        form = {"title": title, "why": "Vi vet för lite.", "minutes": "20", "goal": "discuss"}
        assert (await maja.post("/granby/meetings/proposals", form)).status_code == 303
    assert "2 förslag till dagordningen" in (await ingela.get("/granby")).text
    first, second = (await session.scalars(select(Proposal).order_by(col(Proposal.id)))).all()
    assert (await ingela.post(f"/granby/meetings/proposals/{first.id}/taking", {"meeting_id": str(meeting.record_id)})).status_code == 303
    assert (await titles(session, meeting))[-1] == "Skolornas utbyten"
    assert (await ingela.post(f"/granby/meetings/proposals/{second.id}/declining", {"word": ""})).status_code == 422
    await ingela.post(f"/granby/meetings/proposals/{second.id}/declining", {"word": "Det får vi ändå."})
    assert "Det får vi ändå." in (await tomas.get("/granby/meetings/proposals")).text
    for again in ("taking", "declining", "withdrawal"):
        someone = maja if again == "withdrawal" else ingela
        data = {"meeting_id": str(meeting.record_id), "word": "Nej."}
        assert (again, (await someone.post(f"/granby/meetings/proposals/{second.id}/{again}", data)).status_code) == (again, 409)
    assert (await session.scalars(select(Mailing))).all() == []  # her weekly letter tells


async def test_who_leads_is_led_to_what_is_proposed_and_sees_whose_meeting_each_is(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    group = await make_group(session, cast.coordinator, "Bostad", cast.contact)
    await make_meeting(session, cast.coordinator, "Arbetsmöte", group=group)
    ingela, maja, page = await browser(cast.coordinator), await browser(cast.contact), f"/granby{meeting.record.path}"
    assert [("Föreslå en punkt" in (await each.get(page)).text) for each in (ingela, maja)] == [True, True]
    await maja.post("/granby/meetings/proposals", {"title": "Skolornas utbyten"})
    assert [("Ta in från förslagen" in (await each.get(page)).text) for each in (ingela, maja)] == [True, False]
    offered = re.findall(r"Ta in ([^<]+)<span", (await ingela.get("/granby/meetings/proposals")).text)
    assert [each.partition(", ")[2] for each in offered] == ["", "Bostad"]


async def test_who_may_propose_rule_and_withdraw(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    maja, tomas = await browser(cast.contact), await browser(cast.deputy)
    await maja.post("/granby/meetings/proposals", {"title": "Skolornas utbyten"})
    proposal = (await session.scalars(select(Proposal))).one()
    others = {role: await browser(cast.everyone[role]) for role in ("reader", "registrar", "admin", "guest", "outsider", "head")}
    before = await written(session)
    for role in ("reader", "registrar", "admin", "guest", "outsider"):
        no = {"outsider": 404}.get(role, 403)
        assert (role, (await others[role].post("/granby/meetings/proposals", {"title": "x"})).status_code) == (role, no)
    data = {"meeting_id": str(meeting.record_id), "word": "Nej."}
    for role in (*others, "deputy"):
        someone, no = others.get(role, tomas), 404 if role in ("guest", "outsider") else 403
        for deed in ("taking", "declining", "withdrawal"):
            assert (role, deed, (await someone.post(f"/granby/meetings/proposals/{proposal.id}/{deed}", data)).status_code) == (
                role,
                deed,
                no,
            )
    assert await written(session) == before
    assert (await others["guest"].get("/granby/meetings/proposals")).status_code == 403
    assert (await maja.post(f"/granby/meetings/proposals/{proposal.id}/withdrawal")).status_code == 303


async def test_one_member_has_ten_proposals_waiting_at_most(cast: Cast, session: Session, browser):
    maja, tomas = await browser(cast.contact), await browser(cast.deputy)
    for number in range(9):
        await propose(session, by=cast.contact, form=ProposalForm(title=f"Förslag {number}"))
    await session.commit()
    answers = await asyncio.gather(*(maja.post("/granby/meetings/proposals", {"title": f"Sent {number}"}) for number in range(3)))
    assert sorted(each.status_code for each in answers) == [303, 409, 409]
    assert "10 förslag" in next(each.text for each in answers if each.status_code == 409)
    assert (await tomas.post("/granby/meetings/proposals", {"title": "En annans"})).status_code == 303
    assert await session.scalar(select(func.count()).select_from(Proposal)) == 11


async def test_of_two_who_take_one_in_at_once_one_does(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    await maja.post("/granby/meetings/proposals", {"title": "Skolornas utbyten"})
    proposal = (await session.scalars(select(Proposal))).one()
    path, data = f"/granby/meetings/proposals/{proposal.id}/taking", {"meeting_id": str(meeting.record_id)}
    answers = await asyncio.gather(*(ingela.post(path, data) for _each in range(3)))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409]
    assert (await titles(session, meeting)).count("Skolornas utbyten") == 1

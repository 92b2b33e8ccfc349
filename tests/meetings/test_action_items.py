"""Action items: given at a meeting, waiting for their owner, first on the next agenda until they are done."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlmodel import col

from portal import clock
from portal.activity.models import Activity
from portal.app import Portal
from portal.db import Session, unit_of_work
from portal.meetings.action_items import action_deadlines, change, one
from portal.meetings.minutes_document import notes_text
from portal.meetings.models import AgendaItem, Meeting
from portal.meetings.record_models import ActionForm, ActionItem
from portal.networks.wrong import Wrong
from tests.factories import Cast, make_member
from tests.making import make_action, make_circulated, make_locked, make_meeting
from tests.written import written

WHAT = "Fråga rektorerna om tågresor"


async def action(session: Session) -> ActionItem:
    return (await session.scalars(select(ActionItem).execution_options(populate_existing=True))).one()


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>|&nbsp;", " ", page))


async def test_given_on_an_item_it_waits_for_its_owner_until_she_is_done(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    ingela, maja, tomas = [await browser(each) for each in (cast.coordinator, cast.contact, cast.deputy)]
    item = (await session.scalars(select(AgendaItem).order_by(col(AgendaItem.id)))).first()
    due = clock.today() + timedelta(days=3)
    form = {"what": WHAT, "owner_id": str(cast.contact.id), "due_on": due.isoformat(), "item_id": str(item.id)}
    assert (await ingela.post(f"/granby{meeting.record.path}/actions", form)).status_code == 303
    given = await action(session)
    assert (given.unit_id, given.item_id) == (cast.school.id, item.id)
    assert WHAT in (await maja.get("/granby")).text
    assert WHAT not in (await tomas.get("/granby")).text
    assert [each.due_on for each in await action_deadlines(session, cast.contact)] == [due]
    assert await action_deadlines(session, cast.deputy) == []
    assert (await tomas.post(f"/granby/actions/{given.id}/closure")).status_code == 403
    back = await maja.post(f"/granby/actions/{given.id}/closure", {"next": "/granby"})
    assert back.headers["location"] == "/granby"
    assert (
        (await maja.post(f"/granby/actions/{given.id}/closure", {"next": "//evil.example"}))
        .headers["location"]
        .startswith("/granby/meetings/")
    )
    given = await action(session)
    assert (given.done_by_id, given.done_at is not None) == (cast.contact.person_id, True)
    assert await session.scalar(select(func.count()).where(col(Activity.verb) == "action.closed")) == 1
    assert WHAT in (await tomas.get("/granby/actions?show=done")).text
    assert "Ingen åtgärdspunkt är öppen." in (await maja.get("/granby/actions")).text
    await ingela.post(f"/granby/actions/{given.id}/opening")
    assert (await action(session)).done_at is None


async def test_what_is_open_stands_first_on_the_next_agenda_by_unit(cast: Cast, session: Session, browser):
    earlier = await make_meeting(session, cast.coordinator, "Förra", day=clock.today() - timedelta(days=30))
    coming = await make_meeting(session, cast.coordinator, "Nästa")
    for owner, what in ((cast.contact, WHAT), (cast.deputy, "Lista byggnaderna"), (cast.coordinator, "Ringa regionen")):
        await make_action(session, earlier, by=cast.coordinator, owner=owner, what=what)
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    shown = plain((await ingela.get(f"/granby{coming.record.path}")).text)
    order = [
        "Föregående träff",
        "Utan enhet",
        "Ringa regionen",
        "Bildning",
        WHAT,
        "Granby Bostäder AB",
        "Lista byggnaderna",
        "Spaningar att bedöma",
    ]
    places = [shown.index(each, shown.index("Dagordning")) for each in order]
    assert places == sorted(places)
    done = (await session.scalars(select(ActionItem).where(col(ActionItem.what) == WHAT))).one()
    await maja.post(f"/granby/actions/{done.id}/closure")
    assert WHAT not in (await ingela.get(f"/granby{coming.record.path}")).text
    assert "Lista byggnaderna" not in plain((await ingela.get(f"/granby{earlier.record.path}")).text).partition("Åtgärdspunkter")[0]


async def test_who_may_write_it_down_change_and_remove_it(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    given = await make_action(session, meeting, by=cast.coordinator, owner=cast.contact, what=WHAT)
    people = {role: await browser(each) for role, each in cast.everyone.items()}
    form, before = {"what": "Något annat", "owner_id": str(cast.deputy.id)}, await written(session)
    for role in ("contact", "head", "reader", "registrar", "admin", "guest", "outsider"):
        no = 404 if role in ("guest", "outsider") else 403
        for path in (f"{meeting.record.path}/actions", f"/actions/{given.id}", f"/actions/{given.id}/removal"):
            assert (role, path, (await people[role].post(f"/granby{path}", form)).status_code) == (role, path, no)
    assert await written(session) == before
    ingela, maja = people["coordinator"], people["contact"]
    await ingela.post(f"/granby{meeting.record.path}/note-takers", {"member": cast.contact.id})
    assert (await maja.post(f"/granby/actions/{given.id}", form)).status_code == 303
    now = await action(session)
    assert (now.what, now.owner_id, now.unit_id) == ("Något annat", cast.deputy.id, cast.housing.id)
    for wrong in (cast.guest.id, cast.outsider.id, 10**15):
        refused = await ingela.post(f"/granby/actions/{given.id}", form | {"owner_id": str(wrong)})
        assert (refused.status_code, "Välj ett av alternativen." in refused.text) == (422, True)
    other = await make_meeting(session, cast.coordinator, "En annan")
    foreign = (await session.scalars(select(col(AgendaItem.id)).where(col(AgendaItem.meeting_id) == other.record_id))).first()
    assert (await ingela.post(f"/granby{meeting.record.path}/actions", form | {"item_id": str(foreign)})).status_code == 422
    assert (await maja.post(f"/granby/actions/{given.id}/removal")).status_code == 303
    assert (await session.scalars(select(ActionItem))).all() == []


async def test_once_the_notes_are_locked_the_words_stand_but_who_and_when_may_change(cast: Cast, session: Session, browser):
    meeting = await make_circulated(session, cast, "Justerad")
    given = await make_action(session, meeting, by=cast.coordinator, owner=cast.contact, what=WHAT)
    await make_locked(session, meeting, (cast.contact, cast.coordinator))
    ingela, day = await browser(cast.coordinator), clock.today() + timedelta(days=9)
    form = {"what": WHAT, "owner_id": str(cast.deputy.id), "due_on": day.isoformat()}
    reworded = await ingela.post(f"/granby/actions/{given.id}", form | {"what": "Andra ord"})
    assert (reworded.status_code, "orden står fast" in reworded.text) == (422, True)
    assert (await ingela.post(f"/granby/actions/{given.id}", form)).status_code == 303
    now = await action(session)
    assert (now.owner_id, now.due_on, now.what) == (cast.deputy.id, day, WHAT)
    assert (await ingela.post(f"/granby{meeting.record.path}/actions", form)).status_code == 403
    assert (await ingela.post(f"/granby/actions/{given.id}/removal")).status_code == 403


async def test_a_successor_takes_over_what_is_open(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    given = await make_action(session, meeting, by=cast.coordinator, owner=cast.contact, what=WHAT)
    vera = await make_member(session, cast.network, "Vera Vik", "contact", unit=cast.housing)
    await session.commit()
    ingela = await browser(cast.coordinator)
    await ingela.post(f"/granby/administer/members/{cast.contact.id}/ending", {"successor_id": str(vera.id)})
    now = await action(session)
    assert (now.id, now.owner_id, now.unit_id) == (given.id, vera.id, cast.housing.id)
    assert WHAT in (await (await browser(vera)).get("/granby")).text


async def test_what_was_left_by_somebody_who_closed_her_account_waits_for_the_coordinator_until_she_hands_it_over(
    cast: Cast, session: Session, browser
):
    meeting = await make_meeting(session, cast.coordinator)
    given = await make_action(session, meeting, by=cast.coordinator, owner=cast.contact, what=WHAT)
    await make_action(session, meeting, by=cast.coordinator, owner=cast.deputy, what="Lista byggnaderna")
    seat = await make_member(session, cast.network, "Sixten Två", "contact", unit=cast.housing)
    still = await make_member(session, cast.network, "Sixten Två", "contact", person=seat.person)
    await make_action(session, meeting, by=cast.coordinator, owner=seat, what="Görs ändå")
    seat.starts_on = seat.ends_on = clock.today() - timedelta(days=1)
    await session.commit()
    ingela, tomas = await browser(cast.coordinator), await browser(cast.deputy)
    line, mark = "1 åtgärdspunkt hos någon som har slutat", "har slutat"
    places = ("/granby", f"/granby{meeting.record.path}", f"/granby{meeting.record.path}/room", "/granby/actions")
    assert [mark in (await ingela.get(each)).text for each in places] == [False] * 4
    assert "Görs ändå" in (await (await browser(still)).get("/granby")).text
    assert (await (await browser(cast.contact)).post("/me/closing", {"sure": "true"})).status_code == 303

    home = (await ingela.get("/granby")).text
    assert line in home
    assert f'href="/granby/actions/{given.id}"' in home
    assert line not in (await tomas.get("/granby")).text
    assert [mark in (await person.get(each)).text for person in (ingela, tomas) for each in places[1::2]] == [True] * 4
    left = (await ingela.get("/granby/actions?show=left")).text
    assert [each in left for each in (WHAT, "Lista byggnaderna", "Görs ändå")] == [True, False, False]
    assert [each in (await tomas.get("/granby/actions?show=left")).text for each in ("Lista byggnaderna", "Utan någon som gör dem")] == [
        True,
        False,
    ]
    form = {"what": WHAT, "owner_id": str(cast.deputy.id), "next": "/granby/actions?show=left"}
    assert (await ingela.post(f"/granby/actions/{given.id}", form)).headers["location"] == "/granby/actions?show=left"
    assert "Alla åtgärdspunkter har någon som gör dem." in (await ingela.get("/granby/actions?show=left")).text
    assert line not in (await ingela.get("/granby")).text
    assert WHAT in (await tomas.get("/granby")).text


async def test_two_who_change_one_at_once_see_both(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    given = await make_action(session, meeting, by=cast.coordinator, owner=cast.contact, what=WHAT)
    ingela = await browser(cast.coordinator)
    version = re.search(r'name="version" value="([^"]+)"', (await ingela.get(f"/granby/actions/{given.id}")).text)[1]
    forms = [{"what": what, "owner_id": str(cast.contact.id), "version": version} for what in ("Ringa rektorerna", "Mejla rektorerna")]
    answers = await asyncio.gather(*(ingela.post(f"/granby/actions/{given.id}", form) for form in forms))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert "Ringa rektorerna" in refused.text
    assert "Mejla rektorerna" in refused.text


async def test_the_adjuster_and_the_registrar_are_told_at_home(cast: Cast, session: Session, browser):
    meeting: Meeting = await make_circulated(session, cast, "Justeras")
    maja, yvonne = await browser(cast.contact), await browser(cast.registrar)
    assert "Du är justerare" in (await maja.get("/granby")).text
    assert "registreras inte" not in (await yvonne.get("/granby")).text
    await make_locked(session, meeting, (cast.contact, cast.coordinator))
    assert "Du är justerare" not in (await maja.get("/granby")).text
    assert "Diarienummer, eller registreras inte" in (await yvonne.get("/granby")).text
    await yvonne.post(f"/granby{meeting.record.path}/minutes/registration", {"registry_no": "KS 2026/1"})
    assert "registreras inte" not in (await yvonne.get("/granby")).text


async def test_words_stand_fast_for_who_asked_before_the_notes_were_locked(cast: Cast, session: Session, portal: Portal):
    meeting = await make_meeting(session, cast.coordinator)
    made = await make_action(session, meeting, by=cast.coordinator, owner=cast.contact, what=WHAT)
    given, notes = await one(session, cast.coordinator, made.id), await notes_text(session, meeting)
    assert notes is not None
    assert notes.locked_at is None
    async with unit_of_work(portal.sessions) as another:
        await another.execute(text("UPDATE draft_text SET locked_at = now() WHERE id = :id"), {"id": notes.id})
    with pytest.raises(Wrong):
        await change(session, given, notes, by=cast.coordinator, form=ActionForm(what="Annat", owner_id=cast.contact.id))

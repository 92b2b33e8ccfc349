"""Who leads a working group plans and runs the group's own meetings, and nothing besides."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql
from sqlmodel import col

from portal import clock
from portal.db import Session
from portal.drafting.models import CoAuthor, DraftText
from portal.meetings import actions as meetings
from portal.meetings import group_notes, queries, rights
from portal.meetings.models import AgendaItem, Attendance, Meeting, MeetingForm
from portal.meetings.series_models import MeetingSeries
from portal.networks import groups
from portal.networks.group_models import GroupForm
from portal.networks.models import Membership
from portal.networks.queries import WHOLE
from portal.web import Forbidden
from tests.factories import Cast
from tests.making import make_action, make_group, make_meeting, make_series

MEETING = {"title": "Energiträff", "day": "2031-03-04", "starts": "13:00", "ends": "14:00"}


async def test_she_plans_for_her_group_and_for_no_other(cast: Cast, session: Session, browser):
    hers, others = [
        await make_group(session, cast.coordinator, name, lead=lead) for name, lead in (("Energi", cast.contact), ("Skola", cast.head))
    ]
    maja = await browser(cast.contact)
    assert f"/granby/meetings/new?group_id={hers.id}" in (await maja.get(f"/granby/meetings/groups/{hers.id}")).text
    assert "/granby/meetings/new" not in (await maja.get(f"/granby/meetings/groups/{others.id}")).text
    form = (await maja.get(f"/granby/meetings/new?group_id={hers.id}")).text
    assert re.findall(r'<option value="(\d*)"', form[form.index("group_id") : form.index("</select>")]) == [str(hers.id)]
    for group in (str(others.id), ""):
        assert (await maja.post("/granby/meetings", MEETING | {"group_id": group})).status_code == 403
        several = MEETING | {"group_id": group, "repeats": "weeks", "times": "2", "days": "2031-03-04"}
        assert (await maja.post("/granby/meetings/series", several)).status_code == 403
    assert (await session.scalars(select(Meeting))).all() == []
    assert (await maja.post("/granby/meetings", MEETING | {"group_id": str(hers.id)})).status_code == 303
    series = MEETING | {"group_id": str(hers.id), "repeats": "weeks", "times": "2", "days": ["2031-03-04", "2031-03-11"]}
    assert (await maja.post("/granby/meetings/series", series)).status_code == 303
    assert [each.group_id for each in await session.scalars(select(Meeting))] == [hers.id] * 3


async def test_what_stands_in_the_open_calendar_is_the_coordinators_to_say(cast: Cast, session: Session, browser):
    group = await make_group(session, cast.coordinator, "Energi", lead=cast.contact)
    cast.contact.network.public_calendar = True
    await session.commit()
    maja, ingela = await browser(cast.contact), await browser(cast.coordinator)
    given = MEETING | {"group_id": str(group.id), "announced": "true"}
    assert 'name="announced"' not in (await maja.get(f"/granby/meetings/new?group_id={group.id}")).text
    assert (await maja.post("/granby/meetings", given)).status_code == 303
    [meeting] = (await session.scalars(select(Meeting))).all()
    here = f"/granby/meetings/{meeting.record_id}"
    for her, sent, announced in ((maja, given, False), (ingela, given, True), (maja, MEETING | {"group_id": str(group.id)}, True)):
        assert (await her.post(here, sent)).status_code == 303
        await session.refresh(meeting)
        assert meeting.announced == announced


@pytest.mark.parametrize("role", ["head", "deputy", "reader", "registrar", "admin"])
async def test_who_leads_no_group_plans_nothing(role: str, cast: Cast, session: Session, browser):
    group = await make_group(session, cast.coordinator, "Energi", cast.everyone[role], lead=cast.contact)
    her = await browser(cast.everyone[role])
    assert (await her.get("/granby/meetings/new")).status_code == 403
    assert (await her.post("/granby/meetings", MEETING | {"group_id": str(group.id)})).status_code == 403


async def test_her_own_meeting_is_hers_to_care_for_and_another_groups_is_not(cast: Cast, session: Session, browser):
    maja = await browser(cast.contact)
    for leads, expected in ((True, 303), (False, 403)):
        group = await make_group(
            session, cast.coordinator, f"Grupp {leads}", *([] if leads else [cast.contact]), lead=cast.contact if leads else cast.head
        )
        series = await make_series(session, cast.coordinator, group=group, title=f"Serie {leads}")
        meeting, later, last = [
            each.record_id
            for each in await session.scalars(select(Meeting).where(col(Meeting.series_id) == series.id).order_by(col(Meeting.starts_at)))
        ]
        item = await session.scalar(select(col(AgendaItem.id)).where(col(AgendaItem.meeting_id) == meeting))
        here = f"/granby/meetings/{meeting}"
        deeds = [
            (f"{here}/agenda", {"title": "Övrigt"}),
            (f"{here}/agenda/{item}", {"title": "Inledning"}),
            (f"{here}/agenda/{item}/fall", {}),
            (here, MEETING | {"group_id": str(group.id)}),
            (f"{here}/summons", {}),
            (f"{here}/note-takers", {"member": str(cast.head.id)}),
            (f"{here}/room/presence", {"membership_id": str(cast.contact.id), "present": "true"}),
            (f"{here}/attendance", {"present": str(cast.contact.id)}),
            (f"{here}/visitors", {"name": "Eva"}),
            (f"{here}/holding", {}),
            (f"/granby/meetings/{later}/following", {"starts": "09:00", "ends": "10:00"}),
            (f"/granby/meetings/{last}/following/cancellation", {"reason": "Snö"}),
            (f"/granby/meetings/{later}/cancellation", {"reason": "Snö"}),
        ]
        assert {path: (await maja.post(path, form)).status_code for path, form in deeds} == {path: expected for path, _form in deeds}
        page = (await maja.get(here)).text
        assert (f"{here}/note-takers" in page) == leads
        assert f"/records/{meeting}/shares" not in page  # guests are the coordinator's to let in
        for path, form in (
            (f"{here}/minutes/circulation", {}),
            (f"{here}/amendments", {"body": "Fel"}),
            (f"/granby/meetings/groups/{group.id}", {"name": "Min"}),
        ):
            assert (await maja.post(path, form)).status_code == 403


async def test_what_her_group_has_left_to_do_is_hers_to_tick_off(cast: Cast, session: Session, browser):
    group = await make_group(session, cast.coordinator, "Energi", lead=cast.contact)
    hers, others = [await make_meeting(session, cast.coordinator, title, group=of) for title, of in (("Grupp", group), ("Alla", None))]
    given = [
        await make_action(session, each, by=cast.coordinator, owner=cast.head, what=f"Ringa {each.record_id}") for each in (hers, others)
    ]
    await session.commit()
    maja = await browser(cast.contact)
    listed = (await maja.get("/granby/actions")).text
    assert [f"/granby/actions/{each.id}/closure" in listed for each in given] == [True, False]
    assert [(await maja.post(f"/granby/actions/{each.id}/closure")).status_code for each in given] == [303, 403]


async def test_it_ends_when_somebody_else_leads_when_she_leaves_and_with_her_role(cast: Cast, session: Session, browser):
    group = await make_group(session, cast.coordinator, "Energi", lead=cast.contact)
    meeting = await make_meeting(session, cast.coordinator, group=group)
    await session.commit()
    maja, path = await browser(cast.contact), f"/granby/meetings/{meeting.record_id}/edit"
    assert (await maja.get(path)).status_code == 200
    await groups.change(session, group, by=cast.coordinator, form=GroupForm(name="Energi", lead_id=cast.head.id))
    await session.commit()
    assert (await maja.get(path)).status_code == 403
    await groups.change(session, group, by=cast.coordinator, form=GroupForm(name="Energi", lead_id=cast.contact.id))
    await session.commit()
    assert (await maja.get(path)).status_code == 200
    cast.contact.role = "reader"
    await session.commit()
    assert (await maja.get(path)).status_code == 403
    cast.contact.role = "contact"
    await groups.let_out(
        session,
        group,
        next(each for each in (await groups.places(session, [group.id]))[group.id] if each.membership_id == cast.contact.id),
        by=cast.coordinator,
    )
    await session.commit()
    assert (await maja.get(path)).status_code == 403


@pytest.mark.parametrize("role", ["reader", "registrar", "admin", "guest"])
async def test_nobody_leads_who_only_reads(role: str, cast: Cast, session: Session, browser):
    ingela, her = await browser(cast.coordinator), cast.everyone[role]
    assert f'<option value="{her.id}"' not in (await ingela.get("/granby/meetings/groups/new")).text
    refused = await ingela.post("/granby/meetings/groups", {"name": "Energi", "lead_id": str(her.id)})
    assert (refused.status_code, 'id="f-lead_id-error"' in refused.text) == (422, True)


async def test_while_she_changes_a_meeting_nobody_else_becomes_its_lead_and_it_stays_her_groups(cast: Cast, session: Session, portal):
    group = await make_group(session, cast.coordinator, "Energi", lead=cast.contact)
    meeting = await make_meeting(session, cast.coordinator, group=group)
    await session.commit()
    group_id, meeting_id = group.id, meeting.record_id
    await rights.authorise(session, cast.contact, "meeting:plan", meeting)
    async with portal.sessions() as other:
        ingela = (await other.scalars(select(Membership).options(*WHOLE).where(col(Membership.id) == cast.coordinator.id))).unique().one()
        changing = asyncio.create_task(
            groups.change(other, await groups.group(other, ingela, group_id), by=ingela, form=GroupForm(name="Energi"))
        )
        await asyncio.wait({changing}, timeout=0.3)
        assert not changing.done()
        await session.commit()
        await changing
        await other.rollback()
        stale = await queries.meeting(session, cast.contact, meeting_id)
        await other.execute(sql("UPDATE meeting SET group_id = NULL WHERE record_id = :id"), {"id": meeting_id})
        await other.commit()
    assert stale.group_id == group_id
    with pytest.raises(Forbidden):
        await rights.authorise(session, cast.contact, "meeting:plan", stale)


async def test_whoever_leads_when_a_meeting_is_planned_writes_its_notes_even_as_that_changes(cast: Cast, session: Session, portal):
    """The coordinator has the group before her as it was; and once her meeting is written, whoever changes the lead waits for it."""
    group = await make_group(session, cast.coordinator, "Energi", cast.head, cast.deputy, lead=cast.contact)
    async with portal.sessions() as other:
        ingela = (await other.scalars(select(Membership).options(*WHOLE).where(col(Membership.id) == cast.coordinator.id))).unique().one()
        theirs = await groups.group(other, ingela, group.id)
        await group_notes.change(other, theirs, by=ingela, form=GroupForm(name="Energi", lead_id=cast.head.id))
        await other.commit()
        day = clock.today() + timedelta(days=14)
        form = MeetingForm.model_validate({"title": "Träff", "day": day, "starts": "13:00", "ends": "14:00", "place": "Tranan"})
        meeting = await meetings.plan(session, by=cast.coordinator, form=form, group=group)
        assert await writers(session, meeting) == [cast.head.id]
        change = group_notes.change(other, theirs, by=ingela, form=GroupForm(name="Energi", lead_id=cast.deputy.id))
        changing = asyncio.create_task(change)
        await asyncio.wait({changing}, timeout=0.3)
        await session.commit()
        await changing
        await other.commit()
    assert await writers(session, meeting) == [cast.deputy.id]


async def writers(session: Session, meeting: Meeting) -> list[int | None]:
    wanted = select(col(CoAuthor.membership_id)).join(DraftText, col(DraftText.id) == col(CoAuthor.text_id))
    return list(await session.scalars(wanted.where(col(DraftText.record_id) == meeting.record_id)))


async def test_a_planned_meeting_is_given_to_another_group_with_its_notes_and_without_the_others_answers(
    cast: Cast, session: Session, browser
):
    one, other = [
        await make_group(session, cast.coordinator, name, cast.head, lead=lead)
        for name, lead in (("Energi", cast.contact), ("Skola", cast.deputy))
    ]
    meeting = await make_meeting(session, cast.coordinator, group=one)
    await session.commit()
    ingela, maja, bengt = [await browser(each) for each in (cast.coordinator, cast.contact, cast.head)]
    here = f"/granby/meetings/{meeting.record_id}"
    for each in (maja, bengt):
        assert (await each.post(f"{here}/answer", {"answer": "yes"})).status_code == 303
    asked = (await ingela.get(f"{here}/edit")).text
    assert f'<option value="{one.id}" selected' in asked
    form = MEETING | {"version": re.search(r'name="version" value="(\w+)"', asked)[1]}
    assert (await maja.post(here, form | {"group_id": str(other.id), "version": ""})).status_code == 403
    assert (await ingela.post(here, form | {"group_id": "999999"})).status_code == 422
    assert (await ingela.post(here, form | {"group_id": str(other.id)})).status_code == 303
    assert set(await session.scalars(select(col(Attendance.membership_id)))) == {cast.head.id}
    tomas = await browser(cast.deputy)
    item = await session.scalar(select(col(AgendaItem.id)).where(col(AgendaItem.meeting_id) == meeting.record_id))
    assert [(await each.post(f"{here}/room/floor", {"item_id": str(item)})).status_code for each in (maja, tomas)] == [403, 303]
    assert [(await each.get(f"{here}/edit")).status_code for each in (maja, tomas)] == [403, 200]
    assert (await ingela.post(here, MEETING | {"group_id": ""})).status_code == 303
    assert (await ingela.post(f"{here}/summons")).status_code == 303
    assert 'name="group_id"' not in (await ingela.get(f"{here}/edit")).text
    refused = await ingela.post(here, MEETING | {"group_id": str(one.id)})
    assert (refused.status_code, "Ställ in träffen och planera en ny" in refused.text) == (422, True)
    await session.refresh(await session.get_one(Meeting, meeting.record_id))
    assert (await session.get_one(Meeting, meeting.record_id)).group_id is None


async def test_what_follows_a_meeting_of_a_series_is_for_the_same_people(cast: Cast, session: Session, browser):
    one, other = [
        await make_group(session, cast.coordinator, name, lead=cast.contact if name == "Energi" else cast.head)
        for name in ("Energi", "Skola")
    ]
    await make_series(session, cast.coordinator, group=one)
    first, second, third = (await session.scalars(select(Meeting).order_by(col(Meeting.starts_at)))).all()
    second.group_id = other.id
    await session.commit()
    maja = await browser(cast.contact)
    assert (await maja.post(f"/granby/meetings/{first.record_id}/following/cancellation", {"reason": "Klart"})).status_code == 303
    for each in (first, second, third):
        await session.refresh(each)
    assert [each.state for each in (first, second, third)] == ["cancelled", "planned", "cancelled"]
    assert len((await session.scalars(select(MeetingSeries))).all()) == 1

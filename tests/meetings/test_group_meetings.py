"""A meeting of a working group concerns those who are in it; the whole network may read it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.home.waiting import tasks
from portal.meetings import action_items, actions, answers, queries, summons
from portal.meetings.models import Answer, Attendance, CancelForm, Invited, Meeting
from portal.networks import groups
from portal.networks.access import Role
from portal.networks.models import Unit
from portal.notifications.models import Mailing, Notification
from portal.records.actions import share
from portal.web import Forbidden
from portal.year.planner import planner
from tests.factories import Cast, make_member
from tests.making import change_meeting, make_action, make_group, make_meeting, make_planned


async def told(session, kind: str) -> set[int]:
    """Who is written to about it."""
    wanted = (
        select(col(Notification.person_id)).join(Mailing, col(Mailing.id) == col(Notification.mailing_id)).where(col(Mailing.kind) == kind)
    )
    return set(await session.scalars(wanted))


async def test_it_is_planned_for_the_group_and_everybody_but_guests_reads_it(cast: Cast, session, browser):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact, lead=cast.head)
    ingela, sirkka, guest = await browser(cast.coordinator), await browser(cast.reader), await browser(cast.guest)
    asked = (await ingela.get(f"/granby/meetings/new?group_id={group.id}")).text
    assert f'<option value="{group.id}" selected>Arbetsgruppen Energi' in asked
    form = {"title": "Energiträff", "day": "2031-03-04", "starts": "13:00", "ends": "14:00", "group_id": str(group.id)}
    place = (await ingela.post("/granby/meetings", form)).headers["location"]
    page = (await sirkka.get(place)).text
    assert "Alla i nätverket kan läsa, men bara arbetsgruppen kallas." in page
    assert 'name="answer"' not in page
    mine = (await (await browser(cast.contact)).get(place)).text
    assert 'name="answer"' in mine
    assert "men bara arbetsgruppen" not in mine
    assert (await guest.get(place)).status_code == 404
    assert "Energiträff" in (await sirkka.get(f"/granby/meetings/groups/{group.id}")).text
    assert "arbetsgruppen Energi" in (await sirkka.get("/granby/meetings")).text


@pytest.mark.parametrize("typed", ["0", "-3", "x", "999999", "9" * 40])
async def test_no_meeting_is_planned_for_a_group_that_is_none_of_the_networks(typed: str, cast: Cast, session, browser):
    other = await make_group(session, cast.outsider, "Vitbys grupp")
    ingela = await browser(cast.coordinator)
    for number in (typed, str(other.id)):
        refused = await ingela.post(
            "/granby/meetings", {"title": "T", "day": "2031-03-04", "starts": "13:00", "ends": "14:00", "group_id": number}
        )
        assert refused.status_code == 422
        assert 'id="f-group_id"' in refused.text or "group_id" in refused.text
    assert (await session.scalars(select(Meeting))).all() == []


async def test_the_summons_goes_to_the_group_and_to_guests_whom_it_is_shared_with(cast: Cast, session):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact, cast.registrar)
    meeting = await make_meeting(session, cast.coordinator, group=group)
    await share(session, meeting.record, by=cast.coordinator, guest=cast.guest)
    assert await actions.summon(session, meeting, by=cast.coordinator) == 3
    assert await told(session, "meeting.summoned") == {cast.contact.person_id, cast.registrar.person_id, cast.guest.person_id}
    await groups.let_in(session, group, by=cast.coordinator, form=groups.GroupPlaceForm(member_id=cast.reader.id))
    await summons.tell_newcomers(session)
    assert cast.reader.person_id in await told(session, "meeting.summoned")


async def test_who_was_invited_and_left_the_group_hears_of_changes_and_nobody_else_outside_does(cast: Cast, session):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact, cast.registrar)
    meeting = await make_meeting(session, cast.coordinator, group=group)
    await actions.summon(session, meeting, by=cast.coordinator)
    session.add(Invited(meeting_id=meeting.record_id, person_id=cast.contact.person_id, sequence=0, at=clock.now()))
    place = next(each for each in (await groups.places(session, [group.id]))[group.id] if each.membership_id == cast.contact.id)
    await groups.let_out(session, group, place, by=cast.coordinator)
    await session.commit()
    await change_meeting(session, cast.coordinator, meeting.record_id, place="Lommen")
    assert await told(session, "meeting.changed") == {cast.contact.person_id, cast.registrar.person_id}
    meeting = await queries.meeting(session, cast.coordinator, meeting.record_id)
    await actions.cancel(session, meeting, by=cast.coordinator, form=CancelForm(reason="Storm"))
    assert await told(session, "meeting.cancelled") == {cast.contact.person_id, cast.registrar.person_id}


async def test_those_outside_are_not_asked_and_cannot_answer(cast: Cast, session, browser):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact)
    meeting = await make_meeting(session, cast.coordinator, group=group)
    await actions.summon(session, meeting, by=cast.coordinator)
    await session.commit()
    assert [each.path for each in await tasks(session, cast.contact)] == [meeting.record.path]
    assert await tasks(session, cast.head) == []
    with pytest.raises(Forbidden):
        await answers.answer(session, meeting, by=cast.head, answer=Answer.yes)
    bengt, maja = await browser(cast.head), await browser(cast.contact)
    assert (await bengt.post(f"/granby{meeting.record.path}/answer", {"answer": "yes"})).status_code == 403
    assert (await maja.post(f"/granby{meeting.record.path}/answer", {"answer": "yes"})).status_code == 303
    assert set(await session.scalars(select(col(Attendance.membership_id)))) == {cast.contact.id}


async def test_a_link_that_answers_says_so_when_its_reader_has_left_the_group(cast: Cast, session, portal, visitor):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact)
    meeting = await make_meeting(session, cast.coordinator, group=group)
    await actions.summon(session, meeting, by=cast.coordinator)
    path = answers.path(portal.litestar.state.frame.sign, cast.contact.person_id, meeting.record_id)
    await session.commit()
    assert "Jag kommer" in (await visitor.get(path)).text
    await groups.let_out(session, group, (await groups.places(session, [group.id]))[group.id][0], by=cast.coordinator)
    await session.commit()
    assert "Träffen är för en arbetsgrupp som du inte är med i." in (await visitor.get(path)).text
    assert (await visitor.post(path, {"answer": "yes"})).status_code == 403


async def test_attendance_is_the_groups_on_the_day_and_of_whoever_else_was_there(cast: Cast, session):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact, cast.registrar)
    meeting = await make_meeting(session, cast.coordinator, group=group)
    names = [seat.membership.person.name for seat in await queries.seats(session, meeting)]
    assert sorted(names) == ["Maja Lindqvist", "Yvonne Adell"]
    await actions.hold(session, meeting, by=cast.coordinator)
    await actions.record_presence(session, meeting, by=cast.coordinator, present={cast.contact.id, cast.reader.id})
    found = {seat.membership.id: seat.attendance.present for seat in await queries.seats(session, meeting) if seat.attendance}
    assert found == {cast.contact.id: True, cast.registrar.id: False, cast.reader.id: True}


async def test_the_next_meeting_is_the_next_that_concerns_one(cast: Cast, session, browser):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact)
    near, far = [
        await make_meeting(session, cast.coordinator, title, day=clock.today() + timedelta(days=days), group=of)
        for title, days, of in (("Nära", 3, group), ("Fjärran", 30, None))
    ]
    found = {role: await queries.next_meeting(session, cast.everyone[role]) for role in ("contact", "head", "coordinator")}
    assert {role: each.record_id for role, each in found.items()} == {
        "contact": near.record_id,
        "head": far.record_id,
        "coordinator": far.record_id,
    }
    home = (await (await browser(cast.contact)).get("/granby")).text
    assert re.search(r'<h3><a href="[^"]+">Nära</a></h3>.*?arbetsgruppen Energi', home, re.DOTALL)


async def test_the_groups_meetings_are_not_among_the_networks_four_to_six(cast: Cast, session, browser):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact)
    day = clock.today().replace(month=3, day=4)
    await make_meeting(session, cast.coordinator, "Energiträff", day=day, group=group)
    await make_planned(session, cast.coordinator, day)
    await session.commit()
    assert f"0 träffar {day.year}." in (await (await browser(cast.reader)).get("/granby/meetings")).text
    plan = await planner(session, cast.coordinator, day.year)
    assert (plan.tally.sentence[:10], plan.meetings) == ("1 av 4–6 t", [])
    assert "Arbetsgruppen Energi har redan en träff: Energiträff." in [each.sentence for each in plan.planned[0][2]]


async def test_who_leads_the_group_no_longer_writes_its_notes_no_longer(cast: Cast, session, browser):
    group = await make_group(session, cast.coordinator, "Energi", cast.deputy, lead=cast.contact)
    meeting = await make_meeting(session, cast.coordinator, group=group)
    ingela, maja, karin = await browser(cast.coordinator), await browser(cast.contact), await browser(cast.deputy)
    item = (await queries.agenda(session, meeting))[0]
    floor = f"/granby{meeting.record.path}/room/floor", {"item_id": item.id}
    assert [(await each.post(*floor)).status_code for each in (maja, karin)] == [303, 403]
    form = {"name": "Energi", "purpose": "", "lead_id": cast.deputy.id}
    assert (await ingela.post(f"/granby/meetings/groups/{group.id}", form)).status_code == 303
    assert [(await each.post(*floor)).status_code for each in (maja, karin)] == [403, 303]
    place = next(each for each in (await groups.places(session, [group.id]))[group.id] if each.membership_id == cast.deputy.id)
    assert (await ingela.post(f"/granby/meetings/groups/{group.id}/members/{place.id}/ending")).status_code == 303
    assert (await karin.post(*floor)).status_code == 403


async def test_a_groups_meeting_begins_with_what_the_group_has_left_to_do(cast: Cast, session):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact)
    before = [
        await make_meeting(session, cast.coordinator, title, day=clock.today() - timedelta(days=9), group=of)
        for title, of in (("Grupp", group), ("Alla", None))
    ]
    given = [await make_action(session, each, by=cast.coordinator, owner=cast.contact, what=each.record.title) for each in before]
    now = [await make_meeting(session, cast.coordinator, title, group=of) for title, of in (("Grupp 2", group), ("Alla 2", None))]
    found = [{each.id for each in await action_items.open_before(session, cast.contact, meeting)} for meeting in now]
    assert found == [{given[0].id}, {each.id for each in given}]


async def test_a_deputy_of_a_unit_stands_in_for_it_in_the_group_while_it_lasts(cast: Cast, session, browser):
    """`cast.deputy` stands in for the housing company, whose contact person is in the group."""
    olle = await make_member(session, cast.network, "Olle Bostad", Role.contact, unit=await session.get_one(Unit, cast.deputy.unit_id))
    group = await make_group(session, cast.coordinator, "Energi", olle)
    meeting = await make_meeting(session, cast.coordinator, group=group)
    assert await actions.summon(session, meeting, by=cast.coordinator) == 2
    await session.commit()
    assert await told(session, "meeting.summoned") == {olle.person_id, cast.deputy.person_id}
    assert [each.path for each in await tasks(session, cast.deputy)] == [meeting.record.path]
    tomas, sirkka = await browser(cast.deputy), await browser(cast.reader)
    assert (await tomas.post(f"/granby{meeting.record.path}/answer", {"answer": "yes"})).status_code == 303
    assert "ersättare för" in (await sirkka.get(f"/granby/meetings/groups/{group.id}")).text
    assert {seat.membership.id for seat in await queries.seats(session, meeting)} == {olle.id, cast.deputy.id}
    cast.deputy.ends_on = clock.today() - timedelta(days=1)
    await session.commit()
    assert await summons.people(session, meeting) == {olle.person_id}
    cast.deputy.ends_on = clock.today() + timedelta(days=3)  # before the meeting, so she could not answer
    await session.commit()
    assert await summons.people(session, meeting) == {olle.person_id}
    cast.deputy.ends_on = clock.today() - timedelta(days=1)
    await session.commit()
    assert "ersättare för" not in (await sirkka.get(f"/granby/meetings/groups/{group.id}")).text


async def test_who_stands_in_for_another_unit_is_not_called(cast: Cast, session):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact)
    meeting = await make_meeting(session, cast.coordinator, group=group)
    assert cast.deputy.unit_id != cast.contact.unit_id
    assert await summons.people(session, meeting) == {cast.contact.person_id}
    assert not await queries.is_asked(session, cast.deputy, meeting)

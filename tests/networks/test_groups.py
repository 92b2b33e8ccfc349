"""Working groups: the coordinator makes them, and members come in and go out; who leaves the network has left its groups."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.activity.models import Activity
from portal.networks import groups
from portal.networks.access import Role
from portal.networks.group_models import GroupPlace, WorkingGroup
from portal.networks.members import end_membership
from portal.networks.queries import hold
from portal.web import Forbidden
from tests.factories import Cast, make_member, make_unit
from tests.making import make_group

GROUP = {"name": "Bostad och energi", "purpose": "Samråden om byggande."}


async def inside(session, group: WorkingGroup) -> set[str]:
    return {each.membership.person.name for each in (await groups.places(session, [group.id]))[group.id]}


async def test_the_coordinator_makes_a_group_and_its_lead_is_in_it(cast: Cast, session, browser):
    ingela, sirkka = await browser(cast.coordinator), await browser(cast.reader)
    assert "Nätverket har ingen arbetsgrupp." in (await sirkka.get("/granby/meetings/groups")).text
    made = await ingela.post("/granby/meetings/groups", {**GROUP, "lead_id": str(cast.contact.id)})
    assert made.status_code == 303
    page = (await sirkka.get(made.headers["location"])).text
    assert "Samråden om byggande." in page
    assert "leder gruppen" in page
    assert "Ta in i gruppen" not in page
    group = (await session.scalars(select(WorkingGroup))).one()
    assert await inside(session, group) == {"Maja Lindqvist"}
    listed = (await (await browser(cast.contact)).get("/granby/meetings/groups")).text
    assert "Leds av Maja Lindqvist&nbsp;· 1 medlem" in listed
    assert "Du är med" in listed
    assert "Du är med" not in (await sirkka.get("/granby/meetings/groups")).text
    assert await session.scalar(select(col(Activity.id)).where(col(Activity.verb) == "group.added"))


async def test_a_group_that_nobody_leads_or_is_in_is_listed(cast: Cast, session, browser):
    await make_group(session, cast.coordinator, "Energi")
    assert "0 medlemmar&nbsp;· ingen träff är planerad" in (await (await browser(cast.reader)).get("/granby/meetings/groups")).text


async def test_members_come_in_and_go_out_and_guests_and_strangers_do_not(cast: Cast, session, browser):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact)
    ingela, here = await browser(cast.coordinator), f"/granby/meetings/groups/{group.id}"
    assert (await ingela.post(f"{here}/members", {"member_id": cast.head.id})).status_code == 303
    assert await inside(session, group) == {"Maja Lindqvist", "Bengt Sjöholm"}
    for wrong in (cast.head, cast.guest, cast.outsider):
        refused = await ingela.post(f"{here}/members", {"member_id": wrong.id})
        assert (refused.status_code, "Välj någon i nätverket som inte redan är med." in refused.text) == (422, True), wrong.role
    for typed in ("", "0", "-1", "x", "9" * 30, "1 OR 1=1"):
        assert (await ingela.post(f"{here}/members", {"member_id": typed})).status_code == 422
    place = (await session.scalars(select(GroupPlace).where(col(GroupPlace.membership_id) == cast.head.id))).one()
    assert (await ingela.post(f"{here}/members/{place.id}/ending")).status_code == 303
    assert (await ingela.post(f"{here}/members/{place.id}/ending")).status_code == 409
    assert await inside(session, group) == {"Maja Lindqvist"}
    assert (await ingela.post(f"{here}/members", {"member_id": cast.head.id})).status_code == 303  # the same day again
    assert await inside(session, group) == {"Maja Lindqvist", "Bengt Sjöholm"}


async def test_a_place_of_another_group_is_none_of_this_one(cast: Cast, session, browser):
    one, other = (
        await make_group(session, cast.coordinator, "Ett", cast.contact),
        await make_group(session, cast.coordinator, "Två", cast.contact),
    )
    place = (await groups.places(session, [other.id]))[other.id][0]
    ingela = await browser(cast.coordinator)
    assert (await ingela.post(f"/granby/meetings/groups/{one.id}/members/{place.id}/ending")).status_code == 404
    assert await inside(session, other) == {"Maja Lindqvist"}


async def test_a_name_is_taken_once_and_a_change_that_somebody_else_has_made_is_shown(cast: Cast, session, browser):
    group = await make_group(session, cast.coordinator, "Energi")
    ingela, here = await browser(cast.coordinator), f"/granby/meetings/groups/{group.id}"
    again = await ingela.post("/granby/meetings/groups", {"name": "ENERGI"})
    assert (again.status_code, "Det finns redan en arbetsgrupp som heter så." in again.text) == (422, True)
    assert (await ingela.post("/granby/meetings/groups", {"name": "x" * 81})).status_code == 422
    assert (await ingela.post(here, {"name": "Klimat", "version": "0" * 24})).status_code == 409
    assert (await ingela.post(here, {"name": "Klimat", "lead_id": str(cast.guest.id)})).status_code == 422
    assert (await ingela.post(here, {"name": "Klimat"})).status_code == 303
    await session.refresh(group)
    assert (group.name, group.lead_id) == ("Klimat", None)


async def test_an_ended_group_takes_nobody_in_and_can_be_opened_again(cast: Cast, session, browser):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact)
    ingela, here = await browser(cast.coordinator), f"/granby/meetings/groups/{group.id}"
    assert (await ingela.post(f"{here}/closure")).status_code == 303
    assert (await ingela.post(f"{here}/closure")).status_code == 409
    assert (await ingela.post(f"{here}/members", {"member_id": cast.head.id})).status_code == 409
    assert (await ingela.post(here, {"name": "Klimat"})).status_code == 409
    taken = await ingela.post("/granby/meetings/groups", {"name": "Energi"})
    assert (taken.status_code, "En avslutad arbetsgrupp heter så." in taken.text) == (422, True)
    planned = await ingela.post(
        "/granby/meetings", {"title": "T", "day": "2031-03-04", "starts": "13:00", "ends": "14:00", "group_id": group.id}
    )
    assert (planned.status_code, "Välj ett av alternativen." in planned.text) == (422, True)
    assert (await ingela.post(f"{here}/opening")).status_code == 303
    assert await inside(session, group) == {"Maja Lindqvist"}


async def test_who_leaves_the_network_has_left_its_groups_and_comes_back_to_none(cast: Cast, session):
    yesterday = clock.today() - timedelta(days=1)
    group = await make_group(session, cast.coordinator, "Energi", cast.head, lead=cast.contact)
    await end_membership(session, cast.contact, by=cast.coordinator)
    assert await inside(session, group) == {"Bengt Sjöholm"}
    assert await groups.lead_of(session, group) is None
    assert cast.contact.ends_on == yesterday
    back = await make_member(
        session, cast.network, "Maja Lindqvist", Role.contact, unit=cast.school, person=cast.contact.person, starts_on=clock.today()
    )
    assert await inside(session, group) == {"Bengt Sjöholm"}
    assert back.person_id in {each.person_id for each in await groups.candidates(session, group)}


async def test_a_place_lasts_as_long_as_the_seat_it_was_given_for(cast: Cast, session):
    """Who is deputy until Friday is in the group until Friday."""
    last = clock.today() + timedelta(days=3)
    unit = await make_unit(session, cast.network, "Räddningstjänsten")
    deputy = await make_member(session, cast.network, "Lovisa Lång", Role.deputy, unit=unit, ends_on=last)
    group = await make_group(session, cast.coordinator, "Energi", deputy)
    days = [clock.today(), last, last + timedelta(days=1)]
    assert [deputy.id in {each.id for each in await groups.comers(session, group.id, day=day)} for day in days] == [True, True, False]


async def test_the_successor_takes_the_place_and_the_lead(cast: Cast, session, browser):
    group = await make_group(session, cast.coordinator, "Energi", lead=cast.contact)
    ended = await make_group(session, cast.coordinator, "Gammal", cast.contact)
    await groups.end(session, ended, by=cast.coordinator)
    vera = await make_member(session, cast.network, "Vera Vik", Role.contact, unit=cast.school)
    await session.commit()
    ingela = await browser(cast.coordinator)
    done = await ingela.post(f"/granby/administer/members/{cast.contact.id}/ending", {"successor_id": str(vera.id)})
    assert done.status_code == 303
    await session.refresh(group)
    assert (await inside(session, group), group.lead_id) == ({"Vera Vik"}, vera.id)
    assert await inside(session, ended) == set()


@pytest.mark.parametrize("role", ["contact", "deputy", "head", "reader", "registrar", "admin", "guest"])
async def test_nobody_else_changes_a_group(role: str, cast: Cast, session):
    group, member = await make_group(session, cast.coordinator, "Energi"), cast.everyone[role]
    await hold(session, member)
    for change in (groups.end, groups.reopen):
        with pytest.raises(Forbidden):
            await change(session, group, by=member)

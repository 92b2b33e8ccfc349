"""A feed of one working group, and what one's own meetings are where there are groups."""

from datetime import timedelta

import icalendar
import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.calendar.models import Feed, Reading
from portal.calendar.queries import readers, subscribers
from portal.meetings.actions import summon
from portal.meetings.answers import answer
from portal.meetings.models import Answer
from portal.networks import groups
from portal.networks.group_models import GroupForm
from portal.networks.members import end_membership
from portal.notifications.actions import choose
from portal.notifications.models import ChoiceForm
from tests.calendar.reading import address_for, events_at
from tests.factories import Cast
from tests.making import make_group, make_meeting


async def name_of(visitor, path: str) -> str:
    return str(icalendar.Calendar.from_ical((await visitor.get(path)).content)["X-WR-CALNAME"])


async def test_a_feed_shows_one_groups_meetings_under_its_name(cast: Cast, session, browser, visitor):
    one, other = [await make_group(session, cast.coordinator, name, cast.contact) for name in ("Energi", "Skola")]
    for title, group in (("Energiträff", one), ("Skolträff", other), ("Nätverksträff", None)):
        await make_meeting(session, cast.coordinator, title, group=group)
    path = await address_for(browser, cast.contact, scope=f"group-{one.id}")
    assert set(await events_at(visitor, path)) == {"Energiträff"}
    assert await name_of(visitor, path) == "Arbetsgruppen Energi – Granby nätverk"
    await groups.change(session, one, by=cast.coordinator, form=GroupForm(name="Energi och klimat"))
    await session.commit()
    assert await name_of(visitor, path) == "Arbetsgruppen Energi och klimat – Granby nätverk"
    page = (await (await browser(cast.contact)).get("/granby/calendar")).text
    assert "Arbetsgruppen Energi och klimat&nbsp;·" in page
    assert "Alla träffar, också arbetsgruppernas" in page


async def test_all_meetings_are_the_groups_too_and_ones_own_are_those_of_ones_groups(cast: Cast, session, browser, visitor):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact)
    for title, of in (("Energiträff", group), ("Nätverksträff", None)):
        await summon(session, await make_meeting(session, cast.coordinator, title, group=of), by=cast.coordinator)
    await session.commit()
    everything = {"Energiträff", "Nätverksträff"}
    for member in (cast.contact, cast.head):
        await choose(session, by=member, form=ChoiceForm(calendar="both"))  # so that what they are sent as invitations is here, too
    await session.commit()
    own = {role: await address_for(browser, cast.everyone[role], scope="mine") for role in ("contact", "head")}
    assert set(await events_at(visitor, await address_for(browser, cast.head, scope="meetings"))) == everything
    assert {role: set(await events_at(visitor, path)) for role, path in own.items()} == {"contact": everything, "head": {"Nätverksträff"}}


async def test_a_feed_of_ones_own_follows_who_comes_into_a_group_and_who_leaves_it(cast: Cast, session, browser, visitor):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact)
    coming = await make_meeting(session, cast.coordinator, "Kommande", group=group)
    past = await make_meeting(session, cast.coordinator, "Hållen", day=clock.today() - timedelta(days=10), group=group)
    for each, ago in ((coming, 0), (past, 15)):
        with clock.fixed(clock.now() - timedelta(days=ago)):
            await summon(session, each, by=cast.coordinator)
    await choose(session, by=cast.contact, form=ChoiceForm(calendar="both"))  # so that what she is sent as an invitation is here, too
    place = (await groups.places(session, [group.id]))[group.id][0]
    place.starts_on = clock.today() - timedelta(days=20)
    await session.commit()
    own, whole = await address_for(browser, cast.contact, scope="mine"), await address_for(browser, cast.contact, scope=f"group-{group.id}")
    assert set(await events_at(visitor, own)) == {"Kommande", "Hållen"}
    await groups.let_out(session, group, place, by=cast.coordinator)
    await session.commit()
    assert set(await events_at(visitor, own)) == {"Hållen"}  # she was in it then
    assert set(await events_at(visitor, whole)) == {"Kommande", "Hållen"}  # she may still read them, as everybody in the network
    await end_membership(session, cast.contact, by=cast.coordinator)
    await session.commit()
    assert await events_at(visitor, whole) == {}
    assert await name_of(visitor, whole) == "Granby nätverk"


@pytest.mark.parametrize(
    "scope",
    ["group-0", "group-999999", "group-", "group-01", "group--1", "group-1x", "group-" + "9" * 30, "group-١", "Group-1", "drop table"],
)
async def test_a_scope_that_is_none_is_refused_beside_its_field(scope: str, cast: Cast, session, browser):
    other = await make_group(session, cast.outsider, "Vitbys grupp")
    ended = await make_group(session, cast.coordinator, "Avslutad")
    await groups.end(session, ended, by=cast.coordinator)
    await session.commit()
    maja = await browser(cast.contact)
    for given in (scope, f"group-{other.id}", f"group-{ended.id}"):
        refused = await maja.post("/granby/calendar/feeds", {"name": "Telefonen", "scope": given})
        assert (refused.status_code, 'id="f-scope-error"' in refused.text) == (422, True), given
    assert (await session.scalars(select(Feed))).all() == []


async def test_a_feed_of_an_ended_group_can_be_renamed_and_renewed(cast: Cast, session, browser, visitor):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact)
    await make_meeting(session, cast.coordinator, "Energiträff", group=group)
    path = await address_for(browser, cast.contact, scope=f"group-{group.id}")
    await groups.end(session, group, by=cast.coordinator)
    await session.commit()
    maja, feed = await browser(cast.contact), (await session.scalars(select(Feed))).one()
    assert "Bara arbetsgruppen Energi" in (await maja.get(f"/granby/calendar/feeds/{feed.id}")).text
    changed = await maja.post(f"/granby/calendar/feeds/{feed.id}", {"name": "Plattan", "scope": f"group-{group.id}", "alarm": "none"})
    assert changed.status_code == 303
    assert (await maja.post(f"/granby/calendar/feeds/{feed.id}/renewal")).status_code == 200
    assert (await visitor.get(path)).status_code == 404


async def test_a_groups_feed_takes_the_place_of_invitations_to_its_meetings_alone(cast: Cast, session):
    one, other = [await make_group(session, cast.coordinator, name, cast.contact) for name in ("Energi", "Skola")]
    meetings = [await make_meeting(session, cast.coordinator, f"Träff {n}", group=group) for n, group in enumerate((one, other, None))]
    feed = Feed(membership_id=cast.contact.id, name="x", token_hash=b"x" * 32, scope=f"group-{one.id}", created_at=clock.now())
    session.add(feed)
    await session.flush()
    session.add(Reading(feed_id=feed.id, program="outlook", agent="", read_at=clock.now(), status=200, events=1))
    await session.flush()
    assert [await subscribers(session, each) for each in meetings] == [{cast.contact.person_id}, set(), set()]
    assert [{each.person_id for each in await readers(session, meeting)} for meeting in meetings] == [
        {cast.contact.person_id},
        set(),
        set(),
    ]


async def test_of_ones_own_feed_a_late_change_is_told_to_those_in_the_group(cast: Cast, session):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact)
    meeting = await make_meeting(session, cast.coordinator, group=group)
    await summon(session, meeting, by=cast.coordinator)
    for number, member in enumerate((cast.contact, cast.head, cast.reader)):
        feed = Feed(membership_id=member.id, name="x", token_hash=bytes([number]) * 32, scope="mine", created_at=clock.now())
        session.add(feed)
        await session.flush()
        session.add(Reading(feed_id=feed.id, program="google", agent="", read_at=clock.now(), status=200, events=1))
    await session.flush()
    assert {each.person_id for each in await readers(session, meeting)} == {cast.contact.person_id}
    await answer(session, meeting, by=cast.contact, answer=Answer.no)
    assert await readers(session, meeting) == []
    assert await session.scalar(select(col(Feed.id)).limit(1)) is not None

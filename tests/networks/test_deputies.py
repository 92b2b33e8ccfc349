"""Deputies: named for one's own unit, or by the coordinator for any, from a day to a day."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.db import Session
from portal.networks.models import Invitation, Membership
from tests.factories import Cast, make_member
from tests.networks.conftest import Enter, LinkTo, Town, deeds, memberships_of

DEPUTIES = "/granby/members/deputies"
NEXT_WEEK = {"starts_on": str(clock.today() + timedelta(days=7)), "ends_on": str(clock.today() + timedelta(days=14))}
TODAY = {"starts_on": str(clock.today()), "ends_on": str(clock.today() + timedelta(days=7))}


async def deputies_of(session: Session, member: Membership) -> list[tuple[int | None, date, date | None]]:
    found = await memberships_of(session, member.person.email or "")
    return [(each.unit_id, each.starts_on, each.ends_on) for each in found if each.role == "deputy"]


async def test_a_contact_names_a_member_for_her_own_unit_and_for_no_other(cast: Cast, browser: Enter, session: Session) -> None:
    contact = await browser(cast.contact)
    assert "för Bildning" in (await contact.get(f"{DEPUTIES}/new")).text
    named = await contact.post(DEPUTIES, {"member_id": str(cast.reader.id), "unit_id": str(cast.housing.id), **TODAY})
    assert named.headers["location"] == "/granby/members"
    assert await deputies_of(session, cast.reader) == [(cast.school.id, clock.today(), clock.today() + timedelta(days=7))]
    directory = (await contact.get("/granby/members")).text
    assert directory.count("Sirkka Laine") >= 2
    assert "till och med" in directory


async def test_a_deputy_writes_while_the_days_last(cast: Cast, browser: Enter) -> None:
    await (await browser(cast.contact)).post(DEPUTIES, {"member_id": str(cast.reader.id), **NEXT_WEEK})
    reader = await browser(cast.reader)
    assert (await reader.get(f"{DEPUTIES}/new")).status_code == 403
    with clock.fixed(clock.now() + timedelta(days=8)):
        assert (await reader.get(f"{DEPUTIES}/new")).status_code == 200
    with clock.fixed(clock.now() + timedelta(days=16)):
        assert (await reader.get(f"{DEPUTIES}/new")).status_code == 403


async def test_the_coordinator_names_for_any_unit(town: Town, browser: Enter, session: Session) -> None:
    coordinator = await browser(town.cast.coordinator)
    assert "Välj enhet" in (await coordinator.get(f"{DEPUTIES}/new")).text
    assert (await coordinator.post(DEPUTIES, {"member_id": str(town.cast.reader.id), **TODAY})).status_code == 422
    await coordinator.post(DEPUTIES, {"member_id": str(town.cast.reader.id), "unit_id": str(town.vacant.id), **TODAY})
    assert [unit_id for unit_id, *_days in await deputies_of(session, town.cast.reader)] == [town.vacant.id]


async def test_somebody_new_gets_an_invitation_for_those_days(
    cast: Cast, browser: Enter, session: Session, link_to: LinkTo, fresh_email: str
) -> None:
    asked = await (await browser(cast.contact)).post(
        DEPUTIES, {"name": "Vik Arie", "email": fresh_email, "role": "coordinator", **NEXT_WEEK}
    )
    assert asked.headers["location"] == "/granby/members"
    assert (await link_to(fresh_email)).startswith("/invitations/")
    (invitation,) = await session.scalars(select(Invitation))
    assert (invitation.role, invitation.unit_id, str(invitation.starts_on), str(invitation.ends_on)) == (
        "deputy",
        cast.school.id,
        *NEXT_WEEK.values(),
    )
    assert await memberships_of(session, fresh_email) == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"member_id": ""}, "Välj någon i nätverket, eller skriv namn och e-postadress till någon annan."),
        ({"member_id": "", "email": "vik@example.se"}, "Skriv personens namn."),
        ({"member_id": "{contact}"}, "Välj någon som inte redan svarar för enheten."),
        ({"member_id": "{guest}"}, "Välj någon som inte redan svarar för enheten."),
        ({"member_id": "{outsider}"}, "Välj någon som inte redan svarar för enheten."),
        ({"ends_on": "2020-01-01"}, "Sista dagen kan inte ligga före den första."),
        ({"starts_on": "2020-01-01", "ends_on": "2020-02-01"}, "Sista dagen har redan varit."),
        ({"starts_on": "snart"}, "Skriv datumet så här: 2026-12-13."),
        ({"starts_on": ""}, "Välj den första dagen."),
        ({"ends_on": "9999-12-31"}, "Året ska ligga mellan 2000 och 2099."),
    ],
)
async def test_a_mistake_is_shown_beside_the_field(
    changed: dict[str, str], sentence: str, cast: Cast, browser: Enter, session: Session
) -> None:
    people = {"contact": cast.contact.id, "guest": cast.guest.id, "outsider": cast.outsider.id}
    data = {"member_id": str(cast.reader.id), **TODAY} | {name: value.format(**people) for name, value in changed.items()}
    answer = await (await browser(cast.contact)).post(DEPUTIES, data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert await deeds(session, cast) == []


async def test_nobody_is_deputy_twice_in_the_same_days(cast: Cast, browser: Enter, session: Session) -> None:
    contact = await browser(cast.contact)
    data = {"member_id": str(cast.reader.id), **TODAY}
    assert (await contact.post(DEPUTIES, data)).status_code == 303
    assert "svarar redan för enheten under de dagarna" in (await contact.post(DEPUTIES, data)).text
    assert len(await deputies_of(session, cast.reader)) == 1


async def test_nobody_is_made_deputy_twice_in_the_same_days_by_another_door(cast: Cast, browser: Enter, session: Session) -> None:
    contact, coordinator = await browser(cast.contact), await browser(cast.coordinator)
    for days in (TODAY, {"starts_on": str(clock.today() + timedelta(days=8)), "ends_on": str(clock.today() + timedelta(days=14))}):
        assert (await contact.post(DEPUTIES, {"member_id": str(cast.reader.id), **days})).status_code == 303
    now, later = await deputies_of(session, cast.reader)
    first, second = [each for each in await memberships_of(session, cast.reader.person.email or "") if each.role == "deputy"]
    seat = {"role": "deputy", "unit_id": str(cast.school.id), "title": ""}
    members = "/granby/administer/members"
    earlier = await coordinator.post(f"{members}/{second.id}", seat | {"starts_on": str(now[2])})
    longer = await coordinator.post(f"{members}/{first.id}/ending", {"ends_on": str(later[1])})
    as_well = await coordinator.post(f"{members}/{cast.reader.id}", seat | {"starts_on": str(clock.today())})
    for refused in (earlier, longer, as_well):
        assert refused.status_code == 422
        assert "svarar redan för enheten under de dagarna" in refused.text
    assert await deputies_of(session, cast.reader) == [now, later]
    assert (await coordinator.post(f"{members}/{first.id}", seat | {"title": "Vikarie"})).status_code == 303
    assert (
        await coordinator.post(f"{members}/{second.id}/ending", {"ends_on": str(clock.today() + timedelta(days=20))})
    ).status_code == 303


async def test_who_named_a_deputy_ends_it_and_others_cannot(cast: Cast, browser: Enter, session: Session) -> None:
    contact, head = await browser(cast.contact), await browser(cast.head)
    await contact.post(DEPUTIES, {"member_id": str(cast.reader.id), **TODAY})
    (deputy,) = [each for each in await memberships_of(session, cast.reader.person.email or "") if each.role == "deputy"]
    path = f"{DEPUTIES}/{deputy.id}/ending"
    assert (await head.post(path)).status_code == 403
    assert (await contact.post(f"{DEPUTIES}/{cast.reader.id}/ending")).status_code == 404
    assert (await contact.post(path)).headers["location"] == "/granby/members"
    assert "Sirkka Laine är inte längre ersättare." in (await contact.get("/granby/members")).text
    again = await contact.post(path)
    assert again.status_code == 409
    assert "redan avslutat" in again.text
    assert (await (await browser(cast.reader)).get(f"{DEPUTIES}/new")).status_code == 403


async def test_a_member_without_a_unit_names_nobody(cast: Cast, browser: Enter, session: Session) -> None:
    lonely = await make_member(session, cast.network, "Lina Lös", "contact")
    await session.commit()
    answer = await (await browser(lonely)).post(DEPUTIES, {"member_id": str(cast.reader.id), **TODAY})
    assert answer.status_code == 403
    assert await deputies_of(session, cast.reader) == []

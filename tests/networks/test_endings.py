"""A membership that ends on a day to come, and one that begins then."""

import json
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlmodel import col

from portal import clock
from portal.clock import STOCKHOLM
from portal.db import Session
from portal.jobs import TemporaryError
from portal.networks import endings
from portal.networks.models import Invitation, Membership
from portal.records.models import Record
from tests.factories import Cast, make_member
from tests.networks.conftest import Enter, deeds

MEMBERS = "/granby/administer/members"


def later(days: int) -> date:
    return clock.today() + timedelta(days=days)


async def put(browser: Enter, cast: Cast, **form: object) -> Any:
    return await (await browser(cast.coordinator)).post(
        f"{MEMBERS}/{cast.contact.id}/ending", {name: str(value) for name, value in form.items()}
    )


async def jobs(session: Session) -> list[tuple[str, datetime]]:
    found = await session.execute(
        text("SELECT convert_from(payload, 'UTF8') AS told, execute_after FROM pgqueuer WHERE entrypoint = 'ending'")
    )
    return [(each.told, each.execute_after) for each in found]


async def test_she_is_in_through_her_last_day_and_then_what_is_open_goes_over(
    cast: Cast, browser: Enter, session: Session, portal: Any
) -> None:
    vera = await make_member(session, cast.network, "Vera Vik", "contact", unit=cast.school, starts_on=later(4))
    await session.commit()
    maja = await browser(cast.contact)
    await maja.post("/granby/findings/draft", {"title": "Ofärdig tanke"})
    assert (await put(browser, cast, ends_on=later(3), successor_id=vera.id)).headers["location"] == MEMBERS
    ingela = await browser(cast.coordinator)
    shown = (await ingela.get(f"{MEMBERS}/{cast.contact.id}")).text
    assert ("Vera Vik" in shown, "Ta tillbaka avslutet" in shown) == (True, True)
    assert (await maja.get("/granby/findings/new")).status_code == 200
    [(told, at)] = await jobs(session)
    assert abs(at - datetime.combine(later(4), time(), STOCKHOLM)) < timedelta(minutes=1)
    planned = json.loads(told)
    with pytest.raises(TemporaryError):  # a moment too early, by this clock; it comes back
        await endings.end(portal.sessions, planned)
    await endings.end(portal.sessions, planned | {"day": later(2).isoformat()})  # another day was planned since
    assert await owners(session) == [cast.contact.person_id]
    with clock.fixed(clock.now() + timedelta(days=4)):
        assert (await (await browser(cast.contact)).get("/granby/findings/new")).status_code == 404
        for _again in range(2):
            await endings.end(portal.sessions, planned)
        assert await owners(session) == [vera.person_id]
    assert await deeds(session, cast) == ["member.ending"]


@pytest.mark.parametrize("meanwhile", [{"role": "guest"}, {"ends_on": later(2)}], ids=["is a guest now", "has left, too"])
async def test_who_cannot_take_over_any_more_gets_nothing(
    meanwhile: dict[str, Any], cast: Cast, browser: Enter, session: Session, portal: Any
) -> None:
    vera = await make_member(session, cast.network, "Vera Vik", "contact", unit=cast.school)
    await session.commit()
    await (await browser(cast.contact)).post("/granby/findings/draft", {"title": "Ofärdig tanke"})
    assert (await put(browser, cast, ends_on=later(3), successor_id=vera.id)).headers["location"] == MEMBERS
    [(told, _at)] = await jobs(session)
    await session.execute(update(Membership).where(col(Membership.id) == vera.id).values(meanwhile))
    await session.commit()
    with clock.fixed(clock.now() + timedelta(days=4)):
        await endings.end(portal.sessions, json.loads(told))
    assert await owners(session) == [cast.contact.person_id]


async def owners(session: Session) -> list[int]:
    return list(await session.scalars(select(col(Record.created_by_id)).where(col(Record.kind) == "finding")))


@pytest.mark.parametrize(
    ("days", "who", "sentence"),
    [
        (-1, "", "Sista dagen har redan varit."),
        (3, "guest", "Välj ett av alternativen."),
        (3, "contact", "Välj ett av alternativen."),
        (3, "leaving", "Välj ett av alternativen."),
    ],
    ids=["a day that has been", "to a guest", "to herself", "to who leaves too"],
)
async def test_a_last_day_that_cannot_be_says_why(days: int, who: str, sentence: str, cast: Cast, browser: Enter, session: Session) -> None:
    leaving = await make_member(session, cast.network, "Vera Vik", "contact", unit=cast.school, ends_on=later(3))
    await session.commit()
    successor = {"": "", "leaving": leaving.id}.get(who) if who in ("", "leaving") else cast.everyone[who].id
    refused = await put(browser, cast, ends_on=later(days), successor_id=successor)
    assert (refused.status_code, sentence in refused.text) == (422, True)
    assert await ends(session, cast.contact) is None


async def ends(session: Session, member: Membership) -> date | None:
    return await session.scalar(select(col(Membership.ends_on)).where(col(Membership.id) == member.id))


async def test_it_is_taken_back_and_an_end_at_once_needs_no_day(cast: Cast, browser: Enter, session: Session) -> None:
    ingela, path = await browser(cast.coordinator), f"{MEMBERS}/{cast.contact.id}/ending"
    assert (await ingela.post(f"{path}/withdrawal")).status_code == 409
    await put(browser, cast, ends_on=later(3), successor_id=cast.head.id)
    assert f'value="{later(3).isoformat()}"' in (await ingela.get(path)).text
    assert (await ingela.post(f"{path}/withdrawal")).status_code == 303
    assert await ends(session, cast.contact) is None
    await put(browser, cast, ends_on=clock.today())
    assert await ends(session, cast.contact) == clock.today()
    await put(browser, cast)
    assert await ends(session, cast.contact) == later(-1)
    assert (await (await browser(cast.contact)).post(f"{path}/withdrawal")).status_code == 404


async def test_a_coordinator_who_sets_her_own_last_day_is_still_there(cast: Cast, browser: Enter, session: Session) -> None:
    await make_member(session, cast.network, "Vera Vik", "coordinator")
    await session.commit()
    ingela = await browser(cast.coordinator)
    answer = await ingela.post(f"{MEMBERS}/{cast.coordinator.id}/ending", {"ends_on": later(3).isoformat()})
    assert answer.headers["location"] == MEMBERS
    assert (await ingela.get(MEMBERS)).status_code == 200


async def test_the_last_coordinator_sets_no_last_day(cast: Cast, browser: Enter, session: Session) -> None:
    refused = await (await browser(cast.coordinator)).post(f"{MEMBERS}/{cast.coordinator.id}/ending", {"ends_on": later(3).isoformat()})
    assert (refused.status_code, await ends(session, cast.coordinator)) == (409, None)


async def test_somebody_is_invited_for_days_to_come(cast: Cast, browser: Enter, session: Session) -> None:
    ingela = await browser(cast.coordinator)
    form = {"name": "Nils Ny", "email": "nils@example.se", "role": "contact", "unit_id": str(cast.school.id)}
    wrong = await ingela.post("/granby/administer/invitations", form | {"starts_on": later(9).isoformat(), "ends_on": later(8).isoformat()})
    assert (wrong.status_code, "Sista dagen kan inte ligga före den första." in wrong.text) == (422, True)
    made = await ingela.post("/granby/administer/invitations", form | {"starts_on": later(9).isoformat(), "ends_on": later(99).isoformat()})
    assert made.status_code == 303
    invitation = (await session.scalars(select(Invitation))).one()
    assert (invitation.starts_on, invitation.ends_on) == (later(9), later(99))

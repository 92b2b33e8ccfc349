"""Another e-mail address: whoever holds the new mailbox and the sign-in changes it, and nobody else."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.accounts import actions
from portal.accounts.models import Attempt, Person
from portal.activity.models import Activity
from portal.db import Session
from portal.networks.models import Invitation, Membership
from tests.accounts.conftest import Letter, is_signed_in, other_than, sign_in
from tests.accounts.test_code import REFUSAL, without_marks
from tests.browser import Browser
from tests.factories import Cast

Enter = Callable[[Membership], Awaitable[Browser]]
NEW = "asta.ny@example.se"


async def ask(browser: Browser, letter: Letter, email: str = NEW, *, number: int = 1) -> str:
    """Ask for a code at the new address and read it there."""
    answer = await browser.post("/me/address/code-request", {"email": email})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/address/code")
    return "".join(each for each in (await letter(email, number=number)).splitlines()[0] if each.isdigit())


async def test_a_code_in_the_new_mailbox_changes_the_address(
    visitor: Browser, other_visitor: Browser, someone: Person, letter: Letter, session: Session
) -> None:
    before = someone.email
    await sign_in(session, other_visitor, someone)
    await sign_in(session, visitor, someone)
    code = await ask(visitor, letter, NEW.capitalize())
    await session.refresh(someone)
    assert someone.email == before
    assert NEW in (await visitor.get("/me/address/code")).text
    answer = await visitor.post("/me/address/code", {"code": code})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    await session.refresh(someone)
    assert someone.email == NEW
    assert "bytt e-postadress" in await letter(before)
    assert (await is_signed_in(visitor, someone), await is_signed_in(other_visitor, someone)) == (True, False)
    assert (await visitor.post("/me/address/code", {"code": code})).status_code == 422


async def test_an_address_in_use_is_told_to_its_owner_alone(
    visitor: Browser, other_visitor: Browser, someone: Person, letter: Letter, session: Session
) -> None:
    owner = await actions.add_person(session, name="Bo Ägare", email="bo.agare@example.se", locale="en")
    other = await actions.add_person(session, name="Asta Ny", email="asta.annan@example.se")
    await sign_in(session, visitor, someone)
    await sign_in(session, other_visitor, other)
    taken = await visitor.post("/me/address/code-request", {"email": owner.email})
    free = await other_visitor.post("/me/address/code-request", {"email": "ingen@example.se"})
    assert (taken.status_code, taken.headers["location"]) == (free.status_code, free.headers["location"])
    assert await letter("ingen@example.se")
    told = await letter(owner.email)
    assert ("belongs to your account" in told, any(each.isdigit() for each in told)) == (True, False)
    for browser in (visitor, other_visitor):
        assert (await browser.post("/me/address/code", {"code": "12345x"})).status_code == 422
    pages = [without_marks((await each.get("/me/address/code")).text).partition("<main")[2] for each in (visitor, other_visitor)]
    assert pages[0] == pages[1] != ""
    await session.refresh(someone)
    assert someone.email != owner.email


async def test_a_code_is_good_for_the_sign_in_that_asked_for_it(
    visitor: Browser, other_visitor: Browser, someone: Person, letter: Letter, session: Session
) -> None:
    token = await sign_in(session, visitor, someone)
    await sign_in(session, other_visitor, someone)
    code = await ask(visitor, letter)
    assert REFUSAL in (await other_visitor.post("/me/address/code", {"code": code})).text
    other = await actions.add_person(session, name="Bo Annan", email="bo.annan@example.se")
    await sign_in(session, visitor, other)  # in the browser in which the code was asked for
    assert NEW not in (await visitor.get("/me/address/code")).text
    assert (await visitor.post("/me/address/code", {"code": code})).status_code == 422
    assert (await visitor.post("/sign-in/code", {"code": code})).status_code == 422  # nor does it sign anybody in
    visitor.client.cookies.set("sid", token, domain="127.0.0.1")
    assert (await visitor.post("/me/address/code", {"code": code})).status_code == 303


@pytest.mark.parametrize(("wrong_tries", "status"), [(4, 303), (5, 422)])
async def test_a_code_takes_five_tries(
    wrong_tries: int, status: int, visitor: Browser, someone: Person, letter: Letter, session: Session
) -> None:
    await sign_in(session, visitor, someone)
    code = await ask(visitor, letter)
    for _try in range(wrong_tries):
        assert (await visitor.post("/me/address/code", {"code": other_than(code)})).status_code == 422
    assert (await visitor.post("/me/address/code", {"code": code})).status_code == status


async def test_ten_addresses_an_hour_are_enough_for_anybody(visitor: Browser, someone: Person, session: Session) -> None:
    await sign_in(session, visitor, someone)
    session.add_all(Attempt(bucket=f"addresses:{someone.id}", at=clock.now()) for _ in range(9))
    await session.commit()
    assert (await visitor.post("/me/address/code-request", {"email": "tionde@example.se"})).status_code == 303
    assert (await visitor.post("/me/address/code-request", {"email": "elfte@example.se"})).status_code == 429


async def test_what_is_no_other_address_is_shown_again_with_the_error(visitor: Browser, someone: Person, session: Session) -> None:
    await sign_in(session, visitor, someone)
    for typed, said in (("asta", "Skriv en e-postadress"), (str(someone.email).upper(), "Det är den adress du har nu.")):
        answer = await visitor.post("/me/address/code-request", {"email": typed})
        assert (answer.status_code, 'id="f-email-error"' in answer.text, said in answer.text) == (422, True, True)


async def test_an_address_that_somebody_has_come_to_have_is_refused(
    visitor: Browser, someone: Person, letter: Letter, session: Session
) -> None:
    before = someone.email
    await sign_in(session, visitor, someone)
    code = await ask(visitor, letter)
    await actions.add_person(session, name="Bo Före", email=NEW)
    await session.commit()
    assert (await visitor.post("/me/address/code", {"code": code})).status_code == 409
    await session.refresh(someone)
    assert someone.email == before


async def test_nothing_that_went_to_the_old_address_is_good_any_more(
    cast: Cast, visitor: Browser, letter: Letter, session: Session, browser: Enter
) -> None:
    before = cast.contact.person.email
    invited = {"name": "Maja Lindqvist", "email": before, "role": "reader", "title": "", "unit_id": str(cast.housing.id)}
    assert (await (await browser(cast.coordinator)).post("/granby/administer/invitations", invited)).status_code == 303
    await letter(before)
    await visitor.post("/sign-in/code-request", {"email": before})
    old_code = "".join(each for each in (await letter(before, number=2)).splitlines()[0] if each.isdigit())
    maja = await browser(cast.contact)
    assert (await maja.post("/me/address/code", {"code": await ask(maja, letter)})).status_code == 303
    assert (await visitor.post("/sign-in/code", {"code": old_code})).status_code == 422
    assert [each.withdrawn_at is not None for each in await session.scalars(select(Invitation))] == [True]
    wanted = select(Activity.verb).where(col(Activity.actor_id) == cast.contact.person_id).order_by(col(Activity.id))
    assert list(await session.scalars(wanted)) == ["invitation.withdrawn", "member.moved"]
    log = (await (await browser(cast.coordinator)).get("/granby/administer/log")).text
    assert ("Maja Lindqvist</a> bytte e-postadress" in log or "Maja Lindqvist bytte e-postadress" in log, NEW in log) == (True, False)

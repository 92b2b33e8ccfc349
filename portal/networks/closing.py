"""Closing one's own account: every membership ends as all others do, and nobody signs in with it again."""

from collections.abc import Sequence
from typing import Any, Protocol

from litestar import Request, Response, get, post
from sqlalchemy import select, update
from sqlmodel import col

from portal import clock
from portal.accounts import actions as accounts
from portal.accounts.entrance import bid_farewell
from portal.accounts.models import Person
from portal.db import Session, Table, lock_name
from portal.networks import words
from portal.networks.members import is_last_coordinator, leave
from portal.networks.models import Invitation, Membership
from portal.networks.queries import WHOLE
from portal.web import Form, _, _l, page, read

AnyRequest = Request[Any, Any, Any]


class Forget(Protocol):
    """Delete what the person has begun and never sent, in the same transaction."""

    async def __call__(self, session: Session, person_id: int) -> None: ...


# What is begun stands in rooms above; portal/rooms.py fills the list.
FORGOTTEN: list[Forget] = []


class ClosingForm(Table):
    sure: bool = False


@get("/me/closing")
async def ask_before_closing(request: AnyRequest, person: Person, session: Session) -> Response[bytes]:
    """What goes and what stays when the account is closed."""
    return await _ask(request, session, person, Form())


@post("/me/closing")
async def close(request: AnyRequest, person: Person, session: Session) -> Response[Any]:
    form = await read(request, ClosingForm)
    if form.ok and not form.data.sure:
        form.errors["sure"] = _("Kryssa i rutan om du vill stänga kontot.")
    if not form.ok:
        return await _ask(request, session, person, form)
    await close_account(session, person)
    return bid_farewell(request, _l("Ditt konto är stängt."))


async def _ask(request: AnyRequest, session: Session, person: Person, form: Form[ClosingForm]) -> Response[bytes]:
    mine = await seats(session, person)
    alone = [each for each in mine if await is_last_coordinator(session, each)]
    return page(request, "networks/closing.html", status=form.status, form=form, seats=mine, alone=alone, words=words)


async def close_account(session: Session, person: Person) -> None:
    """The person is out everywhere from this moment. Conflict while a network would be left without a coordinator."""
    await lock_name(session, f"person:{person.email}")
    for seat in await seats(session, person):
        await leave(session, seat)
    for forgotten in FORGOTTEN:
        await forgotten(session, person.id)
    taken = (col(Invitation.email) == person.email, col(Invitation.accepted_at).is_not(None))
    await session.execute(update(Invitation).where(*taken).values(email=""))
    await accounts.close(session, person=person)


async def seats(session: Session, person: Person) -> Sequence[Membership]:
    """Every membership that lasts or is to come, in the order in which their networks are locked."""
    ends = col(Membership.ends_on)
    theirs = (col(Membership.person_id) == person.id, ends.is_(None) | (ends >= clock.today()) & (ends >= col(Membership.starts_on)))
    found = await session.scalars(
        select(Membership).options(*WHOLE).where(*theirs).order_by(col(Membership.network_id), col(Membership.id))
    )
    return found.unique().all()


HANDLERS = [ask_before_closing, close]

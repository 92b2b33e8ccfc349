"""The door that an invitation opens: looking changes nothing, one button makes one a member."""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from sqlmodel import Field

from portal import clock
from portal.accounts.entrance import enter
from portal.accounts.models import Person
from portal.accounts.queries import person_by_email
from portal.db import Session, Table
from portal.fields import Line
from portal.networks import invitations, words
from portal.networks.models import Invitation
from portal.web import Forbidden, Form, _, _l, current_locale, page, read, redirect
from portal.words import date_long

AnyRequest = Request[Any, Any, Any]


class JoinForm(Table):
    name: Annotated[Line, Field(max_length=100)] = ""
    trusted: bool = False


@get("/invitations/{token:str}")
async def show(token: str, request: AnyRequest, visitor_person: Person | None, session: Session) -> Response[bytes]:
    """Who asks whom to what. Unknown, used, expired and withdrawn links show one and the same page."""
    return await _show(request, session, token, visitor_person, Form())


async def _show(request: AnyRequest, session: Session, token: str, visitor: Person | None, form: Form[JoinForm]) -> Response[bytes]:
    invitation, network, unit = await invitations.invitation_for(session, token)
    return page(
        request,
        "networks/invitation.html",
        status=422 if form.errors else 200,
        invitation=invitation,
        to=network,
        unit=unit,
        inviter=await session.get_one(Person, invitation.invited_by_id),
        is_known=await person_by_email(session, invitation.email) is not None,
        is_you=_is_for(invitation, visitor),
        form=Form(values={"name": invitation.name} | form.values, errors=form.errors),
        words=words,
    )


@post("/invitations/{token:str}")
async def join(token: str, request: AnyRequest, visitor_person: Person | None, session: Session) -> Response[Any]:
    """Become a member. Somebody new is signed in; who has an account signs in first, for a forwarded link is no key to it."""
    form = await read(request, JoinForm)
    invitation, network, _unit = await invitations.hold_invitation(session, token)
    if not form.ok:
        return await _show(request, session, token, visitor_person, form)
    if visitor_person is None and await person_by_email(session, invitation.email) is not None:
        return redirect(request, f"/sign-in?next={request.url.path}")
    if visitor_person is not None and not _is_for(invitation, visitor_person):
        raise Forbidden(_l("Inbjudan är till en annan adress än den du är inloggad med. Logga ut och öppna länken igen."))
    member = await invitations.accept(session, invitation, network, name=form.data.name)
    if visitor_person is None:
        return await enter(request, session, member.person, trusted=form.data.trusted)
    if not member.lasts(clock.today()):
        day = date_long(member.starts_on, current_locale())
        return redirect(request, "/", flash=_("Du är med i %(name)s från och med %(day)s.", name=network.name, day=day))
    return redirect(request, f"/{network.slug}", flash=_("Välkommen till %(name)s.", name=network.name))


def _is_for(invitation: Invitation, visitor: Person | None) -> bool:
    return visitor is not None and visitor.email == invitation.email


HANDLERS = [show, join]

"""Invitations: who has been asked, asking somebody, asking again, taking it back."""

from typing import Any

from litestar import Request, Response, get, post

from portal.db import Session
from portal.networks import invitations, words
from portal.networks.administer.members import roles
from portal.networks.models import InviteForm, Membership
from portal.networks.queries import units
from portal.networks.wrong import shown_in
from portal.web import Form, _, identity, page, read, redirect

AnyRequest = Request[Any, Any, Any]


@get("/invitations")
async def index(request: AnyRequest, administrator: Membership, session: Session) -> Response[bytes]:
    waiting = await invitations.unanswered(session, administrator.network_id)
    names = {unit.id: unit.name for unit in await units(session, administrator.network_id, closed=True)}
    return page(request, "networks/invitations.html", invitations=waiting, units=names, words=words)


@get("/invitations/new")
async def new(request: AnyRequest, administrator: Membership, session: Session) -> Response[bytes]:
    """The form; an address may choose unit and role beforehand."""
    chosen = {name: given for name in ("unit_id", "role") if (given := request.query_params.get(name))}
    return await _form(request, administrator, session, Form(values=chosen))


async def _form(request: AnyRequest, by: Membership, session: Session, form: Form[InviteForm]) -> Response[bytes]:
    known = await units(session, by.network_id)
    return page(request, "networks/invite.html", status=422 if form.errors else 200, form=form, units=known, roles=roles(by), words=words)


@post("/invitations")
async def invite(request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    form = await read(request, InviteForm)
    address = request.app.state.settings.address
    with shown_in(form):
        if form.ok:
            await invitations.invite(session, by=administrator, form=form.data, address=address)
    if not form.ok:
        return await _form(request, administrator, session, form)
    return redirect(request, _path(administrator), flash=_("Inbjudan till %(name)s är skickad.", name=form.data.name))


@post("/invitations/{number:str}/renewal")
async def renew(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    invitation = await invitations.invitation_of(session, administrator, identity(number))
    await invitations.renew(session, invitation, by=administrator, address=request.app.state.settings.address)
    return redirect(request, _path(administrator), flash=_("En ny länk är skickad till %(name)s.", name=invitation.name))


@post("/invitations/{number:str}/withdrawal")
async def withdraw(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    invitation = await invitations.invitation_of(session, administrator, identity(number))
    await invitations.withdraw(session, invitation, by=administrator)
    return redirect(request, _path(administrator), flash=_("Inbjudan till %(name)s gäller inte längre.", name=invitation.name))


def _path(by: Membership) -> str:
    return f"/{by.network.slug}/administer/invitations"


HANDLERS = [index, new, invite, renew, withdraw]

"""The first page of the administration: what there is, and what is missing; the network's settings and words."""

from typing import Any

from litestar import Request, Response, get, post

from portal.db import Session
from portal.networks import actions, words
from portal.networks.models import Membership, NetworkForm
from portal.networks.queries import board_days, boards, directory, members, themes, waiting_invitations
from portal.networks.wrong import shown_in
from portal.web import Form, _, held_in, page, read, redirect

AnyRequest = Request[Any, Any, Any]


@get("/")
async def overview(request: AnyRequest, administrator: Membership, session: Session) -> Response[bytes]:
    """Where everything is, with what needs a hand first."""
    network_id = administrator.network_id
    return page(
        request,
        "networks/administer.html",
        desks=await directory(session, network_id),
        members=await members(session, network_id),
        invitations=await waiting_invitations(session, network_id),
        themes=await themes(session, network_id),
        boards=await boards(session, network_id),
        days=await board_days(session, network_id),
        words=words,
    )


@get("/settings")
async def settings(request: AnyRequest, administrator: Membership) -> Response[bytes]:
    form = Form[NetworkForm].filled(held_in(administrator.network, NetworkForm))
    return page(request, "networks/settings.html", form=form)


@post("/settings")
async def change_settings(request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    form = await read(request, NetworkForm)
    with shown_in(form):
        if form.ok:
            await actions.change_settings(session, by=administrator, form=form.data, version=form.version)
    if not form.ok:
        return page(request, "networks/settings.html", status=form.status, form=form)
    return redirect(request, f"/{administrator.network.slug}/administer", flash=_("Inställningarna är sparade."))


HANDLERS = [overview, settings, change_settings]

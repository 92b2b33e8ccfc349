"""The backlog: what members propose for an agenda, and what becomes of it."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal.db import Session
from portal.meetings import proposals, queries
from portal.meetings.agenda_models import DecliningForm, ProposalForm, TakingForm
from portal.meetings.record_page import GOALS
from portal.networks.models import Membership
from portal.networks.queries import require
from portal.web import Forbidden, Form, _, identity, page, read, redirect

AnyRequest = Request[Any, Any, Any]
LONGEST_TITLE = 200


@get("/meetings/proposals")
async def index(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """What waits, and what was answered lately; an address may bring a title to propose."""
    title = "".join(each for each in request.query_params.get("title", "")[:LONGEST_TITLE] if each.isprintable())
    return await _index(request, session, membership, Form(values={"title": title}))


@post("/meetings/proposals")
async def propose(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    require(membership, "agenda:propose")
    form = await read(request, ProposalForm)
    if not form.ok:
        return await _index(request, session, membership, form)
    await proposals.propose(session, by=membership, form=form.data)
    return _back(request, membership, _("Ditt förslag väntar på den som samordnar."))


@post("/meetings/proposals/{proposal:str}/taking")
async def take(proposal: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """Onto the agenda of a meeting."""
    found = await proposals.one(session, membership, identity(proposal))
    require(membership, "meeting:plan")
    form = await read(request, TakingForm)
    meeting = await queries.meeting(session, membership, form.data.meeting_id)
    await proposals.take(session, found, meeting, by=membership)
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}#agenda", flash=_("Förslaget står nu sist på dagordningen."))


@get("/meetings/proposals/{proposal:str}/declining")
async def declining_form(proposal: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    found = await proposals.one(session, membership, identity(proposal))
    require(membership, "meeting:plan")
    return page(request, "meetings/declining.html", form=Form(), proposal=found)


@post("/meetings/proposals/{proposal:str}/declining")
async def decline(proposal: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    found = await proposals.one(session, membership, identity(proposal))
    require(membership, "meeting:plan")
    form = await read(request, DecliningForm)
    if not form.ok:
        return page(request, "meetings/declining.html", status=form.status, form=form, proposal=found)
    await proposals.decline(session, found, by=membership, form=form.data)
    return _back(request, membership, _("Förslaget är besvarat."))


@post("/meetings/proposals/{proposal:str}/withdrawal")
async def withdraw(proposal: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    await proposals.withdraw(session, await proposals.one(session, membership, identity(proposal)), by=membership)
    return _back(request, membership, _("Förslaget är tillbakadraget."))


async def _index(request: AnyRequest, session: Session, membership: Membership, form: Form[Any]) -> Response[bytes]:
    if membership.is_guest:
        raise Forbidden
    coming = [each for each in await queries.coming(session, membership) if each.is_open]
    return page(
        request,
        "meetings/proposals.html",
        status=form.status,
        form=form,
        backlog=await proposals.backlog(session, membership.network_id),
        answered=await proposals.answered(session, membership.network_id),
        coming=coming,
        goals=GOALS,
    )


def _back(request: AnyRequest, membership: Membership, flash: str) -> Response[Any]:
    return redirect(request, f"/{membership.network.slug}/meetings/proposals", flash=flash)


router = Router(path="/{network:str}", route_handlers=[index, propose, take, declining_form, decline, withdraw])

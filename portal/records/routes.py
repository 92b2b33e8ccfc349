"""What every record's page leads to: its history, and sharing it with guests."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal.db import Session
from portal.networks.log import read_log
from portal.networks.models import Membership
from portal.networks.queries import member, members
from portal.records import actions, queries
from portal.records.models import Record
from portal.web import Forbidden, _, identity, page, read_fields, redirect
from portal.web.forms import number_in

AnyRequest = Request[Any, Any, Any]
MOST_TITLES = 50


@get("/records/{number:str}/shares")
async def shares(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """Who outside the circle of members may read this record."""
    record = await _shared_by(session, membership, number)
    guests = [each for each in await members(session, membership.network_id) if each.is_guest]
    shared = set(await queries.guests_of(session, record))
    return page(request, "records/shares.html", record=record, guests=guests, shared=shared)


@post("/records/{number:str}/shares")
async def share(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    record = await _shared_by(session, membership, number)
    fields = await read_fields(request)
    guest = await member(session, membership, identity(fields.get("guest", "")))
    await actions.share(session, record, by=membership, guest=guest)
    flash = _("%(name)s kan läsa detta nu.", name=guest.person.name)
    return redirect(request, f"/{membership.network.slug}/records/{record.id}/shares", flash=flash)


@post("/records/{number:str}/shares/{guest:str}/ending")
async def unshare(number: str, guest: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    record = await _shared_by(session, membership, number)
    shown = await member(session, membership, identity(guest))
    await actions.unshare(session, record, by=membership, guest=shown)
    flash = _("%(name)s kan inte läsa detta längre.", name=shown.person.name)
    return redirect(request, f"/{membership.network.slug}/records/{record.id}/shares", flash=flash)


@get("/records/{number:str}/history")
async def history(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """Who has done what with this record, the latest first."""
    record = await queries.get(session, membership, identity(number))
    if not membership.can("network:read"):
        raise Forbidden
    log = await read_log(session, membership, record_id=record.id, before=number_in(request.query_params, "before"))
    return page(request, "records/history.html", record=record, log=log)


@get("/records/titles")
async def titles(request: AnyRequest, membership: Membership, session: Session) -> Response[dict[str, str]]:
    """What records are called whose addresses stand in a text, by path: those that this member may read, and no word of others."""
    asked = request.query_params.getall("paths", [])[:MOST_TITLES]
    return Response(await queries.titles_at(session, membership, asked))


async def _shared_by(session: Session, membership: Membership, number: str) -> Record:
    """The record, for who may share it: nobody else learns which members there are."""
    record = await queries.get(session, membership, identity(number))
    if not membership.can("record:share"):
        raise Forbidden
    return record


router = Router(path="/{network:str}", route_handlers=[titles, history, shares, share, unshare])

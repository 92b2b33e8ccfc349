"""The page about one's calendar, and the feed itself, which needs no sign-in but its secret address."""

import secrets
from typing import Any

from litestar import Request, Response, Router, get, post

from portal import ical
from portal.accounts import limits
from portal.calendar import actions, queries
from portal.calendar.models import FeedForm
from portal.db import Session
from portal.networks.models import Membership
from portal.web import Forbidden, Form, NotFound, _, identity, page, read, read_fields, redirect

AnyRequest = Request[Any, Any, Any]
SUFFIX = ".ics"


@get("/calendar")
async def index(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """One's addresses, and how to subscribe in each program."""
    return await _page(request, membership, session, Form())


async def _page(
    request: AnyRequest, membership: Membership, session: Session, form: Form[Any], *, status: int = 200, token: str | None = None
) -> Response[bytes]:
    if not membership.can("feed:create"):
        raise Forbidden
    address = f"{request.app.state.settings.address}/calendar/{token}{SUFFIX}" if token else None
    return page(request, "calendar/index.html", status=status, feeds=await queries.feeds(session, membership), form=form, address=address)


@post("/calendar/feeds")
async def make(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """The new address is on this page and never shown again."""
    form = await read(request, FeedForm)
    if not form.ok:
        return await _page(request, membership, session, form, status=422)
    token = await actions.make(session, by=membership, form=form.data, token=await _token(request, membership))
    return await _page(request, membership, session, Form(), token=token)


async def _token(request: AnyRequest, membership: Membership) -> str:
    key = (await read_fields(request)).get("once") or secrets.token_urlsafe(32)
    return actions.token_of(request.app.state.frame.key, membership, form=f"{request.url.path}:{key}")


@post("/calendar/feeds/{number:str}/renewal")
async def renew(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """The same feed under a new address; the old one stops working."""
    old = await queries.feed(session, membership, identity(number), ended=True)
    token = await actions.renew(session, old, by=membership, token=await _token(request, membership))
    return await _page(request, membership, session, Form(), token=token)


@post("/calendar/feeds/{number:str}/ending")
async def end(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    await actions.end(session, await queries.feed(session, membership, identity(number)), by=membership)
    return redirect(request, f"/{membership.network.slug}/calendar", flash=_("Kalenderlänken fungerar inte längre."))


@get("/calendar/{file:str}")
async def serve(file: str, request: AnyRequest, session: Session) -> Response[bytes]:
    """The feed. No cookie and no other header decides anything; unknown and ended addresses are alike, to the byte."""
    try:
        feed = await queries.polled(session, file.removesuffix(SUFFIX) if file.endswith(SUFFIX) else "")
    except NotFound:
        return Response(b"404", status_code=404, media_type="text/plain", headers={"cache-control": "private, no-cache"})
    limits.count_here(session, f"feed:{feed.id}", most=120, seconds=3600)
    made = await queries.calendar(session, feed, address=request.app.state.settings.address)
    await actions.note_reading(session, feed, program=request.headers.get("user-agent", ""))
    headers = {"etag": made.etag, "cache-control": "private, no-cache"}
    given = request.headers
    if ical.not_modified(if_none_match=given.get("if-none-match"), if_modified_since=given.get("if-modified-since"), etag=made.etag):
        return Response(b"", status_code=304, headers=headers)
    return Response(made.content, media_type="text/calendar", headers=headers)


router = Router(path="/{network:str}", route_handlers=[index, make, renew, end])
public = Router(path="/", route_handlers=[serve])

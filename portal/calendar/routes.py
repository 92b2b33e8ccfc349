"""The page about one's calendar: addresses to subscribe to, how, and whether the programs really read them."""

import secrets
from typing import Any

from litestar import Request, Response, Router, get, post

from portal import clock
from portal.calendar import actions, programs, queries, words
from portal.calendar.models import Feed, FeedForm, group_in
from portal.calendar.serving import SUFFIX
from portal.calendar.subscribing import Address
from portal.db import Session
from portal.networks.groups import all_groups
from portal.networks.models import Membership
from portal.networks.queries import require
from portal.networks.wrong import shown_in
from portal.notifications.queries import choice
from portal.web import Form, _, held_in, identity, page, read, read_fields, redirect

AnyRequest = Request[Any, Any, Any]


@get("/calendar")
async def index(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """One's addresses, how to subscribe in each program, and what each program last got."""
    return await _page(request, membership, session, Form())


async def _page(
    request: AnyRequest, membership: Membership, session: Session, form: Form[Any], *, status: int = 200, token: str | None = None
) -> Response[bytes]:
    require(membership, "feed:create")
    base = f"{request.app.state.settings.address}/calendar/"
    feeds = await queries.feeds(session, membership)
    network, groups = membership.network, await all_groups(session, membership.network_id)
    return page(
        request,
        "calendar/index.html",
        status=status,
        feeds=feeds,
        readings=await queries.readings(session, feeds),
        form=form,
        address=Address(f"{base}{token}{SUFFIX}", network.name) if token else None,
        open_calendar=Address(f"{base}public/{network.slug}{SUFFIX}", network.name) if network.public_calendar else None,
        is_late=lambda reading: programs.is_late(reading.program, reading.read_at, clock.now()),
        words=words,
        groups=groups,
        scopes=words.choices([each for each in groups if each.ended_on is None]),
        chosen=(await choice(session, membership)).calendar,
    )


@post("/calendar/feeds")
async def make(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """The new address is on this page and never shown again."""
    form, token = await read(request, FeedForm), None
    with shown_in(form):
        if form.ok:
            token = await actions.make(session, by=membership, form=form.data, token=await _token(request, membership))
    if token is None:
        return await _page(request, membership, session, form, status=422)
    return await _page(request, membership, session, Form(), token=token)


async def _token(request: AnyRequest, membership: Membership) -> str:
    key = (await read_fields(request)).get("once") or secrets.token_urlsafe(32)
    return actions.token_of(request.app.state.frame.key, membership, form=f"{request.url.path}:{key}")


@get("/calendar/feeds/{number:str}")
async def edit(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """What a feed shows and when it reminds; its address stays as it is."""
    feed = await queries.feed(session, membership, identity(number))
    return await _edit(request, membership, session, feed, Form[FeedForm].filled(held_in(feed, FeedForm)))


async def _edit(request: AnyRequest, membership: Membership, session: Session, feed: Feed, form: Form[FeedForm]) -> Response[bytes]:
    groups = await all_groups(session, membership.network_id)
    scopes = words.choices([each for each in groups if each.ended_on is None or each.id == group_in(feed.scope)])
    return page(request, "calendar/feed.html", status=form.status, feed=feed, form=form, words=words, scopes=scopes)


@post("/calendar/feeds/{number:str}")
async def change(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    feed = await queries.feed(session, membership, identity(number))
    form = await read(request, FeedForm)
    with shown_in(form):
        if form.ok:
            await actions.change(session, feed, by=membership, form=form.data, version=form.version)
    if not form.ok:
        return await _edit(request, membership, session, feed, form)
    flash = _("Kalenderlänken är ändrad. Programmet ser det nästa gång det läser om.")
    return redirect(request, f"/{membership.network.slug}/calendar", flash=flash)


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


router = Router(path="/{network:str}", route_handlers=[index, make, edit, change, renew, end])

"""The calendar links of a network, for who administers it: whose they are, when they were read, and an end to one that has got astray."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import Provide

from portal.calendar import actions, queries
from portal.calendar.words import PROGRAMS, briefly
from portal.db import Session
from portal.networks.arrival import provide_administrator
from portal.networks.groups import all_groups
from portal.networks.models import Membership
from portal.web import _, identity, page, redirect

AnyRequest = Request[Any, Any, Any]


@get("/feeds")
async def index(request: AnyRequest, administrator: Membership, session: Session) -> Response[bytes]:
    feeds = await queries.feeds_in(session, administrator.network_id)
    readings, groups = await queries.readings(session, feeds), await all_groups(session, administrator.network_id)
    return page(request, "calendar/feeds.html", feeds=feeds, readings=readings, programs=PROGRAMS, briefly=briefly, groups=groups)


@post("/feeds/{number:str}/ending")
async def end(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    feed = await queries.feed_in(session, administrator.network_id, identity(number))
    await actions.end_for(session, feed, by=administrator)
    flash = _("Kalenderlänken %(feed)s fungerar inte längre för %(name)s.", feed=feed.name, name=feed.membership.person.name)
    return redirect(request, f"/{administrator.network.slug}/administer/feeds", flash=flash)


router = Router(
    path="/{network:str}/administer", route_handlers=[index, end], dependencies={"administrator": Provide(provide_administrator)}
)

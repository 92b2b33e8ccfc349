"""The room of calls for proposals."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal import clock
from portal.comments.threads import spot_in, thread
from portal.db import Session
from portal.funding import actions, queries
from portal.funding.models import CallForm, WatchedCall
from portal.networks.models import Membership
from portal.networks.wrong import shown_in
from portal.web import Forbidden, Form, _, _l, identity, is_seen, page, read, redirect

AnyRequest = Request[Any, Any, Any]
STATES = {"open": _l("Öppen"), "upcoming": _l("Öppnar senare"), "closed": _l("Stängd")}


@get("/calls")
async def index(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """The list, those that close first on top; its filter stands in the address."""
    wanted = request.query_params.get("state")
    wanted = wanted if wanted in STATES else None
    rows = await queries.calls(session, membership, state=wanted)
    return page(request, "calls/index.html", rows=rows, wanted=wanted, states=STATES)


@get("/calls/new")
async def new(request: AnyRequest, membership: Membership) -> Response[bytes]:
    if not membership.can("call:create"):
        raise Forbidden
    return _form(request, Form())


def _form(request: AnyRequest, form: Form[Any], *, status: int = 200, watched: WatchedCall | None = None) -> Response[bytes]:
    return page(request, "calls/form.html", status=status, form=form, watched=watched)


@post("/calls")
async def register(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    if not membership.can("call:create"):
        raise Forbidden
    form = await read(request, CallForm)
    if not form.ok:
        return _form(request, form, status=422)
    watched = await actions.register(session, by=membership, form=form.data)
    return redirect(request, f"/{membership.network.slug}{watched.record.path}", flash=_("Utlysningen är registrerad."))


@get("/calls/{number:str}")
async def show(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    watched = await queries.call(session, membership, identity(number))
    state, spot = watched.call.state(clock.now()), spot_in(request.query_params)
    return page(
        request,
        "calls/show.html",
        call=watched.call,
        record=watched.record,
        state=state,
        states=STATES,
        thread=await thread(session, membership, watched.record, at=spot, seen=is_seen(request), is_over=state == "closed"),
        may_edit=actions.may_edit(watched, membership) and watched.call.key is None,
    )


@get("/calls/{number:str}/edit")
async def edit_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    watched = await queries.call(session, membership, identity(number))
    if not actions.may_edit(watched, membership):
        raise Forbidden
    return _form(request, Form.filled(watched.values()), watched=watched)


@post("/calls/{number:str}")
async def edit(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    watched = await queries.call(session, membership, identity(number))
    if not actions.may_edit(watched, membership):
        raise Forbidden
    form = await read(request, CallForm)
    with shown_in(form):
        if form.ok:
            await actions.edit(session, watched, by=membership, form=form.data, version=form.version)
    if not form.ok:
        return _form(request, form, status=form.status, watched=watched)
    return redirect(request, f"/{membership.network.slug}{watched.record.path}", flash=_("Utlysningen är ändrad."))


router = Router(path="/{network:str}", route_handlers=[index, new, register, show, edit_form, edit])

"""The directory and its deputies; and the list of the package's routers."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import Provide

from portal import clock
from portal.accounts.queries import provide_visitor_person
from portal.db import Session
from portal.networks import closing, deputies, door, words
from portal.networks.administer import boards, invitations, log, members, overview, themes, units
from portal.networks.arrival import provide_administrator
from portal.networks.members import coming_members
from portal.networks.models import DeputyForm, Membership
from portal.networks.queries import directory as desks_of
from portal.networks.queries import members as members_of
from portal.networks.queries import suggest as suggest_members
from portal.networks.wrong import shown_in
from portal.web import Forbidden, Form, NotFound, _, identity, page, read, redirect

AnyRequest = Request[Any, Any, Any]


@get("/members")
async def directory(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """Who answers for which unit, and which units have nobody."""
    if not membership.can("directory:read"):
        raise NotFound
    network_id = membership.network_id
    return page(
        request,
        "networks/directory.html",
        desks=await desks_of(session, network_id),
        others=[each for each in await members_of(session, network_id) if each.unit_id is None],
        coming=await coming_members(session, network_id),
        may_name=lambda unit_id: deputies.may_name_for(membership, unit_id),
        words=words,
    )


@get("/members/deputies/new")
async def ask_for_deputy(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    given = request.query_params
    values = {"unit_id": given.get("unit_id", ""), "starts_on": clock.today(), "ends_on": given.get("ends_on", "")}
    return await _deputy_form(request, membership, session, Form(values=values))


async def _deputy_form(request: AnyRequest, by: Membership, session: Session, form: Form[DeputyForm]) -> Response[bytes]:
    mine = await deputies.units_of(session, by)
    if not mine:
        raise NotFound if by.is_guest else Forbidden
    people = await deputies.candidates(session, by, by.unit_id if len(mine) == 1 else None)
    return page(request, "networks/deputy.html", status=422 if form.errors else 200, form=form, units=mine, people=people)


@post("/members/deputies")
async def name_deputy(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    form = await read(request, DeputyForm)
    if not await deputies.units_of(session, membership):
        raise NotFound if membership.is_guest else Forbidden
    with shown_in(form):
        if form.ok:
            await deputies.name_deputy(session, by=membership, form=form.data, address=request.app.state.settings.address)
    if not form.ok:
        return await _deputy_form(request, membership, session, form)
    flash = _("Inbjudan är skickad.") if form.data.member_id is None else _("Ersättaren är utsedd.")
    return redirect(request, f"/{membership.network.slug}/members", flash=flash)


@post("/members/deputies/{number:str}/ending")
async def end_deputyship(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    if membership.is_guest:
        raise NotFound
    deputy = await deputies.deputy(session, membership, identity(number))
    await deputies.end_deputyship(session, deputy, by=membership)
    flash = _("%(name)s är inte längre ersättare.", name=deputy.person.name)
    return redirect(request, f"/{membership.network.slug}/members", flash=flash)


@get("/members/suggest")
async def suggest(request: AnyRequest, membership: Membership, session: Session) -> Response[list[dict[str, str]]]:
    """Members whom somebody who writes may mean by what she has typed after an @; from two letters on."""
    if membership.is_guest:
        raise NotFound
    if not membership.can("comment:create"):
        raise Forbidden
    typed = " ".join(request.query_params.get("q", "").split())
    found = await suggest_members(session, membership, typed) if 2 <= len(typed) <= 100 and "\0" not in typed else []
    return Response([{"name": each.person.name, "unit": each.unit.name if each.unit else ""} for each in found])


ROOMS = (overview, members, invitations, units, themes, boards)

administration = Router(
    path="/{network:str}/administer",
    route_handlers=[handler for room in ROOMS for handler in room.HANDLERS],
    dependencies={"administrator": Provide(provide_administrator)},
)
public = Router(
    path="/", route_handlers=[*door.HANDLERS, *closing.HANDLERS], dependencies={"visitor_person": Provide(provide_visitor_person)}
)
router = Router(path="/{network:str}", route_handlers=[directory, suggest, ask_for_deputy, name_deputy, end_deputyship, log.log])

ROUTERS = [router, administration, public]

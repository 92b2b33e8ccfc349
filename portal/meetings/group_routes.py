"""Working groups: what there is, who is in them and when they meet."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal import clock
from portal.db import Session
from portal.meetings import group_notes, queries
from portal.meetings.words import STATES
from portal.networks import groups, leading
from portal.networks.group_models import GroupForm, GroupPlaceForm, WorkingGroup
from portal.networks.models import Membership
from portal.networks.queries import members, require
from portal.networks.wrong import shown_in
from portal.web import Form, _, held_in, identity, page, read, redirect

AnyRequest = Request[Any, Any, Any]


@get("/meetings/groups")
async def index(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """The network's working groups, those that the member is in first."""
    require(membership, "network:read")
    found = await groups.groups(session, membership.network_id)
    places = await groups.places(session, [each.id for each in found])
    mine = {each.id for each in found if any(place.membership.person_id == membership.person_id for place in places[each.id])}
    return page(
        request,
        "groups/index.html",
        groups=sorted(found, key=lambda each: each.id not in mine),
        ended=await groups.groups(session, membership.network_id, ended=True),
        places=places,
        mine=mine,
        coming=await queries.next_of_groups(session, membership),
    )


@get("/meetings/groups/new")
async def new(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    return await _form(request, membership, session, Form(), None)


@post("/meetings/groups")
async def add(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    require(membership, "group:manage")
    form, added = await read(request, GroupForm), None
    with shown_in(form):
        if form.ok:
            added = await groups.add(session, by=membership, form=form.data)
    if added is None:
        return await _form(request, membership, session, form, None)
    return _back(request, membership, added, _("Arbetsgruppen finns nu. Välj vilka som är med."))


@get("/meetings/groups/{number:str}")
async def show(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """Who is in the group, and its meetings."""
    group = await groups.group(session, membership, identity(number))
    return await _show(request, membership, session, group, Form())


async def _show(
    request: AnyRequest, membership: Membership, session: Session, group: WorkingGroup, form: Form[GroupPlaceForm]
) -> Response[bytes]:
    meetings = await queries.of_group(session, membership, group)
    may_manage = membership.can("group:manage") and group.ended_on is None
    places = (await groups.places(session, [group.id]))[group.id]
    inside = {each.membership.person_id for each in places}
    return page(
        request,
        "groups/show.html",
        status=form.status,
        group=group,
        form=form,
        places=places,
        deputies=[each for each in await groups.comers(session, group.id, day=clock.today()) if each.person_id not in inside],
        candidates=await groups.candidates(session, group) if may_manage else [],
        may_manage=may_manage,
        may_plan=group.ended_on is None and await leading.may(session, membership, "meeting:plan", group.id),
        coming=[each for each in meetings if each.ends_at >= clock.now()],
        past=[each for each in reversed(meetings) if each.ends_at < clock.now()],
        states=STATES,
    )


@get("/meetings/groups/{number:str}/edit")
async def edit(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    group = await groups.group(session, membership, identity(number))
    return await _form(request, membership, session, Form.filled(held_in(group, GroupForm)), group)


@post("/meetings/groups/{number:str}")
async def change(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    group = await groups.group(session, membership, identity(number))
    require(membership, "group:manage")
    form = await read(request, GroupForm)
    with shown_in(form):
        if form.ok:
            await group_notes.change(session, group, by=membership, form=form.data, version=form.version)
    if not form.ok:
        return await _form(request, membership, session, form, group)
    return _back(request, membership, group, _("Arbetsgruppen är ändrad."))


async def _form(
    request: AnyRequest, membership: Membership, session: Session, form: Form[Any], group: WorkingGroup | None
) -> Response[bytes]:
    require(membership, "group:manage")
    people = {each.person_id: each for each in reversed(await members(session, membership.network_id)) if each.can("group:lead")}
    if group is not None and (lead := await groups.lead_of(session, group)) is not None:
        people[lead.person_id] = lead  # of her seats in the network the one that she leads the group with
    leads = [(each.id, each.person.name) for each in reversed(people.values())]
    return page(request, "groups/form.html", status=form.status, form=form, group=group, leads=leads)


@post("/meetings/groups/{number:str}/closure")
async def end(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    group = await groups.group(session, membership, identity(number))
    await groups.end(session, group, by=membership)
    return _back(request, membership, group, _("Arbetsgruppen är avslutad."))


@post("/meetings/groups/{number:str}/opening")
async def reopen(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    group = await groups.group(session, membership, identity(number))
    await groups.reopen(session, group, by=membership)
    return _back(request, membership, group, _("Arbetsgruppen är öppen igen."))


@post("/meetings/groups/{number:str}/members")
async def let_in(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    group = await groups.group(session, membership, identity(number))
    require(membership, "group:manage")
    form, member = await read(request, GroupPlaceForm), None
    with shown_in(form):
        if form.ok:
            member = await groups.let_in(session, group, by=membership, form=form.data)
    if member is None:
        return await _show(request, membership, session, group, form)
    return _back(request, membership, group, _("%(name)s är med i arbetsgruppen.", name=member.person.name))


@post("/meetings/groups/{number:str}/members/{place:str}/ending")
async def let_out(number: str, place: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    group = await groups.group(session, membership, identity(number))
    left = await groups.place(session, group, identity(place))
    await group_notes.let_out(session, group, left, by=membership)
    return _back(request, membership, group, _("%(name)s är inte längre med i arbetsgruppen.", name=left.membership.person.name))


def _back(request: AnyRequest, membership: Membership, group: WorkingGroup, flash: str) -> Response[Any]:
    return redirect(request, f"/{membership.network.slug}/meetings/groups/{group.id}", flash=flash)


router = Router(path="/{network:str}", route_handlers=[index, new, add, show, edit, change, end, reopen, let_in, let_out])

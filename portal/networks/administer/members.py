"""Members: who is in, another seat, an end with or without a successor."""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get, post

from portal import clock
from portal.db import Session
from portal.networks import endings, members, words
from portal.networks.access import Role, may_appoint
from portal.networks.models import EndingForm, MemberForm, Membership
from portal.networks.queries import member, units
from portal.networks.queries import members as members_of
from portal.networks.wrong import Wrong, shown_in
from portal.web import Form, NotFound, _, _l, current_locale, held_in, identity, ngettext, page, read, redirect
from portal.web.sorting import arranged
from portal.words import date_long

AnyRequest = Request[Any, Any, Any]
COLUMNS: dict[str, Callable[[Membership], Any]] = {
    "name": lambda each: each.person.name,
    "role": lambda each: words.role(each.role, each.network),
    "unit": lambda each: each.unit.name if each.unit else _("Hela nätverket"),
    "time": lambda each: each.starts_on,
}


@get("/members")
async def index(request: AnyRequest, administrator: Membership, session: Session) -> Response[bytes]:
    """Three tables, in the order that is asked for."""
    now = await members_of(session, administrator.network_id)
    coming = await members.coming_members(session, administrator.network_id)
    former = await members.former_members(session, administrator.network_id)
    return page(
        request,
        "networks/members.html",
        members=arranged(request, now, COLUMNS, order="name"),
        coming=arranged(request, coming, COLUMNS, order="time"),
        former=arranged(request, former, COLUMNS | {"time": lambda each: each.ends_on}, order="-time"),
        words=words,
    )


@get("/members/{number:str}")
async def show(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[bytes]:
    shown = await member(session, administrator, identity(number))
    return await _show(request, administrator, session, shown, Form[MemberForm].filled(held_in(shown, MemberForm)))


async def _show(request: AnyRequest, by: Membership, session: Session, shown: Membership, form: Form[MemberForm]) -> Response[bytes]:
    return page(
        request,
        "networks/member.html",
        status=form.status,
        member=shown,
        form=form,
        roles=roles(by, shown),
        units=await units(session, by.network_id),
        may_change=may_appoint(by.role, shown.role),
        today=clock.today(),
        successor=await member(session, by, shown.successor_id) if shown.successor_id else None,
        words=words,
    )


def roles(by: Membership, shown: Membership | None = None) -> list[str]:
    """The roles that `by` may give; what the member is already stands first."""
    given = [role.value for role in Role if may_appoint(by.role, role)]
    return given if shown is None or shown.role in given else [shown.role, *given]


@post("/members/{number:str}")
async def change(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    shown = await member(session, administrator, identity(number))
    form = await read(request, MemberForm)
    with shown_in(form):
        if form.ok:
            await members.change_seat(session, shown, by=administrator, form=form.data, version=form.version)
    if not form.ok:
        return await _show(request, administrator, session, shown, form)
    return redirect(request, _path(administrator), flash=_("Uppdraget för %(name)s är ändrat.", name=shown.person.name))


@get("/members/{number:str}/ending")
async def ask_before_ending(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[bytes]:
    return await _ending(request, session, await member(session, administrator, identity(number)))


async def _ending(request: AnyRequest, session: Session, leaving: Membership, form: Form[EndingForm] | None = None) -> Response[bytes]:
    form = form or Form.filled(held_in(leaving, EndingForm))
    return page(
        request,
        "networks/ending.html",
        status=422 if form.errors else 200,
        member=leaving,
        seats=await members.other_seats(session, leaving),
        successors=await members.successors(session, leaving),
        today=clock.today(),
        form=form,
        words=words,
    )


@post("/members/{number:str}/ending")
async def end(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    leaving = await member(session, administrator, identity(number))
    form = await read(request, EndingForm)
    with shown_in(form):
        if form.ok:
            flash = await _end(session, leaving, administrator, form.data)
            still_in = administrator.id != leaving.id or form.data.ends_on is not None
            return redirect(request, _path(administrator) if still_in else "/", flash=flash)
    return await _ending(request, session, leaving, form)


async def _end(session: Session, leaving: Membership, by: Membership, form: EndingForm) -> str:
    name = leaving.person.name
    successor = await _successor(session, leaving, form.successor_id) if form.successor_id else None
    if form.ends_on is not None:
        await endings.plan(session, leaving, by=by, form=form, successor=successor)
        return _("%(name)s är med till och med %(day)s.", name=name, day=date_long(form.ends_on, current_locale()))
    if successor is None:
        await members.end_membership(session, leaving, by=by)
        return _("Medlemskapet för %(name)s är avslutat.", name=name)
    handed = await members.replace(session, leaving, by=by, successor=successor)
    taken = ngettext("En sak gick över till %(name)s.", "%(num)d saker gick över till %(name)s.", handed)
    done = _("Medlemskapet för %(name)s är avslutat.", name=name)
    return f"{done} {taken % {'num': handed, 'name': successor.person.name}}"


async def _successor(session: Session, leaving: Membership, successor_id: int) -> Membership:
    try:
        return await member(session, leaving, successor_id)
    except NotFound:
        raise Wrong("successor_id", _l("Välj ett av alternativen.")) from None


@post("/members/{number:str}/ending/withdrawal")
async def withdraw_ending(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    staying = await member(session, administrator, identity(number))
    await endings.withdraw(session, staying, by=administrator)
    return redirect(request, f"{_path(administrator)}/{staying.id}", flash=_("%(name)s är kvar tills vidare.", name=staying.person.name))


def _path(by: Membership) -> str:
    return f"/{by.network.slug}/administer/members"


HANDLERS = [index, show, change, ask_before_ending, end, withdraw_ending]

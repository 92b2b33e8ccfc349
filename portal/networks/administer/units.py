"""Units: add, rename, close, open again."""

from typing import Any

from litestar import Request, Response, get, post

from portal.db import Session
from portal.networks import units, words
from portal.networks.models import Membership, UnitForm
from portal.networks.queries import directory
from portal.networks.queries import units as units_of
from portal.networks.wrong import shown_in
from portal.web import Form, _, held_in, identity, page, read, redirect

AnyRequest = Request[Any, Any, Any]


@get("/units")
async def index(request: AnyRequest, administrator: Membership, session: Session) -> Response[bytes]:
    return await _index(request, administrator, session, Form())


async def _index(request: AnyRequest, by: Membership, session: Session, form: Form[UnitForm]) -> Response[bytes]:
    closed = [unit for unit in await units_of(session, by.network_id, closed=True) if unit.closed_on is not None]
    desks = await directory(session, by.network_id)
    return page(request, "networks/units.html", status=_status(form), form=form, desks=desks, closed=closed, words=words)


def _status(form: Form[UnitForm]) -> int:
    return 422 if form.errors else 200


@post("/units")
async def add(request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    form = await read(request, UnitForm)
    with shown_in(form):
        if form.ok:
            await units.add_unit(session, by=administrator, form=form.data)
    if not form.ok:
        return await _index(request, administrator, session, form)
    return redirect(request, _path(administrator), flash=_("%(name)s är tillagd.", name=form.data.name))


@get("/units/{number:str}")
async def show(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[bytes]:
    unit = await units.unit(session, administrator, identity(number))
    return page(request, "networks/unit.html", form=Form[UnitForm].filled(held_in(unit, UnitForm)), unit=unit, words=words)


@post("/units/{number:str}")
async def change(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    unit = await units.unit(session, administrator, identity(number))
    form = await read(request, UnitForm)
    with shown_in(form):
        if form.ok:
            await units.change_unit(session, unit, by=administrator, form=form.data, version=form.version)
    if not form.ok:
        return page(request, "networks/unit.html", status=form.status, form=form, unit=unit, words=words)
    return redirect(request, _path(administrator), flash=_("Enheten är ändrad."))


@post("/units/{number:str}/closure")
async def close(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    unit = await units.unit(session, administrator, identity(number))
    await units.close_unit(session, unit, by=administrator)
    return redirect(request, _path(administrator), flash=_("%(name)s är stängd.", name=unit.name))


@post("/units/{number:str}/opening")
async def reopen(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    unit = await units.unit(session, administrator, identity(number))
    await units.reopen_unit(session, unit, by=administrator)
    return redirect(request, _path(administrator), flash=_("%(name)s är öppen igen.", name=unit.name))


def _path(by: Membership) -> str:
    return f"/{by.network.slug}/administer/units"


HANDLERS = [index, add, show, change, close, reopen]

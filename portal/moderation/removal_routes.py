"""Who may not write in a thread: shown, decided and lifted by those who lead it."""

from typing import Any

from litestar import Request, Response, get, post

from portal.db import Session
from portal.moderation import actions, queries
from portal.moderation.models import RemovalForm
from portal.moderation.words import REASONS
from portal.networks.models import Membership
from portal.networks.queries import members
from portal.records import queries as records
from portal.records.models import Record
from portal.web import Forbidden, Form, NotFound, _, identity, page, read, redirect
from portal.web.forms import number_in

AnyRequest = Request[Any, Any, Any]


@get("/records/{number:str}/removals")
async def removals(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    record = await _led(session, membership, number)
    form = Form[RemovalForm](values={"person": number_in(request.query_params, "person") or ""})
    return await _show(request, session, membership, record, form)


async def _show(request: AnyRequest, session: Session, membership: Membership, record: Record, form: Form[RemovalForm]) -> Response[bytes]:
    return page(
        request,
        "moderation/removals.html",
        status=422 if form.errors else 200,
        record=record,
        form=form,
        removals=await queries.removals(session, record),
        writers=await queries.writers(session, membership, record),
        reasons=REASONS,
    )


@post("/records/{number:str}/removals")
async def remove(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    record = await _led(session, membership, number)
    form = await read(request, RemovalForm)
    if not form.ok:
        return await _show(request, session, membership, record, form)
    found = [each for each in await members(session, membership.network_id) if each.person_id == form.data.person]
    if not found:
        raise NotFound
    await actions.remove(session, record, by=membership, member=found[0], form=form.data)
    path = f"/{membership.network.slug}/records/{record.id}/removals"
    flash = _("%(name)s kan läsa men inte skriva i tråden, och får veta varför.", name=found[0].person.name)
    return redirect(request, path, flash=flash, undo=f"{path}/{found[0].person_id}/ending")


@post("/records/{number:str}/removals/{removed:str}/ending")
async def readmit(number: str, removed: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    record = await _led(session, membership, number)
    await actions.readmit(session, record, by=membership, person_id=identity(removed))
    return redirect(request, f"/{membership.network.slug}/records/{record.id}/removals", flash=_("Personen kan skriva i tråden igen."))


async def _led(session: Session, membership: Membership, number: str) -> Record:
    """The record, for who keeps its thread in order."""
    record = await records.get(session, membership, identity(number))
    if not membership.can("thread:lock"):
        raise Forbidden
    return record


HANDLERS = [removals, remove, readmit]

"""The calendars of others that the coordinator plans beside."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, Router, get, post
from litestar.datastructures import UploadFile

from portal.db import Session
from portal.networks.models import Membership
from portal.networks.queries import require
from portal.sources.calendars import actions, queries
from portal.sources.calendars.models import CalendarForm, FileForm, ForeignCalendar
from portal.sources.calendars.reading import WHY, Span, Unreadable, read
from portal.web import Form, _, fields_of, identity, page, redirect
from portal.web import read as read_form
from portal.web.sorting import arranged

AnyRequest = Request[Any, Any, Any]
LARGEST = 5 * 1024 * 1024


@get("/meetings/calendars")
async def index(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    return await _index(request, membership, session)


async def _index(request: AnyRequest, membership: Membership, session: Session, **forms: Form[Any]) -> Response[bytes]:
    require(membership, "meeting:plan")
    given = {"address_form": Form(), "file_form": Form()} | forms
    return page(
        request,
        "calendars/index.html",
        status=max(form.status for form in given.values()),
        calendars=await queries.calendars(session, membership),
        counts=await queries.counts(session, membership),
        host=host,
        **given,
    )


def host(calendar: ForeignCalendar) -> str:
    """Where it comes from, without what may be secret in the address."""
    return urlsplit(calendar.url or "").hostname or ""


@post("/meetings/calendars")
async def subscribe(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    require(membership, "meeting:plan")
    form = await read_form(request, CalendarForm)
    if not form.ok:
        return await _index(request, membership, session, address_form=form)
    calendar = await actions.subscribe(session, by=membership, form=form.data)
    return _back(request, membership, calendar, _("Kalendern läses nu."))


@post("/meetings/calendars/file", request_max_body_size=LARGEST + 64 * 1024)
async def take_file(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    require(membership, "meeting:plan")
    form = await read_form(request, FileForm)
    content, span = await _uploaded(request), Span.now()
    if form.ok and content is None:
        form.errors["file"] = _("Välj en fil.")
    if form.ok and content is not None:
        try:
            found = await read(content, span)
        except Unreadable as unreadable:
            form.errors["file"] = _(unreadable.message_sv)
        else:
            calendar = await actions.take_file(session, by=membership, name=form.data.file_name, read=found, span=span)
            return _back(request, membership, calendar, _("Kalendern är inläst."))
    return await _index(request, membership, session, file_form=form)


async def _uploaded(request: AnyRequest) -> bytes | None:
    for upload in (await fields_of(request)).get("file", []):
        if isinstance(upload, UploadFile) and (upload.filename or (await upload.read())):
            await upload.seek(0)
            return await upload.read()
    return None


def _title(refused: dict[str, Any]) -> str:
    return refused["title"] or _("Utan rubrik")


def _why(refused: dict[str, Any]) -> str:
    code = refused["why"]
    return _(WHY[code])


REFUSED: dict[str, Callable[[dict[str, Any]], str]] = {"event": _title, "why": _why}


@get("/meetings/calendars/{number:str}")
async def show(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """How the last reading went, what stands in the calendar, and each event that could not be read with the reason."""
    calendar = await queries.calendar(session, membership, identity(number))
    coming = await queries.coming(session, calendar)
    refused = arranged(request, calendar.refused, REFUSED, order="")
    return page(request, "calendars/show.html", calendar=calendar, coming=coming, refused=refused, why=WHY, host=host)


@post("/meetings/calendars/{number:str}/reading")
async def read_again(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    calendar = await queries.calendar(session, membership, identity(number))
    await actions.read_again(session, calendar, by=membership)
    return _back(request, membership, calendar, _("Kalendern läses nu."))


@post("/meetings/calendars/{number:str}/ending")
async def end(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    calendar = await queries.calendar(session, membership, identity(number))
    await actions.end(session, calendar, by=membership)
    return _back(request, membership, None, _("%(name)s läses inte längre.", name=calendar.name))


@post("/meetings/calendars/{number:str}/renewal")
async def renew(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    calendar = await queries.calendar(session, membership, identity(number))
    await actions.renew(session, calendar, by=membership)
    return _back(request, membership, calendar, _("Kalendern läses igen."))


@post("/meetings/calendars/{number:str}/removal")
async def forget(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    calendar = await queries.calendar(session, membership, identity(number))
    await actions.forget(session, calendar, by=membership)
    return _back(request, membership, None, _("%(name)s är borttagen.", name=calendar.name))


def _back(request: AnyRequest, membership: Membership, calendar: ForeignCalendar | None, flash: str) -> Response[Any]:
    tail = f"/{calendar.id}" if calendar else ""
    return redirect(request, f"/{membership.network.slug}/meetings/calendars{tail}", flash=flash)


router = Router(path="/{network:str}", route_handlers=[index, subscribe, take_file, show, read_again, end, renew, forget])

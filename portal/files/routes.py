"""Attaching files, and the one door to their bytes."""

from pathlib import Path
from typing import Any

from litestar import Request, Response, Router, get, post

from portal.db import Session
from portal.files import actions, names, queries, serving, store
from portal.files.incoming import Arrived, receive
from portal.files.inspection import Infected, Inspected, inspect
from portal.files.models import MOST, Attachment
from portal.networks.models import Membership
from portal.records import queries as records
from portal.records.models import Record
from portal.web import Forbidden, NotFound, Refused, _, _l, identity, page, redirect
from portal.web.forms import number_in

AnyRequest = Request[Any, Any, Any]
LARGEST_BODY = 252 * 1024 * 1024  # ten files and the form around them
NOTHING = _l("Välj minst en fil.")
TOO_MANY = _l("Högst 10 filer i en kommentar.")


@get("/records/{number:str}/files")
async def adding(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """A page for adding files where the composer's script does not run."""
    record = await records.get(session, membership, identity(number))
    if not membership.can("file:attach"):
        raise Forbidden
    return await _adding(request, session, membership, record, {})


@post("/records/{number:str}/files", opt={"streams": True}, request_max_body_size=LARGEST_BODY)
async def upload(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """Keep the files until they are posted. Each that cannot be kept gets its own sentence; the others stay."""
    record = await records.get(session, membership, identity(number))
    await actions.begin(session, record, by=membership)
    refused: dict[str, Refused] = {}
    kept: list[Attachment] = []
    async with receive(request, _folder(request)) as arrived:
        if not arrived:
            raise Refused(NOTHING, status=422)
        looked_at = [await _look(each, request, refused) for each in arrived[:MOST]]
        refused |= {names.clean(each.name) or _("fil"): Refused(TOO_MANY, status=413) for each in arrived[MOST:]}
        for file in sorted(filter(None, looked_at), key=lambda each: each.sha256):  # one order of locks
            try:
                kept.append(await actions.keep(session, record, by=membership, file=file, folder=_folder(request)))
            except Refused as refusal:
                if refusal.status != 413:
                    raise
                refused[file.name] = refusal
    if any(isinstance(each, Infected) for each in refused.values()):
        actions.infected(session, record, by=membership)
    return await _answer(request, session, membership, record, kept, refused)


async def _look(arrived: Arrived, request: AnyRequest, refused: dict[str, Refused]) -> Inspected | None:
    try:
        if arrived.refusal:
            raise arrived.refusal
        return await inspect(arrived.path, arrived.name, scanner=request.app.state.settings.scanner)
    except Refused as refusal:
        refused[names.clean(arrived.name) or _("fil")] = refusal
        return None


async def _answer(
    request: AnyRequest, session: Session, membership: Membership, record: Record, kept: list[Attachment], refused: dict[str, Refused]
) -> Response[Any]:
    status = next((each.status for each in refused.values()), 201)
    if request.headers.get("x-fragment"):
        return page(request, "files/_uploaded.html", status=status, files=kept, refused=refused, record=record)
    if refused:
        return await _adding(request, session, membership, record, refused, status=status)
    tail = f"?reply={reply}" if (reply := _reply(request)) else ""
    return redirect(request, f"/{membership.network.slug}/records/{record.id}/files{tail}", flash=_("Filerna är tillagda."))


async def _adding(
    request: AnyRequest, session: Session, membership: Membership, record: Record, refused: dict[str, Refused], *, status: int = 200
) -> Response[bytes]:
    unposted = await queries.waiting(session, membership, record)
    return page(
        request, "files/add.html", status=status, record=record, unposted=unposted, refused=refused, most=MOST, reply=_reply(request)
    )


@get("/files/{number:str}")
async def show(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """The page of a picture; of another file it is where to fetch it."""
    attachment, record = await queries.attachment(session, membership, identity(number))
    return page(request, "files/show.html", file=attachment, record=record)


@get("/files/{number:str}/thumbnail")
async def thumbnail(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """The small picture."""
    attachment, _record = await queries.attachment(session, membership, identity(number))
    if not attachment.is_picture:
        raise NotFound
    path = store.small_place(_folder(request), attachment.sha256)
    name = names.disposition(f"{attachment.id}.webp")
    return serving.send(request, path, tag=f"{attachment.sha256}-small", media_type="image/webp", disposition=name)


@get("/files/{number:str}/{name:str}")
async def content(number: str, name: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """The bytes, under the file's own name alone."""
    attachment, _record = await queries.attachment(session, membership, identity(number))
    if name != attachment.name:
        raise NotFound
    path = store.place(_folder(request), attachment.sha256)
    return serving.send(
        request, path, tag=attachment.sha256, media_type=names.TYPES[attachment.kind], disposition=names.disposition(attachment.name)
    )


@post("/files/{number:str}/removal")
async def remove(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """Take back a file before it is posted."""
    attachment, record = await queries.attachment(session, membership, identity(number))
    await actions.remove(session, attachment, by=membership, folder=_folder(request))
    if request.headers.get("x-fragment"):
        return Response(b"", status_code=204)
    return redirect(request, f"/{membership.network.slug}/records/{record.id}/files", flash=_("Filen är borttagen."))


def _reply(request: AnyRequest) -> int | None:
    """The comment that is being answered, so that the way back leads there."""
    return number_in(request.query_params, "reply")


def _folder(request: AnyRequest) -> Path:
    folder: Path = request.app.state.settings.file_folder
    return folder


router = Router(path="/{network:str}", route_handlers=[adding, upload, show, thumbnail, content, remove])

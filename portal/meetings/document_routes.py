"""Documents of a meeting: uploaded with an ordinary form, kept as files/ keeps all bytes, listed with their versions."""

from pathlib import Path
from typing import Any

from litestar import Request, Response, Router, get, post
from pydantic import ValidationError

from portal.db import Session
from portal.fields import sentence
from portal.files import actions as files
from portal.files.incoming import Arrived, receive
from portal.files.inspection import Infected, inspect
from portal.files.models import PICTURES, Attachment, Described
from portal.meetings import documents, queries, rights
from portal.meetings.agenda_models import MeetingDocument
from portal.meetings.models import AgendaItem, Meeting
from portal.networks.models import Membership
from portal.web import NotFound, Refused, _, _l, identity, page, redirect

AnyRequest = Request[Any, Any, Any]
LARGEST_BODY = 27 * 1024 * 1024  # one file and the form around it
ONE = _l("Välj en fil i taget.")
NO_WORDS = _l("Beskriv bilden för den som inte ser den, i rutan under filen. Välj sedan filen igen.")


@get("/meetings/{number:str}/documents")
async def index(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """Every document with every version, and where to add one."""
    meeting = await queries.meeting(session, membership, identity(number))
    return await _index(request, session, membership, meeting)


@post("/meetings/{number:str}/documents", opt={"streams": True}, request_max_body_size=LARGEST_BODY)
async def add(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """To the whole meeting, or to the item that the form is `about`."""
    meeting = await queries.meeting(session, membership, identity(number))
    return await _upload(request, session, membership, meeting)


@post("/meetings/{number:str}/documents/{document:str}/versions", opt={"streams": True}, request_max_body_size=LARGEST_BODY)
async def renew(number: str, document: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """A new version; the earlier ones stay."""
    meeting = await queries.meeting(session, membership, identity(number))
    found = await documents.one(session, meeting, identity(document))
    return await _upload(request, session, membership, meeting, document=found)


@post("/meetings/{number:str}/documents/{document:str}/removal")
async def remove(number: str, document: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await queries.meeting(session, membership, identity(number))
    await documents.remove(session, meeting, await documents.one(session, meeting, identity(document)), by=membership)
    return _back(request, membership, meeting, _("Dokumentet är borttaget."))


async def _upload(
    request: AnyRequest,
    session: Session,
    membership: Membership,
    meeting: Meeting,
    *,
    document: MeetingDocument | None = None,
) -> Response[Any]:
    """What is wrong with the file is said on the page of documents."""
    await documents.require_open(session, meeting, by=membership)
    typed: dict[str, str] = {}
    try:
        file, item = await _receive(request, session, membership, meeting, typed)
    except Infected as refusal:
        files.infected(session, meeting.record, by=membership)
        return await _index(request, session, membership, meeting, refusal, typed)
    except Refused as refusal:
        if refusal.status not in (413, 415, 422) or not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise
        return await _index(request, session, membership, meeting, refusal, typed if document is None else {})
    if document is None:
        await documents.add(session, meeting, file, by=membership, item=item)
    else:
        await documents.renew(session, meeting, document, file, by=membership)
    return _back(request, membership, meeting, _("%(name)s är tillagt.", name=file.name))


async def _receive(
    request: AnyRequest, session: Session, membership: Membership, meeting: Meeting, typed: dict[str, str]
) -> tuple[Attachment, AgendaItem | None]:
    """The file kept, and the item that it is for. What the form says besides is in `typed`, also when the file is refused."""
    settings = request.app.state.settings
    folder: Path = settings.file_folder
    await files.begin(session, meeting.record, by=membership)
    async with receive(request, folder) as arrived:
        if len(arrived) != 1:
            raise Refused(ONE, status=422)
        typed.update(about=arrived[0].about, alt=arrived[0].alt)
        if arrived[0].refusal:
            raise arrived[0].refusal
        looked_at = await inspect(arrived[0].path, arrived[0].name, scanner=settings.scanner)
        alt = _words_for(arrived[0]) if looked_at.kind in PICTURES else ""
        item = await _item(session, meeting, arrived[0].about)
        return await files.keep(session, meeting.record, by=membership, file=looked_at, folder=folder, alt=alt), item


async def _item(session: Session, meeting: Meeting, about: str) -> AgendaItem | None:
    try:
        return await queries.agenda_item(session, meeting, identity(about)) if about else None
    except NotFound:
        raise Refused(documents.NO_ITEM, status=422) from None


def _words_for(picture: Arrived) -> str:
    """What the form says of the picture, which no picture of a meeting goes without."""
    try:
        alt = Described.model_validate({"alt": picture.alt}).alt
    except ValidationError as failure:
        raise Refused(sentence(failure.errors(include_url=False)[0], translate=_), status=422) from None
    if not alt:
        raise Refused(NO_WORDS, status=422)
    return alt


async def _index(
    request: AnyRequest,
    session: Session,
    membership: Membership,
    meeting: Meeting,
    refusal: Refused | None = None,
    typed: dict[str, str] | None = None,
) -> Response[bytes]:
    return page(
        request,
        "meetings/documents.html",
        status=refusal.status if refusal else 200,
        meeting=meeting,
        record=meeting.record,
        documents=await documents.of_meeting(session, meeting),
        items=await queries.agenda(session, meeting),
        may=await rights.of(session, membership, meeting),
        refusal=refusal,
        typed=typed or {},
    )


def _back(request: AnyRequest, membership: Membership, meeting: Meeting, flash: str) -> Response[Any]:
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}/documents", flash=flash)


router = Router(path="/{network:str}", route_handlers=[index, add, renew, remove])

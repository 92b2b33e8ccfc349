"""Boards, and their dates typed one by one, pasted, or from a CSV file."""

from collections.abc import Callable
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from sqlmodel import Field

from portal.db import Session, Table
from portal.fields import Prose
from portal.networks import boards
from portal.networks.board_models import Board, BoardForm, BoardMeeting, BoardMeetingForm
from portal.networks.boards import Entered
from portal.networks.dates import decoded
from portal.networks.models import Membership
from portal.networks.queries import board_days
from portal.networks.queries import boards as boards_of
from portal.networks.wrong import shown_in
from portal.web import Form, _, fields_of, held_in, identity, ngettext, page, read, redirect
from portal.web.sorting import arranged

AnyRequest = Request[Any, Any, Any]
COLUMNS: dict[str, Callable[[BoardMeeting], Any]] = {"meeting": lambda each: each.meets_on, "cutoff": lambda each: each.cutoff_on}


class DatesForm(Table):
    dates: Annotated[Prose, Field(min_length=1, max_length=40_000)]


@get("/boards")
async def index(request: AnyRequest, administrator: Membership, session: Session) -> Response[bytes]:
    return await _index(request, administrator, session, Form())


async def _index(request: AnyRequest, by: Membership, session: Session, form: Form[BoardForm]) -> Response[bytes]:
    days = await board_days(session, by.network_id)
    known = await boards_of(session, by.network_id)
    coming = [(board, [day.meeting for day in days if day.board.id == board.id]) for board in known]
    return page(request, "networks/boards.html", status=422 if form.errors else 200, form=form, coming=coming)


@post("/boards")
async def add(request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    form = await read(request, BoardForm)
    with shown_in(form):
        if form.ok:
            added = await boards.add_board(session, by=administrator, form=form.data)
            return redirect(request, _path(administrator, added), flash=_("%(name)s är tillagd. Nu behövs datum.", name=added.name))
    return await _index(request, administrator, session, form)


@get("/boards/{number:str}")
async def show(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[bytes]:
    return await _show(request, administrator, session, await boards.board(session, administrator, identity(number)))


async def _show(request: AnyRequest, by: Membership, session: Session, board: Board, **forms: Form[Any]) -> Response[bytes]:
    given = {"name_form": Form[BoardForm].filled(held_in(board, BoardForm)), "date_form": Form(), "list_form": Form()} | forms
    status = max((form.status for form in forms.values()), default=200)
    meetings = arranged(request, await boards.meetings_of(session, board), COLUMNS, order="meeting", path=_path(by, board))
    return page(request, "networks/board.html", status=status, board=board, meetings=meetings, **given)


@post("/boards/{number:str}")
async def rename(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    board = await boards.board(session, administrator, identity(number))
    form = await read(request, BoardForm)
    with shown_in(form):
        if form.ok:
            await boards.rename_board(session, board, by=administrator, form=form.data, version=form.version)
    if not form.ok:
        return await _show(request, administrator, session, board, name_form=form)
    return redirect(request, _path(administrator, board), flash=_("Namnet är ändrat."))


@post("/boards/{number:str}/removal")
async def remove(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    board = await boards.board(session, administrator, identity(number))
    await boards.remove_board(session, board, by=administrator)
    return redirect(request, _path(administrator), flash=_("%(name)s är borttagen.", name=board.name))


@post("/boards/{number:str}/dates")
async def enter_date(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    board = await boards.board(session, administrator, identity(number))
    form = await read(request, BoardMeetingForm)
    if not form.ok:
        return await _show(request, administrator, session, board, date_form=form)
    entered = await boards.enter_dates(session, board, by=administrator, meetings=[form.data])
    return redirect(request, _path(administrator, board), flash=_told(entered))


@post("/boards/{number:str}/list")
async def enter_list(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    board = await boards.board(session, administrator, identity(number))
    await _take_file(request)
    form = await read(request, DatesForm)
    with shown_in(form):
        if form.ok:
            entered = await boards.enter_list(session, board, by=administrator, text=form.data.dates)
            return redirect(request, _path(administrator, board), flash=_told(entered))
    return await _show(request, administrator, session, board, list_form=form)


async def _take_file(request: AnyRequest) -> None:
    """A chosen file takes the place of what was pasted, so that its mistakes can be mended in the same box."""
    fields = await fields_of(request)
    for upload in fields.get("file", []):
        raw = await upload.read() if isinstance(upload, UploadFile) else b""
        if raw:
            fields["dates"] = [decoded(raw)]


def _told(entered: Entered) -> str:
    added = ngettext("Ett sammanträde är infört.", "%(num)d sammanträden är införda.", entered.added) % {"num": entered.added}
    changed = ngettext("En stopptid är ändrad.", "%(num)d stopptider är ändrade.", entered.changed) % {"num": entered.changed}
    if not entered.added and not entered.changed:
        return _("Alla datumen fanns redan.")
    return " ".join(text for text, number in ((added, entered.added), (changed, entered.changed)) if number)


@post("/boards/{number:str}/dates/{meeting:str}/removal")
async def remove_date(number: str, meeting: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    board = await boards.board(session, administrator, identity(number))
    removed = await boards.board_meeting(session, board, identity(meeting))
    await boards.remove_date(session, board, removed, by=administrator)
    return redirect(request, _path(administrator, board), flash=_("Sammanträdet är borttaget."))


def _path(by: Membership, board: Board | None = None) -> str:
    return f"/{by.network.slug}/administer/boards" + (f"/{board.id}" if board else "")


HANDLERS = [index, add, show, rename, remove, enter_date, enter_list, remove_date]

"""Agenda and notes to print and to take along."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, Router, get

from portal import clock
from portal.db import Session
from portal.files.names import clean, disposition
from portal.meetings import papers, queries
from portal.networks.models import Membership
from portal.papers import KINDS, PaperError, html, make
from portal.web import NotFound, Unavailable, _, _l, identity, page
from portal.web.forms import number_in

AnyRequest = Request[Any, Any, Any]
HTML = "text/html"
ENDINGS = (*KINDS, "html")


@get("/meetings/{number:str}/papers")
async def show(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """The agenda or the notes as they are printed, and as which files they can be fetched."""
    meeting = await queries.meeting(session, membership, identity(number))
    variant = papers.AGENDA if request.query_params.get("of") == papers.AGENDA else papers.NOTES
    paper = await papers.paper(session, membership, meeting, variant, address=_address(request))
    return page(request, "meetings/paper.html", meeting=meeting, variant=variant, paper=paper, body=html.body(paper), endings=ENDINGS)


@get(["/meetings/{number:str}/papers/notes", "/meetings/{number:str}/papers/agenda"], opt={"dear": True})
async def fetch(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """As a file: `?as=` pdf, docx or html."""
    meeting = await queries.meeting(session, membership, identity(number))
    ending, variant = _ending(request), request.url.path.rpartition("/")[2]
    paper = await papers.paper(session, membership, meeting, variant, address=_address(request))
    return await _file(session, paper, ending, papers.name(meeting, variant))


@get("/meetings/papers", opt={"dear": True})
async def fetch_year(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """The notes of a year (`?year=`, this one unless it is given) in one file."""
    ending, year = _ending(request), number_in(request.query_params, "year") or clock.today().year
    if not 2000 <= year <= 2099:
        raise NotFound
    paper = await papers.year(session, membership, year, address=_address(request))
    if paper is None:
        raise NotFound
    kind = _("Anteckningar")
    return await _file(session, paper, ending, f"{kind} {year}")


def _ending(request: AnyRequest) -> str:
    ending: str = request.query_params.get("as", "html")
    if ending not in ENDINGS:
        raise NotFound
    return ending


async def _file(session: Session, paper: Mapping[str, Any], ending: str, name: str) -> Response[bytes]:
    """Nobody waits for a connection while the paper is made."""
    await session.commit()
    try:
        made = html.page(paper) if ending == "html" else await make(paper, ending)
    except PaperError:
        raise Unavailable(_l("Filen kunde inte skapas just nu. Försök igen om en stund.")) from None
    headers = {
        "Content-Disposition": disposition(f"{clean(name)}.{ending}"),
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(made, media_type=KINDS.get(ending, HTML), headers=headers)


def _address(request: AnyRequest) -> str:
    address: str = request.app.state.settings.address
    return address


router = Router(path="/{network:str}", route_handlers=[show, fetch, fetch_year])

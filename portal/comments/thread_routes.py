"""What somebody does with a whole thread: following it, and saying what it came to."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal.comments import conclusions, following
from portal.comments.models import FollowForm, Level
from portal.comments.queries import comment as comment_of
from portal.db import Session
from portal.networks.models import Membership
from portal.networks.queries import hold
from portal.records import queries as records
from portal.web import Forbidden, _, _l, identity, page, read, redirect

AnyRequest = Request[Any, Any, Any]
FOLLOWED = {
    Level.all: _l("Du följer tråden: alla nya kommentarer visas på din startsida."),
    Level.mentions: _l("Du får veta när någon nämner dig i tråden."),
    Level.off: _l("Inget nytt härifrån visas på din startsida. Det som väntar på dig gör det ändå."),
}


@post("/records/{number:str}/following")
async def follow(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """All, only when I am named, or nothing."""
    record = await records.get(session, membership, identity(number))
    form = await read(request, FollowForm)
    await following.choose(session, record, by=membership, level=form.data.level)
    return redirect(request, f"/{membership.network.slug}{record.path}#thread", flash=str(FOLLOWED[form.data.level]))


@post("/records/{number:str}/reading")
async def note_reading(number: str, membership: Membership, session: Session) -> Response[bytes]:
    """What has come into the open page since it was made has been read, too."""
    record = await records.get(session, membership, identity(number))
    await hold(session, membership)
    await following.note_reading(session, membership, record, read_at=None, said_at=None)
    return Response(b"", status_code=204)


@get("/comments/{number:str}/conclusion")
async def conclusion_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """Make the comment the thread's conclusion, or no longer."""
    comment, record = await comment_of(session, membership, identity(number))
    if not membership.can("thread:conclude"):
        raise Forbidden
    known = await conclusions.conclusion(session, record.id)
    return page(request, "comments/conclusion.html", comment=comment, record=record, known=known)


@post("/comments/{number:str}/conclusion")
async def conclude(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    comment, record = await comment_of(session, membership, identity(number))
    await conclusions.draw(session, comment, record, by=membership)
    return redirect(request, f"/{membership.network.slug}{record.path}#thread", flash=_("Kommentaren är trådens slutsats."))


@post("/comments/{number:str}/conclusion/removal")
async def withdraw(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    comment, record = await comment_of(session, membership, identity(number))
    await conclusions.withdraw(session, comment, record, by=membership)
    return redirect(request, f"/{membership.network.slug}{record.path}#thread", flash=_("Tråden har ingen slutsats längre."))


router = Router(path="/{network:str}", route_handlers=[follow, note_reading, conclusion_form, conclude, withdraw])

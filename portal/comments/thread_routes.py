"""What somebody does with a whole thread: following it."""

from typing import Any

from litestar import Request, Response, Router, post

from portal.comments import following
from portal.comments.models import FollowForm, Level
from portal.db import Session
from portal.networks.models import Membership
from portal.records import queries as records
from portal.web import _l, identity, read, redirect

AnyRequest = Request[Any, Any, Any]
FOLLOWED = {
    Level.all: _l("Du följer tråden: alla nya kommentarer visas på din startsida."),
    Level.mentions: _l("Du får veta när någon nämner dig i tråden."),
    Level.off: _l("Du följer inte tråden. Den syns inte bland det nya på din startsida."),
}


@post("/records/{number:str}/following")
async def follow(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """All, only when I am named, or nothing."""
    record = await records.get(session, membership, identity(number))
    form = await read(request, FollowForm)
    await following.choose(session, record, by=membership, level=form.data.level)
    return redirect(request, f"/{membership.network.slug}{record.path}#thread", flash=str(FOLLOWED[form.data.level]))


router = Router(path="/{network:str}", route_handlers=[follow])

"""The log: everything that has been done in the network, by person and kind of deed."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get

from portal.db import Session
from portal.networks.log import actors, read_log, verbs
from portal.networks.models import Membership
from portal.web import Forbidden, Form, NotFound, identity, page

AnyRequest = Request[Any, Any, Any]


@get("/administer/log")
async def log(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """Newest first; the filters stand in the address. Open to who may read the log, whether or not she administers."""
    if not membership.can("log:read"):
        raise NotFound if membership.is_guest else Forbidden
    chosen = {
        name: text for name, text in request.query_params.items() if name in ("person", "verb", "before") and text and text.isprintable()
    }
    kept = {name: text for name, text in chosen.items() if name != "before"}
    shown = await read_log(
        session, membership, actor_id=_number(chosen, "person"), verb=chosen.get("verb"), before=_number(chosen, "before")
    )
    return page(
        request,
        "networks/log.html",
        log=shown,
        form=Form(values=kept),
        people=await actors(session, membership),
        verbs=await verbs(session, membership),
        older=f"{request.url.path}?{urlencode(kept | {'before': shown.older})}" if shown.older else None,
        newest=f"{request.url.path}?{urlencode(kept)}" if "before" in chosen else None,
    )


def _number(chosen: dict[str, str], name: str) -> int | None:
    return identity(chosen[name]) if name in chosen else None

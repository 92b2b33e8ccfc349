"""The search page."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, Router, get

from portal.db import Session
from portal.networks.models import Membership
from portal.search import queries
from portal.web import _l, page
from portal.web.forms import number_in

AnyRequest = Request[Any, Any, Any]
WITHIN = {
    "comment": _l("kommentar"),
    "section_id": _l("avsnitt"),
    "item_id": _l("beslut"),
    "action_id": _l("åtgärdspunkt"),
    "amendment_id": _l("rättelse"),
    "attachment_id": _l("fil"),
}
BESIDE = {
    "proposal": _l("förslag till dagordningen"),
    "comment": _l("ditt utkast till kommentar"),
    "section": _l("ditt utkast till avsnitt"),
}
KINDS = {"finding": _l("Spaningar"), "meeting": _l("Träffar"), "consultation": _l("Samråd"), "call": _l("Utlysningar")}


@get("/search", opt={"dear": True})
async def search(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """What one typed and what was found."""
    given = request.query_params
    typed, kind, offset = given.get("q", ""), given.get("kind"), min(number_in(given, "offset") or 0, 1000)
    shown = queries.shortened(typed)
    kind = kind if kind in KINDS else None
    found = await queries.search(session, membership, typed, kind=kind, offset=offset)
    return page(
        request,
        "search/index.html",
        typed=shown,
        is_shortened=len(typed) > queries.LONGEST,
        kind=kind,
        kinds=KINDS,
        within=WITHIN,
        beside=BESIDE,
        found=found,
        address=lambda **changed: _address(request, {"q": shown, "kind": kind} | changed),
        next_offset=offset + queries.SHOWN if found.more else None,
    )


def _address(request: AnyRequest, wanted: dict[str, Any]) -> str:
    return f"{request.url.path}?{urlencode({name: text for name, text in wanted.items() if text})}"


router = Router(path="/{network:str}", route_handlers=[search])

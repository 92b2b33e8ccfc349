"""Cross-site requests: the browser's own word (Sec-Fetch-Site, Origin) and a token bound to the sign-in."""

import hmac
from typing import Any

from litestar import Request

from portal.web.errors import Forbidden, FormExpired
from portal.web.forms import fields_of
from portal.web.language import _l
from portal.web.pages import csrf_token

SAFE = {"GET", "HEAD", "OPTIONS"}


async def same_site(request: "Request[Any, Any, Any]") -> None:
    """Before every route and its dependencies: an unsafe request comes from our own page and carries its token."""
    if request.method in SAFE or request.route_handler.opt.get("machine"):
        return
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site not in ("same-origin", "none") or (origin and origin != "null" and origin.lower() != request.app.state.origin):
        raise Forbidden(_l("Anropet kom från en annan webbplats."))
    if request.route_handler.opt.get("streams"):  # reads its body by itself, and asks for the token before it keeps any of it
        request.scope["state"]["fields"] = {}
        return
    check_token(request, request.headers.get("x-csrf-token") or (await fields_of(request)).get("csrf", [""])[0])


def check_token(request: "Request[Any, Any, Any]", given: object) -> None:
    """FormExpired unless `given` is the token of this browser's forms."""
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), csrf_token(request).encode()):
        raise FormExpired

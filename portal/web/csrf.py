"""Cross-site requests: the browser's own word (Sec-Fetch-Site, Origin) and a token bound to the sign-in."""

import hmac
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from portal.web.errors import Forbidden, FormExpired
from portal.web.forms import fields_of
from portal.web.language import _l
from portal.web.pages import csrf_token

SAFE = {"GET", "HEAD", "OPTIONS"}


async def same_site(connection: "ASGIConnection[Any, Any, Any, Any]", handler: BaseRouteHandler) -> None:
    """Guard of every route: an unsafe request comes from our own page and carries its token."""
    if not isinstance(connection, Request) or connection.method in SAFE or handler.opt.get("machine"):
        return
    site = connection.headers.get("sec-fetch-site", "same-origin")
    origin = connection.headers.get("origin")
    if site not in ("same-origin", "none") or (origin and origin != "null" and origin.lower() != connection.app.state.origin):
        raise Forbidden(_l("Anropet kom från en annan webbplats."))
    if handler.opt.get("streams"):  # reads its body by itself, and asks for the token before it keeps any of it
        connection.scope["state"]["fields"] = {}
        return
    check_token(connection, connection.headers.get("x-csrf-token") or (await fields_of(connection)).get("csrf", [""])[0])


def check_token(connection: "Request[Any, Any, Any]", given: object) -> None:
    """FormExpired unless `given` is the token of this browser's forms."""
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), csrf_token(connection).encode()):
        raise FormExpired

"""The outermost wall: odd paths, language, the browser's own cookie, security headers, a reference for every request."""

import logging
import random
import re
import secrets
from typing import Any, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from portal.web import addresses
from portal.web.arriving import arriving
from portal.web.bare import bare_page
from portal.web.language import _l, preferred_locale, use_locale

log = logging.getLogger("portal.web")

POLICY = (
    "default-src 'none'; script-src 'self' 'inline-speculation-rules'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"x-frame-options", b"DENY"),
]
PERSONAL = [(b"cache-control", b"no-store"), (b"vary", b"Cookie")]
HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
WORDS = {
    400: _l("Anropet gick inte att läsa."),
    404: _l("Länken kan vara gammal, eller så är det som finns här inte för dig."),
    421: _l("Portalen har en annan adress än den du gick till."),
}
PROBED = {"/health/live", "/health/ready"}  # by machines that know the portal by number
HOST = re.compile(rb"([A-Za-z0-9._-]{0,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
LONGEST_PATH = 2000
LONGEST_NAME = 255  # of a file


class Guard:
    """Wraps the whole application; sockets pass through with their language set."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], secure: bool) -> None:
        self.app = app
        self.hosts = hosts
        self.secure = secure
        self.browser_cookie = "__Host-browser" if secure else "browser"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        cookies = _cookies(headers.get(b"cookie", b""))
        use_locale(preferred_locale(cookies.get("language"), headers.get(b"accept-language", b"").decode("latin-1")))
        if scope["type"] == "http" and (status := self._status_of(scope)):
            await _refuse(scope, send, status)
            return
        headers_alone = scope.get("method") == "HEAD"
        if headers_alone:
            scope = cast(Scope, {**scope, "method": "GET"})  # the server leaves the body out by itself
        state = scope.setdefault("state", {})  # type: ignore[arg-type]
        state["headers_alone"] = headers_alone
        state["reference"] = f"{random.getrandbits(32):08x}"  # tells requests apart in the log; no secret
        known = cookies.get(self.browser_cookie, "")
        state["browser"] = known if len(known) == 43 and known.isascii() else secrets.token_urlsafe(32)
        arrives = arriving(receive) if scope["type"] == "http" else receive
        await self.app(scope, arrives, self._dressed(scope, send, fresh=state["browser"] != known))

    def _status_of(self, scope: Any) -> int | None:
        """What an odd request is refused with. Another host's pages are not ours to show, whoever sent the browser here."""
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) > 1 or not all(HOST.fullmatch(host) for host in hosts):
            return 400
        if scope["path"] not in PROBED and b"".join(hosts).decode().lower() not in self.hosts:
            return 421
        return 404 if _odd(scope) else None

    def _dressed(self, scope: Scope, send: Send, *, fresh: bool) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _value in message["headers"]}
                extra = HEADERS + ([HSTS] if self.secure else [])
                if b"cache-control" not in present:
                    extra = extra + PERSONAL
                if fresh and not scope["path"].startswith(("/static/", "/calendar/")):  # type: ignore[typeddict-item]
                    extra = [*extra, (b"set-cookie", self._browser_cookie(scope["state"]["browser"]))]
                message["headers"] = [*message["headers"], *(pair for pair in extra if pair[0] not in present or pair[0] == b"set-cookie")]
            await send(message)

        return dressed

    def _browser_cookie(self, value: str) -> bytes:
        return (
            f"{self.browser_cookie}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000{'; Secure' if self.secure else ''}".encode()
        )


def _cookies(raw: bytes) -> dict[str, str]:
    """Names and values; ours are plain words, and what others have set here is nothing to us."""
    pairs = (each.partition("=") for each in raw.decode("latin-1").split(";"))
    return {name.strip(): value.strip() for name, _sign, value in pairs}


def _odd(scope: Any) -> bool:
    path: str = scope["path"]
    return (
        len(path) > LONGEST_PATH
        or not path.isprintable()
        or any(len(part.encode()) > LONGEST_NAME for part in path.split("/"))
        or "\\" in path
        or "//" in path
        or any(part in (".", "..") for part in path.split("/"))
        or "\ufffd" in path
    )


async def _refuse(scope: Any, send: Send, status: int) -> None:
    reference = secrets.token_hex(4)
    log.info("refused with %s, reference %s, %s %s", status, reference, scope["method"], addresses.odd(scope["path"]))
    body = bare_page(status, WORDS[status], reference)
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode()), *HEADERS, *PERSONAL]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})

"""The outermost wall: odd paths, language, the browser's own cookie, security headers, a reference for every request."""

import logging
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import Any, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from portal.web.language import preferred_locale, use_locale

log = logging.getLogger("portal.web")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
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
NOT_FOUND = b"<!doctype html><html lang=sv><title>404</title><p>Sidan finns inte."
LONGEST_PATH = 2000


class Guard:
    """Wraps the whole application; sockets pass through with their language set."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.secure = secure
        self.browser_cookie = "__Host-browser" if secure else "browser"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        cookies = _cookies(headers.get(b"cookie", b""))
        use_locale(preferred_locale(cookies.get("language"), headers.get(b"accept-language", b"").decode("latin-1")))
        if scope["type"] == "http" and _odd(scope):
            await _refuse(send)
            return
        if scope.get("method") == "HEAD":
            scope = cast(Scope, {**scope, "method": "GET"})  # the server leaves the body out by itself
        state = scope.setdefault("state", {})  # type: ignore[arg-type]
        state["reference"] = secrets.token_hex(4)
        known = cookies.get(self.browser_cookie, "")
        state["browser"] = known if len(known) == 43 and known.isascii() else secrets.token_urlsafe(32)
        await self.app(scope, receive, self._dressed(scope, send, fresh=state["browser"] != known))

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
        return f"{self.browser_cookie}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000{'; Secure' if self.secure else ''}".encode()


def _cookies(raw: bytes) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(raw.decode("latin-1")).items()}
    except CookieError:
        return {}


def _odd(scope: Any) -> bool:
    path: str = scope["path"]
    return (
        len(path) > LONGEST_PATH
        or not path.isprintable()
        or "\\" in path
        or "//" in path
        or any(part in (".", "..") for part in path.split("/"))
        or "\ufffd" in path
    )


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(NOT_FOUND)).encode()), *HEADERS, *PERSONAL]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": NOT_FOUND, "more_body": False})

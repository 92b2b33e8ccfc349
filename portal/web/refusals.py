"""Exceptions → pages: one place, friendly words, a reference that stands in the log, and nothing typed is lost."""

import logging
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.types import ASGIApp, Receive, Scope, Send

from portal.outages import is_outage
from portal.web import addresses
from portal.web.arriving import Stalled
from portal.web.bare import bare_page
from portal.web.errors import Changed, Conflict, FormExpired, NotFound, Refused, SignInFirst, TooMany, Unavailable
from portal.web.forms import fields_of
from portal.web.language import _l
from portal.web.once import FIELD, Repeated, Reused
from portal.web.pages import page, redirect

log = logging.getLogger("portal.web")

# Who asks: after a failure these rows can be read no more, and the page about it shows nothing of them.
WHO = ("person", "membership", "memberships", "counts")
SECRET_FIELDS = {"csrf", "password", "code", "again"}
WORDS = {
    400: _l("Anropet gick inte att läsa."),
    404: NotFound.message,
    405: _l("Sidan kan inte användas på det sättet."),
    413: _l("Det som skickades är för stort."),
    415: _l("Skicka formuläret som ett vanligt webbformulär."),
}

AnyRequest = Request[Any, Any, Any]


class Failed:
    """What Litestar takes for a response: its exception handlers cannot wait, and our page may have to."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    def to_asgi_response(self, *_given: Any, request: AnyRequest, **_more: Any) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            response = await show_failure(request, self.failure)
            await response.to_asgi_response(app=None, request=request)(scope, receive, send)

        return answer


def handle(_request: AnyRequest, failure: Exception) -> Any:
    """Litestar's exception handler for everything."""
    return Failed(failure)


async def show_failure(request: AnyRequest, failure: Exception) -> Response[Any]:
    """The page for any exception. Litestar's own HTTP errors, ours, an outage, or a crash."""
    state = request.scope["state"]
    state["failed"] = True
    for name in WHO:
        state.pop(name, None)
    refusal = _refusal(request, failure)
    if isinstance(refusal, Repeated):
        return redirect(request, refusal.path, flash=refusal.said)
    if refusal.status < 500:
        log.info(
            "refused with %s, reference %s, %s %s",
            refusal.status,
            state.get("reference"),
            request.method,
            addresses.shown(request.url.path),
        )
    if isinstance(refusal, SignInFirst) and request.method in ("GET", "HEAD"):
        return Redirect(f"/sign-in?next={quote(_here(request))}", status_code=303)
    try:
        return await _page(request, refusal)
    except Exception:
        log.exception(
            "no page for status %s, reference %s, %s %s",
            refusal.status,
            state.get("reference"),
            request.method,
            addresses.shown(request.url.path),
        )
        return _last_page(request, Unavailable if isinstance(refusal, Unavailable) else Crash)


def _last_page(request: AnyRequest, refusal: type[Refused]) -> Response[Any]:
    """When the page for a failure fails itself: it says only that, and reads nothing."""
    content = bare_page(refusal.status, refusal.message, request.scope["state"].get("reference", ""))
    return Response(content, status_code=refusal.status, media_type=MediaType.HTML)


async def _page(request: AnyRequest, refusal: Refused) -> Response[Any]:
    typed = await _typed(request) if request.method == "POST" and refusal.status != 413 else {}
    if isinstance(refusal, Reused):
        typed.pop(FIELD, None)
        typed |= {"key": [str(uuid4())]} if "key" in typed else {}  # sent from here it is another comment
    if isinstance(refusal, Changed):
        typed.pop("version", None)
    kept = await request.app.state.keep(request, typed) if isinstance(refusal, SignInFirst) and typed and _is_page(request) else None
    response = page(
        request,
        "errors/refused.html",
        status=refusal.status,
        message=refusal.message,
        stored=refusal.stored if isinstance(refusal, Changed) else None,
        done=refusal.path if isinstance(refusal, Reused) else None,
        status_code=refusal.status,
        is_overtaken=_is_overtaken(refusal),
        reference=request.scope["state"].get("reference", ""),
        typed=typed,
        again=bool(typed) and isinstance(refusal, (FormExpired, Unavailable, Conflict, TooMany, Crash)),
        unkept=isinstance(refusal, SignInFirst) and bool(typed) and kept is None,
        sign_in=f"/sign-in?next=/kept/{kept}" if kept else ("/sign-in" if isinstance(refusal, SignInFirst) else None),
    )
    if isinstance(refusal, Unavailable):
        response.headers["retry-after"] = "5"
    if isinstance(refusal, Stalled):
        response.headers["connection"] = "close"
    if isinstance(refusal, TooMany):
        response.headers["retry-after"] = str(refusal.seconds)
    return response


def _is_overtaken(refusal: Refused) -> bool:
    """Somebody else was faster: a conflict with words of its own (a limit, a state) is about something else."""
    return isinstance(refusal, Conflict) and not isinstance(refusal, Reused) and refusal.message is type(refusal).message


class Crash(Refused):
    status = 500
    message = _l("Något gick fel hos oss. Felet är noterat.")


def _refusal(request: AnyRequest, failure: Exception) -> Refused:
    reference = request.scope["state"].get("reference")
    if isinstance(failure, Refused):
        return failure
    if isinstance(failure, HTTPException) and failure.status_code < 500:
        status = 413 if failure.status_code == 400 and "Too Large" in str(failure.detail) else failure.status_code
        return Refused(WORDS.get(status, Refused.message), status=status)
    if is_outage(failure) or (failure.__cause__ is not None and is_outage(failure.__cause__)):
        log.warning("database away, reference %s: %s", reference, type(failure).__name__)
        return Unavailable()
    log.error("crash, reference %s, %s %s", reference, request.method, addresses.shown(request.url.path), exc_info=failure)
    return Crash()


async def _typed(request: AnyRequest) -> dict[str, list[str]]:
    if "route_handler" not in request.scope:  # no such page: nobody says how much of the body may be read
        return {}
    try:
        fields = await fields_of(request)
    except (Refused, HTTPException):
        return {}
    return {name: [value for value in values if isinstance(value, str)] for name, values in fields.items() if name not in SECRET_FIELDS}


def _is_page(request: AnyRequest) -> bool:
    """Whether a person sent this by a form. A script (autosave, the composer) keeps its text in the page it runs in."""
    return request.headers.get("sec-fetch-mode", "navigate") == "navigate"


def _here(request: AnyRequest) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")

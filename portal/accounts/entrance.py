"""What signing in and out does to the browser: its cookies, and the device it was before."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.datastructures import Cookie

from portal.accounts import actions
from portal.accounts.actions import TRUSTED_LASTS, Visitor
from portal.accounts.models import Person
from portal.accounts.queries import device
from portal.db import Session
from portal.web import Frame, read_fields, redirect, safe_path
from portal.web.language import LOCALES, preferred_locale, use_locale

YEAR = 365 * 24 * 3600

AnyRequest = Request[Any, Any, Any]


def visitor_of(request: AnyRequest) -> Visitor:
    """The browser in front of us: its own cookie, its address and what it calls itself."""
    return Visitor(
        browser=request.scope["state"]["browser"],
        address=request.client.host if request.client else "",
        agent=request.headers.get("user-agent", ""),
        language=_language_at(request),
    )


def _language_at(request: AnyRequest) -> str | None:
    """The language that this browser was set to. Signing out takes it away, so at the door it was chosen there."""
    chosen = request.cookies.get("language")
    return chosen if chosen in LOCALES else None


async def wish(request: AnyRequest) -> str:
    """Where the visitor was on the way to: `next` of the form or of the address, if it is a page of ours."""
    fields = await read_fields(request) if request.method == "POST" else {}
    return safe_path(fields.get("next") or request.query_params.get("next"))


def with_next(path: str, wished: str) -> str:
    return path if wished == "/" else f"{path}?{urlencode({'next': wished})}"


async def enter(request: AnyRequest, session: Session, person: Person, *, trusted: bool) -> Response[Any]:
    """Sign `person` in here with a new token; whoever was signed in with this browser is signed out."""
    left = await leave(request, session)
    _signed_in, token = await actions.start(session, person=person, trusted=trusted, visitor=visitor_of(request))
    response = redirect(request, await wish(request))
    frame: Frame = request.app.state.frame
    response.set_cookie(_sid(frame, token, max_age=int(TRUSTED_LASTS.total_seconds()) if trusted else None))
    if left is not None and left.id != person.id:
        empty(response)
    else:
        _keep_language(request, person)
    remember(response, frame, language=person.locale, theme=person.theme)
    return response


def _keep_language(request: AnyRequest, person: Person) -> None:
    """The language that this browser was set to at the door is hers, if she has never chosen one."""
    chosen = _language_at(request)
    if not person.chose_locale and chosen is not None and chosen != person.locale:
        actions.prefer(person, language=chosen)


async def leave(request: AnyRequest, session: Session) -> Person | None:
    """End the sign-in that this browser holds, if any; returns whose it was."""
    frame: Frame = request.app.state.frame
    held = await device(session, request.cookies.get(frame.cookie("sid"), ""))
    if held is None:
        return None
    await actions.end(session, person=held.person, device_id=held.id)
    return held.person


def bid_farewell(request: AnyRequest, said: object) -> Response[Any]:
    """To the door, with a word in the language that it speaks there. The sign-in cookie goes, and so does how the portal looked to who was
    signed in: the next one at this browser is somebody else. A __Host- cookie goes only by the same attributes that set it."""
    frame: Frame = request.app.state.frame
    use_locale(preferred_locale(None, request.headers.get("accept-language", "")))
    response = redirect(request, "/", flash=str(said), leaving=True)
    response.set_cookie(_sid(frame, "", max_age=0))
    for name in ("language", "theme"):
        response.set_cookie(Cookie(name, value="", max_age=0, httponly=True, samesite="lax", secure=frame.secure))
    empty(response)
    return response


def empty(response: Response[Any]) -> None:
    """Take away what pages have kept in this browser for who was signed in (W3C Clear Site Data; static/js/unsent.js, autosave.js)."""
    response.headers["clear-site-data"] = '"storage"'


def remember(response: Response[Any], frame: Frame, *, language: str | None = None, theme: str | None = None) -> None:
    """Keep the choice of language or theme in this browser for a year."""
    for name, value in (("language", language), ("theme", theme)):
        if value is not None:
            response.set_cookie(Cookie(name, value=value, max_age=YEAR, httponly=True, samesite="lax", secure=frame.secure))


def _sid(frame: Frame, token: str, *, max_age: int | None) -> Cookie:
    return Cookie(frame.cookie("sid"), value=token, max_age=max_age, httponly=True, samesite="lax", secure=frame.secure)

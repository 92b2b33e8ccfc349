"""Templates → responses. One Frame per app holds the template environment and what the layout asks of the rooms above."""

import base64
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from jinja2 import Environment
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect
from markupsafe import escape

from portal import words
from portal.web.compiling import encoded
from portal.web.language import current_locale
from portal.web.menu import Home, Menu, Place
from portal.web.pieces import Own, own
from portal.web.templates import environment, pieces

THEMES = ("light", "dark")


@dataclass
class Frame:
    """What every page is made with. `places` gives the menu of a membership, with what waits there;
    `demo` tells whether this is the demo."""

    key: bytes
    secure: bool
    places: Callable[[Any, str, Mapping[str, int]], tuple[Place, ...]] = lambda membership, path, counts: ()
    demo: bool = False

    @property
    def environment(self) -> Environment:
        """The templates in the language that is spoken now."""
        return environment(current_locale())

    def cookie(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name

    def sign(self, text: str) -> str:
        signing = _begun_with(self.key).copy()
        signing.update(text.encode())
        return signing.hexdigest()


@lru_cache(maxsize=4)
def _begun_with(key: bytes) -> hmac.HMAC:
    """To begin with the key each time takes three times as long."""
    return hmac.new(key, digestmod="sha256")


def csrf_token(request: "Request[Any, Any, Any]") -> str:
    """The form token of this browser: bound to the sign-in, or to the visitor's own cookie."""
    frame: Frame = request.app.state.frame
    holder = _sid(request, frame) or request.scope["state"].get("browser", "")
    return frame.sign(f"csrf:{holder}")


def render(request: "Request[Any, Any, Any]", template: str, **context: Any) -> Iterator[str]:
    """The template's parts, with the request's language, person, membership and menu at hand."""
    membership = request.scope["state"].get("membership")
    entities = {
        "request": request,
        "path": request.scope["path"],
        "here": _here(request),
        "person": request.scope["state"].get("person"),
        "membership": membership,
        "network": membership.network if membership else None,
        "can": membership.can if membership else lambda permission: False,
    }
    frame: Frame = request.app.state.frame
    around = _around(request) | entities
    if taken := around.keys() & context.keys():
        raise TypeError(f"{template} is given what every page has: {', '.join(taken)}")
    return frame.environment.get_template(template).generate(around | context)


def _around(request: "Request[Any, Any, Any]") -> dict[str, Any]:
    """What every page has around it: plain values, and what is the viewer's own."""
    frame: Frame = request.app.state.frame
    state = request.scope["state"]
    membership, person = state.get("membership"), state.get("person")
    base = f"/{membership.network.slug}" if membership else ""
    here, theme, token = _here(request), request.cookies.get("theme"), csrf_token(request)
    field, name = _hidden("csrf", token), person.name if person else ""
    return {
        "locale": current_locale(),
        "chosen_theme": theme if theme in THEMES else "auto",  # a browser may say anything
        "base": base,
        "menu": _menu(request, frame),
        "demo": frame.demo,
        "flashes": _flashes(request, frame),
        "csrf": own(token),
        "csrf_field": lambda: field,
        "here_now": own(here),
        "here_again": own(here if request.method == "GET" else base or "/"),
        "me": own(person.id if person else ""),
        "my_name": own(name),
        "my_initials": own(words.initials(name)),
    }


def _here(request: "Request[Any, Any, Any]") -> str:
    path, query = request.scope["path"], request.scope["query_string"].decode()
    return f"{path}?{query}" if query else path


def _menu(request: "Request[Any, Any, Any]", frame: Frame) -> Menu:
    state = request.scope["state"]
    membership = state.get("membership")
    networks = tuple(Home.of(each.network) for each in state.get("memberships", ()))
    if membership is None:
        return Menu(None, networks, ())
    places = frame.places(membership, request.scope["path"], state.get("counts", {}))
    return Menu(Home.of(membership.network), networks, places)


def _hidden(name: str, value: str) -> Own:
    return Own(f'<input type="hidden" name="{name}" value="{escape(value)}">')


def is_seen(request: "Request[Any, Any, Any]") -> bool:
    """Whether somebody looks at the page now, and not just her browser, which fetches ahead (static/js/preload.js asks again)."""
    return "prefetch" not in request.headers.get("sec-purpose", "")


def page(request: "Request[Any, Any, Any]", template: str, *, status: int = 200, **context: Any) -> Response[bytes]:
    """A rendered page. Rendering happens here, inside the unit of work, so a mistake in a template rolls back."""
    return _response(request, encoded(render(request, template, **context)), status)


def _response(request: "Request[Any, Any, Any]", content: bytes, status: int) -> Response[bytes]:
    response = Response(content, status_code=status, media_type=MediaType.HTML)
    if "flash" in request.cookies:
        response.delete_cookie("flash")
    return response


class Viewer(NamedTuple):
    """Who looks at a page that is kept as a whole, as far as she has that in common with others."""

    shortcuts: bool


def whole(request: "Request[Any, Any, Any]", template: str, **given: Any) -> Response[bytes]:
    """A member's page that shows nothing but what it is given, plain values (portal/web/pieces.py) and what is her own: it is made once
    for all who see the same around that."""
    around, state = _around(request), request.scope["state"]
    around["csrf_field"] = around["csrf_field"]()
    around["person"], around["network"], around["can"] = (
        Viewer(state["person"].shortcuts),
        around["menu"].network,
        state["membership"].rights,
    )
    return _response(request, pieces(current_locale()).whole(template, around | given), 200)


class Flash(NamedTuple):
    """A word about what happened; `undo` is where to POST to take it back."""

    text: str
    undo: str | None = None


def redirect(
    request: "Request[Any, Any, Any]", path: str, *, flash: str | None = None, undo: str | None = None, leaving: bool = False
) -> Redirect:
    """303 to a page of ours, with a word about what happened and, where that is one step, a button that takes it back.

    The word is for the sign-in that this request came with; `leaving` ends it, and the word is for nobody in particular.
    """
    cookies = []
    request.scope["state"]["said"] = flash
    if flash:
        frame: Frame = request.app.state.frame
        packed = base64.urlsafe_b64encode(json.dumps([flash, undo]).encode()).decode().rstrip("=")  # "=" would make the cookie a quoted one
        signature = _flash_signature(frame, packed, sid="" if leaving else _sid(request, frame))
        cookies = [Cookie("flash", value=f"{packed}.{signature}", max_age=60, httponly=True, samesite="lax", secure=frame.secure)]
    return Redirect(path, status_code=303, cookies=cookies)


def _flashes(request: "Request[Any, Any, Any]", frame: Frame) -> tuple[Flash, ...]:
    packed, dot, signature = request.cookies.get("flash", "").partition(".")
    if not dot or not hmac.compare_digest(signature.encode(), _flash_signature(frame, packed, sid=_sid(request, frame)).encode()):
        return ()
    return (Flash(*json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))),)


def _flash_signature(frame: Frame, packed: str, *, sid: str) -> str:
    return frame.sign(f"flash:{sid}:{packed}")[:32]


def _sid(request: "Request[Any, Any, Any]", frame: Frame) -> str:
    return request.cookies.get(frame.cookie("sid"), "")


def safe_path(raw: str | None, otherwise: str = "/") -> str:
    """`raw` if it is a path of ours that one may be sent on to, else `otherwise`."""
    if not raw or not raw.startswith("/") or raw.startswith(("//", "/\\")) or not raw.isprintable() or "\\" in raw:
        return otherwise
    return raw if not urlsplit(raw).netloc else otherwise

"""Templates → responses. One Frame per app holds the template environment and what the layout asks of the rooms above."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect
from markupsafe import Markup

from portal import clock, words
from portal.web.language import current_locale, gettext, ngettext, pgettext

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = ROOT / "templates"
DIST = ROOT / "static" / "dist"


@dataclass(frozen=True)
class Place:
    """A room in the menu."""

    key: str
    label: str
    href: str
    icon: str
    group: str = "main"
    count: int = 0
    current: bool = False


@dataclass
class Frame:
    """What every page is made with. `places` gives the menu of a membership; `demo` tells whether this is the demo."""

    key: bytes
    secure: bool
    places: Callable[[Any, str], Sequence[Place]] = lambda membership, path: ()
    demo: bool = False
    environment: Environment = field(init=False)

    def __post_init__(self) -> None:
        self.environment = _environment()

    def cookie(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name

    def sign(self, text: str) -> str:
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]
    environment.globals.update(static=static, icon=icon, csrf_field=csrf_field, now=clock.now, new_key=uuid4)
    for name in ("date_long", "day_month", "weekday_date", "clock_time", "span", "week", "number", "file_size"):
        environment.filters[name] = _spoken(getattr(words, name))
    environment.filters.update(
        date_short=words.date_short,
        initials=words.initials,
        ago=lambda moment: words.ago(moment, clock.now(), current_locale()),
        due=lambda moment: words.due(moment, clock.now(), current_locale()),
        nearness=lambda moment: words.nearness(moment, clock.now()),
        local=clock.local,
    )
    return environment


def _spoken(function: Callable[..., str]) -> Callable[..., str]:
    return lambda *values: function(*values, current_locale())


@lru_cache(maxsize=256)
def static(path: str) -> str:
    """The address of a built file, with its hash so that browsers may keep it for good."""
    file = DIST / path
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"
    return f"/static/{path}?v={mark}"


def icon(name: str) -> Markup:
    """A Lucide icon from the sprite, silent for screen readers."""
    return Markup('<svg class="i" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(static("icons.svg"), name)


@pass_context
def csrf_field(context: Context) -> Markup:
    return Markup('<input type="hidden" name="csrf" value="{}">').format(context["csrf"])


def csrf_token(request: "Request[Any, Any, Any]") -> str:
    """The form token of this browser: bound to the sign-in, or to the visitor's own cookie."""
    frame: Frame = request.app.state.frame
    holder = request.cookies.get(frame.cookie("sid")) or request.scope["state"].get("browser", "")
    return frame.sign(f"csrf:{holder}")


def render(request: "Request[Any, Any, Any]", template: str, **context: Any) -> str:
    """The template as text, with the request's language, person, membership and menu at hand."""
    frame: Frame = request.app.state.frame
    state = request.scope["state"]
    membership = state.get("membership")
    around = {
        "request": request,
        "path": request.url.path,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "locale": current_locale(),
        "theme": request.cookies.get("theme", "auto"),
        "person": state.get("person"),
        "membership": membership,
        "memberships": state.get("memberships", ()),
        "network": membership.network if membership else None,
        "base": f"/{membership.network.slug}" if membership else "",
        "places": frame.places(membership, request.url.path) if membership else (),
        "can": membership.can if membership else lambda permission: False,
        "demo": frame.demo,
        "csrf": csrf_token(request),
        "flashes": _flashes(request, frame),
    }
    return frame.environment.get_template(template).render(around | context)


def page(request: "Request[Any, Any, Any]", template: str, *, status: int = 200, **context: Any) -> Response[bytes]:
    """A rendered page. Rendering happens here, inside the unit of work, so a mistake in a template rolls back."""
    content = render(request, template, **context).encode()
    response = Response(content, status_code=status, media_type=MediaType.HTML)
    if "flash" in request.cookies:
        response.delete_cookie("flash")
    return response


def redirect(request: "Request[Any, Any, Any]", path: str, *, flash: str | None = None) -> Redirect:
    """303 to a page of ours, with a word about what happened."""
    cookies = []
    if flash:
        frame: Frame = request.app.state.frame
        packed = base64.urlsafe_b64encode(json.dumps(flash).encode()).decode().rstrip("=")  # "=" would make the cookie a quoted one
        cookies = [Cookie("flash", value=f"{packed}.{frame.sign(packed)[:32]}", max_age=60, httponly=True, samesite="lax", secure=frame.secure)]
    return Redirect(path, status_code=303, cookies=cookies)


def _flashes(request: "Request[Any, Any, Any]", frame: Frame) -> list[str]:
    packed, dot, signature = request.cookies.get("flash", "").partition(".")
    if not dot or not hmac.compare_digest(signature.encode(), frame.sign(packed)[:32].encode()):
        return []
    return [json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))]


def safe_path(raw: str | None, otherwise: str = "/") -> str:
    """`raw` if it is a path of ours that one may be sent on to, else `otherwise`."""
    if not raw or not raw.startswith("/") or raw.startswith(("//", "/\\")) or not raw.isprintable() or "\\" in raw:
        return otherwise
    return raw if not urlsplit(raw).netloc else otherwise

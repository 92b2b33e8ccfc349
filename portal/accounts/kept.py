"""Forms that came after the sign-in had ended: shown to their writer, sent again or thrown away."""

import re
from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect

from portal.accounts import actions, queries
from portal.accounts.models import KeptForm, Person
from portal.db import Session
from portal.web import _, identity, page, redirect, safe_path

# Values that a form carries for the machine: numbers, keys, names of choices.
FOR_MACHINES = re.compile(r"[a-z0-9_-]*")


@get("/kept/{number:str}")
async def show_kept(number: str, request: Request[Any, Any, Any], person: Person, session: Session) -> Response[Any]:
    kept = await queries.kept_form(session, person, identity(number))
    return page(request, "accounts/kept.html", kept=kept, texts=readable(kept))


@post("/kept/{number:str}/sending")
async def send_kept(number: str, request: Request[Any, Any, Any], person: Person, session: Session) -> Response[Any]:
    """Lead the form on to where it was going. 307 makes the browser post the same fields there."""
    kept = await queries.kept_form(session, person, identity(number))
    actions.note_sent(kept)
    return Redirect(safe_path(kept.path), status_code=307)


@post("/kept/{number:str}/discarding")
async def discard_kept(number: str, request: Request[Any, Any, Any], person: Person, session: Session) -> Response[Any]:
    kept = await queries.kept_form(session, person, identity(number))
    await actions.discard(session, kept)
    return redirect(request, "/", flash=_("Texten är slängd."))


def readable(kept: KeptForm) -> list[str]:
    """What a person typed into the form, its title first, without what the form carries for the machine."""
    names = sorted(kept.fields, key=lambda name: name != "title")
    return [value for name in names for value in kept.fields[name] if not FOR_MACHINES.fullmatch(value)]


def place_of(kept: KeptForm) -> str:
    """The first line of what was typed, to know the form again by."""
    texts = readable(kept)
    return texts[0].strip().partition("\n")[0][:80] if texts else kept.path


HANDLERS = [show_kept, send_kept, discard_kept]

"""The front door and the pages that the law and good manners ask for."""

from datetime import date
from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import Provide

from portal.accounts.entrance import wish
from portal.accounts.models import Person
from portal.accounts.queries import provide_visitor_person
from portal.db import Session
from portal.networks import words
from portal.networks.queries import memberships_of
from portal.public import queries
from portal.public.cookies import cookies
from portal.web import Form, page, redirect

# When somebody last went through the portal for the accessibility statement, and last changed the statement.
ASSESSED = date(2026, 11, 23)
UPDATED = date(2026, 11, 23)


@get("/")
async def front(request: Request[Any, Any, Any], session: Session, visitor_person: Person | None) -> Response[Any]:
    """Home for those who are signed in, the door for others."""
    if visitor_person is None:
        return await _door(request, session)
    mine = await memberships_of(session, visitor_person.id)
    if not mine:
        return page(request, "public/no_network.html")
    return redirect(request, f"/{mine[0].network.slug}")


@get("/sign-in")
async def show_door(request: Request[Any, Any, Any], session: Session, visitor_person: Person | None) -> Response[Any]:
    """The door, on the way to somewhere."""
    if visitor_person is not None:
        return redirect(request, await wish(request))
    return await _door(request, session)


async def _door(request: Request[Any, Any, Any], session: Session) -> Response[Any]:
    people = await queries.demo_people(session) if request.app.state.frame.demo else []
    context: dict[str, Any] = {"form": Form(), "password_form": Form(), "people": people, "next": await wish(request)}
    return page(request, "accounts/sign_in.html", **context)


@get("/accessibility")
async def accessibility(request: Request[Any, Any, Any], session: Session, visitor_person: Person | None) -> Response[Any]:
    """The accessibility statement (lagen 2018:1937 om tillgänglighet till digital offentlig service, 13 §)."""
    owners = sorted({each.municipality for each in await queries.networks(session)})
    return page(request, "public/accessibility.html", owners=owners, assessed=ASSESSED, updated=UPDATED)


@get("/privacy")
async def privacy(request: Request[Any, Any, Any], visitor_person: Person | None) -> Response[Any]:
    """Who sees what, and what the portal knows about people (GDPR articles 13 and 14, lagen 1998:112 om elektroniska anslagstavlor)."""
    return page(request, "public/privacy.html")


@get("/cookies")
async def about_cookies(request: Request[Any, Any, Any], visitor_person: Person | None) -> Response[Any]:
    """Which cookies there are (lagen 2022:482 om elektronisk kommunikation, 9 kap. 28 §)."""
    return page(request, "public/cookies.html", cookies=cookies(request.app.state.frame))


@get("/contact")
async def contact(request: Request[Any, Any, Any], session: Session, visitor_person: Person | None) -> Response[Any]:
    """Whom to turn to. A network that has not written it is reached through its municipality."""
    return page(
        request, "public/contact.html", networks=await queries.networks(session), words=words, address=request.app.state.settings.address
    )


router = Router(
    path="/",
    route_handlers=[front, show_door, accessibility, privacy, about_cookies, contact],
    dependencies={"visitor_person": Provide(provide_visitor_person)},
)

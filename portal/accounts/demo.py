"""What exists in the demo alone: signing in with one click, and reading the mail that would have been sent."""

from typing import Any

from litestar import Request, Response, get, post

from portal import mail
from portal.accounts.entrance import AnyRequest, enter
from portal.accounts.models import Person
from portal.db import Session
from portal.web import NotFound, identity, page, read_fields


@post("/demo/sign-in")
async def be_someone(request: Request[Any, Any, Any], session: Session) -> Response[Any]:
    """Sign in as one of the demo people."""
    _only_in_demo(request)
    person = await session.get(Person, identity((await read_fields(request)).get("person", "")))
    if person is None or person.closed_at is not None:
        raise NotFound
    return await enter(request, session, person, trusted=False)


@get("/dev/mail")
async def read_mail(request: Request[Any, Any, Any], visitor_person: Person | None) -> Response[Any]:
    """The mail that the portal has kept, newest first."""
    _only_in_demo(request)
    return page(request, "accounts/mail.html", mails=mail.kept(request.app.state.settings.mail_folder))


def _only_in_demo(request: AnyRequest) -> None:
    if not request.app.state.frame.demo:
        raise NotFound


HANDLERS = [be_someone, read_mail]

"""Signing in with a code or a password, and signing out. Every answer is the same whether or not somebody has the address."""

from typing import Any

from litestar import Request, Response, get, post

from portal.accounts import actions, codes
from portal.accounts.entrance import AnyRequest, bid_farewell, enter, leave, visitor_of, wish, with_next
from portal.accounts.models import CodeForm, EmailForm, PasswordForm
from portal.db import Session
from portal.web import Form, _, _l, page, read, redirect


@post("/sign-in/code-request")
async def request_code(request: Request[Any, Any, Any], session: Session) -> Response[Any]:
    """Mail a code to the address, if somebody has it."""
    form = await read(request, EmailForm)
    wished = await wish(request)
    if not form.ok:
        return page(request, "accounts/sign_in.html", status=422, form=form, password_form=Form(), next=wished, people=())
    await actions.send_code(session, email=form.data.email, visitor=visitor_of(request))
    return redirect(request, with_next("/sign-in/code", wished))


@get("/sign-in/code")
async def ask_for_code(request: Request[Any, Any, Any], session: Session) -> Response[Any]:
    """Where one types the code."""
    return await _code_page(request, session, Form())


@post("/sign-in/code")
async def use_code(request: Request[Any, Any, Any], session: Session) -> Response[Any]:
    """Sign in with the code. A refusal is a page, not an exception, so that the try stays counted."""
    form = await read(request, CodeForm)
    person = await actions.sign_in_with_code(session, code=form.data.code, visitor=visitor_of(request)) if form.ok else None
    if person is None:
        form.errors = {"code": _("Koden stämmer inte, eller så gäller den inte längre. Se efter i mejlet, eller be om en ny kod.")}
        return await _code_page(request, session, form, status=422)
    return await enter(request, session, person, trusted=form.data.trusted)


async def _code_page(request: AnyRequest, session: Session, form: Form[Any], *, status: int = 200) -> Response[Any]:
    email = await codes.address_waited_for(session, visitor_of(request).browser)
    return page(request, "accounts/code.html", status=status, form=form, email=email, next=await wish(request))


@post("/sign-in/password")
async def use_password(request: Request[Any, Any, Any], session: Session) -> Response[Any]:
    """Sign in with a password."""
    form = await read(request, PasswordForm)
    person = None
    if form.ok:
        person = await actions.sign_in_with_password(
            session, email=form.data.email, password=form.data.password, visitor=visitor_of(request)
        )
    if person is None:
        return await _password_refused(request, form)
    return await enter(request, session, person, trusted=form.data.trusted)


async def _password_refused(request: AnyRequest, form: Form[PasswordForm]) -> Response[Any]:
    form.errors = form.errors or {"password": _("E-postadressen eller lösenordet stämmer inte. Med en kod i ett mejl kommer du också in.")}
    email = Form[EmailForm](values={"email": form.values.get("email")})
    context = {"form": email, "password_form": form, "next": await wish(request), "people": ()}
    return page(request, "accounts/sign_in.html", status=422, **context)


@post("/sign-out")
async def sign_out(request: Request[Any, Any, Any], session: Session) -> Response[Any]:
    """End this device's sign-in."""
    await leave(request, session)
    return bid_farewell(request, _l("Du är utloggad."))


HANDLERS = [request_code, ask_for_code, use_code, use_password, sign_out]

"""Another e-mail address: given by the person herself on her own page, proved with a code that is mailed to it.

Nobody changes it for her, a coordinator as little as others: who sets somebody's address can sign in as her."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Response, get, post
from sqlalchemy import delete
from sqlmodel import col

from portal import mail
from portal.accounts import actions, codes, limits
from portal.accounts.entrance import AnyRequest
from portal.accounts.me import here, my_page
from portal.accounts.models import CodeForm, EmailForm, Person, SignedIn, SignInCode
from portal.accounts.queries import person_by_email
from portal.db import Session, lock_name
from portal.web import Conflict, Form, _, _l, page, read, redirect, speaking

MOST_AN_HOUR = 10

# Told before a person has another address, while she still has the old one; rooms above say (portal/rooms.py).
MOVED: list[Callable[[Session, Person], Awaitable[None]]] = []


@post("/me/address/code-request")
async def request_code(request: Request[Any, Any, Any], person: Person, session: Session) -> Response[Any]:
    """Mail a code to the new address. Who has it already is not told here, but in that mail."""
    form = await read(request, EmailForm)
    if form.ok and form.data.email.lower() == person.email:
        form.errors["email"] = _("Det är den adress du har nu.")
    if not form.ok:
        return await my_page(request, session, person, address_form=form)
    await ask(session, person, email=form.data.email, holder=here(request))
    return redirect(request, "/me/address/code")


@get("/me/address/code")
async def ask_for_code(request: Request[Any, Any, Any], person: Person, session: Session) -> Response[Any]:
    """Where one types the code."""
    return await _code_page(request, session, Form())


@post("/me/address/code")
async def use_code(request: Request[Any, Any, Any], person: Person, session: Session) -> Response[Any]:
    """Change the address. A refusal is a page, not an exception, so that the try stays counted."""
    form = await read(request, CodeForm)
    if not (form.ok and await change(session, person, code=form.data.code, holder=here(request))):
        form.errors = {"code": _("Koden stämmer inte, eller så gäller den inte längre. Se efter i mejlet, eller be om en ny kod.")}
        return await _code_page(request, session, form, status=422)
    return redirect(request, "/me", flash=_("Din e-postadress är ändrad. Dina andra enheter är utloggade."))


async def _code_page(request: AnyRequest, session: Session, form: Form[Any], *, status: int = 200) -> Response[Any]:
    email = await codes.address_waited_for(session, codes.holder_of(here(request)))
    return page(request, "accounts/address_code.html", status=status, form=form, email=email)


async def ask(session: Session, person: Person, *, email: str, holder: SignedIn) -> None:
    """Mail a code to `email`, or to who has it that it was asked for; the work is the same, and so is what the asker sees."""
    owner = await person_by_email(session, email)
    code = await codes.draw(session, holder=codes.holder_of(holder), email=email, person=None if owner else person)
    await limits.count(session, f"addresses:{person.id}", most=MOST_AN_HOUR, seconds=3600)
    locale = owner.locale if owner else person.locale
    with speaking(locale):
        text = _taken_text() if owner else _code_text(code)
        await mail.send(session, to=email, subject=_("Ny e-postadress i nätverksportalen"), text=text, locale=locale)


def _code_text(code: str) -> str:
    return "\n\n".join(
        [
            _("Din kod är %(code)s.", code=code),
            _("Skriv den på sidan där du bad om den, så är det här adressen du loggar in med. Den gäller i 15 minuter."),
            _("Har du inte bett om någon kod? Då behöver du inte göra något: utan koden ändras ingenting."),
        ]
    )


def _taken_text() -> str:
    return "\n\n".join(
        [
            _("Någon som är inloggad i portalen har velat byta till den här adressen. Den hör redan till ditt konto, så inget är ändrat."),
            _("Var det du, med ett annat konto? Logga in med den här adressen, eller stäng först det konto du inte vill ha kvar."),
            _("Var det inte du behöver du inte göra något."),
        ]
    )


async def change(session: Session, person: Person, *, code: str, holder: SignedIn) -> bool:
    """Give the person the address that the code was mailed to, unless it is not that code. Every other sign-in ends, what was on its
    way to the old address is void, and the old address is told. Conflict if somebody else has come to have the address."""
    proved = await codes.redeem(session, holder=codes.holder_of(holder), typed=code)
    if proved is None or proved.person_id != person.id:
        return False
    before, after = person.email or "", proved.email
    for note in MOVED:
        await note(session, person)
    for each in sorted({before, after}):
        await lock_name(session, f"person:{each}")
    if await person_by_email(session, after) is not None:
        raise Conflict(_l("Ett annat konto har fått den adressen under tiden."))
    person.email = after
    session.add(person)
    await session.flush()
    await session.execute(delete(SignInCode).where((col(SignInCode.person_id) == person.id) | (col(SignInCode.email) == before)))
    await actions.end(session, person=person, but=holder.id)
    await _tell(session, person, before)
    return True


async def _tell(session: Session, person: Person, before: str) -> None:
    if not before:
        return
    with speaking(person.locale):
        changed = _("Du har bytt e-postadress i nätverksportalen. Hit kommer inga fler mejl, och den här adressen loggar inte in.")
        unknown = _("Var det inte du? Hör genast av dig till den som samordnar ditt nätverk.")
        subject = _("Din e-postadress är ändrad")
        await mail.send(session, to=before, subject=subject, text=f"{changed}\n\n{unknown}", locale=person.locale)


HANDLERS = [request_code, ask_for_code, use_code]

"""A person's own page: what she is called, how the portal looks to her, her password and her devices."""

from typing import Any

from litestar import Request, Response, get, post

from portal.accounts import actions, queries
from portal.accounts.devices import device_name, is_handheld
from portal.accounts.entrance import AnyRequest, remember
from portal.accounts.kept import place_of
from portal.accounts.models import EmailForm, NewPasswordForm, Person, ProfileForm, SignedIn
from portal.db import Session
from portal.web import Form, _, identity, page, read, redirect
from portal.web.language import use_locale


@get("/me")
async def show_me(request: Request[Any, Any, Any], person: Person, session: Session) -> Response[Any]:
    return await my_page(request, session, person)


@post("/me")
async def change_me(request: Request[Any, Any, Any], person: Person, session: Session) -> Response[Any]:
    """Change name, phone, language, theme and shortcuts."""
    form = await read(request, ProfileForm)
    if form.ok and await queries.is_borne_beside(session, person, form.data.name):
        form.errors["name"] = _(
            "Någon annan i ditt nätverk heter redan så. Skriv namnet så att ni går att skilja åt, till exempel med ett mellannamn."
        )
    if not form.ok:
        return await my_page(request, session, person, form=form)
    await actions.change_profile(session, person, form=form.data)
    use_locale(person.locale)
    response = redirect(request, "/me", flash=_("Dina uppgifter är sparade."))
    remember(response, request.app.state.frame, language=person.locale, theme=person.theme)
    return response


@post("/me/password")
async def change_password(request: Request[Any, Any, Any], person: Person, session: Session) -> Response[Any]:
    """Set a new password; every other device is signed out."""
    form = await read(request, NewPasswordForm)
    if form.ok and form.data.password != form.data.again:
        form.errors["again"] = _("De två lösenorden är inte lika.")
    if not form.ok:
        return await my_page(request, session, person, password_form=form)
    await actions.set_password(session, person=person, password=form.data.password, keep=here(request).id)
    return redirect(request, "/me", flash=_("Lösenordet är sparat. Dina andra enheter är utloggade."))


@post("/me/password/removal")
async def remove_password(request: Request[Any, Any, Any], person: Person, session: Session) -> Response[Any]:
    """Back to codes by e-mail alone."""
    await actions.set_password(session, person=person, password="", keep=here(request).id)
    return redirect(request, "/me", flash=_("Lösenordet är borttaget. Du loggar in med en kod i ett mejl."))


@post("/me/devices/{number:str}/ending")
async def end_device(number: str, request: Request[Any, Any, Any], person: Person, session: Session) -> Response[Any]:
    """Sign one device out."""
    ended = await queries.own_device(session, person, identity(number))
    await actions.end(session, person=person, device_id=ended.id)
    return redirect(request, "/me#devices", flash=_("Enheten är utloggad."))


@post("/me/devices/ending")
async def end_other_devices(request: Request[Any, Any, Any], person: Person, session: Session) -> Response[Any]:
    """Sign every other device out."""
    await actions.end(session, person=person, but=here(request).id)
    return redirect(request, "/me#devices", flash=_("Alla andra enheter är utloggade."))


def here(request: AnyRequest) -> SignedIn:
    """The device that this request comes from."""
    signed_in: SignedIn = request.scope["state"]["signed_in"]
    return signed_in


async def my_page(
    request: AnyRequest,
    session: Session,
    person: Person,
    *,
    form: Form[ProfileForm] | None = None,
    password_form: Form[NewPasswordForm] | None = None,
    address_form: Form[EmailForm] | None = None,
) -> Response[Any]:
    """Her page; with one of its forms as it was sent, if that cannot be."""
    return page(
        request,
        "accounts/me.html",
        status=422 if form or password_form or address_form else 200,
        form=form or _as_typed(person),
        password_form=password_form or Form(),
        address_form=address_form or Form(),
        devices=[(each, device_name(each.device), is_handheld(each.device)) for each in await queries.devices(session, person)],
        this=here(request),
        unsent=[(each, place_of(each)) for each in await queries.unsent_forms(session, person)],
    )


def _as_typed(person: Person) -> Form[ProfileForm]:
    return Form(values={**person.model_dump(include={"name", "phone", "theme", "shortcuts"}), "language": person.locale})


HANDLERS = [show_me, change_me, change_password, remove_password, end_device, end_other_devices]

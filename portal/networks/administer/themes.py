"""Themes: add, rename, order, retire."""

from typing import Any

from litestar import Request, Response, get, post

from portal.db import Session
from portal.networks import themes
from portal.networks.models import Membership, ThemeForm
from portal.networks.queries import themes as themes_of
from portal.networks.themes import MoveForm
from portal.networks.wrong import shown_in
from portal.web import Form, Refused, _, held_in, identity, page, read, redirect

AnyRequest = Request[Any, Any, Any]


@get("/themes")
async def index(request: AnyRequest, administrator: Membership, session: Session) -> Response[bytes]:
    return await _index(request, administrator, session, Form())


async def _index(request: AnyRequest, by: Membership, session: Session, form: Form[ThemeForm]) -> Response[bytes]:
    used = await themes_of(session, by.network_id)
    retired = await themes.retired_themes(session, by.network_id)
    return page(request, "networks/themes.html", status=422 if form.errors else 200, form=form, themes=used, retired=retired)


@post("/themes")
async def add(request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    form = await read(request, ThemeForm)
    with shown_in(form):
        if form.ok:
            await themes.add_theme(session, by=administrator, form=form.data)
    if not form.ok:
        return await _index(request, administrator, session, form)
    return redirect(request, _path(administrator), flash=_("Temat %(name)s är tillagt.", name=form.data.name))


@get("/themes/{number:str}")
async def show(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[bytes]:
    theme = await themes.theme(session, administrator, identity(number))
    return page(request, "networks/theme.html", form=Form[ThemeForm].filled(held_in(theme, ThemeForm)), subject=theme)


@post("/themes/{number:str}")
async def rename(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    theme = await themes.theme(session, administrator, identity(number))
    form = await read(request, ThemeForm)
    with shown_in(form):
        if form.ok:
            await themes.rename_theme(session, theme, by=administrator, form=form.data, version=form.version)
    if not form.ok:
        return page(request, "networks/theme.html", status=form.status, form=form, subject=theme)
    return redirect(request, _path(administrator), flash=_("Temat heter nu %(name)s.", name=form.data.name))


@post("/themes/{number:str}/position")
async def move(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    theme = await themes.theme(session, administrator, identity(number))
    form = await read(request, MoveForm)
    if not form.ok:
        raise Refused(_("Välj upp eller ner."), status=422)
    await themes.move_theme(session, theme, by=administrator, direction=form.data.direction)
    return redirect(request, _path(administrator), flash=_("Ordningen är ändrad."))


@post("/themes/{number:str}/retirement")
async def retire(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    theme = await themes.theme(session, administrator, identity(number))
    await themes.retire_theme(session, theme, by=administrator)
    return redirect(request, _path(administrator), flash=_("Temat %(name)s vilar nu.", name=theme.name))


@post("/themes/{number:str}/return")
async def restore(number: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    theme = await themes.theme(session, administrator, identity(number))
    await themes.restore_theme(session, theme, by=administrator)
    return redirect(request, _path(administrator), flash=_("Temat %(name)s är i bruk igen.", name=theme.name))


def _path(by: Membership) -> str:
    return f"/{by.network.slug}/administer/themes"


HANDLERS = [index, add, show, rename, move, retire, restore]

"""Language and light or dark: kept in the browser for a year, and with the person when somebody is signed in."""

from typing import Any

from litestar import Request, Response, post

from portal.accounts import actions
from portal.accounts.entrance import remember, wish
from portal.accounts.models import LanguageForm, Person, ThemeForm
from portal.web import Refused, _l, read, redirect


@post("/language")
async def set_language(request: Request[Any, Any, Any], visitor_person: Person | None) -> Response[Any]:
    form = await read(request, LanguageForm)
    if not form.ok:
        raise Refused(_l("Portalen talar inte det språket."), status=422)
    if visitor_person is not None:
        actions.prefer(visitor_person, language=form.data.language)
    response = redirect(request, await wish(request))
    remember(response, request.app.state.frame, language=form.data.language)
    return response


@post("/theme")
async def set_theme(request: Request[Any, Any, Any], visitor_person: Person | None) -> Response[Any]:
    form = await read(request, ThemeForm)
    if not form.ok:
        raise Refused(_l("Välj ljust, mörkt eller som datorn."), status=422)
    if visitor_person is not None:
        actions.prefer(visitor_person, theme=form.data.theme)
    response = redirect(request, await wish(request))
    remember(response, request.app.state.frame, theme=form.data.theme)
    return response


HANDLERS = [set_language, set_theme]

"""The year as all members see it: the wheel and its table; and the reminders that the coordinator puts into it."""

from collections.abc import Callable, Sequence
from typing import Any

from litestar import Request, Response, Router, get, post

from portal import clock
from portal.db import Session
from portal.networks.models import Membership
from portal.networks.queries import require
from portal.web import Form, _, identity, page, read, redirect
from portal.web.forms import number_in
from portal.web.sorting import arranged, here_with
from portal.year import actions, queries
from portal.year.days import FIRST_YEAR, LAST_YEAR
from portal.year.marks import Mark
from portal.year.models import ReminderForm
from portal.year.wheel import sign, wheel, when, words_of

AnyRequest = Request[Any, Any, Any]
COLUMNS: dict[str, Callable[[Mark], Any]] = {"day": lambda mark: mark.first, "what": lambda mark: mark.title}


def year_in(request: AnyRequest, otherwise: int) -> int:
    """The year that the address asks for, if it is one."""
    asked = number_in(request.query_params, "year")
    return asked if asked is not None and FIRST_YEAR <= asked <= LAST_YEAR else otherwise


@get("/meetings/year")
async def show(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """The wheel of a year, with all that is in it as a table beside."""
    return await _show(request, membership, session, Form())


async def _show(request: AnyRequest, membership: Membership, session: Session, form: Form[ReminderForm]) -> Response[bytes]:
    require(membership, "network:read")
    year = year_in(request, clock.today().year)
    marks = await queries.marks(session, membership, year)
    reminders = await queries.reminders(session, membership) if membership.can("meeting:plan") else []
    path = f"/{membership.network.slug}/meetings/year"
    given = drawn(membership, marks, year) | {"table": arranged(request, marks, COLUMNS, order="day", path=path)}
    given["of_year"] = lambda number: here_with(request, {"year": number}, path=path)
    return page(request, "year/show.html", status=form.status, form=form, year=year, reminders=reminders, **given)


def drawn(membership: Membership, marks: Sequence[Mark], year: int) -> dict[str, Any]:
    """What a template needs to show the wheel, with a table as it is."""
    base = f"/{membership.network.slug}"
    sorts = sorted({mark.sort for mark in marks}, key=list(type(marks[0].sort)).index) if marks else []
    return {
        "wheel": wheel(year, marks, today=clock.today(), base=base),
        "marks": marks,
        "sorts": sorts,
        "sign": sign,
        "words_of": words_of,
        "when": when,
        "table": None,
    }


@post("/meetings/reminders")
async def remind(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    require(membership, "meeting:plan")
    form = await read(request, ReminderForm)
    if not form.ok:
        return await _show(request, membership, session, form)
    await actions.remind(session, by=membership, form=form.data)
    return _back(request, membership, form.data.day.year, _("Påminnelsen står i årshjulet."))


@post("/meetings/reminders/{number:str}/removal")
async def forget(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    reminder = await queries.reminder(session, membership, identity(number))
    await actions.forget(session, reminder, by=membership)
    return _back(request, membership, clock.today().year, _("Påminnelsen är borttagen."))


def _back(request: AnyRequest, membership: Membership, year: int, flash: str) -> Response[Any]:
    return redirect(request, f"/{membership.network.slug}/meetings/year?year={year}", flash=flash)


router = Router(path="/{network:str}", route_handlers=[show, remind, forget])

"""The coordinator's plan of a year. Every button is a form of its own, so that it works without a
script; with one the page stays where it is."""

from datetime import date
from typing import Any

from litestar import Request, Response, Router, get, post

from portal import clock
from portal.db import Session
from portal.networks.models import Membership
from portal.networks.queries import require
from portal.networks.wrong import shown_in
from portal.web import Form, _, current_locale, identity, ngettext, page, read, redirect
from portal.web.forms import number_in
from portal.words import weekday_date
from portal.year import actions, queries
from portal.year.models import PickForm, PlannedDayForm, UsualForm, YearForm
from portal.year.planner import planner
from portal.year.routes import year_in
from portal.year.wheel import sign, when, words_of

AnyRequest = Request[Any, Any, Any]
NEXT_YEAR_FROM = 9


def year_to_plan(today: date) -> int:
    """From September people plan the next year."""
    return today.year + (today.month >= NEXT_YEAR_FROM)


@get("/meetings/plan")
async def show(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """The days of the year, what lies there already, what is picked and what is to be said about it."""
    require(membership, "meeting:plan")
    return await _show(request, membership, session, year_in(request, year_to_plan(clock.today())))


async def _show(
    request: AnyRequest,
    membership: Membership,
    session: Session,
    year: int,
    *,
    usual: Form[Any] | None = None,
    pick: Form[Any] | None = None,
) -> Response[bytes]:
    plan = await planner(session, membership, year)
    filled = usual or Form.filled(plan.usual.values())
    status = max(filled.status, pick.status if pick else 200)
    given = {"usual": filled, "pick": pick or Form(), "sign": sign, "words_of": words_of, "when": when, "today": clock.today()}
    return page(request, "year/plan.html", status=status, plan=plan, year=year, **given)


@post("/meetings/plan")
async def set_usual(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """Title, hours and place of the year's meetings."""
    require(membership, "meeting:plan")
    form = await read(request, UsualForm)
    with shown_in(form):
        if form.ok:
            await actions.set_usual(session, by=membership, form=form.data, version=form.version)
    if not form.ok:
        asked = None if "year" in form.errors else number_in(form.values, "year")
        return await _show(request, membership, session, asked or year_to_plan(clock.today()), usual=form)
    return _back(request, membership, form.data.year, _("Sparat. Det gäller alla dagar som inte har något eget."))


@post("/meetings/plan/days")
async def pick(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    require(membership, "meeting:plan")
    form = await read(request, PickForm)
    if not form.ok:
        return await _show(request, membership, session, year_in(request, year_to_plan(clock.today())), pick=form)
    await actions.pick(session, by=membership, day=form.data.day)
    return _back(request, membership, form.data.day.year, _("Vald: %(day)s.", day=weekday_date(form.data.day, current_locale())))


@get("/meetings/plan/days/{number:str}")
async def edit(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    planned = await queries.planned_day(session, membership, identity(number))
    return page(request, "year/day.html", planned=planned, form=Form.filled(planned.values()))


@post("/meetings/plan/days/{number:str}")
async def change(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    planned = await queries.planned_day(session, membership, identity(number))
    form = await read(request, PlannedDayForm)
    with shown_in(form):
        if form.ok:
            await actions.change_day(session, planned, by=membership, form=form.data, version=form.version)
    if not form.ok:
        return page(request, "year/day.html", status=form.status, planned=planned, form=form)
    return _back(request, membership, planned.day.year, _("Dagen är ändrad."))


@post("/meetings/plan/days/{number:str}/removal")
async def drop(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    planned = await queries.planned_day(session, membership, identity(number))
    await actions.drop(session, planned, by=membership)
    return _back(request, membership, planned.day.year)


@post("/meetings/plan/rhythm")
async def follow_rhythm(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    require(membership, "meeting:plan")
    year = (await read(request, YearForm)).data.year
    count = await actions.follow_rhythm(session, by=membership, year=year)
    said = ngettext("En dag är föreslagen. Flytta den om den inte passar.", "%(num)d dagar är föreslagna. Byt dem som inte passar.", count)
    return _back(request, membership, year, said % {"num": count})


@post("/meetings/plan/publication")
async def publish(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    require(membership, "meeting:plan")
    year = (await read(request, YearForm)).data.year
    count = await actions.publish(session, by=membership, year=year)
    said = ngettext(
        "En träff är planerad och syns för alla. Ingen har fått mejl.",
        "%(num)d träffar är planerade och syns för alla. Ingen har fått mejl.",
        count,
    )
    return redirect(request, f"/{membership.network.slug}/meetings/year?year={year}", flash=said % {"num": count})


def _back(request: AnyRequest, membership: Membership, year: int, flash: str | None = None) -> Response[Any]:
    return redirect(request, f"/{membership.network.slug}/meetings/plan?year={year}", flash=flash)


router = Router(path="/{network:str}", route_handlers=[show, set_usual, pick, edit, change, drop, follow_rhythm, publish])

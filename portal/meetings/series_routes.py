"""Planning: the form for one meeting or a series, the days of a series before anything is made, and what is done with a series after."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal.db import Session
from portal.meetings import rights, series
from portal.meetings.models import CancelForm, Meeting
from portal.meetings.series_models import FollowingForm, PlanForm, SeriesForm
from portal.meetings.words import STATES
from portal.networks import groups
from portal.networks.models import Membership
from portal.networks.wrong import shown_in
from portal.web import Form, _, identity, ngettext, page, read, redirect

AnyRequest = Request[Any, Any, Any]


async def plan_form(request: AnyRequest, membership: Membership, session: Session, form: Form[Any]) -> Response[bytes]:
    """The form in which a meeting is planned, or a series of them."""
    found = await rights.groups_to_plan_for(session, membership)
    return page(request, "meetings/form.html", status=form.status, form=form, meeting=None, groups=found)


async def preview(request: AnyRequest, membership: Membership, session: Session, form: Form[Any], planned: PlanForm) -> Response[bytes]:
    """The days of a series, with what is to be known of each; nothing is made yet."""
    days = await series.proposed(session, by=membership, form=planned)
    chosen = form.values.get("days")
    return page(
        request,
        "meetings/series_new.html",
        status=form.status,
        form=form,
        planned=planned,
        group=await groups.open_group(session, membership, planned.group_id),
        days=days,
        chosen={each.day.isoformat() for each in days if each.is_wise} if chosen is None else set(chosen),
        kept={name: form.values[name] for name in PlanForm.model_fields if form.values.get(name) not in (None, "")},
    )


@post("/meetings/series")
async def make(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """A meeting on each of the chosen days."""
    await rights.groups_to_plan_for(session, membership)
    form = await read(request, SeriesForm)
    if form.validated is None:
        return await plan_form(request, membership, session, form)
    planned, made = form.validated, None
    with shown_in(form):
        group = await groups.open_group(session, membership, planned.group_id)
        made = await series.plan(session, by=membership, form=planned, group=group)
    if made is None:
        if "group_id" in form.errors:
            return await plan_form(request, membership, session, form)
        return await preview(request, membership, session, form, planned)
    count = len(set(planned.days))
    said = ngettext("En träff är planerad. Ingen har fått mejl ännu.", "%(num)d träffar är planerade. Ingen har fått mejl ännu.", count)
    return redirect(request, f"/{membership.network.slug}/meetings/series/{made.id}", flash=said % {"num": count})


@get("/meetings/series/{number:str}")
async def show(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """The meetings of a series, and the rule by which they were planned."""
    found = await series.series(session, membership, identity(number))
    return page(
        request,
        "meetings/series.html",
        series=found,
        meetings=await series.meetings_of(session, membership, found),
        ahead=await series.ahead(session, membership, found),
        states=STATES,
    )


@get("/meetings/{number:str}/following")
async def ask_for_following(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """The form for this meeting of a series and those after it."""
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    return await _following(request, membership, session, meeting, "following", Form.filled(series.held_for_following(meeting)))


@post("/meetings/{number:str}/following")
async def change_following(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    form, count = await read(request, FollowingForm), 0
    with shown_in(form):
        if form.ok:
            count = await series.change_following(session, meeting, by=membership, form=form.data, version=form.version)
    if not form.ok:
        return await _following(request, membership, session, meeting, "following", form)
    said = ngettext("En träff är ändrad.", "%(num)d träffar är ändrade.", count) % {"num": count} if count else _("Ingenting är ändrat.")
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}", flash=said)


@get("/meetings/{number:str}/following/cancellation")
async def ask_before_cancelling(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    return await _following(request, membership, session, meeting, "following_cancel", Form())


@post("/meetings/{number:str}/following/cancellation")
async def cancel_following(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await rights.meeting_to(session, membership, "meeting:plan", number)
    form = await read(request, CancelForm)
    if not form.ok:
        return await _following(request, membership, session, meeting, "following_cancel", form)
    count = await series.cancel_following(session, meeting, by=membership, form=form.data)
    said = ngettext("En träff är inställd.", "%(num)d träffar är inställda.", count) % {"num": count}
    return redirect(request, f"/{membership.network.slug}/meetings/series/{meeting.series_id}", flash=said)


async def _following(
    request: AnyRequest, membership: Membership, session: Session, meeting: Meeting, asked: str, form: Form[Any]
) -> Response[bytes]:
    """One of the two pages about a meeting and those that follow it in its series."""
    found = await series.open_following(session, membership, meeting)
    return page(request, f"meetings/{asked}.html", status=form.status, form=form, meeting=meeting, meetings=found, states=STATES)


router = Router(
    path="/{network:str}", route_handlers=[make, show, ask_for_following, change_following, ask_before_cancelling, cancel_following]
)

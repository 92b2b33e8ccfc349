"""Action items: what a meeting asks of whom, and that it is done."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal.db import Session
from portal.drafting import actions as drafting
from portal.drafting.models import DraftText
from portal.meetings import action_items, minutes_document, queries, rights
from portal.meetings.models import Meeting
from portal.meetings.record_models import ActionForm, ActionItem
from portal.meetings.record_page import owners
from portal.networks.models import Membership
from portal.networks.wrong import shown_in
from portal.web import Form, NotFound, _, identity, page, read, redirect, way_back

AnyRequest = Request[Any, Any, Any]


@get("/actions")
async def index(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """Who is to do what: everything that is open, by unit, or what was done lately; or, for who
    hands it over, what was left by those who have gone."""
    asked, may_hand = request.query_params.get("show"), membership.can("minutes:write")
    show = asked if asked == "done" or (asked == "left" and may_hand) else "open"
    found = await action_items.listed(session, membership, done=show == "done", left=show == "left")
    groups = action_items.by_unit(found) if show != "done" else [("", list(found))] if found else []
    adrift = await action_items.adrift(session, found)
    may_close = action_items.closing(membership, await rights.led(session, membership))
    return page(
        request, "meetings/actions.html", groups=groups, show=show, adrift=adrift, has_left=may_hand and bool(adrift), may_close=may_close
    )


@post("/meetings/{number:str}/actions")
async def add(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    meeting = await queries.meeting(session, membership, identity(number))
    notes = await _notes(session, meeting)
    await drafting.require_author(session, notes, by=membership)
    form = await read(request, ActionForm)
    with shown_in(form):
        if form.ok:
            await action_items.add(session, meeting, notes, by=membership, form=form.data)
    if not form.ok:
        return await _shown(request, session, membership, form, meeting, None)
    return redirect(request, await _next(request, membership, meeting), flash=_("Åtgärdspunkten är tillagd."))


@get("/actions/{action:str}")
async def edit_form(action: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    found, meeting = await _found(session, membership, action)
    return await _shown(request, session, membership, Form.filled(action_items.held_in_form(found)), meeting, found)


@post("/actions/{action:str}")
async def change(action: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    found, meeting = await _found(session, membership, action)
    form = await read(request, ActionForm)
    with shown_in(form):
        if form.ok:
            await action_items.change(session, found, await _notes(session, meeting), by=membership, form=form.data, version=form.version)
    if not form.ok:
        return await _shown(request, session, membership, form, meeting, found)
    return redirect(request, await _next(request, membership, found), flash=_("Åtgärdspunkten är ändrad."))


@post("/actions/{action:str}/closure")
async def close(action: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    found = await action_items.one(session, membership, identity(action))
    await action_items.close(session, found, by=membership)
    undo = f"/{membership.network.slug}/actions/{found.id}/opening"
    return redirect(request, await _next(request, membership, found), flash=_("Klar: %(what)s", what=found.what), undo=undo)


@post("/actions/{action:str}/opening")
async def reopen(action: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    found = await action_items.one(session, membership, identity(action))
    await action_items.reopen(session, found, by=membership)
    return redirect(request, await _next(request, membership, found), flash=_("Åtgärdspunkten är öppen igen."))


@post("/actions/{action:str}/removal")
async def remove(action: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    found, meeting = await _found(session, membership, action)
    await action_items.remove(session, found, await _notes(session, meeting), by=membership)
    return redirect(request, f"/{membership.network.slug}{meeting.record.path}#actions", flash=_("Åtgärdspunkten är borttagen."))


async def _found(session: Session, membership: Membership, action: str) -> tuple[ActionItem, Meeting]:
    """The action item and its meeting, for those who write the notes or lead the network."""
    found = await action_items.one(session, membership, identity(action))
    meeting = await queries.meeting(session, membership, found.meeting_id)
    if not await rights.may(session, membership, "minutes:write", meeting):
        await drafting.require_author(session, await _notes(session, meeting), by=membership)
    return found, meeting


async def _notes(session: Session, meeting: Meeting) -> DraftText:
    notes = await minutes_document.notes_text(session, meeting)
    if notes is None:
        raise NotFound
    return notes


async def _shown(
    request: AnyRequest, session: Session, membership: Membership, form: Form[Any], meeting: Meeting, action: ActionItem | None
) -> Response[bytes]:
    notes = await minutes_document.notes_text(session, meeting)
    people = await owners(session, membership)
    if action is not None and action.owner_id not in {number for number, _name in people}:
        people = [(action.owner_id, action.owner.person.name), *people]
    is_locked = notes is None or notes.locked_at is not None
    shown = {"form": form, "meeting": meeting, "action": action, "owners": people, "is_locked": is_locked}
    return page(request, "meetings/action.html", status=form.status, next=await way_back(request), **shown)


async def _next(request: AnyRequest, membership: Membership, subject: ActionItem | Meeting) -> str:
    """Where the button stood, if it says so; else the meeting's page."""
    record = subject.source if isinstance(subject, ActionItem) else subject.record
    return await way_back(request, f"/{membership.network.slug}{record.path}#actions")


router = Router(path="/{network:str}", route_handlers=[index, add, edit_form, change, close, reopen, remove])

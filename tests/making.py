"""Records made the way the rooms make them."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.comments.actions import post
from portal.comments.models import Comment, CommentForm
from portal.consultations.by_hand import register
from portal.consultations.models import Consultation, ConsultationForm
from portal.db import Session
from portal.drafting.models import Section
from portal.drafting.queries import text_of
from portal.findings.actions import publish
from portal.findings.models import FindingForm
from portal.funding.actions import register as register_call
from portal.funding.models import CallForm, WatchedCall
from portal.meetings import action_items, corrections, minutes, minutes_document, series
from portal.meetings.actions import change, hold, plan, record_presence
from portal.meetings.agenda import add
from portal.meetings.models import AgendaForm, Meeting, MeetingForm
from portal.meetings.queries import meeting as read_meeting
from portal.meetings.record_models import ActionForm, ActionItem, ApprovalForm, CirculationForm, Correction, CorrectionForm
from portal.meetings.series_models import MeetingSeries, SeriesForm
from portal.networks import groups
from portal.networks.group_models import GroupForm, GroupPlaceForm, WorkingGroup
from portal.networks.models import Membership
from portal.networks.queries import themes
from portal.records.models import Record, Share
from portal.year.actions import pick
from portal.year.models import PlannedDay, YearPlan
from tests.factories import Cast


async def make_finding(session: Session, by: Membership, title: str = "Nya avloppsdirektivet", **given: Any) -> Record:
    """A published finding, committed."""
    known = await themes(session, by.network_id)
    form = {"happens": "Mer rening.", "means": "Reningsverket berörs.", "themes": [known[0].id], **given}
    finding = await publish(session, by=by, form=FindingForm.model_validate({"title": title, **form}))
    await session.commit()
    return finding.record


async def make_meeting(
    session: Session,
    by: Membership,
    title: str = "Nätverksträff 2",
    *,
    day: date | None = None,
    group: WorkingGroup | None = None,
    **given: Any,
) -> Meeting:
    """A planned meeting with two agenda items, committed."""
    form = {"day": day or clock.today() + timedelta(days=14), "starts": time(13), "ends": time(15, 30), "place": "Tranan", **given}
    meeting = await plan(session, by=by, form=MeetingForm.model_validate({"title": title, **form}), group=group)
    for item in ("Föregående träff", "Spaningar att bedöma"):
        await add(session, meeting, by=by, form=AgendaForm(title=item, minutes=15))
    await session.commit()
    return meeting


async def make_group(
    session: Session, by: Membership, name: str = "Bostad och energi", *inside: Membership, lead: Membership | None = None, **given: Any
) -> WorkingGroup:
    """A working group with these members, committed."""
    group = await groups.add(session, by=by, form=GroupForm.model_validate({"name": name, "lead_id": lead.id if lead else None, **given}))
    for each in inside:
        await groups.let_in(session, group, by=by, form=GroupPlaceForm(member_id=each.id))
    await session.commit()
    return group


async def make_series(
    session: Session, by: Membership, title: str = "Serie", *, group: WorkingGroup | None = None, **given: Any
) -> MeetingSeries:
    """Three meetings on every day of a rule, every other week from two weeks ahead on unless it says otherwise; committed."""
    form = {
        "day": clock.today() + timedelta(days=14),
        "starts": time(13),
        "ends": time(14),
        "place": "Tranan",
        "repeats": "weeks",
        "every": 2,
        **given,
    }
    asked = SeriesForm.model_validate({"title": title, **form} | ({} if "until" in form or "times" in form else {"times": 3}))
    made = await series.plan(session, by=by, form=asked.model_copy(update={"days": asked.all_days}), group=group)
    await session.commit()
    return made


def retyped(meeting: Meeting, **given: Any) -> MeetingForm:
    """The meeting's form as it is filled, with some fields changed."""
    return MeetingForm.model_validate({name: value for name, value in (meeting.values() | given).items() if value != ""})


async def make_circulated(session: Session, cast: Cast, title: str) -> Meeting:
    """A meeting whose notes are on correction."""
    meeting = await make_meeting(session, cast.coordinator, title)
    await circulated(session, cast, meeting)
    return meeting


async def circulated(session: Session, cast: Cast, meeting: Meeting) -> None:
    """The meeting was held with the coordinator and the contact person there, and its notes are on correction; committed."""
    coordinator, contact = cast.coordinator, cast.contact
    await hold(session, meeting, by=coordinator)
    await record_presence(session, meeting, by=coordinator, present={coordinator.id, contact.id})
    form = CirculationForm(respond_by=clock.today() + timedelta(days=7), adjuster_id=contact.id)
    await minutes.circulate(session, meeting, by=coordinator, form=form)
    await session.commit()


async def make_locked(session: Session, meeting: Meeting, approvers: Sequence[Membership]) -> None:
    """The notes are approved and locked; committed."""
    for each in approvers:
        mark = minutes_document.mark(await minutes_document.content(session, meeting, each.network))
        await minutes.approve(session, meeting, by=each, form=ApprovalForm(mark=mark))
    await session.commit()


async def make_action(
    session: Session, meeting: Meeting, *, by: Membership, owner: Membership, what: str, due_on: date | None = None
) -> ActionItem:
    """An open action item of a meeting whose notes are open, committed."""
    notes = await minutes_document.notes_text(session, meeting)
    assert notes is not None
    form = ActionForm(what=what, owner_id=owner.id, due_on=due_on)
    action = await action_items.add(session, meeting, notes, by=by, form=form)
    await session.commit()
    return action


async def make_correction(session: Session, meeting: Meeting, *, by: Membership, body: str) -> tuple[Section, Correction]:
    """A correction that is proposed to the first section, committed."""
    view = await text_of(session, by, meeting.record, "notes")
    assert view is not None
    form = CorrectionForm(section_id=view.sections[0].id, version=view.sections[0].version, body=body)
    correction = await corrections.propose(session, meeting, view, by=by, form=form)
    await session.commit()
    return view.sections[0], correction


async def change_meeting(session: Session, by: Membership, number: int, **given: Any) -> Meeting:
    """The meeting with some fields of its form changed, committed."""
    meeting = await read_meeting(session, by, number)
    await change(session, meeting, by=by, form=retyped(meeting, **given))
    await session.commit()
    return meeting


async def make_planned(session: Session, by: Membership, day: date) -> PlannedDay:
    """A day of the year's plan, flushed."""
    await pick(session, by=by, day=day)
    wanted = select(PlannedDay).join(YearPlan, col(YearPlan.id) == col(PlannedDay.plan_id))
    return (await session.scalars(wanted.where(col(PlannedDay.day) == day, col(YearPlan.network_id) == by.network_id))).one()


async def make_call(session: Session, by: Membership, title: str = "Vänortsmöten", **given: Any) -> WatchedCall:
    """A call for proposals, open now, committed."""
    today = clock.today()
    form = {"programme": "CERV", "opens_on": today - timedelta(days=7), "closes_on": today + timedelta(days=30), **given}
    watched = await register_call(session, by=by, form=CallForm.model_validate({"title_sv": title, **form}))
    await session.commit()
    return watched


async def make_consultation(
    session: Session, by: Membership, title: str = "Rättsakt om överkomliga bostäder", **given: Any
) -> Consultation:
    """A consultation registered by hand, open now, committed."""
    today = clock.today()
    form = {"stage": "public_consultation", "opens_on": today - timedelta(days=7), "closes_on": today + timedelta(days=30), **given}
    consultation = await register(session, by=by, form=ConsultationForm.model_validate({"title_sv": title, **form}))
    await session.commit()
    return consultation


async def make_comment(session: Session, record: Record, by: Membership, body: str, *, parent_id: int | None = None) -> Comment:
    """A comment's row, flushed."""
    posted = await post(session, record.id, by=by, form=CommentForm(body=body, key=uuid4(), parent_id=parent_id))
    return await session.get_one(Comment, posted.id)


async def make_waiting(session: Session, record: Record, by: Membership, body: str = "Hej från en gäst.") -> Comment:
    """A guest's comment that waits for approval, flushed; the network's settings are as before, and
    so is whom the record is shared with."""
    network = by.network
    before, network.guests_comment, network.guests_wait = (network.guests_comment, network.guests_wait), True, True
    shares = select(col(Share.id)).where(col(Share.record_id) == record.id, col(Share.membership_id) == by.id)
    share = None
    if await session.scalar(shares) is None:
        share = Share(record_id=record.id, membership_id=by.id, shared_by_id=by.person_id, created_at=clock.now())
        session.add(share)
    comment = await make_comment(session, record, by, body)
    if share is not None:
        await session.delete(share)
    network.guests_comment, network.guests_wait = before
    return comment

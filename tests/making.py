"""Records made the way the rooms make them."""

from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.comments.actions import post
from portal.comments.models import Comment, CommentForm
from portal.consultations.actions import register
from portal.consultations.models import Consultation, ConsultationForm
from portal.db import Session
from portal.findings.actions import publish
from portal.findings.models import FindingForm
from portal.meetings.actions import change, plan
from portal.meetings.agenda import add
from portal.meetings.models import AgendaForm, Meeting, MeetingForm
from portal.meetings.queries import meeting as read_meeting
from portal.networks.models import Membership
from portal.networks.queries import themes
from portal.records.models import Record, Share


async def make_finding(session: Session, by: Membership, title: str = "Nya avloppsdirektivet", **given: Any) -> Record:
    """A published finding, committed."""
    known = await themes(session, by.network_id)
    form = {"happens": "Mer rening.", "means": "Reningsverket berörs.", "themes": [known[0].id], **given}
    finding = await publish(session, by=by, form=FindingForm.model_validate({"title": title, **form}))
    await session.commit()
    return finding.record


async def make_meeting(session: Session, by: Membership, title: str = "Nätverksträff 2", *, day: date | None = None, **given: Any) -> Meeting:
    """A planned meeting with two agenda items, committed."""
    form = {"day": day or clock.today() + timedelta(days=14), "starts": time(13), "ends": time(15, 30), "place": "Tranan", **given}
    meeting = await plan(session, by=by, form=MeetingForm.model_validate({"title": title, **form}))
    for item in ("Föregående träff", "Spaningar att bedöma"):
        await add(session, meeting, by=by, form=AgendaForm(title=item, minutes=15))
    await session.commit()
    return meeting


async def change_meeting(session: Session, by: Membership, number: int, **given: Any) -> Meeting:
    """The meeting with some fields of its form changed, committed."""
    meeting = await read_meeting(session, by, number)
    typed = {name: value for name, value in (meeting.values() | given).items() if value != ""}
    await change(session, meeting, by=by, form=MeetingForm.model_validate(typed))
    await session.commit()
    return meeting


async def make_consultation(session: Session, by: Membership, title: str = "Rättsakt om överkomliga bostäder", **given: Any) -> Consultation:
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
    """A guest's comment that waits for approval, flushed; the network's settings are as before, and so is whom the record is shared with."""
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

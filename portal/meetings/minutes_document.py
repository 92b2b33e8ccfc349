"""A meeting on paper: agenda or notes as plain data, the same for page, PDF, Word and HTML. What is locked is kept as it was approved."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from portal import clock, words
from portal.db import Session
from portal.drafting import document
from portal.drafting.models import DraftText, Section
from portal.drafting.queries import sections
from portal.meetings import action_items, documents, queries
from portal.meetings.agenda_models import MeetingDocument
from portal.meetings.models import AgendaItem, Meeting
from portal.meetings.record_models import ActionItem, Amendment, MeetingVisitor, Minutes
from portal.networks import words as network_words
from portal.networks.models import Membership, Network
from portal.web import current_locale

Document = dict[str, Any]


async def content(session: Session, meeting: Meeting, network: Network) -> Document:
    """Everything that an approval is about, in the language that is spoken: the meeting, who was there, and the notes item by item."""
    text = await notes_text(session, meeting)
    written = {each.id: each for each in await sections(session, text.id)} if text else {}
    items = await queries.agenda(session, meeting)
    actions = await action_items.of_meeting(session, meeting)
    seats = await queries.seats(session, meeting)
    there = [seat.membership for seat in seats if seat.attendance and seat.attendance.present]
    beside = [each for each in written.values() if each.id not in {item.section_id for item in items}]
    return {
        "meeting": _meeting(meeting, network),
        "present": [_person(each, network) for each in there],
        "visitors": [{"name": each.name, "organisation": each.organisation} for each in await visitors(session, meeting)],
        "items": [_item(number, item, written.get(item.section_id), actions) for number, item in enumerate(items, 1)],
        "sections": [{"title": each.heading, "notes": _blocks(each)} for each in beside],
        "actions": [told(each) for each in actions if each.item_id is None],
        "documents": [_document(each, items) for each in await documents.of_meeting(session, meeting)],
    }


async def notes_text(session: Session, meeting: Meeting) -> DraftText | None:
    wanted = select(DraftText).where(col(DraftText.record_id) == meeting.record_id, col(DraftText.purpose) == "notes")
    return (await session.scalars(wanted)).first()


async def visitors(session: Session, meeting: Meeting) -> Sequence[MeetingVisitor]:
    """Those who were there and are no members."""
    wanted = select(MeetingVisitor).where(col(MeetingVisitor.meeting_id) == meeting.record_id).order_by(col(MeetingVisitor.id))
    return (await session.scalars(wanted)).all()


async def amendments(session: Session, meeting: Meeting) -> Sequence[Amendment]:
    """Corrections since the text was locked, the first first."""
    wanted = select(Amendment).where(col(Amendment.meeting_id) == meeting.record_id).order_by(col(Amendment.id))
    return (await session.scalars(wanted)).all()


def _meeting(meeting: Meeting, network: Network) -> Document:
    locale = current_locale()
    starts, ends = clock.local(meeting.starts_at), clock.local(meeting.ends_at)
    return {
        "network": network.name,
        "municipality": network.municipality,
        "title": meeting.record.heading,
        "when": f"{words.weekday_date(starts, locale)} {words.span(starts, ends, locale)}",
        "place": meeting.place,
        "purpose": meeting.purpose,
    }


def _person(member: Membership, network: Network) -> Document:
    role = member.title or network_words.role(member.role, network)
    return {"unit": member.unit.name if member.unit else "", "name": member.person.name, "role": role}


def _item(number: int, item: AgendaItem, section: Section | None, actions: Sequence[ActionItem]) -> Document:
    """With the heading of its notes where whoever wrote them has given them another than the agenda's."""
    renamed = {"heading": section.heading} if section and section.heading != item.title else {}
    return renamed | {
        "number": number,
        "title": item.title,
        "minutes": item.minutes,
        "presenter": item.presenter,
        "goal": item.goal or "",
        "notes": _blocks(section) if section else [],
        "decision": item.decision,
        "actions": [told(each) for each in actions if each.item_id == item.id],
    }


def _document(document: MeetingDocument, items: Sequence[AgendaItem]) -> Document:
    """Named by its bytes, too: an approval is for the version that was read."""
    newest = document.newest
    number = next((n for n, item in enumerate(items, 1) if item.id == document.item_id), None)
    return {"name": newest.attachment.name, "version": newest.number, "sha256": newest.attachment.sha256, "item": number}


def _blocks(section: Section) -> list[Any]:
    """The section's text in the editor's own format; nothing where nothing is written."""
    body = document.normal(section.body)
    return [] if body == document.empty() else list(body["content"])


def told(action: ActionItem) -> Document:
    """An action item as it stands on paper."""
    return {
        "what": action.what,
        "owner": action.owner.person.name,
        "unit": action.unit.name if action.unit else "",
        "due": words.date_short(action.due_on) if action.due_on else "",
    }


def mark(content: Mapping[str, Any]) -> str:
    """Another one whenever a word of the content is another: what an approval holds for."""
    written = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def names_of_approval(minutes: Minutes) -> Document:
    """Who approved the text and when, to be kept with it."""
    locale = current_locale()
    approved, adjusted = minutes.approved_at, minutes.adjusted_at
    return {
        "coordinator": minutes.approved_by.name if minutes.approved_by else "",
        "coordinator_on": words.date_long(clock.local(approved), locale) if approved else "",
        "adjuster": minutes.adjuster.person.name,
        "adjuster_on": words.date_long(clock.local(adjusted), locale) if adjusted else "",
    }

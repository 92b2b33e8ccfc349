"""Agenda and notes as papers (portal/papers): what is locked says what was approved, with its handling and corrections of today."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from portal import clock, words
from portal.clock import STOCKHOLM
from portal.db import Session
from portal.drafting import document as texts
from portal.links import is_own_path
from portal.meetings import action_items, minutes
from portal.meetings import minutes_document as document
from portal.meetings.models import Goal, Meeting, State
from portal.meetings.queries import WHOLE
from portal.meetings.record_page import GOALS
from portal.networks.models import Membership
from portal.records.models import Handling
from portal.records.queries import readable
from portal.web import _, current_locale, speaking

AGENDA, NOTES = "agenda", "notes"
Element = dict[str, Any]


async def paper(session: Session, membership: Membership, meeting: Meeting, variant: str, *, address: str) -> dict[str, Any]:
    """The meeting's agenda or notes, in the network's language; links lead below `address`, the portal's own."""
    with speaking(membership.network.language):
        content = await _content(session, membership, meeting)
        if variant == AGENDA:
            previous = await action_items.open_before(session, membership, meeting) if meeting.is_open else []
            told = list(_agenda(content, [document.told(each) for each in previous]))
        else:
            told = [*await _standing(session, meeting), *_notes(content, level=1, address=address)]
        elements = [*_head(content, level=1), *_called_off(meeting), *told]
        return _paper(membership, content["meeting"]["title"], elements)


async def year(session: Session, membership: Membership, number: int, *, address: str) -> dict[str, Any] | None:
    """The notes of all meetings of the year that have been held and that the member may read, in one paper; None if there are none."""
    first, last = (datetime.combine(date(each, 1, 1), time(), STOCKHOLM) for each in (number, number + 1))
    wanted = select(Meeting).join(Meeting.record).options(WHOLE).where(readable(membership))  # type: ignore[arg-type]
    wanted = wanted.where(
        col(Meeting.starts_at) >= first, col(Meeting.starts_at) < last, col(Meeting.state).in_((State.held, State.finalised))
    )
    held = (await session.scalars(wanted.order_by(col(Meeting.starts_at), col(Meeting.record_id)))).unique().all()
    with speaking(membership.network.language):
        title = _("Anteckningar %(year)s, %(network)s", year=number, network=membership.network.name)
        elements: list[Element] = [_heading(1, title)]
        for meeting in held:
            content = await _content(session, membership, meeting)
            elements += [*_head(content, level=2), *await _standing(session, meeting), *_notes(content, level=2, address=address)]
        return _paper(membership, title, elements) if held else None


async def _content(session: Session, membership: Membership, meeting: Meeting) -> document.Document:
    """What was approved, else what is written today; who was there is not for guests."""
    way = await minutes.of(session, meeting)
    content = way.document if way and way.document else await document.content(session, meeting, membership.network)
    hidden = {"present", "visitors"} if membership.is_guest else set()
    return {name: value for name, value in content.items() if name not in hidden}


def _paper(membership: Membership, title: str, elements: Sequence[Element]) -> dict[str, Any]:
    network = membership.network
    return {
        "title": title,
        "author": network.name,
        "lang": current_locale(),
        "foot": f"{network.name}, {network.municipality}",
        "missing": _("Tecken som dokumentets typsnitt saknar visas som □."),
        "elements": elements,
    }


def _heading(level: int, words: str) -> Element:
    return {"type": "heading", "level": level, "text": words}


def _labelled(label: str, words: str) -> Element:
    return {"type": "labelled", "label": label, "text": words}


def _head(content: Mapping[str, Any], *, level: int) -> Iterator[Element]:
    meeting = content["meeting"]
    yield _heading(level, meeting["title"])
    yield {"type": "paragraph", "text": "\n".join(each for each in (words.unbroken(meeting["when"]), meeting["place"]) if each)}


def _called_off(meeting: Meeting) -> list[Element]:
    """That nobody comes by a paper to a meeting that is off."""
    if meeting.state != State.cancelled:
        return []
    return [{"type": "note", "label": _("Träffen är inställd."), "text": meeting.cancel_reason}]


async def _standing(session: Session, meeting: Meeting) -> list[Element]:
    """What kind of document it is today, and what has been corrected since it was locked."""
    record, way = meeting.record, await minutes.of(session, meeting)
    handling = {
        Handling.working: _("Arbetsmaterial"),
        Handling.finalised: _("Färdigställd"),
        Handling.registered: _("Registrerad"),
    }[Handling(record.handling)]
    found = [_labelled(_("Handling:"), handling)]
    if record.registry_no:
        found.append(_labelled(_("Diarienummer:"), record.registry_no))
    elif way and way.unregistered_reason:
        found.append(_labelled(_("Registreras inte:"), way.unregistered_reason))
    for each in await document.amendments(session, meeting):
        label = _("Rättelse %(day)s, %(name)s", day=_day(clock.local(each.at)), name=each.by_name)
        found.append({"type": "note", "label": label, "text": each.body})
    return found


def _agenda(content: Mapping[str, Any], previous: Sequence[document.Document]) -> Iterator[Element]:
    if content["meeting"]["purpose"]:
        yield {"type": "paragraph", "text": content["meeting"]["purpose"]}
    yield _heading(2, _("Dagordning"))
    if content["items"]:
        yield _items(content["items"])
    else:
        yield {"type": "paragraph", "text": _("Dagordningen är tom.")}
    if previous:
        yield _heading(2, _("Öppna åtgärdspunkter"))
        yield {"type": "list", "items": [_errand(each) for each in previous]}


def _items(items: Sequence[Mapping[str, Any]]) -> Element:
    """The items as a table, without the columns that no item has anything in."""
    head = [_("Punkt"), _("Mål"), _("Föredragande"), _("Minuter")]
    rows = [[f"{each['number']}. {each['title']}", _goal(each), each["presenter"], str(each["minutes"] or "")] for each in items]
    used = [n for n, column in enumerate(zip(*rows, strict=True)) if any(column)]
    return {"type": "table", "head": [head[n] for n in used], "rows": [[row[n] for n in used] for row in rows]}


def _goal(item: Mapping[str, Any]) -> str:
    return str(GOALS[Goal(item["goal"])]) if item["goal"] else ""


def _notes(content: Mapping[str, Any], *, level: int, address: str) -> Iterator[Element]:
    below = level + 1
    if "present" in content:
        yield from _there(content, level=below)
    for item in content["items"]:
        yield _heading(below, f"{item['number']}. {item.get('heading') or item['title']}")
        yield from _about(item)
        yield from _rich(item["notes"], level=below + 1, address=address)
        if item["decision"]:
            yield _labelled(_("Beslut:"), item["decision"])
        yield from _errands(item["actions"])
    for section in content["sections"]:
        yield _heading(below, section["title"])
        yield from _rich(section["notes"], level=below + 1, address=address)
    if content["actions"]:
        yield _heading(below, _("Övriga åtgärdspunkter"))
        yield from _errands(content["actions"])
    if content["documents"]:
        yield _heading(below, _("Bilagor"))
        yield {"type": "list", "items": [_document(each) for each in content["documents"]]}
    if "approval" in content:
        yield _heading(below, _("Godkänd av"))
        said = content["approval"]
        adjuster = _("%(name)s, justerare, %(day)s", name=said["adjuster"], day=words.unbroken(said["adjuster_on"]))
        yield {"type": "list", "items": [f"{said['coordinator']}, {words.unbroken(said['coordinator_on'])}", adjuster]}


def _there(content: Mapping[str, Any], *, level: int) -> Iterator[Element]:
    yield _heading(level, _("Närvarande"))
    there = [[each["name"], each["unit"], each["role"]] for each in content["present"]]
    there += [[each["name"], each["organisation"], _("Besökare")] for each in content["visitors"]]
    if there:
        yield {"type": "table", "head": [_("Namn"), _("Enhet"), _("Roll")], "rows": there}
    else:
        yield {"type": "paragraph", "text": _("Närvaron är inte noterad.")}


def _document(document: Mapping[str, Any]) -> str:
    version = " ".join((_("version"), str(document["version"])))
    item = [_("punkt %(n)s", n=document["item"])] if document["item"] else []
    return f"{document['name']} ({', '.join([version, *item])})"


def _about(item: Mapping[str, Any]) -> Iterator[Element]:
    goal = _("Mål: %(goal)s", goal=_goal(item).lower()) if item["goal"] else ""  # a bare word reads as if it had been decided
    who = _("Föredragande: %(name)s", name=item["presenter"]) if item["presenter"] else ""
    if told := ". ".join(filter(None, (goal, who))):
        yield {"type": "paragraph", "text": told}


def _rich(blocks: Sequence[Any], *, level: int, address: str) -> Iterator[Element]:
    if blocks:
        whole = [_with_whole_links(each, address) for each in blocks]
        yield {"type": "rich", "level": level, "blocks": whole, "html": texts.to_html({"type": "doc", "content": whole})}


def _with_whole_links(node: Mapping[str, Any], address: str) -> dict[str, Any]:
    """On paper a path of the portal's own leads nowhere."""
    told = dict(node)
    if "content" in node:
        told["content"] = [_with_whole_links(each, address) for each in node["content"]]
    if "marks" in node:
        told["marks"] = [_whole(mark, address) for mark in node["marks"]]
    return told


def _whole(mark: Mapping[str, Any], address: str) -> dict[str, Any]:
    href = mark.get("attrs", {}).get("href", "")
    return dict(mark) if not is_own_path(href) else {**mark, "attrs": {"href": f"{address}{href}"}}


def _errands(actions: Sequence[Mapping[str, Any]]) -> Iterator[Element]:
    if actions:
        yield _labelled(_("Åtgärdspunkter:"), "")
        yield {"type": "list", "items": [_errand(each) for each in actions]}


def _errand(action: Mapping[str, Any]) -> str:
    who = f"{action['owner']} ({action['unit']})" if action["unit"] else action["owner"]
    due = _("klart senast %(day)s", day=_day(date.fromisoformat(action["due"]))) if action["due"] else ""
    return f"{action['what']} – {', '.join(filter(None, (who, due)))}"


def _day(day: date) -> str:
    return words.unbroken(words.date_long(day, current_locale()))


def name(meeting: Meeting, variant: str) -> str:
    """What the file is called, without its ending."""
    kind = _("Dagordning") if variant == AGENDA else _("Anteckningar")
    return f"{words.date_short(clock.local(meeting.starts_at))} {kind} {meeting.record.title}"[:90]

"""A meeting that goes on: its agenda, the item that it is at, what is to be done and who is there."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from portal import clock
from portal.accounts.models import Person
from portal.drafting.compare import Change
from portal.drafting.document import to_html
from portal.drafting.markup import from_markdown
from portal.drafting.models import DraftText, Section
from portal.drafting.queries import TextView
from portal.meetings.models import AgendaItem, Attendance, Goal, Meeting, State
from portal.meetings.queries import Seat
from portal.meetings.record_models import ActionItem, Amendment, Correction, MeetingVisitor, Minutes
from portal.meetings.record_page import GOALS, OUTCOMES
from portal.meetings.room import Place, by_unit
from portal.meetings.timetable import timetable
from portal.networks.models import Membership, Unit
from portal.records.models import Record
from portal.styleguide.samples import SampleRecord
from portal.web import Form

STARTS = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = date(2026, 12, 10)
NOTES = "Reningsverket i Norrbyn berörs.\n\n- Mer rening från 2030\n- Fler prover, varje månad"


def samples() -> dict[str, Any]:
    """The context of meetings/_floor.html, _beside.html, _agenda.html and _actions.html."""
    meeting = Meeting(record_id=1, starts_at=STARTS, ends_at=STARTS + timedelta(minutes=45), state=State.summoned, uid="example")
    items, (maja, tomas) = _items(), _members()
    section = Section(id=1, text_id=1, position=1, heading=items[1].title, body=from_markdown(NOTES))
    actions = [
        _action(1, "Frågar ledningen om korttidsuthyrning", tomas, due_on=DAY),
        _action(2, "Skickar förra svaret till alla", maja, done_at=STARTS),
    ]
    return {
        "record": SampleRecord("working", path="", heading="Nätverksträff 5: Vad lärde vi oss i år?"),
        "meeting": meeting,
        "items": items,
        "agenda": items,
        "place": Place(items[1], 2, clock.now() - timedelta(minutes=35), items[0], items[2]),
        "times": timetable(meeting, items),
        "section": section,
        "to_html": to_html,
        "about": defaultdict(list, {2: [SampleRecord("working", path="", heading="Nya avloppsdirektivet: mer rening och fler prover")]}),
        "goals": GOALS,
        "may": {"meeting:plan", "attendance:record"},
        "may_note": True,
        "may_close": lambda action: True,
        "owners": [(each.id, each.person.name) for each in (maja, tomas)],
        "actions": actions,
        "previous": [("Granbo AB", [_action(3, "Kollar reglerna för paneler på kulturhus", tomas, due_on=date(2026, 10, 1))])],
        "adrift": set(),
        "seats": by_unit([Seat(maja, Attendance(meeting_id=1, membership_id=1, present=True)), Seat(tomas, None)]),
        "visitors": [MeetingVisitor(id=1, meeting_id=1, name="Leena Virtanen", organisation="Tampere")],
        "form": Form(values={"decision": "Vi tar upp det i investeringsplanen."}),
        "visitor": Form(),
        "membership": maja,
        "can": lambda permission: True,
        "documents": (),
        "text": TextView(
            DraftText(id=1, record_id=1, purpose="notes"), Record(kind="meeting", title="", path=""), [section], may_write=True
        ),
        "proposed": 2,
        "amendments": [Amendment(id=1, meeting_id=1, body="Träffen slutade klockan 15.10.", at=STARTS, by_name="Ingela Rask")],
        "in_review": True,
        "way": Minutes(meeting_id=1, respond_by=DAY, adjuster=tomas, approved_at=STARTS, approved_by=maja.person, approved_mark="1"),
        "mark": "1",
        "today": DAY,
        "may_correct": False,
        "outcomes": OUTCOMES,
        "corrections": partial(_corrections, tomas),
        "room": "",
    }


def _corrections(by: Membership, changes: list[Change]) -> list[tuple[Correction, list[Change]]]:
    proposed = Correction(id=1, meeting_id=1, section_id=1, version=2, before="före", body="efter", reason="Så sa vi.", at=STARTS, by=by)
    return [(proposed, changes)]


def _items() -> list[AgendaItem]:
    return [
        AgendaItem(id=1, meeting_id=1, position=1, title="Föregående träff", minutes=10, presenter=""),
        AgendaItem(id=2, meeting_id=1, position=2, title="Spaningar att bedöma", minutes=30, presenter="Bengt Sjöholm", goal=Goal.discuss),
        AgendaItem(id=3, meeting_id=1, position=3, title="Datum för nästa år", minutes=15, presenter="", decision="Fem träffar, som i år."),
    ]


def _members() -> tuple[Membership, Membership]:
    return _member(1, "Maja Lindqvist", "Bildning"), _member(2, "Tomas Ekvall", "Granbo AB")


def _member(number: int, name: str, unit: str) -> Membership:
    return Membership(
        id=number,
        network_id=1,
        person_id=number,
        role="contact",
        starts_on=DAY,
        person=Person(id=number, name=name),
        unit=Unit(network_id=1, name=unit),
    )


def _action(number: int, what: str, owner: Membership, *, due_on: date | None = None, done_at: datetime | None = None) -> ActionItem:
    return ActionItem(
        id=number,
        network_id=1,
        meeting_id=1,
        item_id=2,
        what=what,
        owner_id=owner.id,
        owner=owner,
        unit=owner.unit,
        due_on=due_on,
        done_at=done_at,
        done_by=owner.person if done_at else None,
        created_by_id=1,
    )

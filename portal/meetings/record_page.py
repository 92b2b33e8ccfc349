"""What a meeting's page shows of its notes on their way to a record, and of its action items."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from portal import clock
from portal.db import Session
from portal.drafting import compare
from portal.drafting.queries import TextView
from portal.meetings import action_items, corrections, documents, minutes, proposals, rights
from portal.meetings import minutes_document as document
from portal.meetings.models import AgendaItem, Goal, Meeting, State
from portal.meetings.record_models import Correction, Outcome
from portal.meetings.timetable import records_of, timetable
from portal.networks.models import Membership
from portal.networks.queries import members
from portal.web import _l, speaking

OUTCOMES = {
    Outcome.taken: (_l("Infört"), "done"),
    Outcome.written_in: (_l("Redan infört"), "done"),
    Outcome.declined: (_l("Inte infört"), "plain"),
}
GOALS = {Goal.inform: _l("För kännedom"), Goal.discuss: _l("Diskussion"), Goal.decide: _l("Beslut")}


async def around(
    session: Session, membership: Membership, meeting: Meeting, text: TextView | None, items: Sequence[AgendaItem]
) -> dict[str, Any]:
    """The context of meetings/_agenda.html, _record.html and _actions.html, the same number of statements however much there is."""
    way = await minutes.of(session, meeting)
    in_review = way is not None and not way.is_locked and meeting.state == State.held
    actions = await action_items.of_meeting(session, meeting)
    previous = await action_items.open_before(session, membership, meeting) if meeting.is_open else []
    return {
        "way": way,
        "in_review": in_review,
        "is_adjuster": way is not None and way.adjuster.person_id == membership.person_id,
        "mark": await _mark(session, membership, meeting)
        if way is not None and in_review and await minutes.may_approve(session, meeting, way, membership)
        else "",
        "may_correct": in_review and membership.can("minutes:correct") and await minutes.was_there(session, meeting, membership),
        "corrections": await asyncio.to_thread(_told, await corrections.of_meeting(session, meeting)) if way else [],
        "outcomes": OUTCOMES,
        "amendments": await document.amendments(session, meeting) if meeting.state == State.finalised else [],
        "visitors": await document.visitors(session, meeting) if membership.can("attendance:read") else [],
        "actions": actions,
        "previous": action_items.by_unit(previous),
        "adrift": await action_items.adrift(session, [*actions, *previous]),
        "may": await rights.of(session, membership, meeting),
        "may_close": action_items.closing(membership, await rights.led(session, membership)),
        "may_note": text is not None and text.may_write,
        "owners": await owners(session, membership) if text is not None and text.may_write else [],
        "goals": GOALS,
        "times": timetable(meeting, items),
        "about": defaultdict(list, await records_of(session, membership, meeting)),
        "documents": await documents.of_meeting(session, meeting),
        "proposed": await proposals.count_waiting(session, membership.network_id) if meeting.is_open and not membership.is_guest else 0,
        "today": clock.today(),
    }


async def owners(session: Session, membership: Membership) -> list[tuple[int, str]]:
    """Who can be asked to do something: the members of today, a person once."""
    found = {each.person_id: each for each in reversed(await members(session, membership.network_id)) if not each.is_guest}
    named = sorted(found.values(), key=lambda each: each.person.name)
    return [(each.id, f"{each.person.name} ({each.unit.name})" if each.unit else each.person.name) for each in named]


async def _mark(session: Session, membership: Membership, meeting: Meeting) -> str:
    with speaking(membership.network.language):
        return document.mark(await document.content(session, meeting, membership.network))


def _told(found: Sequence[Correction]) -> list[tuple[Correction, list[compare.Change]]]:
    return [(each, compare.words(each.before, each.body)) for each in found]

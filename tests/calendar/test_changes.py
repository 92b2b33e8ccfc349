"""Every change that a calendar shows leaves a mark in its own transaction, and no answer 304 outlives one."""

import asyncio
import re
from datetime import timedelta

from sqlalchemy import select, text
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.calendar import files
from portal.calendar.models import Change
from portal.calendar.queries import POLL
from portal.consultations.actions import triage
from portal.consultations.models import TriageForm
from portal.meetings.answers import answer
from portal.meetings.models import Answer, Invited
from portal.networks.group_models import WorkingGroup
from portal.notifications.models import Calendar, MailChoice
from tests.calendar.reading import address_for
from tests.counting import counting
from tests.factories import Cast
from tests.making import make_action, make_call, make_consultation, make_group, make_meeting

# Something else in every table that a calendar is made from; each is undone again.
CHANGES = {
    "meeting": "UPDATE meeting SET place = place || 'x'",
    "record": "UPDATE record SET title_en = title_en || 'x'",
    "attendance": "UPDATE attendance SET answer = 'no'",
    "activity": "UPDATE activity SET at = at + interval '1 second' WHERE verb LIKE 'action.%'",
    "consultation": "UPDATE consultation SET triage = 'answering'",
    "feedback_window": "UPDATE feedback_window SET closes_at = closes_at + interval '1 second'",
    "funding_call": "UPDATE funding_call SET closes_at = closes_at + interval '1 second'",
    "watched_call": "UPDATE watched_call SET network_id = network_id + 1",
    "action_item": "UPDATE action_item SET what = what || 'x'",
    "invited": "UPDATE invited SET sequence = sequence + 1",
    "mail_choice": "UPDATE mail_choice SET calendar = 'both'",
    "working_group": "UPDATE working_group SET name = name || 'x'",
    "working_group_place": "UPDATE working_group_place SET ends_on = starts_on",
    "membership": "UPDATE membership SET ends_on = starts_on",  # of another seat of hers, too
}
GONE = (
    "attendance",
    "feedback_window",
    "action_item",
    "invited",
    "mail_choice",
    "working_group_place",
    "activity WHERE verb = 'meeting.summoned'",
)
NAMES_ALONG = {"unit", "person"}  # loaded with a task; a calendar shows neither
MARKS = text("SELECT string_agg(network_id || ':' || id, '/' ORDER BY id) FROM calendar_change")
TABLES = re.compile(r"\b(?:FROM|JOIN) (\w+(?:, \w+)*)")


def tables(statement: str) -> set[str]:
    return {table for each in TABLES.findall(statement) for table in each.split(", ")}


async def furnish(session, cast: Cast):
    """A working group, a meeting that members are summoned to and answer, a task and a closing day."""
    await make_group(session, cast.coordinator, "Energi", cast.contact)
    meeting = await make_meeting(session, cast.coordinator)
    activity.record(
        session, verb="meeting.summoned", by=cast.coordinator, record=meeting.record
    )  # without the letters, whose jobs would read along
    await answer(session, meeting, by=cast.contact, answer=Answer.maybe)
    consultation = await make_consultation(session, cast.coordinator)
    await triage(session, consultation, by=cast.coordinator, form=TriageForm(triage="watching"))
    await session.commit()
    await make_call(session, cast.contact)
    await make_action(
        session, meeting, by=cast.coordinator, owner=cast.contact, what="Fråga rektorerna", due_on=clock.today() + timedelta(days=20)
    )
    session.add(Invited(meeting_id=meeting.record_id, person_id=cast.head.person_id, sequence=0, at=clock.now()))
    session.add(MailChoice(person_id=cast.head.person_id, network_id=cast.network.id, calendar=Calendar.feed))
    await session.commit()
    return meeting


async def test_whatever_table_a_calendar_reads_a_change_of_it_leaves_a_mark(cast: Cast, session, browser, visitor, portal):
    await furnish(session, cast)
    group = (await session.scalars(select(WorkingGroup))).one()
    paths = [await address_for(browser, cast.contact, scope=scope) for scope in ("mine", "everything", f"group-{group.id}")]
    files._made.clear()
    async with counting(portal) as seen:
        for path in paths:
            assert (await visitor.get(path)).status_code == 200
    asked = tables(POLL._text)
    read = {table for each in seen if each != POLL._text and each.startswith("SELECT") for table in tables(each)}
    assert read - asked - NAMES_ALONG == set(CHANGES) - asked
    changes = [*CHANGES.values(), *(f"DELETE FROM {each}" for each in GONE)]
    for change in changes:
        before = await session.scalar(MARKS)
        assert (await session.execute(text(change))).rowcount, change
        assert await session.scalar(MARKS) != before, change
        await session.rollback()
        assert await session.scalar(MARKS) == before


async def test_a_mark_is_left_by_what_is_new_and_not_by_what_no_calendar_shows(cast: Cast, session):
    await furnish(session, cast)
    before = await session.scalar(MARKS)
    for change in (
        "UPDATE meeting SET place = place",
        "UPDATE thread SET comments = comments + 1",
        "UPDATE activity SET at = at + interval '1 second' WHERE verb LIKE 'consultation.%'",
        "INSERT INTO activity (at, verb, network_id, data) SELECT now(), 'finding.published', id, '{}' FROM network",
    ):
        await session.execute(text(change))
        assert (change, await session.scalar(MARKS)) == (change, before)
    await session.execute(text("INSERT INTO activity (at, verb, network_id, data) SELECT now(), 'action.closed', id, '{}' FROM network"))
    assert await session.scalar(MARKS) != before


async def test_of_two_changes_at_once_neither_waits_and_each_is_seen_when_it_is_done(cast: Cast, session, browser, visitor, portal):
    first, second = await make_meeting(session, cast.coordinator, title="Ett"), await make_meeting(session, cast.coordinator, title="Två")
    path = await address_for(browser, cast.contact)
    tag = (await visitor.get(path)).headers["etag"]
    seen = [tag]

    async def ask() -> int:
        answer = await visitor.get(path, headers={"if-none-match": seen[-1]})
        seen.append(answer.headers["etag"])
        return answer.status_code

    async def marks() -> list[int]:
        return list(await session.scalars(select(col(Change.id)).where(col(Change.network_id) == cast.network.id)))

    change = text("UPDATE meeting SET place = 'Storken' WHERE record_id = :id")
    async with portal.sessions() as slow, portal.sessions() as quick:
        for each in (slow, quick):
            await each.execute(text("SET LOCAL lock_timeout = 500"))
        await slow.execute(change, {"id": first.record_id})
        assert [await ask(), await ask()] == [304, 304]
        await quick.execute(change, {"id": second.record_id})
        await quick.commit()
        assert [await ask(), await ask()] == [200, 304]
        await slow.commit()
        assert [await ask(), await ask()] == [200, 304]
    assert len(set(seen)) == 3
    assert len(await marks()) <= 2  # the older of them goes with the next change
    await session.commit()
    await session.execute(change, {"id": first.record_id})
    await session.execute(text("UPDATE meeting SET place = 'Tranan'"))
    await session.commit()
    assert len(await marks()) == 1


async def test_a_change_that_is_taken_back_in_its_transaction_and_made_again_is_seen(cast: Cast, session, browser, visitor):
    await make_meeting(session, cast.coordinator)
    path = await address_for(browser, cast.contact)
    tag = (await visitor.get(path)).headers["etag"]
    change = text("UPDATE meeting SET place = 'Storken'")
    tried = await session.begin_nested()
    await session.execute(change)
    await tried.rollback()
    await session.execute(change)
    await session.commit()
    assert (await visitor.get(path, headers={"if-none-match": tag})).status_code == 200


async def test_those_who_ask_at_once_are_answered_together_each_with_her_own(cast: Cast, session, browser, visitor, portal):
    meeting = await furnish(session, cast)
    paths = [
        await address_for(browser, who, scope=scope) for who in (cast.contact, cast.head) for scope in ("mine", "deadlines", "everything")
    ]
    tags = [(await visitor.get(path)).headers["etag"] for path in paths]
    for path, tag in zip(paths, tags, strict=True):
        await visitor.get(path, headers={"if-none-match": tag})  # that it got 304 is noted

    async def ask(number: int) -> int:
        return (await visitor.get(paths[number], headers={"if-none-match": tags[number]})).status_code

    async def ask_all() -> list[int]:
        unknown = visitor.get(f"/calendar/{'A' * 43}.ics", headers={"if-none-match": "*"})
        known, nobody = await asyncio.gather(asyncio.gather(*(ask(number) for number in range(len(paths)))), unknown)
        return [*known, nobody.status_code]

    async with counting(portal) as seen:
        assert await ask_all() == [304] * 6 + [404]
    assert len(seen) <= 3, seen  # the first, all others, and the unknown one once more
    await answer(session, await session.merge(meeting), by=cast.contact, answer=Answer.no)
    await session.commit()
    assert await ask_all() == [200, 304, 304, 304, 304, 304, 404]
    with clock.fixed(clock.now() + timedelta(days=3000)):  # what was to come lies too far back to be shown
        assert 200 in await ask_all()

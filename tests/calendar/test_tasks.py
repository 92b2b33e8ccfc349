"""What a member has to do stands as a whole day in her own feed of closing days, and in nobody else's."""

from datetime import timedelta

from portal import clock
from portal.meetings import action_items, minutes_document
from portal.meetings.record_models import ActionForm
from tests.calendar.reading import address_for, events_at
from tests.factories import Cast
from tests.making import change_meeting, make_action, make_meeting


async def test_a_members_own_open_tasks_with_a_day_stand_in_her_feed_until_they_are_done(cast: Cast, session, browser, visitor):
    meeting = await make_meeting(session, cast.coordinator, title="Träff")
    due = clock.today() + timedelta(days=20)
    for owner, what, day in ((cast.contact, "Fråga rektorerna", due), (cast.contact, "Utan dag", None), (cast.head, "Någon annans", due)):
        await make_action(session, meeting, by=cast.coordinator, owner=owner, what=what, due_on=day)
    path, everything, meetings = [
        await address_for(browser, cast.contact, scope=scope) for scope in ("deadlines", "everything", "meetings")
    ]
    found = await events_at(visitor, path)
    assert set(found) == {"Gör klart: Fråga rektorerna"}
    assert set(await events_at(visitor, everything)) == {"Gör klart: Fråga rektorerna", "Träff"}
    assert set(await events_at(visitor, meetings)) == {"Träff"}
    assert set(await events_at(visitor, await address_for(browser, cast.head, scope="deadlines"))) == {"Gör klart: Någon annans"}
    (before,) = found.values()
    assert (before["DTSTART"].dt, before["SEQUENCE"]) == (due, 0)
    await change_meeting(session, cast.coordinator, meeting.record_id, title="Träffen med nytt namn")
    (renamed,) = (await events_at(visitor, path)).values()
    assert renamed.to_ical() == before.to_ical()  # else its sequence would have to rise

    item = next(each for each in await action_items.listed(session, cast.contact, mine=True) if each.what == "Fråga rektorerna")
    notes = await minutes_document.notes_text(session, meeting)
    assert notes is not None
    form = ActionForm(what=item.what, owner_id=item.owner_id, due_on=due + timedelta(days=7))
    tag = (await visitor.get(path)).headers["etag"]
    await action_items.change(session, item, notes, by=cast.coordinator, form=form)
    await session.commit()
    assert (await visitor.get(path, headers={"if-none-match": tag})).status_code == 200
    (after,) = (await events_at(visitor, path)).values()
    assert (after["UID"], after["DTSTART"].dt, after["SEQUENCE"]) == (before["UID"], due + timedelta(days=7), 1)
    assert after["LAST-MODIFIED"].dt >= before["LAST-MODIFIED"].dt
    await action_items.close(session, item, by=cast.contact)
    await session.commit()
    assert await events_at(visitor, path) == {}

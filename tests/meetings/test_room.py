"""In the room: where the meeting is, who is there, what is decided, by whom it may be said."""

import asyncio
import re
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.db import Session
from portal.meetings.agenda_models import Floor
from portal.meetings.models import AgendaItem, Attendance, Meeting
from portal.meetings.record_models import ActionItem, MeetingVisitor
from portal.records.actions import share
from tests.factories import Cast
from tests.making import make_circulated, make_locked, make_meeting
from tests.written import written


async def items(session: Session, meeting: Meeting) -> list[AgendaItem]:
    wanted = select(AgendaItem).where(col(AgendaItem.meeting_id) == meeting.record_id).order_by(col(AgendaItem.position))
    return list(await session.scalars(wanted.execution_options(populate_existing=True)))


async def test_the_meeting_goes_from_item_to_item_and_everybody_sees_where_it_is(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    first, second = await items(session, meeting)
    ingela, maja, page = await browser(cast.coordinator), await browser(cast.contact), f"/granby{meeting.record.path}/room"
    assert "Träffen har inte börjat." in (await maja.get(page)).text
    assert (await ingela.post(f"{page}/floor", {"item_id": str(first.id)})).status_code == 303
    shown = (await maja.get(page)).text
    assert "Punkt 1 av 2" in shown
    assert "0 av 15 min" in shown
    assert f"Sedan: {second.title}" in re.sub(r"\s+", " ", shown)
    floor = (await session.scalars(select(Floor))).one()
    floor.began_at = clock.now() - timedelta(minutes=20)
    await session.commit()
    assert "20 av 15 min, 5 över tiden" in (await maja.get(page)).text
    await ingela.post(f"{page}/floor", {"item_id": str(first.id)})  # pressed twice: the clock goes on
    assert "20 av 15 min" in (await maja.get(page)).text
    await ingela.post(f"{page}/floor", {"item_id": str(second.id)})
    assert "Punkt 2 av 2" in (await maja.get(page)).text


async def test_who_goes_to_write_the_notes_comes_back_to_the_room_and_nowhere_else(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    first = (await items(session, meeting))[0]
    ingela, room = await browser(cast.coordinator), f"/granby{meeting.record.path}/room"
    await ingela.post(f"{room}/floor", {"item_id": str(first.id)})
    away = re.search(r'href="([^"]+)" data-shortcut="s"', (await ingela.get(room)).text)[1]
    section, shown = away.partition("/edit")[0], (await ingela.get(away)).text
    assert f'<a class="btn primary" href="{room}">Klar</a>' in shown
    assert f'<input type="hidden" name="next" value="{room}"><input type="hidden" name="version"' in shown
    form = {
        "version": re.search(r'name="version" value="([^"]*)"', shown)[1],
        "next": room,
        "heading": "Laget runt",
        "body": "Vi gick laget runt.",
    }
    assert (await ingela.post(section, form)).headers["location"] == room
    both = await ingela.post(section, form | {"body": "Andra ord."})  # the version is the old one
    assert (both.status_code, f'name="next" value="{room}"' in both.text) == (409, True)
    renamed = await ingela.post(f"{section}/heading", {"heading": "Nytt", "next": room})
    assert renamed.headers["location"] == away
    assert (await ingela.post(f"{section}/draft/discarding", {"next": room})).headers["location"] == room
    own = f"/granby{meeting.record.path}#s{first.section_id}"
    for elsewhere in ("//evil.example", "https://evil.example/", "/\\evil.example"):
        assert f'<a class="btn primary" href="{own}">Klar</a>' in (await ingela.get(f"{section}/edit", params={"next": elsewhere})).text
        assert (await ingela.post(f"{section}/draft/discarding", {"next": elsewhere})).headers["location"] == own


async def test_decisions_and_actions_are_written_down_on_their_item(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    first, _second = await items(session, meeting)
    ingela, page = await browser(cast.coordinator), f"/granby{meeting.record.path}/room"
    await ingela.post(f"{page}/floor", {"item_id": str(first.id)})
    version = re.search(r'name="version" value="([^"]+)"', (await ingela.get(page)).text)[1]
    path = f"/granby{meeting.record.path}/agenda/{first.id}/decision"
    answers = await asyncio.gather(*(ingela.post(path, {"decision": said, "version": version}) for said in ("Vi svarar.", "Vi avstår.")))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    refused = next(answer for answer in answers if answer.status_code == 409).text
    assert ("Vi svarar." in refused, "Vi avstår." in refused) == (True, True)
    form = {"what": "Skriva svaret", "owner_id": str(cast.contact.id), "item_id": str(first.id), "next": page}
    assert (await ingela.post(f"/granby{meeting.record.path}/actions", form)).headers["location"] == page
    assert (await session.scalars(select(col(ActionItem.item_id)))).all() == [first.id]
    shown = (await (await browser(cast.reader)).get(f"/granby{meeting.record.path}")).text
    assert "Skriva svaret" in shown
    assert re.search(r"Beslut:</b> Vi (svarar|avstår)\.", shown)


async def test_who_is_there_is_one_tap_and_guests_are_names(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    ingela, page = await browser(cast.coordinator), f"/granby{meeting.record.path}"
    for present in ("true", "false", "true"):
        tapped = await ingela.post(f"{page}/room/presence", {"membership_id": str(cast.contact.id), "present": present})
        assert tapped.headers["location"] == f"{page}/room#seat-{cast.contact.id}"
    assert (await session.execute(select(col(Attendance.membership_id), col(Attendance.present)))).all() == [(cast.contact.id, True)]
    assert (await ingela.post(f"{page}/room/presence", {"membership_id": str(cast.outsider.id), "present": "true"})).status_code == 404
    assert (await ingela.post(f"{page}/visitors", {"name": "", "organisation": "Regionen"})).status_code == 422
    await ingela.post(f"{page}/visitors", {"name": "Eva <b>Ek</b>", "organisation": "Regionen"})
    assert "Eva &lt;b&gt;Ek&lt;/b&gt;, Regionen" in (await ingela.get(f"{page}/room")).text
    assert "Gäster: Eva &lt;b&gt;Ek&lt;/b&gt; (Regionen)" in (await ingela.get(page)).text
    assert ">Eva &lt;b&gt;Ek&lt;/b&gt;</td>" in (await ingela.get(f"{page}/papers")).text
    visitor = (await session.scalars(select(MeetingVisitor))).one()
    assert (await ingela.post(f"{page}/visitors/{visitor.id}/removal")).status_code == 303
    assert (await ingela.post(f"{page}/visitors/{visitor.id}/removal")).status_code == 404


async def test_at_the_last_item_whoever_leads_ends_the_meeting(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator, day=clock.today() - timedelta(days=1))
    later = await make_meeting(session, cast.coordinator, "Senare")
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    ends = {}
    for each in (meeting, later):
        page = f"/granby{each.record.path}"
        for item in await items(session, each):
            await ingela.post(f"{page}/room/floor", {"item_id": str(item.id)})
            ends[each.record.title, item.title] = f'action="{page}/holding"' in (await ingela.get(f"{page}/room")).text
    assert ends == {
        ("Nätverksträff 2", "Föregående träff"): False,
        ("Nätverksträff 2", "Spaningar att bedöma"): True,
        ("Senare", "Föregående träff"): False,
        ("Senare", "Spaningar att bedöma"): False,
    }
    page = f"/granby{meeting.record.path}"
    assert f"{page}/holding" not in (await maja.get(f"{page}/room")).text
    assert (await ingela.post(f"{page}/holding")).status_code == 303
    assert f"{page}/holding" not in (await ingela.get(f"{page}/room")).text


async def test_others_look_on_and_what_is_locked_stays(cast: Cast, session: Session, browser):
    meeting = await make_circulated(session, cast, "Snart låst")
    first, _second = await items(session, meeting)
    people = {role: await browser(each) for role, each in cast.everyone.items() if role != "coordinator"}
    page, deeds = f"/granby{meeting.record.path}", {
        "room/floor": {"item_id": str(first.id)},
        "room/presence": {"membership_id": str(cast.head.id), "present": "true"},
        "visitors": {"name": "Eva"},
        f"agenda/{first.id}/decision": {"decision": "Nej."},
    }  # fmt: skip
    before = await written(session)
    for deed, data in deeds.items():
        answers = {role: (await someone.post(f"{page}/{deed}", data)).status_code for role, someone in people.items()}
        assert (deed, answers) == (deed, {role: 404 if role in ("guest", "outsider") else 403 for role in people})
    assert await written(session) == before
    await make_locked(session, meeting, (cast.contact, cast.coordinator))
    ingela = await browser(cast.coordinator)
    answers = {deed: (await ingela.post(f"{page}/{deed}", data)).status_code for deed, data in deeds.items()}
    assert answers == {"room/floor": 403, "room/presence": 409, "visitors": 409, f"agenda/{first.id}/decision": 403}


async def test_a47_readers_and_guests_see_where_the_meeting_is_and_not_who_is_there_or_comes(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    await share(session, meeting.record, by=cast.coordinator, guest=cast.guest)
    await session.commit()
    page = f"/granby{meeting.record.path}"
    await (await browser(cast.coordinator)).post(f"{page}/visitors", {"name": "Eva Ek", "organisation": "Regionen"})
    await (await browser(cast.contact)).post(f"{page}/answer", {"answer": "maybe"})
    seen = {}
    for role in ("contact", "registrar", "admin", "reader", "guest"):
        someone = await browser(cast.everyone[role])
        in_room, shown = (await someone.get(f"{page}/room")).text, (await someone.get(page)).text
        assert "Träffen har inte börjat." in in_room
        seen[role] = [
            word in text
            for text, word in (
                (in_room, "Eva Ek"),
                (in_room, "Gäster"),
                (in_room, "Närvaro</h2>"),
                (shown, "Maja Lindqvist"),
                (shown, 'id="tally"'),
            )
        ]
    assert seen == {role: [role not in ("reader", "guest")] * 5 for role in seen}

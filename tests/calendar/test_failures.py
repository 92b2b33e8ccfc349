"""The ten ways in which calendar feeds have failed elsewhere (field.md, 1a), each tried here; among them what P19 promises."""

import logging
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.calendar.models import Feed
from portal.consultations.actions import triage
from portal.consultations.models import FeedbackWindow, TriageForm
from portal.meetings.actions import cancel
from portal.meetings.answers import answer
from portal.meetings.models import Answer, CancelForm
from portal.notifications.models import Mailing
from tests.calendar.reading import address_for, by_icalendar, by_vobject, events_at
from tests.factories import Cast
from tests.making import change_meeting, make_consultation, make_meeting
from tests.promises import mutants

PLAIN = {"accept-encoding": "identity"}


async def uids(cast: Cast, session, browser, visitor) -> list[set[str]]:
    """What the events of two feeds are called at each fetch, before and after they have been changed and one is cancelled."""
    made = await make_meeting(session, cast.coordinator)
    consultation = await make_consultation(session, cast.coordinator)
    await triage(session, consultation, by=cast.coordinator, form=TriageForm(triage="watching"))
    await session.commit()
    paths = [await address_for(browser, who, scope="everything") for who in (cast.contact, cast.head)]
    seen = [by_icalendar((await visitor.get(path)).content).keys() for path in (*paths, *paths)]
    await change_meeting(session, cast.coordinator, made.record_id, title="Annat", place="Storken", day=clock.today() + timedelta(days=90))
    await cancel(session, await session.merge(made), by=cast.coordinator, form=CancelForm(reason="Storm"))
    await session.commit()
    seen += [by_vobject((await visitor.get(path)).content).keys() for path in paths]
    return [set(each) for each in seen]


async def test_1_an_event_keeps_its_uid_through_every_fetch_edit_and_feed(cast: Cast, session, browser, visitor):
    seen = await uids(cast, session, browser, visitor)
    assert len(seen[0]) == 2
    assert all(each == seen[0] for each in seen)


async def test_a_new_uid_after_a_change_is_found_out(cast: Cast, session, browser, visitor, monkeypatch):
    mutants.call_a_changed_meeting_by_a_new_uid(monkeypatch)
    seen = await uids(cast, session, browser, visitor)
    assert [each == seen[0] for each in seen] == [True] * 4 + [False] * 2


async def test_2_what_is_cancelled_says_so_with_a_higher_sequence_and_is_gone_after_thirty_days(cast: Cast, session, browser, visitor):
    made = await make_meeting(session, cast.coordinator, title="Träff", day=clock.today() + timedelta(days=200))
    path = await address_for(browser, cast.contact)
    before = (await events_at(visitor, path))["Träff"]
    await cancel(session, made, by=cast.coordinator, form=CancelForm(reason="Storm"))
    await session.commit()
    for days in (0, 29, 30):
        with clock.fixed(clock.now() + timedelta(days=days)):
            after = (await events_at(visitor, path))["INSTÄLLD: Träff"]
        assert (after["STATUS"], after["TRANSP"], after["SEQUENCE"]) == ("CANCELLED", "TRANSPARENT", before["SEQUENCE"] + 1)
        assert (after["UID"], after["DTSTART"].dt) == (before["UID"], before["DTSTART"].dt)
    with clock.fixed(clock.now() + timedelta(days=31)):
        assert await events_at(visitor, path) == {}


async def test_3_every_hour_has_a_zone_that_stands_in_the_file_and_is_converted_once(cast: Cast, session, browser, visitor):
    with clock.fixed(datetime(2026, 3, 1, 9, tzinfo=UTC)):
        for day in (date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 24), date(2026, 10, 25), date(2027, 3, 28)):
            await make_meeting(session, cast.coordinator, title=f"{day}", day=day)
        await make_meeting(
            session, cast.coordinator, title="I natt", day=date(2026, 10, 25), starts="02:30", starts_in="winter", ends="04:00"
        )
        content = (await visitor.get(await address_for(browser, cast.contact))).content
    calendar = icalendar.Calendar.from_ical(content)
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Stockholm"]
    for event in calendar.events:
        assert event["DTSTART"].params.get("TZID") == "Europe/Stockholm" or event["DTSTART"].to_ical().endswith(b"Z")
    expected = [
        datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 11, tzinfo=UTC), datetime(2026, 10, 24, 11, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC), datetime(2027, 3, 28, 11, tzinfo=UTC),
    ]  # fmt: skip
    assert sorted(by_icalendar(content).values()) == sorted(by_vobject(content).values()) == expected


async def test_4_nothing_that_changes_a_feed_is_answered_with_304(cast: Cast, session, browser, visitor):
    ingela, maja = cast.coordinator, cast.contact
    made, other = await make_meeting(session, ingela), await make_meeting(session, ingela, title="En till")
    consultation = await make_consultation(session, ingela)
    await triage(session, consultation, by=ingela, form=TriageForm(triage="watching"))
    await session.commit()
    paths = {scope: await address_for(browser, maja, name=scope, scope=scope) for scope in ("meetings", "mine", "everything")}
    feeds = {feed.name: feed for feed in await session.scalars(select(Feed))}
    window = (await session.scalars(select(FeedbackWindow))).one()

    async def put(row: Any, **values: object) -> None:
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)
        await session.commit()

    async def said(which: Answer) -> None:
        await answer(session, await session.merge(made), by=maja, answer=which)
        await session.commit()

    steps = (
        ("meetings", lambda: change_meeting(session, ingela, made.record_id, place="Storken")),
        ("meetings", lambda: change_meeting(session, ingela, made.record_id, title="Nytt namn")),
        ("meetings", lambda: make_meeting(session, ingela, title="Ny")),
        ("mine", lambda: said(Answer.yes)),
        ("mine", lambda: said(Answer.no)),
        ("everything", lambda: put(window, closes_at=window.closes_at + timedelta(days=1))),
        ("everything", lambda: put(consultation.record, title="Annan rubrik")),
        ("everything", lambda: put(feeds["everything"], alarm="hour")),
        ("meetings", lambda: put(cast.network, name="Granbys nätverk")),
        ("meetings", lambda: put(maja.person, locale="en")),
        ("everything", lambda: put(other, starts_at=other.starts_at - timedelta(days=800))),  # out of what is shown: gone
        ("meetings", lambda: put(maja, ends_on=clock.today() - timedelta(days=1))),
    )
    begun = clock.now()

    async def ask(scope: str, seconds: int, **known: str):
        with clock.fixed(begun + timedelta(seconds=seconds)):
            return await visitor.get(paths[scope], headers=PLAIN | {name.replace("_", "-"): value for name, value in known.items()})

    for number, (scope, change_it) in enumerate(steps):
        await ask(scope, number * 10)
        before = await ask(scope, number * 10 + 5)
        tag, since = before.headers["etag"], before.headers["last-modified"]
        asked = ({"if_none_match": tag}, {"if_modified_since": since}, {"if_none_match": tag, "if_modified_since": since})
        assert [(await ask(scope, number * 10 + 6, **known)).status_code for known in asked] == [304, 304, 304]
        await change_it()
        after = [await ask(scope, number * 10 + 6, **known) for known in asked]
        assert (number, [(each.status_code, each.content == before.content) for each in after]) == (number, [(200, False)] * 3)


async def test_5_an_unchanged_feed_is_the_same_bytes_whenever_it_is_asked_for_empty_or_not(cast: Cast, session, browser, visitor):
    path = await address_for(browser, cast.contact)
    for _round in range(2):
        first = await visitor.get(path, headers=PLAIN)
        for later in (timedelta(hours=1), timedelta(days=1), timedelta(days=5)):
            with clock.fixed(clock.now() + later):
                again = await visitor.get(path, headers=PLAIN)
                tagged = [
                    await visitor.get(path, headers=PLAIN | {"if-none-match": tag})
                    for tag in (first.headers["etag"], f"W/{first.headers['etag']}")
                ]
            assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
            assert [each.status_code for each in tagged] == [304, 304]
        await make_meeting(session, cast.coordinator, day=clock.today() + timedelta(days=60))


async def test_6_another_place_raises_the_sequence_and_who_has_google_is_told_besides(cast: Cast, session, browser, visitor):
    with clock.fixed(datetime(2026, 5, 4, 10, tzinfo=UTC)):
        made = await make_meeting(session, cast.coordinator, title="Träff", day=date(2026, 5, 5), starts="09:00")
        path = await address_for(browser, cast.contact)
        before = (await events_at(visitor, path, **{"user-agent": "Google-Calendar-Importer"}))["Träff"]
        await change_meeting(session, cast.coordinator, made.record_id, place="Storken")
        after = (await events_at(visitor, path))["Träff"]
    assert (after["LOCATION"], after["SEQUENCE"]) == ("Storken", before["SEQUENCE"] + 1)
    assert list(await session.scalars(select(col(Mailing.kind)))) == ["calendar.late"]


async def test_7_outlook_gets_its_hints_what_it_needs_of_each_event_and_nothing_packed(cast: Cast, session, browser, visitor):
    await make_meeting(session, cast.coordinator)
    outlook = {"user-agent": "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)"}
    visitor.client.headers.pop("accept-encoding")
    got = await visitor.get(await address_for(browser, cast.contact), headers=outlook)
    assert "content-encoding" not in got.headers
    assert {"REFRESH-INTERVAL;VALUE=DURATION:PT4H", "X-PUBLISHED-TTL:PT4H", "METHOD:PUBLISH"} <= set(got.text.splitlines())
    (event,) = icalendar.Calendar.from_ical(got.content).events
    assert {"UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "STATUS", "DTSTART", "DTEND"} <= set(event)
    page = (await (await browser(cast.contact)).get("/granby/calendar")).text
    assert "Välj alltid prenumerera, inte importera" in page


async def test_8_the_answer_is_what_clients_with_odd_manners_take(cast: Cast, session, browser, visitor):
    long = "Åäö " * 40 + "kommun, värdskap; och \\ annat"
    await make_meeting(session, cast.coordinator, title=long, purpose=f"{long}\n{long}")
    path = await address_for(browser, cast.contact)
    visitor.client.headers.pop("accept")
    got = await visitor.get(path, headers=PLAIN)
    assert (got.status_code, got.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert {"content-disposition", "location", "set-cookie", "www-authenticate"}.isdisjoint(got.headers)
    assert got.content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert got.content.endswith(b"\r\nEND:VCALENDAR\r\n")
    lines = got.content.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    assert [line.decode() for line in lines]  # no letter is cut in two
    assert set(await events_at(visitor, path)) == {long}


async def test_9_the_address_is_a_secret_that_leaks_nowhere_and_is_renewed_alone(cast: Cast, session, browser, visitor, caplog):
    caplog.set_level(logging.DEBUG)
    first, second = [await address_for(browser, cast.contact, name=name) for name in ("Ett", "Två")]
    for path in (first, second):
        token = path.removeprefix("/calendar/").removesuffix(".ics")
        assert re.fullmatch(r"[\w-]{43}", token)  # 256 bits
        got = [
            await visitor.get(path),
            await visitor.client.post(path),
            await visitor.get(f"{path}x"),
            await visitor.get(f"/calendar//{token}.ics"),
        ]
        assert [each.status_code for each in got] == [200, 405, 404, 404]
        assert {each.headers["referrer-policy"] for each in got} == {"same-origin"}
        assert token not in "".join(each.getMessage() for each in caplog.records if not each.name.startswith(("httpx", "httpcore")))
    number = (await session.scalars(select(col(Feed.id)).where(col(Feed.name) == "Ett"))).one()
    await (await browser(cast.contact)).post(f"/granby/calendar/feeds/{number}/ending")
    assert [(await visitor.get(path)).status_code for path in (first, second)] == [404, 200]


@pytest.mark.parametrize("closes_on", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 31), date(2028, 2, 29)])
async def test_10_a_whole_day_is_that_day_in_every_zone_and_library(closes_on: date, cast: Cast, session, browser, visitor):
    with clock.fixed(datetime(2026, 3, 2, 9, tzinfo=UTC)):
        consultation = await make_consultation(session, cast.coordinator, closes_on=closes_on)
        await triage(session, consultation, by=cast.coordinator, form=TriageForm(triage="answering"))
        await session.commit()
        content = (await visitor.get(await address_for(browser, cast.contact, scope="deadlines"))).content
    assert set(by_icalendar(content).values()) == set(by_vobject(content).values()) == {closes_on}
    assert f"DTEND;VALUE=DATE:{closes_on + timedelta(days=1):%Y%m%d}\r\n".encode() in content

"""What a feed shows: all meetings, one's own, closing days, or everything; when it reminds; and how it is looked after."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.activity.models import Activity
from portal.calendar.files import deadline_of
from portal.calendar.models import Feed
from portal.consultations.actions import triage
from portal.consultations.models import Consultation, FeedbackWindow, TriageForm
from portal.consultations.queries import consultation as read_consultation
from portal.meetings.actions import cancel, hold, summon
from portal.meetings.answers import answer
from portal.meetings.models import Answer, CancelForm, Invited
from portal.notifications.actions import choose
from portal.notifications.models import ChoiceForm
from portal.records.models import Record
from portal.sources.actions import import_have_your_say
from portal.sources.have_your_say import Initiative, Window
from tests.calendar.reading import address_for, address_in, events_at
from tests.factories import Cast
from tests.making import make_consultation, make_meeting


async def test_ones_own_meetings_are_those_one_is_called_to_or_comes_to(cast: Cast, session, browser, visitor):
    ingela, maja = cast.coordinator, cast.contact
    names = ("Planerad", "Kanske", "Kallad", "Kan inte", "Ställdes in", "Ställdes in innan någon visste", "Hölls utan kallelse")
    made = {name: await make_meeting(session, ingela, title=name) for name in names}
    for reader in (maja, cast.head):  # whether the invitations have left or not
        await choose(session, by=reader, form=ChoiceForm(calendar="both"))
    await answer(session, made["Kanske"], by=maja, answer=Answer.maybe)
    for member in (maja, cast.head):
        await choose(session, by=member, form=ChoiceForm(calendar="both"))  # so that what they are sent as invitations is here, too
    for name in ("Kallad", "Kan inte", "Ställdes in"):
        await summon(session, made[name], by=ingela)
    await answer(session, made["Kan inte"], by=maja, answer=Answer.no)
    for name in ("Ställdes in", "Ställdes in innan någon visste"):
        await cancel(session, made[name], by=ingela, form=CancelForm(reason="Storm"))
    await hold(session, made["Hölls utan kallelse"], by=ingela)
    await session.commit()
    own, every = await address_for(browser, maja, scope="mine"), await address_for(browser, maja, scope="meetings")
    assert set(await events_at(visitor, own)) == {"Kanske", "Kallad", "INSTÄLLD: Ställdes in"}
    assert len(await events_at(visitor, every)) == len(names)
    await answer(session, made["Planerad"], by=maja, answer=Answer.yes)
    await answer(session, made["Kallad"], by=maja, answer=Answer.no)
    await session.commit()
    assert set(await events_at(visitor, own)) == {"Kanske", "Planerad", "INSTÄLLD: Ställdes in"}
    assert "Kallad" in await events_at(visitor, await address_for(browser, cast.head, scope="mine"))


async def test_a_feed_shows_what_one_was_not_sent_as_an_invitation_and_both_only_to_who_has_chosen_so(
    cast: Cast, session, browser, visitor
):
    ingela, maja = cast.coordinator, cast.contact
    sent, unsent = await make_meeting(session, ingela, title="Med inbjudan"), await make_meeting(session, ingela, title="Utan")
    for meeting in (sent, unsent):
        await answer(session, meeting, by=maja, answer=Answer.yes)
    session.add(Invited(meeting_id=sent.record_id, person_id=maja.person_id, sequence=0, at=clock.now()))
    await session.commit()
    paths = [await address_for(browser, maja, scope=scope) for scope in ("meetings", "mine", "everything")]
    others = await address_for(browser, cast.head)
    for chosen, shown in (
        ("invitation", {"Utan"}),
        ("both", {"Med inbjudan", "Utan"}),
        ("feed", {"Utan"}),
        ("both", {"Med inbjudan", "Utan"}),
        ("auto", {"Utan"}),
    ):
        tags = [(await visitor.get(path)).headers["etag"] for path in paths]
        await choose(session, by=maja, form=ChoiceForm(calendar=chosen))
        await session.commit()
        if chosen != "invitation":  # which is as it was before she chose anything
            answers = [await visitor.get(path, headers={"if-none-match": tag}) for path, tag in zip(paths, tags, strict=True)]
            assert {each.status_code for each in answers} == {200}
        assert [(chosen, set(await events_at(visitor, path))) for path in paths] == [(chosen, shown)] * 3
        assert set(await events_at(visitor, others)) == {"Med inbjudan", "Utan"}


async def test_a_closing_day_is_a_whole_day_with_its_swedish_hour_and_stands_only_while_the_network_deals_with_it(
    cast: Cast, session, browser, visitor
):
    ingela = cast.coordinator
    closes = clock.today() + timedelta(days=30)
    consultation = await make_consultation(session, ingela, title="Avloppsdirektivet", closes_on=closes)
    remiss = {"stage": "national_remiss", "zone": "Europe/Stockholm", "closes_time": "17:00", "closes_on": closes}
    watched = await make_consultation(session, ingela, title="Remissen", **remiss)
    await make_meeting(session, ingela, title="Träff")
    path, everything = (
        await address_for(browser, cast.contact, scope="deadlines"),
        await address_for(browser, cast.contact, scope="everything"),
    )
    assert await events_at(visitor, path) == {}
    await triage(session, consultation, by=ingela, form=TriageForm(triage="answering"))
    await triage(session, watched, by=ingela, form=TriageForm(triage="watching"))
    await session.commit()
    found = await events_at(visitor, path)
    titles = {"Sista dag att svara, kl. 23.59: Avloppsdirektivet", "Sista dag att svara, kl. 17.00: Remissen"}
    assert set(found) == titles
    assert {(event["DTSTART"].dt, event["DTEND"].dt, str(event["TRANSP"])) for event in found.values()} == {
        (closes, closes + timedelta(days=1), "TRANSPARENT")
    }
    assert set(await events_at(visitor, everything)) == titles | {"Träff"}
    await triage(session, consultation, by=ingela, form=TriageForm(triage="not_relevant", reason="Inte vår fråga."))
    await session.commit()
    assert set(await events_at(visitor, path)) == {"Sista dag att svara, kl. 17.00: Remissen"}


async def test_a_date_that_the_source_has_moved_raises_the_sequence(cast: Cast, session, browser, visitor):
    def told(closes: datetime) -> Initiative:
        window = Window(key="1", stage="public_consultation", opens_at=None, closes_at=closes, published_text="", source_status="OPEN")
        texts = dict.fromkeys(("reference", "title_en", "summary_sv", "summary_en", "act_type", "status", "url", "lead_dg"), "")
        given = {"topics": (), "published_at": None, "changed_at": None, "documents": (), "detailed": False}
        return Initiative(key="hys:1", title_sv="Vattenlagen", windows=(window,), **texts, **given)

    first, second = (
        datetime.combine(clock.today(), datetime.min.time(), clock.BRUSSELS) + timedelta(days=days, hours=20) for days in (10, 20)
    )
    await import_have_your_say(session, [told(first)])
    await session.commit()
    record = (await session.scalars(select(FeedbackWindow))).one()
    consultation = await _consultation(session, cast)
    await triage(session, consultation, by=cast.coordinator, form=TriageForm(triage="watching"))
    await session.commit()
    path = await address_for(browser, cast.contact, scope="deadlines")
    (before,) = (await events_at(visitor, path)).values()
    await import_have_your_say(session, [told(second)])
    await session.commit()
    await session.refresh(record)
    (after,) = (await events_at(visitor, path)).values()
    assert (before["UID"], after["SEQUENCE"] - before["SEQUENCE"]) == (after["UID"], 1)
    assert after["DTSTART"].dt - before["DTSTART"].dt == timedelta(days=10)
    assert after["LAST-MODIFIED"].dt >= before["LAST-MODIFIED"].dt


async def _consultation(session, cast: Cast):
    number = (await session.scalars(select(col(Consultation.record_id)).where(col(Consultation.network_id) == cast.network.id))).one()
    return await read_consultation(session, cast.coordinator, number)


@pytest.mark.parametrize(
    ("alarm", "trigger", "for_a_day"),
    [("day", timedelta(days=-1), timedelta(hours=-15)), ("hour", timedelta(hours=-1), timedelta(hours=9)), ("none", None, None)],
)
async def test_a_feed_reminds_when_one_has_chosen_it(
    alarm: str, trigger: timedelta | None, for_a_day: timedelta | None, cast: Cast, session, browser, visitor
):
    meeting = await make_meeting(session, cast.coordinator, title="Träff")
    consultation = await make_consultation(session, cast.coordinator)
    await triage(session, consultation, by=cast.coordinator, form=TriageForm(triage="watching"))
    await session.commit()
    path = await address_for(browser, cast.contact, scope="everything", alarm=alarm)
    found = await events_at(visitor, path)
    triggers = {title == "Träff": [part["TRIGGER"].dt for part in event.walk("VALARM")] for title, event in found.items()}
    assert triggers == {True: [trigger] if trigger else [], False: [for_a_day] if for_a_day else []}
    await cancel(session, meeting, by=cast.coordinator, form=CancelForm(reason="Storm"))
    await session.commit()
    assert [*(await events_at(visitor, path))["INSTÄLLD: Träff"].walk("VALARM")] == []


async def test_what_a_feed_shows_can_be_changed_under_the_same_address(cast: Cast, session, browser, visitor):
    await make_meeting(session, cast.coordinator, title="Träff")
    path = await address_for(browser, cast.contact)
    tag = (await visitor.get(path)).headers["etag"]
    maja = await browser(cast.contact)
    number = re.search(r"/calendar/feeds/(\d+)\"", (await maja.get("/granby/calendar")).text)[1]
    form = (await maja.get(f"/granby/calendar/feeds/{number}")).text
    version = re.search(r'name="version" value="(\w+)"', form)[1]
    assert 'value="meetings" id="f-scope" checked' in form
    changed = {"name": "Telefonen", "scope": "deadlines", "alarm": "day", "version": version}
    assert (await maja.post(f"/granby/calendar/feeds/{number}", changed)).status_code == 303
    page = (await maja.get("/granby/calendar")).text
    assert "<h3>Telefonen" in page
    assert "<h3>Outlook på jobbet" not in page
    assert (await visitor.get(path, headers={"if-none-match": tag})).status_code == 200
    assert await events_at(visitor, path) == {}
    stale = await maja.post(f"/granby/calendar/feeds/{number}", {**changed, "name": "Plattan"})
    assert (stale.status_code, "Plattan" in stale.text) == (409, True)
    assert await session.scalar(select(col(Activity.id)).where(col(Activity.verb) == "feed.changed"))


async def test_each_of_ten_links_is_renewed_and_ended_alone_and_an_eleventh_is_refused(cast: Cast, session, browser, visitor):
    paths = [await address_for(browser, cast.contact, name=f"Program {number}") for number in range(10)]
    maja = await browser(cast.contact)
    refused = await maja.post("/granby/calendar/feeds", {"name": "Ett till"})
    assert (refused.status_code, 'id="f-name-error"' in refused.text) == (422, True)
    assert "tio kalenderlänkar" in refused.text
    feeds = {feed.name: feed for feed in await session.scalars(select(Feed))}
    renewed = address_in(await maja.post(f"/granby/calendar/feeds/{feeds['Program 3'].id}/renewal"))
    await maja.post(f"/granby/calendar/feeds/{feeds['Program 7'].id}/ending")
    gone = {3, 7}
    assert [(await visitor.get(path)).status_code for path in paths] == [404 if number in gone else 200 for number in range(10)]
    assert (await visitor.get(renewed)).status_code == 200
    stored = b"".join(feed.token_hash for feed in await session.scalars(select(Feed)))
    assert not [path for path in (*paths, renewed) if path[10:-4].encode() in stored]


async def test_a_renewed_link_shows_what_the_old_one_did(cast: Cast, session, browser, visitor):
    await address_for(browser, cast.contact, scope="everything", alarm="hour")
    maja = await browser(cast.contact)
    await maja.post(f"/granby/calendar/feeds/{(await session.scalars(select(Feed))).one().id}/renewal")
    new = (await session.scalars(select(Feed).where(col(Feed.revoked_at).is_(None)))).one()
    assert (new.name, new.scope, new.alarm) == ("Outlook på jobbet", "everything", "hour")


async def test_each_program_gets_the_address_in_the_form_it_takes(cast: Cast, browser):
    page = (await (await browser(cast.contact)).post("/granby/calendar/feeds", {"name": "Outlook"})).text
    token = re.search(r"/calendar/([\w-]+)\.ics", page)[1]
    links = re.findall(r'href="([^"]+)"', page)
    assert f"webcal://127.0.0.1:8000/calendar/{token}.ics" in links
    there = f"127.0.0.1%3A8000%2Fcalendar%2F{token}.ics"
    outlook = [link for link in links if link.startswith("https://outlook.office.com/calendar/0/addfromweb?")]
    google = [link for link in links if link.startswith("https://calendar.google.com/calendar/r?")]
    assert [f"url=http%3A%2F%2F{there}" in link for link in outlook] == [True]  # Outlook on the web refuses webcal
    assert [f"cid=webcal%3A%2F%2F{there}" in link for link in google] == [True]
    assert token not in (await (await browser(cast.contact)).get("/granby/calendar")).text


async def test_a_calendar_is_called_by_what_it_shows_in_the_readers_language(cast: Cast, session, browser, visitor):
    cast.contact.person.locale = "en"
    session.add(cast.contact.person)
    await session.commit()
    names = set()
    for scope in ("meetings", "mine", "deadlines", "everything"):
        answer = await visitor.get(await address_for(browser, cast.contact, scope=scope))
        names.add(str(icalendar.Calendar.from_ical(answer.content)["X-WR-CALNAME"]))
    assert names == {f"{what} – Granby nätverk" for what in ("Meetings", "My meetings", "Closing days", "Meetings and closing days")}


def test_the_day_of_a_deadline_is_the_swedish_one():
    closing = [datetime(2026, 3, 28, 23, 59, 59, tzinfo=clock.BRUSSELS), datetime(2026, 3, 28, 23, 30, tzinfo=ZoneInfo("Europe/Lisbon"))]
    windows = [
        FeedbackWindow(id=1, initiative_id=1, key="1", stage="draft_act", closes_at=each, changed_at=clock.now()) for each in closing
    ]
    consultation = Consultation(record_id=1, network_id=1, initiative_id=1)
    consultation.record = Record(id=1, title="T", path="/consultations/1", created_at=clock.now())
    days = [deadline_of(consultation, each, page="https://x.se/a", locale="sv").day for each in windows]
    assert days == [date(2026, 3, 28), date(2026, 3, 29)]

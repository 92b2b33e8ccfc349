"""A series: its days are shown before anything is made, and then each of them is a meeting like any other."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.calendar.models import Feed
from portal.meetings import actions, series
from portal.meetings.models import AgendaItem, CancelForm, Meeting
from portal.meetings.series_models import FollowingForm, MeetingSeries
from portal.networks.queries import member
from portal.notifications.models import Mailing
from portal.records.models import Record
from portal.web import Conflict
from tests.calendar.reading import address_for, by_icalendar, by_vobject
from tests.factories import Cast
from tests.making import make_group, make_meeting, make_series

PLAN = {
    "title": "Energiträff",
    "day": "2031-03-13",
    "starts": "13:00",
    "ends": "14:30",
    "place": "Tranan",
    "repeats": "months",
    "every": "1",
    "times": "6",
}
SECOND_THURSDAYS = ["2031-03-13", "2031-04-10", "2031-05-08", "2031-06-12", "2031-07-10", "2031-08-14"]
DAY = re.compile(r'name="days" value="([\d-]+)"[^>]*?( checked)?( disabled)?>')


def days_in(page: str) -> dict[str, bool]:
    return {day: bool(checked) for day, checked, _disabled in DAY.findall(page)}


async def meetings(session) -> list[Meeting]:
    return list(await session.scalars(select(Meeting).order_by(col(Meeting.starts_at)).execution_options(populate_existing=True)))


async def test_the_days_are_shown_and_nothing_is_made(cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    shown = await ingela.post("/granby/meetings", PLAN)
    assert shown.status_code == 200
    assert days_in(shown.text) == {day: day != "2031-07-10" for day in SECOND_THURSDAYS}
    assert "Varje månad, andra torsdagen" in shown.text
    assert re.search(r"torsdag den\u00a010\u00a0juli 2031.*?I juli har de flesta semester\.", shown.text, re.DOTALL)
    assert await meetings(session) == []
    assert (await session.scalars(select(MeetingSeries))).all() == []
    back = await ingela.post("/granby/meetings", PLAN | {"stay": "1"})
    assert 'value="Energiträff"' in back.text
    assert re.search(r'name="repeats" value="months"[^>]* checked', back.text)


async def test_holidays_and_what_lies_in_the_year_are_said_in_words(cast: Cast, session, browser):
    await make_meeting(session, cast.coordinator, "Nätverksträff", day=date(2031, 5, 8))
    ingela = await browser(cast.coordinator)
    easter = (await ingela.post("/granby/meetings", PLAN | {"day": "2031-04-11", "repeats": "weeks", "times": "12"})).text
    assert re.search(r"fredag den\u00a011\u00a0april 2031.*?Långfredagen\.", easter, re.DOTALL)
    unchecked = {day for day, checked in days_in(easter).items() if not checked}
    assert unchecked == {"2031-04-11", "2031-06-06", "2031-06-20"}  # Good Friday, the national day, Midsummer's Eve
    assert "Nätverket har redan en träff: Nätverksträff." in (await ingela.post("/granby/meetings", PLAN)).text


async def test_the_chosen_days_become_meetings_that_are_like_any_other(cast: Cast, session, browser):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact)
    ingela = await browser(cast.coordinator)
    chosen = [day for day in SECOND_THURSDAYS if day not in ("2031-05-08", "2031-07-10")]
    made = await ingela.post("/granby/meetings/series", PLAN | {"group_id": str(group.id), "days": chosen})
    assert made.status_code == 303
    found = await meetings(session)
    assert [clock.local(each.starts_at).isoformat()[:16] for each in found] == [f"{day}T13:00" for day in chosen]
    assert len({each.uid for each in found}) == 4
    assert {(each.sequence, each.state, each.group_id, each.place) for each in found} == {(0, "planned", group.id, "Tranan")}
    assert {each.series_id for each in found} == {(await session.scalars(select(MeetingSeries))).one().id}
    items = list(await session.scalars(select(AgendaItem.meeting_id)))
    assert sorted(items) == sorted(each.record_id for each in found)
    assert (await session.scalars(select(Mailing))).all() == []
    page = (await (await browser(cast.reader)).get(made.headers["location"])).text
    assert page.count("Energiträff</a>") == 4
    assert "Varje månad, andra torsdagen" in page
    assert "Ställ in resten" not in page
    assert made.headers["location"] in (await ingela.get(f"/granby/meetings/{found[0].record_id}")).text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"days": []}, "Välj minst en av dagarna."),
        ({"days": ["2031-03-14"]}, "Välj minst en av dagarna."),
        ({"days": ["i morgon"]}, "2026-12-13"),
        ({"days": ["2031-03-13"], "times": ""}, "antingen hur många"),
        ({"days": ["2031-03-13"], "until": "2032-01-01"}, "antingen hur många"),
        ({"days": ["2031-03-13"], "times": "1"}, "Talet får inte vara mindre än 2."),
        ({"days": ["2031-03-13"], "times": "999999999"}, "Talet får inte vara större än 60."),
        ({"days": ["2031-03-13"], "times": "", "until": "2031-04-01"}, "Det blir bara en träff."),
        ({"days": ["2031-03-13"], "times": "", "until": "9999-12-31"}, "en serie har högst 60."),
        ({"days": ["2031-03-13"], "every": "0"}, "Talet får inte vara mindre än 1."),
        ({"days": ["2031-03-13"], "every": "13"}, "Talet får inte vara större än 12."),
        ({"days": ["2031-03-13"], "repeats": "seconds"}, "Välj ett av alternativen."),
        ({"days": ["2031-03-13"], "repeats": ""}, ""),
        ({"days": ["2031-03-13"], "group_id": "4711"}, "Välj ett av alternativen."),
        ({"days": ["2031-03-13"], "day": "0001-01-01"}, ""),
        ({"days": ["2031-03-13"], "day": "9999-12-31", "repeats": "weeks"}, ""),
    ],
)
async def test_a_series_that_cannot_be_says_why_and_makes_nothing(given: dict[str, object], said: str, cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    refused = await ingela.post("/granby/meetings/series", PLAN | given)
    assert refused.status_code == 422
    assert said in refused.text
    assert "Energiträff" in refused.text
    assert await meetings(session) == []


async def test_the_same_form_sent_twice_is_one_series(cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    form = PLAN | {"days": SECOND_THURSDAYS[:2], "once": "b2f5ff47-4366-4f0b-9d0a-000000000001"}
    answers = [await ingela.post("/granby/meetings/series", form) for _time in range(2)]
    assert {each.headers["location"] for each in answers} == {answers[0].headers["location"]}
    assert len(await meetings(session)) == 2


@pytest.mark.parametrize(("first", "hours"), [("2030-10-20", {11, 12}), ("2031-03-23", {11, 12})], ids=["back", "forward"])
async def test_one_o_clock_is_one_o_clock_on_both_sides_of_a_clock_change(
    first: str, hours: set[int], cast: Cast, session, browser, visitor
):
    """Read in the feed by two libraries; one of them knows no zones but the file's own."""
    await make_series(session, cast.coordinator, day=date.fromisoformat(first), every=1, times=2)
    found = await meetings(session)
    assert [(clock.local(each.starts_at).hour, clock.local(each.ends_at).hour) for each in found] == [(13, 14)] * 2
    assert {each.starts_at.astimezone(UTC).hour for each in found} == hours
    content = (await visitor.get(await address_for(browser, cast.contact))).content
    expected = {each.uid: each.starts_at for each in found}
    assert by_icalendar(content) == by_vobject(content) == expected


async def test_an_hour_that_is_skipped_cannot_be_chosen_and_of_one_that_comes_twice_the_first_is_meant(cast: Cast, session, browser):
    ingela = await browser(cast.coordinator)
    spring = PLAN | {
        "day": "2031-03-23",
        "starts": "02:30",
        "ends": "04:00",
        "repeats": "weeks",
        "times": "2",
    }  # the clocks go forward on 30 March
    shown = (await ingela.post("/granby/meetings", spring)).text
    assert re.search(r'value="2031-03-30"[^>]* disabled', shown)
    assert "Klockan ställs fram den natten och den timmen finns inte." in shown
    refused = await ingela.post("/granby/meetings/series", spring | {"days": ["2031-03-23", "2031-03-30"]})
    assert (refused.status_code, "söndag den 30 mars 2031: Klockan ställs fram" in refused.text) == (422, True)
    assert await meetings(session) == []
    autumn = spring | {"day": "2031-10-19", "days": ["2031-10-19", "2031-10-26"]}
    assert (
        "Den första av de två timmarna gäller."
        in (await ingela.post("/granby/meetings", {name: value for name, value in autumn.items() if name != "days"})).text
    )
    assert (await ingela.post("/granby/meetings/series", autumn)).status_code == 303
    assert [each.starts_at for each in await meetings(session)] == [datetime(2031, 10, day, 0, 30, tzinfo=UTC) for day in (19, 26)]


async def test_this_and_the_following_change_where_they_are_alike_and_keep_what_is_their_own(cast: Cast, session, browser):
    await make_series(session, cast.coordinator, times=4)
    _first, second, third, fourth = await meetings(session)
    await actions.summon(session, await _whole(session, second), by=cast.coordinator)
    await actions.hold(session, await _whole(session, fourth), by=cast.coordinator)
    third.place = "Rum Lommen"
    await session.commit()
    ingela = await browser(cast.coordinator)
    page = (await ingela.get(f"/granby/meetings/{second.record_id}/following")).text
    assert page.count("Serie</a>") == 2 + 1  # the two, and where one is
    version = re.search(r'name="version" value="(\w+)"', page)[1]
    form = {"starts": "09:00", "ends": "10:00", "place": "Tranan", "version": version}
    assert (await ingela.post(f"/granby/meetings/{second.record_id}/following", form)).status_code == 303
    assert (await ingela.post(f"/granby/meetings/{second.record_id}/following", form)).status_code == 409  # changed since
    hours = [(clock.local(each.starts_at).hour, each.place, each.sequence) for each in await meetings(session)]
    assert hours == [(13, "Tranan", 0), (9, "Tranan", 1), (9, "Rum Lommen", 1), (13, "Tranan", 0)]
    told = list(await session.scalars(select(Mailing.record_id).where(col(Mailing.kind) == "meeting.changed")))
    assert told == [second.record_id]  # nobody has been called to the third


async def _whole(session, meeting: Meeting) -> Meeting:
    meeting.record = await session.get_one(Record, meeting.record_id)
    return meeting


async def test_a_change_that_one_of_the_days_cannot_have_changes_none(cast: Cast, session):
    made = await make_series(session, cast.coordinator, day=date(2031, 3, 23), every=1, times=2)
    first = (await series.meetings_of(session, cast.coordinator, made))[0]
    from_two = FollowingForm(starts="02:15", ends="03:15")
    with pytest.raises(Conflict, match="söndag den 30 mars 2031: Klockan ställs fram"):
        await series.change_following(session, first, by=cast.coordinator, form=from_two)
    await session.rollback()
    assert {clock.local(each.starts_at).hour for each in await meetings(session)} == {13}


@pytest.mark.parametrize(
    "given",
    [
        {"starts": "25:00", "ends": "26:00"},
        {"starts": "10:00", "ends": "09:00"},
        {"starts": "", "ends": "x"},
        {"starts": "09:00", "ends": "10:00", "online_url": "javascript:1"},
    ],
)
async def test_a_wrong_change_says_so_and_changes_nothing(given: dict[str, str], cast: Cast, session, browser):
    await make_series(session, cast.coordinator)
    ingela, found = await browser(cast.coordinator), await meetings(session)
    assert (await ingela.post(f"/granby/meetings/{found[0].record_id}/following", given)).status_code == 422
    assert {each.sequence for each in await meetings(session)} == {0}
    single = await make_meeting(session, cast.coordinator)
    assert (await ingela.get(f"/granby/meetings/{single.record_id}/following")).status_code == 404
    assert (await ingela.post(f"/granby/meetings/{single.record_id}/following", {"starts": "09:00", "ends": "10:00"})).status_code == 404


async def test_this_and_the_following_are_cancelled_in_one_go_and_what_was_before_stays(cast: Cast, session, browser):
    await make_series(session, cast.coordinator, times=5)
    first, second, third, fourth, fifth = [each.record_id for each in await meetings(session)]
    rows = {each.record_id: await _whole(session, each) for each in await meetings(session)}
    await actions.cancel(session, rows[fifth], by=cast.coordinator, form=CancelForm(reason="Redan"))
    await actions.hold(session, rows[third], by=cast.coordinator)
    await actions.summon(session, rows[fourth], by=cast.coordinator)
    await session.commit()
    ingela, here = await browser(cast.coordinator), f"/granby/meetings/{second}"
    assert f'{here}/following/cancellation"' in (await ingela.get(f"{here}/cancellation")).text
    assert "Ställ in 2 träffar" in (await ingela.get(f"{here}/following/cancellation")).text
    assert (await ingela.post(f"{here}/following/cancellation", {"reason": ""})).status_code == 422
    assert (await ingela.post(f"{here}/following/cancellation", {"reason": "Uppdraget är klart"})).status_code == 303
    assert {each.record_id: (each.state, each.cancel_reason) for each in await meetings(session)} == {
        first: ("planned", ""),
        second: ("cancelled", "Uppdraget är klart"),
        third: ("held", ""),
        fourth: ("cancelled", "Uppdraget är klart"),
        fifth: ("cancelled", "Redan"),
    }
    assert set(await session.scalars(select(Mailing.record_id).where(col(Mailing.kind) == "meeting.cancelled"))) == {fourth}
    assert (await ingela.get(f"{here}/following/cancellation")).status_code == 409
    assert (await ingela.post(f"{here}/following/cancellation", {"reason": "Igen"})).status_code == 409


async def test_a_change_of_a_series_reaches_a_feed(cast: Cast, session, browser, visitor):
    made = await make_series(session, cast.coordinator)
    path = await address_for(browser, await member(session, cast.coordinator, cast.contact.id))
    before = by_icalendar((await visitor.get(path)).content)
    first = (await series.meetings_of(session, cast.coordinator, made))[0]
    await series.change_following(session, first, by=cast.coordinator, form=FollowingForm(starts="14:00", ends="15:00", place="Tranan"))
    await session.commit()
    after = by_icalendar((await visitor.get(path)).content)
    assert after == {uid: moment + timedelta(hours=1) for uid, moment in before.items()}
    assert len(after) == 3
    assert await session.scalar(select(col(Feed.id)).limit(1)) is not None

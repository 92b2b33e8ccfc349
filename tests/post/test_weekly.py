"""The weekly letter: what is new, gathered; Mondays, Thursdays before a meeting; silent in July and when nothing is new."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from portal import clock
from portal.clock import STOCKHOLM
from portal.db import unit_of_work
from portal.home import weekly
from portal.meetings import actions as meetings
from portal.meetings import minutes, proposals
from portal.meetings.agenda_models import DecliningForm, ProposalForm
from portal.meetings.record_models import AmendmentForm
from portal.moderation import actions as moderation
from portal.moderation.models import ReasonForm
from portal.notifications import actions as notifications
from portal.notifications.models import ChoiceForm, Comments
from portal.records.actions import share
from portal.words import near_date
from tests.factories import Cast
from tests.making import make_circulated, make_comment, make_finding, make_locked, make_meeting
from tests.post.conftest import House

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

MONDAY = datetime(2027, 3, 8, 6, 30, tzinfo=STOCKHOLM)
THURSDAY = MONDAY + timedelta(days=3)
AUGUST = datetime(2027, 8, 2, 6, 30, tzinfo=STOCKHOLM)
SUBJECT = "Nytt i Granby nätverk, vecka {}"


@contextmanager
def on(moment: datetime) -> Iterator[None]:
    with clock.fixed(moment.astimezone(UTC)):
        yield


async def post(house: House, morning: datetime, *, after: timedelta = timedelta(minutes=5)) -> dict[str, list[str]]:
    """What each has got, by first name, when the letters of that morning have left."""
    house.office.letters.clear()
    with on(morning + after):
        await weekly.post(house.sessions, {"morning": morning.isoformat()})
        await house.everything()
    return {to.split(".")[0]: subjects for to, subjects in house.subjects.items()}


async def share_something(session, cast: Cast, moment: datetime, title: str = "Ny förordning") -> None:
    with on(moment):
        await make_finding(session, cast.contact, title)


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2027-03-08T06:29:59+01:00", "2027-03-08T06:30:00+01:00"),
        ("2027-03-08T06:30:00+01:00", "2027-03-11T06:30:00+01:00"),
        ("2027-03-11T06:30:00+01:00", "2027-03-15T06:30:00+01:00"),
        ("2027-03-27T12:00:00+01:00", "2027-03-29T06:30:00+02:00"),  # the clock goes forward in between
        ("2026-10-24T12:00:00+02:00", "2026-10-26T06:30:00+01:00"),  # and back
    ],
)
def test_mornings_are_mondays_and_thursdays_by_a_swedish_clock(now: str, morning: str):
    assert weekly.next_morning(datetime.fromisoformat(now)).isoformat() == morning


async def test_the_next_morning_is_planned_once(house: House, cast: Cast):
    for _time in range(3):
        async with unit_of_work(house.sessions) as session:
            await weekly.plan(session)
    assert await house.scalar("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'letters'") == 1
    wait = await house.scalar("SELECT extract(epoch FROM execute_after - now()) FROM pgqueuer WHERE entrypoint = 'letters'")
    assert abs(float(wait) - (weekly.next_morning(clock.now()) - clock.now()).total_seconds()) < 30


async def test_everyone_who_may_read_it_but_whose_news_it_is_gets_one_letter(house: House, cast: Cast, session):
    await share_something(session, cast, MONDAY - timedelta(days=2))
    letters = await post(house, MONDAY)
    assert letters == {name: [SUBJECT.format(10)] for name in ("ingela", "tomas", "bengt", "sirkka", "yvonne", "zainab")}
    assert (await house.states())["Maja Lindqvist"] == "withdrawn"
    words = house.office.letters[0].get_body(("plain",)).get_content()
    assert "Nytt\n\n* Ny förordning\n  Spaning delad, Maja Lindqvist\n  https://portal.granby.example/granby/findings/" in words
    assert "Inget mer veckobrev:\nhttps://portal.granby.example/mail/stop/" in words


async def test_a_guest_is_told_of_what_is_shared_with_her_and_of_nothing_else(house: House, cast: Cast, session):
    await share_something(session, cast, MONDAY - timedelta(days=2), "Bara för nätverket")
    with on(MONDAY - timedelta(days=2)):
        shared = await make_finding(session, cast.contact, "Delat med gästen")
        await share(session, shared, by=cast.coordinator, guest=cast.guest)
        await session.commit()
    letters = await post(house, MONDAY)
    guest = cast.guest.person.email.partition(".")[0]
    assert letters[guest] == [SUBJECT.format(10)]
    words = next(each for each in house.office.letters if str(each["To"]).startswith(guest)).get_body(("plain",)).get_content()
    assert ("Delat med gästen" in words, "Bara för nätverket" in words) == (True, False)


async def test_the_job_twice_is_one_letter(house: House, cast: Cast, session):
    await share_something(session, cast, MONDAY - timedelta(days=2))
    assert len(await post(house, MONDAY)) == 6
    assert await post(house, MONDAY) == {}
    assert await house.scalar("SELECT count(*) FROM mailing") == 2  # one a network


async def test_nothing_new_is_no_letter_and_what_one_letter_told_is_not_new_in_the_next(house: House, cast: Cast, session):
    assert await post(house, MONDAY) == {}
    await share_something(session, cast, MONDAY + timedelta(days=1))
    assert len(await post(house, MONDAY + timedelta(days=7))) == 6
    assert await post(house, MONDAY + timedelta(days=14)) == {}


async def test_what_she_has_seen_on_home_is_not_new(house: House, cast: Cast, session):
    await share_something(session, cast, MONDAY - timedelta(days=2))
    cast.head.seen_at = MONDAY - timedelta(days=1)
    await session.commit()
    assert "bengt" not in await post(house, MONDAY)


async def test_july_is_silent_and_august_tells_of_it(house: House, cast: Cast, session):
    july, august = datetime(2027, 7, 5, 6, 30, tzinfo=STOCKHOLM), datetime(2027, 8, 2, 6, 30, tzinfo=STOCKHOLM)
    await share_something(session, cast, datetime(2027, 7, 1, 9, tzinfo=STOCKHOLM), "Sommarens nyhet")
    for morning in (july, july + timedelta(days=7), datetime(2027, 7, 29, 6, 30, tzinfo=STOCKHOLM)):
        assert await post(house, morning) == {}
    assert await house.scalar("SELECT count(*) FROM mailing") == 0
    letters = await post(house, august)
    assert letters["ingela"] == [SUBJECT.format(31)]
    assert "Sommarens nyhet" in house.office.letters[0].get_body(("plain",)).get_content()


async def test_what_is_to_act_on_goes_in_july_too(house: House, cast: Cast, session):
    with on(datetime(2027, 7, 5, 9, tzinfo=STOCKHOLM)):
        meeting = await make_meeting(session, cast.coordinator, day=date(2027, 8, 20))
        await meetings.summon(session, meeting, by=cast.coordinator)
        await session.commit()
        await house.everything()
    assert len(house.office.letters) == 7


async def test_a_correction_of_locked_notes_waits_for_the_letter_and_is_for_who_may_read_them_then(house: House, cast: Cast, session):
    with on(datetime(2027, 6, 30, 9, tzinfo=STOCKHOLM)):
        meeting = await make_circulated(session, cast, "Vårträff")
        await make_locked(session, meeting, [cast.coordinator, cast.contact])
    await session.execute(text("UPDATE membership SET seen_at = '2027-07-01'"))
    await session.commit()
    house.office.letters.clear()
    with on(datetime(2027, 7, 8, 9, tzinfo=STOCKHOLM)):
        await minutes.amend(session, meeting, by=cast.coordinator, form=AmendmentForm(body="Vi var tre."))
        await session.commit()
        await house.everything()
    assert house.office.letters == []
    await house.execute(f"UPDATE membership SET role = 'guest' WHERE id = {cast.contact.id}")
    await house.execute(f"INSERT INTO silence VALUES ({cast.deputy.person_id}, {meeting.record_id}, now())")
    letters = await post(house, AUGUST)
    assert set(letters) == {"bengt", "sirkka", "yvonne", "zainab"}
    told = f"* Vårträff, {near_date(meeting.starts_at, AUGUST, 'sv')}\n  Anteckningar rättade, Ingela Rask\n"  # meetings of a series share one title
    assert told in house.office.letters[0].get_body(("plain",)).get_content()


async def test_what_became_of_ones_proposals_stands_in_one_letter_and_no_other_mail_tells_it(house: House, cast: Cast, session):
    with on(datetime(2027, 7, 8, 9, tzinfo=STOCKHOLM)):
        await session.execute(text("UPDATE membership SET seen_at = '2027-07-01'"))
        meeting = await make_meeting(session, cast.coordinator, title="Höstträff", day=date(2027, 9, 20))
        made = {
            title: await proposals.propose(session, by=cast.contact, form=ProposalForm(title=title))
            for title in ("Utbyten", "Fika", "Väntar", "Ångrat")
        }
        for each in made.values():
            await session.refresh(each, ["by"])
        await proposals.take(session, made["Utbyten"], meeting, by=cast.coordinator)
        await proposals.decline(session, made["Fika"], by=cast.coordinator, form=DecliningForm(word="Det får vi ändå."))
        await proposals.withdraw(session, made["Ångrat"], by=cast.contact)
        await session.commit()
        await house.everything()
    assert house.office.letters == []
    await session.execute(text("UPDATE membership SET seen_at = '2027-07-20'"))  # she was on the start page, which does not tell it
    await session.commit()
    assert list(await post(house, AUGUST)) == ["maja"]
    words = house.office.letters[0].get_body(("plain",)).get_content()
    address = "https://portal.granby.example/granby"
    taken = f"* Utbyten\n  Står på dagordningen för Höstträff\n  {address}{meeting.record.path}\n"
    assert f"Dina förslag\n\n{taken}\n* Fika\n  Togs inte in: Det får vi ändå.\n  {address}/meetings/proposals\n" in words
    assert ("Väntar\n" in words, "Ångrat" in words) == (False, False)
    assert "Inget mer veckobrev:\n" in words
    assert await post(house, AUGUST + timedelta(days=7)) == {}


@pytest.mark.parametrize(("days", "comes"), [(1, True), (6, True), (8, False), (-1, False)])
async def test_thursdays_letter_comes_only_when_a_meeting_is_near(days: int, comes: bool, house: House, cast: Cast, session):
    day = THURSDAY.date() + timedelta(days=days)
    with on(THURSDAY - timedelta(days=20)):
        await make_meeting(session, cast.coordinator, title="Vårträff", day=day)
    await share_something(session, cast, THURSDAY - timedelta(days=1))
    letters = await post(house, THURSDAY)
    assert ("bengt" in letters) == comes
    if comes:
        words = house.office.letters[0].get_body(("plain",)).get_content()
        assert "Nästa träff\n\n* Vårträff\n" in words


async def test_a_cancelled_meeting_is_not_near(house: House, cast: Cast, session):
    with on(THURSDAY - timedelta(days=20)):
        meeting = await make_meeting(session, cast.coordinator, day=THURSDAY.date() + timedelta(days=2))
    await share_something(session, cast, THURSDAY - timedelta(days=1))
    await session.execute(text(f"UPDATE meeting SET state = 'cancelled' WHERE record_id = {meeting.record_id}"))
    await session.commit()
    assert await post(house, THURSDAY) == {}


async def test_a_network_of_its_own_decides_for_itself(house: House, cast: Cast, session):
    with on(THURSDAY - timedelta(days=20)):
        await make_meeting(session, cast.outsider, day=THURSDAY.date() + timedelta(days=2))
    await share_something(session, cast, THURSDAY - timedelta(days=1))
    assert await post(house, THURSDAY) == {}


async def test_who_wants_none_gets_none_and_who_wants_no_comments_reads_of_none(house: House, cast: Cast, session):
    await notifications.choose(session, by=cast.head, form=ChoiceForm(letter=False))
    await notifications.choose(session, by=cast.deputy, form=ChoiceForm(comments=Comments.never, letter=True))
    with on(MONDAY - timedelta(days=30)):
        record = await make_finding(session, cast.contact, "En spaning")
    await session.execute(text("UPDATE membership SET seen_at = :at"), {"at": MONDAY - timedelta(days=20)})
    with on(MONDAY - timedelta(days=1)):
        await make_comment(session, record, cast.contact, "Hej @Tomas Ekvall")
        await session.commit()
    letters = await post(house, MONDAY)
    assert set(letters) == {"ingela", "sirkka", "yvonne", "zainab"}


async def test_a_letter_holds_what_waits_and_is_in_her_language(house: House, cast: Cast, session):
    cast.deputy.person.locale = "en"
    await notifications.choose(session, by=cast.deputy, form=ChoiceForm(comments=Comments.letter, letter=True))
    with on(MONDAY - timedelta(days=1)):
        record = await make_finding(session, cast.contact, "En spaning")
        await make_comment(session, record, cast.contact, "Kan @Tomas Ekvall svara?")
        await session.commit()
    letters = await post(house, MONDAY)
    assert letters["tomas"] == ["New in Granby nätverk, week 10"]
    words = next(each for each in house.office.letters if str(each["To"]).startswith("tomas")).get_body(("plain",)).get_content()
    assert "Waiting for you\n\n* Maja Lindqvist mentioned you in En spaning" in words
    assert "Choose which mail you get" in words


async def test_what_is_hidden_or_closed_before_it_leaves_is_not_in_it(house: House, cast: Cast, session):
    await share_something(session, cast, MONDAY - timedelta(days=2), "Snart stängd")
    await share_something(session, cast, MONDAY - timedelta(days=2), "Öppen")
    with on(MONDAY):
        await weekly.post(house.sessions, {"morning": MONDAY.isoformat()})
        await house.execute(f"UPDATE record SET audience = 'unit', owner_unit_id = {cast.school.id} WHERE title = 'Snart stängd'")
        await house.everything()
    words = {str(each["To"]).split(".")[0]: each.get_body(("plain",)).get_content() for each in house.office.letters}
    assert "Snart stängd" not in words["tomas"]
    assert "Öppen" in words["tomas"]


@pytest.mark.parametrize("deed", ["hide", "redact"])
async def test_nobody_is_named_in_it_by_a_comment_that_is_hidden_or_removed(deed: str, house: House, cast: Cast, session):
    with on(MONDAY - timedelta(days=1)):
        kept, record = [await make_finding(session, cast.contact, title) for title in ("Kvar", "Borta")]
        comments = [await make_comment(session, each, cast.head, "@Tomas Ekvall") for each in (kept, record)]
        await notifications.choose(session, by=cast.deputy, form=ChoiceForm(comments=Comments.letter, letter=True))
        await getattr(moderation, deed)(session, comments[1], record, by=cast.coordinator, form=ReasonForm(reason="insult"))
        await session.commit()
    await post(house, MONDAY)
    words = next(each for each in house.office.letters if str(each["To"]).startswith("tomas")).get_body(("plain",)).get_content()
    assert ("Bengt Sjöholm nämnde dig i Kvar" in words, "nämnde dig i Borta" in words) == (True, False)


async def test_a_morning_that_was_missed_for_days_is_left_out(house: House, cast: Cast, session):
    await share_something(session, cast, MONDAY - timedelta(days=2))
    assert await post(house, MONDAY, after=timedelta(days=2, hours=1)) == {}
    assert len(await post(house, MONDAY, after=timedelta(days=1))) == 6

"""What a summons brings: the agenda, three links that are its reader's own, and an invitation into
her calendar that follows the meeting."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import icalendar
import pytest
from sqlalchemy import text

from portal import clock, notifications
from portal.calendar.models import Feed, Reading
from portal.db import unit_of_work
from portal.meetings import actions as meetings
from portal.meetings import answers, letters
from portal.meetings.models import Answer, CancelForm
from portal.meetings.queries import for_calendar
from portal.meetings.summons import tell_departed, tell_newcomers
from portal.networks.members import end_membership
from portal.notifications import actions as post_room
from portal.notifications.models import Calendar, ChoiceForm
from portal.records.actions import share
from tests.factories import Cast, make_member
from tests.making import change_meeting, make_group, make_meeting
from tests.post.conftest import House

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

ADDRESS = "https://portal.granby.example"
MAILBOX = "kallelse@granby.example"


@pytest.fixture
def house(house: House) -> House:
    """The same, with a mailbox that the portal reads."""
    house.settings = replace(house.settings, reply_address=MAILBOX)
    return house


async def summon(house: House, cast: Cast, session, **given):
    meeting = await make_meeting(session, cast.coordinator, **given)
    await meetings.summon(session, meeting, by=cast.coordinator)
    await session.commit()
    await house.everything()
    return meeting


def letter_to(house: House, member):
    (letter,) = [each for each in house.office.letters if str(each["To"]) == member.person.email]
    return letter


def words_of(letter) -> str:
    return letter.get_body(("plain",)).get_content()


async def test_each_gets_the_agenda_and_three_links_of_her_own_as_text_and_as_a_page(house: House, cast: Cast, session):
    meeting = await summon(house, cast, session, title="Träff", purpose="Vi ses.")
    path = answers.path(house.frame.sign, cast.contact.person_id, meeting.record_id)
    letter = letter_to(house, cast.contact)
    words, page = words_of(letter), letter.get_body(("html",)).get_content()
    assert "Dagordning\n1. 13.00 Föregående träff\n2. 13.15 Spaningar att bedöma\n" in words
    for answer, said in (("yes", "Jag kommer"), ("maybe", "Kanske"), ("no", "Kan inte")):
        assert f"{said}:\n{ADDRESS}{path}?answer={answer}\n" in words
        assert re.search(rf'<a href="{re.escape(f"{ADDRESS}{path}?answer={answer}")}"[^>]*>{said}</a>', page)
    tokens = {match for each in house.office.letters for match in re.findall(r"/answers/([\w.]+)", words_of(each))}
    assert len(tokens) == len(house.office.letters) == 7


async def test_a_working_group_is_welcomed_to_its_own_meeting_and_nobody_else_is(house: House, cast: Cast, session):
    group = await make_group(session, cast.coordinator, "Energi", cast.contact)
    await summon(house, cast, session, group=group)
    assert [str(each["To"]) for each in house.office.letters] == [cast.contact.person.email]
    assert "Välkommen till arbetsgruppens träff: Energi." in words_of(letter_to(house, cast.contact))


async def test_who_has_answered_already_is_told_so(house: House, cast: Cast, session):
    meeting = await make_meeting(session, cast.coordinator)
    cast.contact.person.locale = "en"
    await answers.answer(session, meeting, by=cast.contact, answer=Answer.no)
    await meetings.summon(session, meeting, by=cast.coordinator)
    await session.commit()
    await house.everything()
    assert "You have answered: Not coming." in words_of(letter_to(house, cast.contact))
    assert "Kommer du?" in words_of(letter_to(house, cast.head))


def event_in(letter) -> icalendar.Event:
    """What a calendar program finds in the letter: the same as a way to read it and as a file."""
    (part,) = [each for each in letter.walk() if each.get_content_type() == "text/calendar"]
    (file,) = list(letter.iter_attachments())
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    content = part.get_payload(decode=True)
    assert file.get_content() == content
    whole = icalendar.Calendar.from_ical(content)
    assert part.get_param("method") == str(whole["METHOD"])
    (event,) = whole.walk("VEVENT")
    event["METHOD"] = whole["METHOD"]
    return event


async def test_a_letter_is_text_page_and_invitation_with_the_invitation_as_a_file_beside(house: House, cast: Cast, session):
    await summon(house, cast, session)
    letter = letter_to(house, cast.contact)
    shape = [each.get_content_type() for each in letter.walk()]
    assert shape == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/ics"]
    assert letter["Content-Language"] == "sv"


async def test_the_invitation_is_for_her_alone_and_answers_go_to_an_address_of_her_own(house: House, cast: Cast, session):
    meeting = await summon(house, cast, session, title="Träff i Örnen")
    events = {str(each["To"]): event_in(each) for each in house.office.letters}
    assert {str(event["ATTENDEE"]).removeprefix("mailto:") for event in events.values()} == set(events)
    assert all(
        isinstance(event["ATTENDEE"], icalendar.vCalAddress) and event["ATTENDEE"].params["RSVP"] == "TRUE" for event in events.values()
    )
    organizers = {str(event["ORGANIZER"]) for event in events.values()}
    assert len(organizers) == 7
    assert all(re.fullmatch(r"mailto:kallelse\+m\w+\.\w+\.[0-9a-f]{20}@granby\.example", each) for each in organizers)
    event = events[cast.contact.person.email]
    assert (str(event["UID"]), event["DTSTART"].dt, str(event["SUMMARY"])) == (meeting.uid, meeting.starts_at, "Träff i Örnen")


async def test_without_a_mailbox_the_sender_invites_and_asks_for_no_answer(house: House, cast: Cast, session):
    house.settings = replace(house.settings, reply_address=None)
    await summon(house, cast, session)
    event = event_in(letter_to(house, cast.contact))
    assert (str(event["ORGANIZER"]), event["ATTENDEE"].params["RSVP"]) == ("mailto:portal@granby.example", "FALSE")


async def test_a_change_and_a_cancellation_follow_the_invitation(house: House, cast: Cast, session):
    cast.contact.person.locale = "en"
    meeting = await summon(house, cast, session, title="Träff")
    first = event_in(letter_to(house, cast.contact))
    house.office.letters.clear()
    await answers.answer(session, meeting, by=cast.contact, answer=Answer.yes)
    await change_meeting(session, cast.coordinator, meeting.record_id, place="Lärkan")
    await house.everything()
    second = event_in(letter_to(house, cast.contact))
    house.office.letters.clear()
    await meetings.cancel(session, meeting, by=cast.coordinator, form=CancelForm(reason="Snö"))
    await session.commit()
    await house.everything()
    third = event_in(letter_to(house, cast.contact))
    events = (first, second, third)
    assert [str(each["METHOD"]) for each in events] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [int(each["SEQUENCE"]) for each in events] == [0, 1, 2]
    assert {(str(each["UID"]), str(each["ORGANIZER"])) for each in events} == {(meeting.uid, str(first["ORGANIZER"]))}
    assert (str(third["SUMMARY"]), str(event_in(letter_to(house, cast.head))["SUMMARY"])) == ("CANCELLED: Träff", "INSTÄLLD: Träff")
    assert (str(second["LOCATION"]), second["ATTENDEE"].params["PARTSTAT"]) == ("Lärkan", "ACCEPTED")


async def subscribe(session, member, *, read_at: datetime) -> None:
    feed = Feed(membership_id=member.id, name="Telefonen", token_hash=member.person.email.encode(), created_at=read_at)
    session.add(feed)
    await session.flush()
    session.add(Reading(feed_id=feed.id, program="google", agent="", read_at=read_at, status=200, events=1))
    await session.commit()


def methods(house: House, member) -> list[str]:
    """What her calendar got by mail; "none" for a letter without."""
    theirs = [each for each in house.office.letters if str(each["To"]) == member.person.email]
    return [str(event_in(each)["METHOD"]) if list(each.iter_attachments()) else "none" for each in theirs]


CHOICES = {
    "contact": (Calendar.auto, False, ["REQUEST", "REQUEST", "CANCEL"]),
    "deputy": (Calendar.auto, True, ["none", "none"]),
    "head": (Calendar.invitation, True, ["REQUEST", "REQUEST", "CANCEL"]),
    "reader": (Calendar.both, True, ["REQUEST", "REQUEST", "CANCEL"]),
    "registrar": (Calendar.feed, True, ["none", "none"]),
    "admin": (Calendar.feed, False, ["none", "none", "none"]),  # no program reads it, so only the letter tells
}


async def test_nobody_sees_a_meeting_twice_or_hears_of_a_change_from_nobody(house: House, cast: Cast, session):
    for role, (chosen, reads, _told) in CHOICES.items():
        await subscribe(session, cast.everyone[role], read_at=clock.now() if reads else clock.now() - timedelta(days=30))
        await post_room.choose(session, by=cast.everyone[role], form=ChoiceForm(calendar=chosen, letter=True))
    meeting = await summon(house, cast, session)
    await change_meeting(session, cast.coordinator, meeting.record_id, place="Lärkan")
    await house.everything()
    await meetings.cancel(session, meeting, by=cast.coordinator, form=CancelForm(reason="Snö"))
    await session.commit()
    await house.everything()
    assert {role: methods(house, cast.everyone[role]) for role in CHOICES} == {
        role: told for role, (_chosen, _reads, told) in CHOICES.items()
    }


@pytest.mark.parametrize(("hours", "told"), [(40, ["none", "none"]), (60, ["none"])])
async def test_who_has_the_feed_alone_is_mailed_a_change_within_two_days(hours: int, told: list[str], house: House, cast: Cast, session):
    await subscribe(session, cast.contact, read_at=clock.now())
    meeting = await summon(house, cast, session)
    starts = (clock.now() + timedelta(hours=hours)).replace(minute=30)  # it ends on the same day, whenever this runs
    await session.execute(text("UPDATE meeting SET starts_at = :at, ends_at = :end"), {"at": starts, "end": starts + timedelta(minutes=5)})
    await session.commit()
    await session.refresh(meeting, ["starts_at", "ends_at"])
    await change_meeting(session, cast.coordinator, meeting.record_id, place="Lärkan")
    await house.everything()
    assert methods(house, cast.contact) == told


async def test_a_meeting_that_is_put_off_at_the_last_moment_is_told_to_all(house: House, cast: Cast, session):
    await subscribe(session, cast.contact, read_at=clock.now())
    meeting = await summon(house, cast, session, day=clock.today() + timedelta(days=1))
    await change_meeting(session, cast.coordinator, meeting.record_id, day=clock.today() + timedelta(days=30))
    await house.everything()
    assert methods(house, cast.contact) == ["none", "none"]


async def test_a_meeting_that_is_put_off_and_then_changed_before_the_letters_leave_is_told_to_all_once(house: House, cast: Cast, session):
    await subscribe(session, cast.contact, read_at=clock.now())
    meeting = await summon(house, cast, session, day=clock.today() + timedelta(days=1))
    await house.close()
    later = {"day": clock.today() + timedelta(days=30)}
    await change_meeting(session, cast.coordinator, meeting.record_id, **later)
    await change_meeting(session, cast.coordinator, meeting.record_id, **later, place="Lärkan")
    await house.everything()
    assert {role: methods(house, cast.everyone[role]) for role in ("contact", "head")} == {
        "contact": ["none", "none"],
        "head": ["REQUEST", "REQUEST"],
    }
    assert all("Lärkan" in words_of(each) for each in house.office.letters if str(each["Subject"]).startswith("Träffen är ändrad"))


async def test_who_was_sent_an_invitation_is_sent_its_changes_whatever_she_has_chosen_since(house: House, cast: Cast, session):
    meeting = await summon(house, cast, session)
    await subscribe(session, cast.contact, read_at=clock.now())
    await post_room.choose(session, by=cast.contact, form=ChoiceForm(calendar=Calendar.feed, letter=True))
    await change_meeting(session, cast.coordinator, meeting.record_id, place="Lärkan")
    await house.everything()
    assert methods(house, cast.contact) == ["REQUEST", "REQUEST"]
    await summon(house, cast, session, title="En annan träff")
    assert methods(house, cast.contact) == ["REQUEST", "REQUEST", "none"]


async def test_who_has_stopped_letters_is_still_sent_what_changes_in_the_meeting_that_stands_in_her_calendar(
    house: House, cast: Cast, session
):
    await post_room.choose(session, by=cast.head, form=ChoiceForm(calendar=Calendar.feed, letter=True))
    meeting = await summon(house, cast, session, title="Träff")
    for member in (cast.contact, cast.head):  # Bengt has it by no invitation, so that his letters stop
        await post_room.silence(session, person_id=member.person_id, record_id=meeting.record_id)
    await session.commit()
    house.office.letters.clear()
    await notifications.tell(
        session, letters.REMINDED, event="r", people=[cast.contact.person_id], network_id=cast.network.id, record=meeting.record
    )
    await session.commit()
    await change_meeting(session, cast.coordinator, meeting.record_id, place="Lärkan")
    await house.everything()
    await meetings.cancel(session, meeting, by=cast.coordinator, form=CancelForm(reason="Snö"))
    await session.commit()
    await house.everything()
    assert methods(house, cast.contact) == ["REQUEST", "CANCEL"]
    assert methods(house, cast.head) == []


async def test_who_leaves_the_network_has_its_meetings_taken_out_of_her_calendar_at_once_and_learns_nothing_new(
    house: House, cast: Cast, session
):
    known, moved = [await summon(house, cast, session, title=title, place="Tranan") for title in ("Som förut", "Ändras sedan")]
    ended = await summon(house, cast, session, title="Förra")
    await session.execute(
        text("UPDATE meeting SET starts_at = now() - interval '2 days', ends_at = now() - interval '47 hours' WHERE record_id = :id"),
        {"id": ended.record_id},
    )
    await session.commit()
    house.office.letters.clear()
    await end_membership(session, cast.contact, by=cast.coordinator)
    await session.execute(text("UPDATE record SET title = 'Hemligt' WHERE id = :id"), {"id": moved.record_id})
    await session.execute(text("UPDATE meeting SET sequence = 1, place = 'Hemlig plats' WHERE record_id = :id"), {"id": moved.record_id})
    await session.commit()
    await house.everything()
    mine = [each for each in house.office.letters if str(each["To"]) == cast.contact.person.email]
    events = {str(event["UID"]): event for event in map(event_in, mine)}
    assert set(events) == {known.uid, moved.uid}
    assert {(str(each["METHOD"]), str(each["STATUS"]), int(each["SEQUENCE"])) for each in events.values()} == {("CANCEL", "CANCELLED", 0)}
    assert (str(events[known.uid]["SUMMARY"]), events[known.uid]["DTSTART"].dt) == ("INSTÄLLD: Som förut", known.starts_at)
    assert (str(events[moved.uid]["SUMMARY"]), "DTSTART" in events[moved.uid]) == ("INSTÄLLD: Granby nätverk", False)
    assert not any("Hemlig" in each.as_string() or "Hemlig" in words_of(each) for each in mine)
    assert {str(each["Subject"]) for each in mine} == {"Borttagen ur din kalender: en träff i Granby nätverk"}
    await tell_departed(session)
    await session.commit()
    await house.everything()
    assert len([each for each in house.office.letters if str(each["To"]) == cast.contact.person.email]) == 2


@pytest.mark.parametrize(
    ("becomes", "told"), [("role = 'guest'", ["CANCEL"]), ("ends_on = current_date - 1", ["CANCEL"]), ("role = 'reader'", [])]
)
async def test_who_may_not_know_of_a_meeting_any_more_has_it_taken_out_by_the_next_look(
    becomes: str, told: list[str], house: House, cast: Cast, session
):
    await summon(house, cast, session)
    house.office.letters.clear()
    await house.execute(f"UPDATE membership SET {becomes} WHERE id = {cast.contact.id}")
    for _look in range(2):
        async with unit_of_work(house.sessions) as looking:
            await tell_departed(looking)
    await house.everything()
    assert methods(house, cast.contact) == told
    assert methods(house, cast.head) == []


async def test_who_comes_back_is_summoned_anew_and_has_it_taken_out_anew(house: House, cast: Cast, session):
    """A deputy whose second period begins before the meeting, a guest with whom it is shared once more."""
    await summon(house, cast, session)
    house.office.letters.clear()
    for minutes, ends_on in ((1, "current_date - 1"), (2, "NULL"), (3, "current_date - 1")):
        await house.execute(f"UPDATE membership SET ends_on = {ends_on} WHERE id = {cast.contact.id}")
        with clock.fixed(clock.now() + timedelta(minutes=minutes)):
            for _look in range(2):
                async with unit_of_work(house.sessions) as looking:
                    await tell_newcomers(looking)
                    await tell_departed(looking)
            await house.everything()
    assert methods(house, cast.contact) == ["CANCEL", "REQUEST", "CANCEL"]
    assert methods(house, cast.head) == []
    events = [event_in(each) for each in house.office.letters]
    assert {int(each["SEQUENCE"]) for each in events} == {0}
    stamps = [each["DTSTAMP"].dt for each in events]  # of one sequence programs heed the latest
    assert stamps == sorted(set(stamps))


async def test_a_guest_is_asked_to_what_is_shared_with_him_and_nothing_else(house: House, cast: Cast, session):
    await summon(house, cast, session, title="Utan gäst")
    meeting = await make_meeting(session, cast.coordinator, title="Med gäst")
    await share(session, meeting.record, by=cast.coordinator, guest=cast.guest)
    assert await meetings.summon(session, meeting, by=cast.coordinator) == 8
    await session.commit()
    await house.everything()
    assert house.subjects[cast.guest.person.email] == ["Kallelse: Med gäst"]
    assert methods(house, cast.guest) == ["REQUEST"]


async def test_who_comes_after_the_summons_is_summoned_too_and_nobody_a_second_time(house: House, cast: Cast, session):
    meeting = await summon(house, cast, session, title="Träff")
    later = await make_member(session, cast.network, "Nora Ny", "deputy", unit=cast.school)
    await share(session, meeting.record, by=cast.coordinator, guest=cast.guest)
    await session.execute(text(f"INSERT INTO silence VALUES ({cast.head.person_id}, {meeting.record_id}, now())"))
    house.office.letters.clear()
    for _look in range(2):
        await tell_newcomers(session)
        await session.commit()
        await house.everything()
    assert house.subjects == {later.person.email: ["Kallelse: Träff"], cast.guest.person.email: ["Kallelse: Träff"]}
    await meetings.cancel(session, meeting, by=cast.coordinator, form=CancelForm(reason="Snö"))
    await make_member(session, cast.network, "Olga Ny", "reader")
    await tell_newcomers(session)
    await session.commit()
    assert await house.scalar("SELECT count(*) FROM notification JOIN person ON person.id = person_id WHERE name = 'Olga Ny'") == 0


async def test_who_subscribes_after_an_invitation_never_sees_that_meeting_twice_nor_loses_one_when_her_program_stops(
    house: House, cast: Cast, session
):
    invited = await summon(house, cast, session, title="Före länken")
    await subscribe(session, cast.contact, read_at=clock.now())
    by_feed = await summon(house, cast, session, title="Med länken")
    await session.execute(text("UPDATE feed_reading SET read_at = read_at - interval '8 days'"))
    await session.commit()
    lapsed = await summon(house, cast, session, title="Länken läses inte")
    assert methods(house, cast.contact) == ["REQUEST", "none", "REQUEST"]
    in_feed = [each.record_id for each in await for_calendar(session, cast.contact)]
    assert (in_feed, {invited.record_id, lapsed.record_id} & set(in_feed)) == ([by_feed.record_id], set())
    house.office.letters.clear()
    await change_meeting(session, cast.coordinator, invited.record_id, place="Lärkan")
    await house.everything()
    assert methods(house, cast.contact) == ["REQUEST"]

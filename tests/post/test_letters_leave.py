"""Who is told is told once, in her own language, if she may still read it in the moment the letter leaves (A68, A69, D32, H01, M14)."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal import clock, jobs, notifications
from portal.db import unit_of_work
from portal.meetings import actions as meetings
from portal.meetings.models import CancelForm
from portal.meetings.summons import tell_newcomers
from portal.networks import groups
from portal.networks.group_models import GroupPlaceForm
from portal.notifications import actions
from portal.records.models import Audience
from tests.factories import Cast, make_member
from tests.making import change_meeting, make_finding, make_group, make_meeting
from tests.post.conftest import House

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

MEMBERS = 7


async def summon(session, cast: Cast, **given):
    meeting = await make_meeting(session, cast.coordinator, **given)
    await meetings.summon(session, meeting, by=cast.coordinator)
    return meeting


async def test_a_commit_tells_every_member_but_guests_and_a_rollback_nobody(house: House, cast: Cast, session):
    wanted = {each.person.email: ["Kallelse: Träff ett"] for role, each in cast.everyone.items() if role not in ("guest", "outsider")}
    second = await make_meeting(session, cast.coordinator, title="Träff två")
    await summon(session, cast, title="Träff ett")
    await session.commit()
    assert await meetings.summon(session, second, by=cast.coordinator) == MEMBERS
    await session.rollback()
    await house.everything()
    assert house.subjects == wanted


async def test_the_language_is_the_readers_and_never_the_senders(house: House, cast: Cast, session):
    cast.contact.person.locale = "en"
    await session.commit()
    await summon(session, cast, title="Träff", purpose="Vi ses.")
    await session.commit()
    await house.everything()
    letters = {str(letter["To"]): letter for letter in house.office.letters}
    english, swedish = letters[cast.contact.person.email], letters[cast.head.person.email]
    assert (str(english["Subject"]), english["Content-Language"]) == ("Notice: Träff", "en")
    assert (str(swedish["Subject"]), swedish["Content-Language"]) == ("Kallelse: Träff", "sv")
    words = english.get_body(("plain",)).get_content()
    assert words.startswith("Hello Maja Lindqvist!\n\n")
    assert "Choose which mail you get:\nhttps://portal.granby.example/me/mail" in words
    assert '<html lang="en">' in english.get_body(("html",)).get_content()


async def test_m14_text_and_html_say_the_same_and_link_to_the_portals_own_address(house: House, cast: Cast, session):
    meeting = await summon(session, cast, title="<b>Träff</b> & {{ 7*7 }}", place="Tranan")
    await session.commit()
    await house.everything()
    letter = house.office.letters[0]
    words, page = letter.get_body(("plain",)).get_content(), letter.get_body(("html",)).get_content()
    address = f"https://portal.granby.example/granby{meeting.record.path}"
    assert f"Läs dagordningen i portalen:\n{address}\n" in words
    assert f'<a href="{address}"' in page
    assert "<b>Träff</b> & {{ 7*7 }}\n" in words
    assert "&lt;b&gt;Träff&lt;/b&gt; &amp; {{ 7*7 }}" in page
    assert (letter["Auto-Submitted"], letter["References"]) == ("auto-generated", f"<record.{meeting.record_id}@granby.example>")


async def test_every_letter_says_how_to_stop_others_like_it(house: House, cast: Cast, session):
    await summon(session, cast)
    await session.commit()
    await house.everything()
    for letter in house.office.letters:
        assert str(letter["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
        assert re.fullmatch(r"<https://portal\.granby\.example/mail/stop/\d+\.r\d+\.[0-9a-f]{40}>", str(letter["List-Unsubscribe"]))


async def test_the_same_event_tells_nobody_twice_and_only_who_is_new(house: House, cast: Cast, session):
    record = await make_finding(session, cast.contact)
    maja, tomas = cast.contact.person_id, cast.deputy.person_id
    given = {"event": "once", "network_id": cast.network.id, "record": record}
    assert await notifications.tell(session, "meeting.summoned", people=[maja], **given) == 1
    assert await notifications.tell(session, "meeting.summoned", people=[maja], **given) == 0
    assert await notifications.tell(session, "meeting.summoned", people=[maja, tomas], **given) == 1
    await session.commit()
    assert await house.scalar("SELECT count(*) FROM mailing") == 1
    assert await house.scalar("SELECT count(*) FROM notification") == 2
    assert await house.scalar("SELECT count(*) FROM pgqueuer") == 2


async def test_who_has_no_address_or_has_closed_her_account_is_not_told(house: House, cast: Cast, session):
    cast.contact.person.email, cast.deputy.person.closed_at = None, clock.now()
    await summon(session, cast)
    await session.commit()
    await house.everything()
    assert len(await house.states()) == MEMBERS - 2


@pytest.mark.parametrize(
    ("meanwhile", "letter"),
    [
        ("UPDATE membership SET ends_on = current_date - 1 WHERE id = {member}", False),
        ("UPDATE person SET email = NULL WHERE id = {person}", False),
        ("UPDATE person SET closed_at = now(), email = NULL WHERE id = {person}", False),
        ("UPDATE record SET audience = 'unit', owner_unit_id = {housing}", False),
        ("INSERT INTO silence VALUES ({person}, {record}, now())", False),
        ("UPDATE person SET email = 'maja.ny@example.se' WHERE id = {person}", True),
        ("SELECT 1", True),
    ],
)
async def test_what_happens_before_it_leaves_decides_whether_it_does(meanwhile: str, letter: bool, house: House, cast: Cast, session):
    meeting = await summon(session, cast)
    await session.commit()
    numbers = {"member": cast.contact.id, "person": cast.contact.person_id, "record": meeting.record_id, "housing": cast.housing.id}
    await house.execute(meanwhile.format(**numbers))
    await house.everything()
    assert (await house.states())["Maja Lindqvist"] == ("sent" if letter else "withdrawn")
    assert len([to for to in house.subjects if to.startswith("maja")]) == letter
    assert "ingela.granby@example.se" in house.subjects


@pytest.mark.parametrize(
    ("meanwhile", "letter"),
    [
        ("UPDATE membership SET role = 'guest' WHERE id = {member}", False),
        ("INSERT INTO silence VALUES ({person}, {record}, now())", False),
        (
            "INSERT INTO mail_choice (person_id, network_id, comments, calendar, letter) VALUES ({person}, {network}, 'now', 'auto', false)",
            False,
        ),
        ("SELECT 1", True),
    ],
)
async def test_what_is_merely_to_know_is_for_who_may_read_it_too(meanwhile: str, letter: bool, house: House, cast: Cast, session):
    meeting, maja = await summon(session, cast), cast.contact
    given = {"event": "know", "people": [maja.person_id], "network_id": cast.network.id, "record": meeting.record}
    await session.execute(text("DELETE FROM mailing"))
    await session.execute(text("DELETE FROM pgqueuer"))
    await notifications.tell(session, "meeting.summoned", act=False, **given)
    await session.commit()
    await house.execute(meanwhile.format(member=maja.id, person=maja.person_id, record=meeting.record_id, network=cast.network.id))
    await house.everything()
    assert await house.states() == {"Maja Lindqvist": "sent" if letter else "withdrawn"}


async def test_what_is_lost_between_two_tries_is_lost_for_the_second(house: House, cast: Cast, session):
    """The mail server says later, and meanwhile Maja leaves: the letter that was ready the first time does not go the second."""
    house.office.answers = {"DATA": ["451 later"] * MEMBERS * 20}
    await summon(session, cast)
    await session.commit()
    await house.open()
    async with asyncio.timeout(20):
        while await house.scalar("SELECT count(*) FROM mail_out WHERE tries > 0 AND state = 'queued'") < MEMBERS:
            await asyncio.sleep(0.01)
    await house.execute(f"UPDATE membership SET ends_on = current_date - 1 WHERE id = {cast.contact.id}")
    async with asyncio.timeout(60):  # a try that had begun before she left may go on after it
        while (await house.states())["Maja Lindqvist"] != "withdrawn":
            await asyncio.sleep(0.05)
    house.office.answers.clear()
    await house.everything()
    assert cast.contact.person.email not in house.subjects
    assert len(house.subjects) == MEMBERS - 1


async def test_of_two_changes_only_the_last_is_told_and_of_a_cancelled_meeting_no_summons(house: House, cast: Cast, session):
    meeting = await summon(session, cast, title="Träff")
    for place in ("Lärkan", "Örnen"):
        await change_meeting(session, cast.coordinator, meeting.record_id, place=place)
    await session.commit()
    await house.everything()
    assert house.subjects["maja.granby@example.se"].count("Träffen är ändrad: Träff") == 1
    assert all("Örnen" in letter.get_body(("plain",)).get_content() for letter in house.office.letters)
    house.office.letters.clear()
    later = await summon(session, cast, title="Senare träff")
    await meetings.cancel(session, later, by=cast.coordinator, form=CancelForm(reason="Snöstorm"))
    await session.commit()
    await house.everything()
    assert house.subjects["maja.granby@example.se"] == ["Inställd träff: Senare träff"]


async def test_f07_a_title_with_line_ends_is_one_line_and_adds_no_recipient(house: House, cast: Cast, session):
    meeting = await summon(session, cast)
    await session.commit()
    await house.execute(rf"UPDATE record SET title = E'Hej\r\nBcc: alla@granby.example' WHERE id = {meeting.record_id}")
    await house.everything()
    assert {str(letter["Subject"]) for letter in house.office.letters} == {"Kallelse: Hej Bcc: alla@granby.example"}
    assert all(letter["Bcc"] is None for letter in house.office.letters)
    assert len(house.office.letters) == MEMBERS


async def test_a_letter_that_cannot_be_written_delays_nobody_and_is_seen(house: House, cast: Cast, session):
    record = await make_finding(session, cast.contact)
    people = [cast.contact.person_id, cast.deputy.person_id]
    await notifications.tell(session, "no such kind", event="poison", people=people, network_id=cast.network.id, record=record)
    await summon(session, cast)
    await session.commit()
    await house.everything()
    assert len(house.subjects) == MEMBERS
    lost = "SELECT count(*) FROM mail_out WHERE state = 'failed' AND error LIKE 'NotWritten: KeyError%' AND tries = 1"
    assert await house.scalar(lost) == 2


async def test_codes_go_before_a_large_mailing(house: House, cast: Cast, session):
    await summon(session, cast)
    await jobs.enqueue(session, "mail", {"code": 1})
    await session.commit()
    first = "SELECT entrypoint = 'mail' FROM pgqueuer ORDER BY priority DESC, id LIMIT 1"
    assert await house.scalar(first)
    await house.execute("DELETE FROM pgqueuer")


async def test_five_thousand_are_told_in_a_few_statements(house: House, cast: Cast, session):
    """L7: queued in less than five seconds."""
    await session.execute(
        text(
            "INSERT INTO person (name, phone, email, locale, chose_locale, theme, shortcuts, created_at) SELECT 'N' || n, '', n || '@example.se', 'sv', false, 'auto', true, now() FROM generate_series(1, 5000) n"
        )
    )
    await session.commit()
    people = [row[0] for row in await session.execute(text("SELECT id FROM person WHERE name LIKE 'N%'"))]
    record = await make_finding(session, cast.contact)
    before = clock.now()
    told = await notifications.tell(session, "meeting.summoned", event="all", people=people, network_id=cast.network.id, record=record)
    await session.commit()
    assert (told, clock.now() - before < timedelta(seconds=5)) == (5000, True)
    assert await house.scalar("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'notification' AND priority = -1") == 5000


async def test_what_was_told_long_ago_is_forgotten_but_not_who_is_summoned_to_what_is_ahead(house: House, cast: Cast, session):
    meeting = await summon(session, cast)
    await session.commit()
    await house.everything()
    await house.execute("UPDATE mailing SET made_at = made_at - interval '91 days'")
    told = []
    for change in ("state = state", "state = 'held'"):
        await house.execute(f"UPDATE meeting SET {change} WHERE record_id = {meeting.record_id}")
        async with unit_of_work(house.sessions) as other:
            await actions.sweep(other)
        told.append(await house.scalar("SELECT count(*) FROM mailing") + await house.scalar("SELECT count(*) FROM notification"))
    assert told == [1 + MEMBERS, 0]


async def test_who_comes_months_after_a_summons_is_summoned_too_by_a_letter_of_that_day(house: House, cast: Cast, session):
    now = clock.now()
    meeting = await make_meeting(session, cast.coordinator, title="Träff", day=clock.today() + timedelta(days=150))
    group = await make_group(session, cast.coordinator, "Ingen än")
    empty = await make_meeting(session, cast.coordinator, title="Gruppens träff", group=group, day=clock.today() + timedelta(days=150))
    for each in (meeting, empty):
        await meetings.summon(session, each, by=cast.coordinator)
    await session.commit()
    await house.everything()
    house.office.letters.clear()
    with clock.fixed(now + timedelta(days=100)):
        async with unit_of_work(house.sessions) as other:
            await actions.sweep(other)
        nora = await make_member(session, cast.network, "Nora Ny", "reader")
        await groups.let_in(session, group, by=cast.coordinator, form=GroupPlaceForm(member_id=nora.id))
        await session.commit()
        for _look in range(2):
            async with unit_of_work(house.sessions) as looking:
                await tell_newcomers(looking)
        await house.open()
        await house.run_out()
    assert {to: sorted(subjects) for to, subjects in house.subjects.items()} == {
        nora.person.email: ["Kallelse: Gruppens träff", "Kallelse: Träff"]
    }
    assert {each["Date"].datetime.date() for each in house.office.letters} == {clock.local(now + timedelta(days=100)).date()}


async def test_without_smtp_letters_are_kept(kept: House, cast: Cast, session):
    await summon(session, cast)
    await session.commit()
    await kept.everything()
    assert set((await kept.states()).values()) == {"kept"}
    assert len(list(kept.settings.mail_folder.glob("*.eml"))) == MEMBERS


async def test_a_record_for_its_unit_alone_is_told_to_no_other_unit(house: House, cast: Cast, session):
    meeting = await make_meeting(session, cast.coordinator)
    meeting.record.audience, meeting.record.owner_unit_id = Audience.unit, cast.school.id
    await meetings.summon(session, meeting, by=cast.coordinator)
    await session.commit()
    await house.everything()
    assert set(house.subjects) == {cast.coordinator.person.email, cast.contact.person.email}

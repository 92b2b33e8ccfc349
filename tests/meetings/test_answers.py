"""The links of a summons: anybody who has one answers without a sign-in, by a button alone, until she leaves or the meeting is over."""

from datetime import timedelta

import httpx
import icalendar
import pytest
from sqlalchemy import select, text

from portal import clock
from portal.app import Portal
from portal.db import Session
from portal.meetings import answers
from portal.meetings.models import Attendance, Meeting
from portal.records.actions import share
from tests.conftest import BASE_URL
from tests.factories import Cast, make_member
from tests.making import make_meeting

FALSE = [
    lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
    lambda token: "1" + token,
    lambda token: "x",
    lambda token: token + "0",
    lambda token: token.replace(".", ":", 1),
]


@pytest.fixture
async def meeting(cast: Cast, session: Session) -> Meeting:
    return await make_meeting(session, cast.coordinator, title="Träff om avlopp", purpose="Vi ses.")


@pytest.fixture
async def stranger(portal: Portal):
    """Whoever has the letter: no cookie, no form token, nothing of ours."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(portal.asgi), base_url=BASE_URL) as client:
        yield client


@pytest.fixture
def link(portal: Portal, cast: Cast, meeting: Meeting) -> str:
    """Maja's."""
    return answers.path(portal.litestar.state.frame.sign, cast.contact.person_id, meeting.record_id)


async def held(session: Session) -> dict[int, str | None]:
    rows = await session.execute(select(Attendance.membership_id, Attendance.answer))
    return {row.membership_id: row.answer for row in rows}


async def test_whoever_looks_changes_nothing_however_often(link, stranger, session):
    for method in ("GET", "HEAD", "GET"):
        for tail in ("", "?answer=yes", "?answer=no", "?answer=maybe"):
            assert (await stranger.request(method, link + tail)).status_code == 200
    assert await held(session) == {}


async def test_the_chosen_answer_is_a_button_and_the_last_one_pressed_holds(cast: Cast, link, stranger, session):
    shown = (await stranger.get(f"{link}?answer=no")).text
    assert '<button class="btn primary" name="answer" value="no">Kan inte</button>' in shown
    assert "Träff om avlopp" in shown
    for answer, said in (("no", "Du har svarat: Kan inte."), ("yes", "Du har svarat: Jag kommer."), ("no", "Du har svarat: Kan inte.")):
        done = await stranger.post(
            link, data={"answer": answer}, headers={"origin": "https://mail.example", "sec-fetch-site": "cross-site"}
        )
        assert (done.status_code, done.headers["location"]) == (303, link)
        assert said in (await stranger.get(link)).text
        assert await held(session) == {cast.contact.id: answer}


async def test_an_old_link_shows_what_was_answered_and_asks_before_it_changes_it(link, stranger, session):
    await stranger.post(link, data={"answer": "yes"})
    shown = (await stranger.get(f"{link}?answer=no")).text
    assert "Svara: Kan inte?" in shown
    assert "Förut svarade du: Jag kommer." in shown
    assert set((await held(session)).values()) == {"yes"}


async def test_a_deputy_is_offered_to_who_answers_for_a_unit_and_cannot_come(cast: Cast, link, meeting, stranger, portal, browser):
    day = clock.local(meeting.starts_at).date().isoformat()
    offer = f"/granby/members/deputies/new?unit_id={cast.school.id}&amp;ends_on={day}"
    assert offer not in (await stranger.get(f"{link}?answer=yes")).text
    assert offer in (await stranger.get(f"{link}?answer=no")).text
    asked_in = await stranger.get(offer.replace("&amp;", "&"))
    assert (asked_in.status_code, asked_in.headers["location"].startswith("/sign-in?next=/granby/members/deputies/new")) == (303, True)
    form = (await (await browser(cast.contact)).get(offer.replace("&amp;", "&"))).text
    assert form.count(f'value="{day}"') == 1
    reader = answers.path(portal.litestar.state.frame.sign, cast.reader.person_id, meeting.record_id)
    assert "deputies" not in (await stranger.get(f"{reader}?answer=no")).text


async def test_the_meeting_is_a_calendar_file_for_who_has_the_link_until_she_leaves(cast: Cast, link, meeting, stranger, session):
    answer = await stranger.get(f"{link}/calendar.ics")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    calendar = icalendar.Calendar.from_ical(answer.content)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["UID"], event["SUMMARY"], event["DTSTART"].dt) == (
        "PUBLISH",
        meeting.uid,
        "Träff om avlopp",
        meeting.starts_at,
    )
    assert {"ATTENDEE", "ORGANIZER"}.isdisjoint(event)
    assert await held(session) == {}
    assert (await stranger.get(f"{link[:-1]}/calendar.ics")).status_code == 404
    await session.execute(text(f"UPDATE membership SET ends_on = current_date - 1 WHERE id = {cast.contact.id}"))
    await session.commit()
    assert (await stranger.get(f"{link}/calendar.ics")).status_code == 404


@pytest.mark.parametrize("change", FALSE)
async def test_a_false_link_is_not_found_and_tells_nothing(change, link, stranger, session):
    token = link.rpartition("/")[2]
    answered = [await stranger.get(f"/answers/{change(token)}"), await stranger.post(f"/answers/{change(token)}", data={"answer": "yes"})]
    assert [each.status_code for each in answered] == [404, 404]
    assert all(word not in each.text for each in answered for word in ("avlopp", "Maja", "Granby"))
    assert await held(session) == {}


ENDED = {
    "she has left": "UPDATE membership SET ends_on = current_date - 1 WHERE id = {member}",
    "her account is closed": "UPDATE person SET closed_at = now() WHERE id = {person}",
    "it is no longer for her": "UPDATE record SET audience = 'unit', owner_unit_id = {housing} WHERE id = {record}",
}


@pytest.mark.parametrize("end", ENDED)
async def test_a_link_ends_with_the_right_to_read(end: str, cast: Cast, link, meeting, stranger, session):
    numbers = {"member": cast.contact.id, "person": cast.contact.person_id, "housing": cast.housing.id, "record": meeting.record_id}
    assert (await stranger.get(link)).status_code == 200
    await session.execute(text(ENDED[end].format(**numbers)))
    await session.commit()
    false = await stranger.get(link[:-1] + ("0" if link[-1] != "0" else "1"))
    gone, posted = await stranger.get(link), await stranger.post(link, data={"answer": "yes"})
    assert (gone.status_code, posted.status_code, len(gone.text)) == (404, 404, len(false.text))
    assert await held(session) == {}


@pytest.mark.parametrize(
    "over", ["state = 'cancelled'", "state = 'held'", "starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour'"]
)
async def test_a_meeting_that_is_over_or_cancelled_takes_no_answer(over: str, link, meeting, stranger, session):
    await session.execute(text(f"UPDATE meeting SET {over} WHERE record_id = {meeting.record_id}"))
    await session.commit()
    shown, posted = await stranger.get(f"{link}?answer=yes"), await stranger.post(link, data={"answer": "yes"})
    assert (shown.status_code, posted.status_code) == (200, 409)
    assert "avlopp" not in shown.text
    assert "<form" not in shown.text.split("<main")[1].split("</main>")[0]
    assert await held(session) == {}


async def test_who_comes_back_by_another_membership_answers_as_what_she_is_now(cast: Cast, link, stranger, session):
    yesterday = clock.today() - timedelta(days=1)
    await session.execute(text(f"UPDATE membership SET ends_on = '{yesterday}' WHERE id = {cast.contact.id}"))
    again = await make_member(session, cast.network, "Maja", "head", unit=cast.school, person=cast.contact.person)
    await session.commit()
    await stranger.post(link, data={"answer": "yes"})
    assert await held(session) == {again.id: "yes"}


async def test_a_guest_answers_for_what_is_shared_with_him_and_nothing_else(cast: Cast, meeting, portal, stranger, session):
    link = answers.path(portal.litestar.state.frame.sign, cast.guest.person_id, meeting.record_id)
    assert (await stranger.get(link)).status_code == 404
    await share(session, meeting.record, by=cast.coordinator, guest=cast.guest)
    await session.commit()
    assert (await stranger.post(link, data={"answer": "yes"})).status_code == 303
    assert await held(session) == {cast.guest.id: "yes"}


async def test_the_page_speaks_the_language_of_the_letter(cast: Cast, link, stranger, session):
    cast.contact.person.locale = "en"
    session.add(cast.contact.person)
    await session.commit()
    shown = await stranger.get(f"{link}?answer=no", headers={"accept-language": "sv"})
    assert '<html lang="en"' in shown.text
    assert "Answer: Not coming?" in shown.text


@pytest.mark.parametrize("sent", [{}, {"answer": "perhaps"}, {"answer": "\x00"}, {"answer": ["yes", "no"]}])
async def test_what_is_no_answer_is_refused(sent, link, stranger, session):
    assert (await stranger.post(link, data=sent)).status_code in (400, 422)
    assert await held(session) == {}

"""Stopping by a letter's link (A71, RFC 8058): anybody who has it, without a sign-in, by POST alone."""

import httpx
import pytest
from sqlalchemy import select

from portal.app import Portal
from portal.db import Session
from portal.notifications import stopping
from portal.notifications.models import MailChoice, Mailing, Silence
from tests.conftest import BASE_URL
from tests.factories import Cast
from tests.making import make_finding

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
async def links(portal: Portal, cast: Cast, session: Session) -> dict[str, str]:
    """Maja's links: about a finding, and about the weekly letter."""
    record = await make_finding(session, cast.coordinator, "Hemlig rubrik")
    sign, given = portal.litestar.state.frame.sign, {"network_id": cast.network.id, "kind": "x", "event": "x", "act": True}
    return {
        "record": stopping.path(sign, cast.contact.person_id, Mailing(record_id=record.id, **given)),
        "letter": stopping.path(sign, cast.contact.person_id, Mailing(**given)),
    }


@pytest.fixture
async def stranger(portal: Portal):
    """A mail program: no cookie, no form token, nothing of ours."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(portal.asgi), base_url=BASE_URL) as client:
        yield client


async def stopped(session: Session) -> tuple[int, list[bool]]:
    silences = len((await session.scalars(select(Silence))).all())
    return silences, list(await session.scalars(select(MailChoice.letter)))


@pytest.mark.parametrize(("link", "after"), [("record", (1, [])), ("letter", (0, [False]))])
async def test_looking_changes_nothing_and_a_post_by_a_mail_program_stops_at_once(link: str, after, links, stranger, session):
    for _filter in range(3):
        shown = await stranger.get(links[link])
        assert (shown.status_code, shown.text.count("<form")) == (200, shown.text.count('method="post"'))
    assert await stopped(session) == (0, [])
    for _time in range(2):
        answer = await stranger.post(
            links[link], data=ONE_CLICK, headers={"origin": "https://mail.example", "sec-fetch-site": "cross-site"}
        )
        assert answer.status_code == 200
    session.expire_all()
    assert await stopped(session) == after


@pytest.mark.parametrize(
    "body",
    [
        {"content": b""},
        {"content": b"\xff", "headers": {"content-type": "text/plain"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
    ],
)
async def test_whatever_body_a_mail_program_sends(body, links, stranger, session):
    assert (await stranger.post(links["record"], **body)).status_code == 200
    assert (await stopped(session))[0] == 1


async def test_the_page_tells_nothing_of_what_the_letter_was_about_or_to_whom(links, stranger, session):
    for answer in (await stranger.get(links["record"]), await stranger.post(links["record"], data=ONE_CLICK)):
        assert "Hemlig" not in answer.text
        assert "Maja" not in answer.text


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: "1" + token,
        lambda token: token.replace(".r", ".l"),
        lambda token: "x",
        lambda token: token + "0",
    ],
)
async def test_a_link_that_the_portal_has_not_made_is_not_found_and_stops_nothing(change, links, stranger, session):
    token = links["record"].rpartition("/")[2]
    path = f"/mail/stop/{change(token)}"
    answers = await stranger.get(path), await stranger.post(path, data=ONE_CLICK)
    assert [answer.status_code for answer in answers] == [404, 404]
    assert await stopped(session) == (0, [])


async def test_a_link_about_what_is_gone_answers_like_any_other(portal: Portal, cast: Cast, links, stranger, session):
    gone = stopping.path(portal.litestar.state.frame.sign, 10**9, Mailing(network_id=1, kind="x", event="x", act=True, record_id=10**9))
    there = await stranger.post(links["record"], data=ONE_CLICK)
    missing = await stranger.post(gone, data=ONE_CLICK)
    assert (there.status_code, missing.status_code) == (200, 200)
    assert there.text.count("\n") == missing.text.count("\n")
    assert (await stopped(session))[0] == 1


async def test_the_letter_of_somebody_who_is_gone_is_stopped_without_a_crash(portal: Portal, cast: Cast, stranger, session):
    gone = stopping.path(portal.litestar.state.frame.sign, 10**9, Mailing(network_id=10**9, kind="x", event="x", act=True))
    assert (await stranger.post(gone, data=ONE_CLICK)).status_code == 200
    assert await stopped(session) == (0, [])


async def test_her_own_page_shows_what_is_stopped_and_takes_it_back(cast: Cast, links, stranger, session, browser):
    await stranger.post(links["record"], data=ONE_CLICK)
    await stranger.post(links["letter"], data=ONE_CLICK)
    maja = await browser(cast.contact)
    page = (await maja.get("/me/mail")).text
    assert "Hemlig rubrik" in page
    assert 'name="letter" value="true" checked' not in page
    record_id = (await session.scalars(select(Silence.record_id))).one()
    assert (await maja.post(f"/me/mail/silences/{record_id}/ending")).status_code == 303
    assert "Hemlig rubrik" not in (await maja.get("/me/mail")).text
    assert (await stopped(session))[0] == 0


async def test_a_choice_is_kept_for_one_network_and_for_oneself(cast: Cast, session, browser):
    maja = await browser(cast.contact)
    page = (await maja.get("/me/mail")).text
    assert 'value="now" id="f-comments-' in page
    assert page.count("checked") == 3
    answer = await maja.post(f"/me/mail/networks/{cast.network.id}", {"comments": "letter"})
    assert answer.status_code == 303
    (kept,) = (await session.scalars(select(MailChoice))).all()
    assert (kept.person_id, kept.network_id, kept.comments, kept.letter) == (cast.contact.person_id, cast.network.id, "letter", False)
    assert (await maja.post(f"/me/mail/networks/{cast.outsider.network_id}", {"comments": "never"})).status_code == 404
    assert (await maja.post(f"/me/mail/networks/{cast.network.id}", {"comments": "always"})).status_code == 422
    assert "/me/mail" in (await maja.get("/me")).text


async def test_a_guest_chooses_her_weekly_letter_and_has_no_calendar_to_choose(cast: Cast, session, browser):
    page = (await (await browser(cast.guest)).get("/me/mail")).text
    assert "Det nya i det som är delat med dig" in page
    assert 'name="calendar"' not in page


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ("auto", "så att ingen träff syns två gånger"),
        ("invitation", "Dina länkar visar därför inte"),
        ("both", "Du har valt både inbjudan"),
    ],
)
async def test_the_calendar_page_says_what_the_choice_means_there(chosen: str, said: str, cast: Cast, browser):
    maja = await browser(cast.contact)
    assert (await maja.post(f"/me/mail/networks/{cast.network.id}", {"comments": "now", "calendar": chosen})).status_code == 303
    assert said in (await maja.get("/granby/calendar")).text

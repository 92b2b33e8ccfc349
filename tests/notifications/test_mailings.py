"""Utskick: how far mailings have come, what has not arrived and why, and sending again by hand what was refused."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select, text, update
from sqlmodel import col

from portal import notifications
from portal.activity.models import Activity
from portal.db import Session
from portal.mail import MailOut
from portal.networks.models import Membership
from portal.notifications.models import Mailing, Notification
from portal.records.models import Audience
from tests.browser import Browser
from tests.counting import counting
from tests.factories import Cast
from tests.making import make_meeting

PAGE = "/granby/administer/mailings"
Enter = Callable[[Membership], Awaitable[Browser]]


async def make_mailing(session: Session, cast: Cast, **outcomes: tuple[str, str | None]) -> Mailing:
    """A summons to all, of which a mail server has said what stands in `outcomes` by role; the jobs are done with."""
    meeting = await make_meeting(session, cast.coordinator, title="Träff i mars")
    people = [each.person_id for role, each in cast.everyone.items() if role not in ("guest", "outsider")]
    given = {"people": people, "network_id": cast.network.id, "record": meeting.record, "by": cast.coordinator.person_id}
    await notifications.tell(session, "meeting.summoned", event="summons", **given)
    await session.execute(text("DELETE FROM pgqueuer WHERE entrypoint = 'notification'"))
    for role, (state, error) in outcomes.items():
        wanted = select(Notification.message_id).where(col(Notification.person_id) == cast.everyone[role].person_id)
        message_id = (await session.scalars(wanted)).one()
        session.add(MailOut(message_id=message_id, to="x@y.se", subject="s", state=state, error=error, created_at=meeting.created_at))
    await session.commit()
    return (await session.scalars(select(Mailing))).one()


OUTCOMES = {
    "coordinator": ("sent", None),
    "head": ("kept", None),
    "contact": ("failed", "SMTPRecipientRefused: 550 no such person"),
    "deputy": ("unknown", "SMTPServerDisconnected: gone"),
    "reader": ("bounced", "550 5.1.1 No such user"),
    "registrar": ("withdrawn", None),
}


async def test_it_tells_how_far_a_mailing_has_come_and_what_has_not_arrived(cast: Cast, session: Session, browser: Enter):
    await make_mailing(session, cast, **OUTCOMES)
    page = (await (await browser(cast.coordinator)).get(PAGE)).text
    assert "2 av 7 skickade" in page
    assert '<progress value="6" max="7"' in page
    assert "1 behövdes inte längre" in page
    assert "3 har inte kommit fram" in page
    for words in (
        "Maja Lindqvist",
        "Mottagarens adress togs inte emot: 550 no such person<",
        "Tomas Ekvall",
        "Det kan ha kommit fram",
        "Sirkka Laine",
        "Mejlet kom tillbaka: 550 5.1.1 No such user<",
    ):
        assert words in page, words
    assert "Yvonne" not in page
    assert page.count("/renewal") == 1
    assert 'hx-trigger="every 3s"' in page
    assert "Utskick" in (await (await browser(cast.coordinator)).get("/granby/administer")).text


async def test_a_mailing_that_is_done_asks_no_more(cast: Cast, session: Session, browser: Enter):
    await make_mailing(session, cast, **dict.fromkeys((*OUTCOMES, "admin"), ("sent", None)))
    page = (await (await browser(cast.coordinator)).get(PAGE)).text
    assert "7 av 7 skickade" in page
    assert "every 3s" not in page
    assert "Har inte kommit fram" not in page


async def test_before_anything_is_sent_there_is_a_sentence(cast: Cast, browser: Enter):
    assert "Inget har skickats ännu." in (await (await browser(cast.coordinator)).get(PAGE)).text


async def test_what_was_refused_goes_again_by_hand_and_stands_in_the_log(cast: Cast, session: Session, browser: Enter):
    mailing = await make_mailing(session, cast, **OUTCOMES)
    ingela, maja = await browser(cast.coordinator), cast.contact.person_id
    answer = await ingela.post(f"{PAGE}/{mailing.id}/letters/{maja}/renewal")
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert (await session.scalars(select(Activity.verb).where(col(Activity.verb) == "letter.sent_again"))).all() == ["letter.sent_again"]
    again = await ingela.post(f"{PAGE}/{mailing.id}/letters/{maja}/renewal")
    assert again.status_code in (404, 409)


@pytest.mark.parametrize(
    ("role", "status"), [("coordinator", 404), ("head", 404), ("deputy", 409), ("reader", 409), ("registrar", 404), ("admin", 404)]
)
async def test_nothing_else_goes_again(role: str, status: int, cast: Cast, session: Session, browser: Enter):
    mailing = await make_mailing(session, cast, **OUTCOMES)
    answer = await (await browser(cast.coordinator)).post(f"{PAGE}/{mailing.id}/letters/{cast.everyone[role].person_id}/renewal")
    assert answer.status_code == status
    assert await session.scalar(text("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'notification'")) == 0


ROLES = {
    "coordinator": 200,
    "admin": 200,
    "contact": 403,
    "deputy": 403,
    "head": 403,
    "reader": 403,
    "registrar": 403,
    "guest": 404,
    "outsider": 404,
}


@pytest.mark.parametrize(("role", "status"), ROLES.items())
async def test_it_is_for_those_who_administer(role: str, status: int, cast: Cast, session: Session, browser: Enter):
    mailing = await make_mailing(session, cast, **OUTCOMES)
    member = await browser(cast.everyone[role])
    assert (await member.get(PAGE)).status_code == status
    if status != 200:
        answer = await member.post(f"{PAGE}/{mailing.id}/letters/{cast.contact.person_id}/renewal")
        assert answer.status_code == status
        assert await session.scalar(select(MailOut.state).where(col(MailOut.error).startswith("SMTPRecipient"))) == "failed"


async def test_another_networks_letters_are_not_found(cast: Cast, session: Session, browser: Enter):
    mailing = await make_mailing(session, cast, **OUTCOMES)
    olle = await browser(cast.outsider)
    assert (await olle.post(f"/vitby/administer/mailings/{mailing.id}/letters/{cast.contact.person_id}/renewal")).status_code == 404
    assert "Maja" not in (await olle.get("/vitby/administer/mailings")).text


async def test_a_title_that_the_administrator_may_not_read_is_not_told(cast: Cast, session: Session, browser: Enter):
    mailing = await make_mailing(session, cast, **OUTCOMES)
    zainab = await browser(cast.admin)
    assert "Träff i mars" in (await zainab.get(PAGE)).text
    await session.execute(
        text(f"UPDATE record SET audience = '{Audience.unit}', owner_unit_id = {cast.school.id} WHERE id = {mailing.record_id}")
    )
    await session.commit()
    page = (await zainab.get(PAGE)).text
    assert "Träff i mars" not in page
    assert "Kallelse" in page


async def test_five_mailings_cost_what_one_costs(cast: Cast, session: Session, browser: Enter, portal):
    await make_mailing(session, cast, **OUTCOMES)
    ingela = await browser(cast.coordinator)
    await ingela.get(PAGE)
    async with counting(portal) as one:
        await ingela.get(PAGE)
    await session.execute(update(Mailing).values(event="earlier"))
    await session.execute(text("DELETE FROM mail_out WHERE state = 'kept'"))
    meeting = await make_meeting(session, cast.coordinator)
    for event in "abcd":
        await notifications.tell(
            session, "meeting.summoned", event=event, people=[cast.contact.person_id], network_id=cast.network.id, record=meeting.record
        )
    await session.execute(text("DELETE FROM pgqueuer WHERE entrypoint = 'notification'"))
    await session.commit()
    async with counting(portal) as five:
        await ingela.get(PAGE)
    assert len(five) == len(one)

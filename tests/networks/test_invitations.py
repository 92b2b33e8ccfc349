"""The life of an invitation: sent, opened, accepted once; renewed, withdrawn, run out."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from portal import clock, mail
from portal.accounts.actions import add_person
from portal.accounts.models import Person
from portal.app import Portal
from portal.config import Settings
from portal.db import Session
from portal.networks import invitations
from portal.networks.models import Invitation
from tests.browser import Browser
from tests.factories import Cast, make_member
from tests.networks.conftest import TOKEN, Enter, LinkTo, Town, deeds, make_invitation, memberships_of

INVITE = "/granby/administer/invitations"


def to(email: str, **given: str) -> dict[str, str]:
    return {"name": "Eva Ek", "email": email, "role": "reader", **given}


async def test_the_mailed_link_makes_one_a_member_and_signs_in(
    cast: Cast, browser: Enter, visitor: Browser, session: Session, link_to: LinkTo, fresh_email: str
) -> None:
    coordinator = await browser(cast.coordinator)
    asked = await coordinator.post(INVITE, to(fresh_email, role="contact", unit_id=str(cast.school.id), title="Rektor"))
    assert asked.headers["location"] == INVITE
    assert fresh_email in (await coordinator.get(INVITE)).text
    link = await link_to(fresh_email)

    opened = await visitor.get(link)
    assert opened.status_code == 200
    for word in ("Granby nätverk", "Ingela Rask", "Kontaktperson", "Bildning", fresh_email, 'value="Eva Ek"'):
        assert word in opened.text
    assert await memberships_of(session, fresh_email) == []

    joined = await visitor.post(link, {"name": " Eva Ek-Lund\r\n", "trusted": "true", "next": "/granby"})
    assert joined.headers["location"] == "/granby"
    (member,) = await memberships_of(session, fresh_email)
    assert (member.role, member.unit_id, member.title, member.starts_on, member.ends_on) == (
        "contact",
        cast.school.id,
        "Rektor",
        clock.today(),
        None,
    )
    assert "Eva Ek-Lund" in (await visitor.get("/granby/members")).text
    assert await deeds(session, cast) == ["member.invited", "member.joined"]
    assert fresh_email not in (await coordinator.get(INVITE)).text


async def test_the_table_holds_no_token(cast: Cast, browser: Enter, session: Session, link_to: LinkTo, fresh_email: str) -> None:
    await (await browser(cast.coordinator)).post(INVITE, to(fresh_email))
    token = (await link_to(fresh_email)).rpartition("/")[2]
    (invitation,) = await session.scalars(select(Invitation))
    assert len(token) == 43
    assert token not in repr(invitation.model_dump())


async def test_used_unknown_withdrawn_and_expired_links_show_the_same_page(town: Town, visitor: Browser, session: Session) -> None:
    network = town.cast
    gone = {"withdrawn": {"withdrawn_at": clock.now()}, "accepted": {"accepted_at": clock.now()}, "expired": {"expires_at": clock.now()}}
    over = {"over": {"role": "deputy", "ends_on": clock.today() - timedelta(days=1)}}
    session.add_all(make_invitation(network, token=f"token-for-{name:-<20}", **given) for name, given in (gone | over).items())
    await session.commit()
    assert (await visitor.get(f"/invitations/{TOKEN}")).status_code == 200
    for token in (*(f"token-for-{name:-<20}" for name in gone | over), "nobody-ever-made-this-one", "x", "å" * 30, "y" * 200):
        for answer in (await visitor.get(f"/invitations/{token}"), await visitor.post(f"/invitations/{token}", {"name": "Nils"})):
            assert answer.status_code == 404
            assert "Länken kan vara gammal, eller så är det som finns här inte för dig." in answer.text
            assert "Granby" not in answer.text


async def test_looking_changes_nothing(town: Town, visitor: Browser, session: Session) -> None:
    for _time in range(3):
        await visitor.get(f"/invitations/{TOKEN}")
    assert await memberships_of(session, "nils.ny@example.se") == []
    assert await deeds(session, town.cast) == []
    assert "sid" not in visitor.client.cookies


async def test_it_works_once_when_two_accept_at_once(
    town: Town, portal: Portal, visitor: Browser, browser: Enter, session: Session
) -> None:
    await visitor.get(f"/invitations/{TOKEN}")
    answers = await asyncio.gather(*(visitor.post(f"/invitations/{TOKEN}", {"name": "Nils Ny"}) for _time in range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 404, 404, 404]
    assert len(await memberships_of(session, "nils.ny@example.se")) == 1
    assert await session.scalar(select(func.count()).select_from(Person).where(col(Person.email) == "nils.ny@example.se")) == 1
    assert await deeds(session, town.cast) == ["member.joined"]


async def test_who_has_an_account_signs_in_first_and_then_needs_one_click(
    town: Town, visitor: Browser, browser: Enter, session: Session
) -> None:
    cast = town.cast
    session.add(make_invitation(cast, token="for-the-outsider-from-vitby", email=cast.outsider.person.email or "", name="Olle"))
    await session.commit()
    link = "/invitations/for-the-outsider-from-vitby"
    assert f'href="/sign-in?next={link}"' in (await visitor.get(link)).text
    turned = await visitor.post(link, {"name": "Någon Annan"})
    assert turned.headers["location"] == f"/sign-in?next={link}"
    assert "sid" not in visitor.client.cookies
    assert len(await memberships_of(session, cast.outsider.person.email or "")) == 1

    outsider = await browser(cast.outsider)
    assert (await outsider.get("/granby/members")).status_code == 404
    assert (await outsider.post(link)).headers["location"] == "/granby"
    assert "Bildning" in (await outsider.get("/granby/members")).text
    assert [each.role for each in await memberships_of(session, cast.outsider.person.email or "")] == ["coordinator", "reader"]


async def test_it_is_bound_to_its_address(town: Town, browser: Enter, session: Session) -> None:
    contact = await browser(town.cast.contact)
    assert "Du är inloggad som Maja Lindqvist" in (await contact.get(f"/invitations/{TOKEN}")).text
    refused = await contact.post(f"/invitations/{TOKEN}", {"name": "Maja"})
    assert refused.status_code == 403
    assert "en annan adress" in refused.text
    assert len(await memberships_of(session, town.cast.contact.person.email or "")) == 1


async def test_a_renewed_link_replaces_the_old_one(
    cast: Cast, browser: Enter, visitor: Browser, session: Session, link_to: LinkTo, fresh_email: str
) -> None:
    coordinator = await browser(cast.coordinator)
    await coordinator.post(INVITE, to(fresh_email))
    old = await link_to(fresh_email)
    (invitation,) = await session.scalars(select(Invitation))
    with clock.fixed(clock.now() + timedelta(days=13)):
        await coordinator.post(f"{INVITE}/{invitation.id}/renewal")
    new = await link_to(fresh_email, number=2)
    assert new != old
    assert (await visitor.get(old)).status_code == 404
    assert (await visitor.get(new)).status_code == 200
    with clock.fixed(clock.now() + timedelta(days=26)):
        assert (await visitor.get(new)).status_code == 200
    with clock.fixed(clock.now() + timedelta(days=28)):
        assert (await visitor.get(new)).status_code == 404


async def test_a_withdrawn_link_is_dead_at_once(town: Town, browser: Enter, visitor: Browser) -> None:
    coordinator = await browser(town.cast.coordinator)
    assert (await visitor.get(f"/invitations/{TOKEN}")).status_code == 200
    await coordinator.post(f"{INVITE}/{town.invitation.id}/withdrawal")
    assert (await visitor.get(f"/invitations/{TOKEN}")).status_code == 404
    again = await coordinator.post(f"{INVITE}/{town.invitation.id}/withdrawal")
    assert again.status_code == 409
    assert "Inbjudan är redan besvarad eller tillbakadragen." in again.text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"email": "eva@example.se\r\nBcc: alla@example.se"}, "Skriv en e-postadress"),
        ({"email": "eva"}, "Skriv en e-postadress"),
        ({"email": ""}, "Skriv en e-postadress."),
        ({"name": ""}, "Skriv ett namn."),
        ({"name": "E" * 101}, "Texten är för lång: 101 tecken, högst 100."),
        ({"name": "Eva\x00"}, "Texten innehåller ett tecken som inte får finnas."),
        ({"role": "king"}, "Välj ett av alternativen."),
        ({"role": "contact", "unit_id": ""}, "Välj vilken enhet personen svarar för."),
        ({"role": "contact", "unit_id": "{closed}"}, "Välj ett av alternativen."),
        ({"role": "contact", "unit_id": "999999"}, "Välj ett av alternativen."),
        ({"role": "reader", "email": "maja.granby@example.se", "unit_id": "{school}"}, "Personen är redan med."),
        ({"email": "Nils.Ny@Example.se"}, "En inbjudan till adressen väntar redan på svar."),
    ],
)
async def test_a_mistake_is_shown_beside_the_field_and_nothing_is_sent(
    changed: dict[str, str], sentence: str, town: Town, browser: Enter, session: Session
) -> None:
    data = to("eva.ek@example.se") | {name: value.format(**town.numbers) for name, value in changed.items()}
    answer = await (await browser(town.cast.coordinator)).post(INVITE, data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert await deeds(session, town.cast) == []


async def test_a_name_on_two_lines_becomes_one(cast: Cast, browser: Enter, session: Session, fresh_email: str) -> None:
    await (await browser(cast.coordinator)).post(INVITE, to(fresh_email, name="Eva\r\nBcc: alla@example.se"))
    (invitation,) = await session.scalars(select(Invitation))
    assert invitation.name == "Eva Bcc: alla@example.se"


async def test_an_administrator_cannot_make_a_coordinator(cast: Cast, browser: Enter, session: Session, fresh_email: str) -> None:
    admin = await browser(cast.admin)
    assert 'value="coordinator"' not in (await admin.get(f"{INVITE}/new")).text
    assert (await admin.post(INVITE, to(fresh_email, role="coordinator"))).status_code == 403
    assert await deeds(session, cast) == []
    coordinator = await browser(cast.coordinator)
    assert 'value="coordinator"' in (await coordinator.get(f"{INVITE}/new")).text
    assert (await coordinator.post(INVITE, to(fresh_email, role="coordinator"))).status_code == 303


async def test_a_member_may_answer_for_another_unit_besides(town: Town, browser: Enter, session: Session) -> None:
    cast = town.cast
    email = cast.contact.person.email or ""
    asked = await (await browser(cast.coordinator)).post(INVITE, to(email, role="contact", unit_id=str(town.vacant.id)))
    assert asked.status_code == 303
    session.add(make_invitation(cast, token="a-second-seat-for-the-contact", email=email, role="contact", unit_id=town.vacant.id))
    await session.commit()
    await (await browser(cast.contact)).post("/invitations/a-second-seat-for-the-contact")
    assert [each.unit_id for each in await memberships_of(session, email)] == [cast.school.id, town.vacant.id]


async def test_a_deputy_is_one_for_the_days_of_the_invitation(town: Town, visitor: Browser, session: Session) -> None:
    days: dict[str, Any] = {"starts_on": date(2098, 1, 1), "ends_on": date(2098, 2, 1)}
    session.add(
        make_invitation(
            town.cast, token="somebody-to-stand-in-for-us", email="vik@example.se", role="deputy", unit_id=town.cast.school.id, **days
        )
    )
    await session.commit()
    assert "1\u00a0februari 2098" in (await visitor.get("/invitations/somebody-to-stand-in-for-us")).text
    await visitor.post("/invitations/somebody-to-stand-in-for-us", {"name": "Vik Arie"})
    (member,) = await memberships_of(session, "vik@example.se")
    assert (member.role, member.starts_on, member.ends_on) == ("deputy", date(2098, 1, 1), date(2098, 2, 1))
    assert (await visitor.get("/granby/members")).status_code == 404


async def test_a_former_member_comes_back_by_invitation(cast: Cast, browser: Enter, session: Session) -> None:
    former = await make_member(session, cast.network, "Frans Ford", "contact", unit=cast.school, ends_on=date(2024, 1, 1))
    await session.commit()
    asked = await (await browser(cast.coordinator)).post(INVITE, to(former.person.email or "", role="contact", unit_id=str(cast.school.id)))
    assert asked.status_code == 303


async def test_nobody_sends_invitations_without_end(cast: Cast, browser: Enter, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MOST_AN_HOUR", 2)
    coordinator = await browser(cast.coordinator)
    answers = [await coordinator.post(INVITE, to(f"nummer.{number}@example.se")) for number in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert await deeds(session, cast) == ["member.invited"] * 2
    with clock.fixed(clock.now() + timedelta(hours=2)):
        assert (await coordinator.post(INVITE, to("nummer.3@example.se"))).status_code == 303


async def test_a_deputy_whose_days_are_over_is_not_asked_again(town: Town, browser: Enter, session: Session) -> None:
    past = make_invitation(town.cast, token="somebody-who-never-answered", role="deputy", ends_on=clock.today() - timedelta(days=1))
    session.add(past)
    await session.commit()
    answer = await (await browser(town.cast.coordinator)).post(f"{INVITE}/{past.id}/renewal")
    assert answer.status_code == 409
    assert "Dagarna som inbjudan gällde har redan varit." in answer.text


@pytest.mark.parametrize(("network", "inviter", "account", "heading"), [
    ("en", "sv", None, "Invitation to Granby nätverk"),
    ("sv", "en", None, "Inbjudan till Granby nätverk"),
    ("sv", "sv", "en", "Invitation to Granby nätverk"),
    ("en", "en", "sv", "Inbjudan till Granby nätverk"),
])  # fmt: skip
async def test_an_invitation_is_written_in_its_readers_language_never_in_its_senders(
    network: str, inviter: str, account: str | None, heading: str, cast: Cast, browser: Enter, session: Session, settings: Settings,
    link_to: LinkTo, fresh_email: str,
) -> None:  # fmt: skip
    cast.network.language = network
    session.add(cast.network)
    if account:
        await add_person(session, name="Eva Ek", email=fresh_email, locale=account)
    await session.commit()
    coordinator = await browser(cast.coordinator)
    coordinator.client.cookies.set("language", inviter)
    await coordinator.post(INVITE, to(fresh_email))
    await link_to(fresh_email)
    (sent,) = [each for each in mail.kept(settings.mail_folder) if each.to == fresh_email]
    assert sent.subject == heading
    assert sent.text.split()[0] == ("Hej" if heading.startswith("Inbjudan") else "Hello")


async def test_who_joins_goes_on_in_the_language_she_read_the_invitation_in(town: Town, visitor: Browser, session: Session) -> None:
    visitor.client.cookies.set("language", "en")
    assert (await visitor.post(f"/invitations/{TOKEN}", {"name": "Nils Ny"})).status_code == 303
    (member,) = await memberships_of(session, "nils.ny@example.se")
    assert member.person.locale == "en"

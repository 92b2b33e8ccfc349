"""A person closes her own account: out everywhere at once, nothing left of what is hers alone, and what she wrote stays."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from uuid import uuid4

from sqlalchemy import func, select
from sqlmodel import col

from portal import clock
from portal.accounts.models import KeptForm, Person, SignedIn, SignInCode
from portal.accounts.queries import hash_of
from portal.activity.models import Activity
from portal.calendar.actions import make
from portal.calendar.models import FeedForm
from portal.comments.models import CommentDraft, Thread
from portal.db import Session
from portal.findings.models import Finding
from portal.networks.invitations import accept
from portal.networks.models import Invitation, Membership
from portal.records.models import Record
from tests.browser import Browser
from tests.conftest import BASE_URL
from tests.factories import Cast, make_member, make_network
from tests.live.client import Client
from tests.making import make_finding
from tests.networks.conftest import Enter

SURE = {"sure": "true"}
WITHIN = 1.0


async def lasting(session: Session, members: Sequence[Membership]) -> list[bool]:
    for each in members:
        await session.refresh(each, ["starts_on", "ends_on"])
    return [each.lasts(clock.today()) for each in members]


async def test_who_closes_her_account_is_out_of_every_network_and_what_she_wrote_stays_with_her_name(
    cast: Cast, browser: Enter, visitor: Browser, session: Session
):
    person, other = cast.contact.person, await make_network(session, slug="annan", name="Annat nätverk")
    elsewhere = await make_member(session, other, "Maja", "guest", person=person)
    finding = await make_finding(session, cast.contact, title="Det jag såg")
    feed = await make(session, by=cast.contact, form=FeedForm(name="Telefonen"))
    await session.commit()
    maja, phone, ingela = await browser(cast.contact), await browser(cast.contact), await browser(cast.coordinator)
    await maja.post(f"/granby/records/{finding.id}/comments", {"body": "Jag minns detta", "key": str(uuid4())})
    assert (await visitor.get(f"/calendar/{feed}.ics")).status_code == 200

    asked = (await maja.get("/me/closing")).text
    assert ("Granby nätverk" in asked, "Annat nätverk" in asked, "med ditt namn" in asked) == (True, True, True)
    answer = await maja.post("/me/closing", SURE)
    assert (answer.status_code, answer.headers["location"], answer.headers["clear-site-data"]) == (303, "/", '"storage"')

    assert await lasting(session, [cast.contact, elsewhere]) == [False, False]
    await session.refresh(person)
    assert (person.name, person.email, person.phone, person.password_hash) == ("Maja Lindqvist", None, "", None)
    assert person.closed_at is not None
    for each in (maja, phone):
        assert (await each.get("/granby")).headers["location"].startswith("/sign-in")
    assert (await visitor.get(f"/calendar/{feed}.ics")).status_code == 404
    page = (await ingela.get(f"/granby/findings/{finding.id}")).text
    assert ("Jag minns detta" in page, "Maja Lindqvist" in page) == (True, True)
    assert "Maja Lindqvist lämnade nätverket" in (await ingela.get("/granby/administer/log")).text
    left = await session.scalars(select(Activity.network_id).where(col(Activity.verb) == "member.left").order_by(col(Activity.network_id)))
    assert left.all() == [cast.network.id, other.id]


async def test_nothing_is_left_of_what_was_hers_alone(cast: Cast, browser: Enter, visitor: Browser, session: Session):
    person = cast.contact.person
    address, finding = person.email or "", await make_finding(session, cast.coordinator)
    joined = {"network_id": cast.network.id, "invited_by_id": cast.coordinator.person_id, "token_hash": hash_of("x"), "name": "Maja"}
    moments = {"created_at": clock.now(), "expires_at": clock.now(), "accepted_at": clock.now()}
    session.add(Invitation(email=address, **joined, **moments))
    session.add(KeptForm(person_id=person.id, path="/granby/findings", fields={"title": ["För sent"]}, created_at=clock.now()))
    await session.commit()
    maja = await browser(cast.contact)
    await maja.post("/me", {"name": person.name, "phone": "070-1", "language": "sv", "theme": "dark"})
    await maja.post(f"/granby/records/{finding.id}/draft", {"body": "Påbörjat", "key": str(uuid4())})
    await maja.post("/granby/findings/draft", {"title": "Inte klar"})
    await visitor.post("/sign-in/code-request", {"email": address})
    hers = {
        "codes": select(func.count()).where(col(SignInCode.person_id) == person.id),
        "late forms": select(func.count()).where(col(KeptForm.person_id) == person.id),
        "drafts": select(func.count()).where(col(CommentDraft.person_id) == person.id),
        "findings": select(func.count())
        .select_from(Finding)
        .join(Record, col(Record.id) == col(Finding.record_id))
        .where(col(Record.created_by_id) == person.id),
        "address": select(func.count()).where(col(Invitation.email) == address),
        "person": select(func.count()).where(col(Person.email) == address),
        "devices": select(func.count()).where(col(SignedIn.person_id) == person.id, col(SignedIn.ended_at).is_(None)),
    }
    assert {name: await session.scalar(count) for name, count in hers.items()} == dict.fromkeys(hers, 1)
    await session.commit()
    assert (await maja.post("/me/closing", SURE)).status_code == 303
    assert {name: await session.scalar(count) for name, count in hers.items()} == dict.fromkeys(hers, 0)


async def test_it_takes_a_tick_and_changes_nothing_without_it(cast: Cast, browser: Enter, session: Session):
    maja = await browser(cast.contact)
    answer = await maja.post("/me/closing", {})
    assert (answer.status_code, "Kryssa i rutan om du vill stänga kontot." in answer.text) == (422, True)
    assert await lasting(session, [cast.contact]) == [True]
    assert (await maja.get("/granby")).status_code == 200


async def test_the_only_coordinator_hands_over_first(cast: Cast, browser: Enter, session: Session):
    ingela = await browser(cast.coordinator)
    page = (await ingela.get("/me/closing")).text
    assert ("Du är ensam samordnare." in page, 'name="sure"' in page) == (True, False)
    answer = await ingela.post("/me/closing", SURE)
    assert (answer.status_code, "Nätverket behöver en samordnare." in answer.text) == (409, True)
    await session.refresh(cast.coordinator.person)
    assert cast.coordinator.person.closed_at is None
    assert await lasting(session, [cast.coordinator]) == [True]
    await ingela.post(f"/granby/administer/members/{cast.contact.id}", {"role": "coordinator", "unit_id": "", "title": ""})
    assert (await ingela.post("/me/closing", SURE)).status_code == 303
    assert await lasting(session, [cast.coordinator, cast.contact]) == [False, True]


async def test_of_two_coordinators_who_close_at_once_one_stays(cast: Cast, browser: Enter, session: Session):
    second = await make_member(session, cast.network, "Andra Samordnaren", "coordinator")
    await session.commit()
    both = [await browser(each) for each in (cast.coordinator, second)]
    answers = await asyncio.gather(*(each.post("/me/closing", SURE) for each in both))
    assert sorted(each.status_code for each in answers) == [303, 409]
    assert sorted(await lasting(session, [cast.coordinator, second])) == [False, True]


async def test_her_sockets_close_within_a_second_and_nobody_elses(cast: Cast, browser: Enter, session: Session, port: int):
    finding = await make_finding(session, cast.contact)
    stream = (await session.get_one(Thread, finding.id)).stream_id
    maja, phone, ingela = await browser(cast.contact), await browser(cast.contact), await browser(cast.coordinator)
    pages = []
    for each in (maja, phone, ingela):
        cookie = "; ".join(f"{name}={value}" for name, value in each.client.cookies.items())
        pages.append(await Client.connect(port, origin=BASE_URL, cookie=cookie))
        assert (await pages[-1].subscribe(stream))["t"] == "subscribed"

    assert (await maja.post("/me/closing", SURE)).status_code == 303
    at = monotonic()
    assert [(await each.closed(WITHIN))[0] for each in pages[:2]] == [4401, 4401]
    assert monotonic() - at < WITHIN
    await ingela.post(f"/granby/records/{finding.id}/comments", {"body": "Är du kvar?", "key": str(uuid4())})
    assert [each["kind"] for each in await pages[2].events(1)] == ["comment.posted"]
    for each in pages:
        each.cut()


async def test_invited_anew_she_is_somebody_new(cast: Cast, browser: Enter, session: Session):
    address, old = cast.contact.person.email or "", cast.contact.person_id
    await (await browser(cast.contact)).post("/me/closing", SURE)
    given = {
        "network_id": cast.network.id,
        "invited_by_id": cast.coordinator.person_id,
        "token_hash": hash_of("y"),
        "name": "Maja Lindqvist",
    }
    invitation = Invitation(email=address, **given, created_at=clock.now(), expires_at=clock.now())
    session.add(invitation)
    await session.flush()
    member = await accept(session, invitation, cast.network, name="Maja Lindqvist")
    assert (member.person.email, member.person_id != old) == (address, True)

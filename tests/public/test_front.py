"""The front door: home for those who are in, a way in for others."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from portal import clock
from portal.db import Session
from portal.networks.models import Membership
from tests.browser import Browser
from tests.factories import Cast, make_member

Open = Callable[[Membership], Awaitable[Browser]]


async def test_a_stranger_is_met_by_what_the_portal_is_and_a_way_in(visitor: Browser) -> None:
    page = await visitor.get("/")
    assert page.status_code == 200
    assert 'action="/sign-in/code-request"' in page.text
    assert 'action="/sign-in/password"' in page.text
    for word in ("Träffas", "Spana", "Svara"):
        assert f"<h2>{word}</h2>" in page.text
    assert "/demo/sign-in" not in page.text


async def test_a_member_comes_straight_to_her_network(browser: Open, cast: Cast) -> None:
    for member, home in ((cast.contact, "/granby"), (cast.outsider, "/vitby")):
        answer = await (await browser(member)).get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, home)


async def test_a_member_of_two_networks_comes_to_the_first_by_name(browser: Open, cast: Cast, session: Session) -> None:
    await make_member(session, cast.network, "Olle Utter", "reader", person=cast.outsider.person)
    await session.commit()
    assert (await (await browser(cast.outsider)).get("/")).headers["location"] == "/granby"


async def test_somebody_whose_time_is_over_is_told_so(browser: Open, cast: Cast, session: Session) -> None:
    member = await browser(cast.contact)
    assert (await member.get("/")).status_code == 303
    cast.contact.ends_on = clock.today() - timedelta(days=1)
    session.add(cast.contact)
    await session.commit()
    page = await member.get("/")
    assert page.status_code == 200
    assert "Du är inte med i något nätverk just nu" in page.text
    assert cast.contact.person.name in page.text
    assert cast.network.name not in page.text


async def test_whoever_is_signed_in_goes_past_the_sign_in_page(browser: Open, cast: Cast) -> None:
    answer = await (await browser(cast.reader)).get("/sign-in?next=/granby/findings")
    assert (answer.status_code, answer.headers["location"]) == (303, "/granby/findings")

"""A membership's first day: before it its member sees nothing, and the coordinator can move it for who has not begun, or set it right."""

from datetime import date, timedelta

import pytest

from portal import clock
from portal.db import Session
from portal.networks.models import Membership
from tests.browser import Browser
from tests.factories import Cast, make_member
from tests.networks.conftest import Enter, deeds

MEMBERS = "/granby/administer/members"
SEAT = {"role": "contact", "title": ""}


def later(days: int) -> date:
    return clock.today() + timedelta(days=days)


async def first_of(session: Session, member: Membership) -> date:
    await session.refresh(member, ["starts_on"])
    return member.starts_on


@pytest.fixture
async def ingela(cast: Cast, browser: Enter) -> Browser:
    return await browser(cast.coordinator)


@pytest.fixture
async def vera(cast: Cast, session: Session) -> Membership:
    """She begins in nine days and is in for ten."""
    made = await make_member(session, cast.network, "Vera Vik", "contact", unit=cast.school, starts_on=later(9), ends_on=later(18))
    await session.commit()
    return made


async def moved(ingela: Browser, member: Membership, first: date | str) -> tuple[int, str]:
    """Status of the answer, and its page where there is one."""
    answer = await ingela.post(f"{MEMBERS}/{member.id}", SEAT | {"unit_id": str(member.unit_id), "starts_on": str(first)})
    return answer.status_code, answer.text


async def test_before_the_first_day_a_member_sees_nothing_and_on_it_she_is_in(
    cast: Cast, ingela: Browser, vera: Membership, browser: Enter, session: Session
) -> None:
    hers = await browser(vera)
    assert [(await hers.get(f"/granby{path}")).status_code for path in ("", "/members", "/findings")] == [404, 404, 404]
    page = (await ingela.get(f"{MEMBERS}/{vera.id}")).text
    assert f'name="starts_on" type="date" value="{later(9)}"' in page
    assert "Gäller från den första dagen." in page
    assert (await moved(ingela, vera, clock.today()))[0] == 303
    assert await first_of(session, vera) == clock.today()
    assert [(await hers.get(f"/granby{path}")).status_code for path in ("", "/members", "/findings")] == [200, 200, 200]


async def test_who_has_not_begun_can_begin_on_another_day(
    ingela: Browser, vera: Membership, browser: Enter, session: Session, cast: Cast
) -> None:
    assert (await moved(ingela, vera, later(14)))[0] == 303
    assert await first_of(session, vera) == later(14)
    assert (await (await browser(vera)).get("/granby")).status_code == 404
    assert await deeds(session, cast) == ["member.changed"]
    assert f"från {later(14)}" in (await ingela.get(MEMBERS)).text


async def test_who_is_in_can_have_been_in_for_longer_or_shorter(ingela: Browser, cast: Cast, browser: Enter, session: Session) -> None:
    hers = await browser(cast.contact)
    for first in (date(2019, 5, 6), later(-3), clock.today()):
        assert (await moved(ingela, cast.contact, first))[0] == 303
        assert await first_of(session, cast.contact) == first
        assert (await hers.get("/granby")).status_code == 200


async def test_who_is_in_cannot_begin_later(ingela: Browser, cast: Cast, session: Session) -> None:
    before = await first_of(session, cast.contact)
    status, page = await moved(ingela, cast.contact, later(1))
    assert (status, await first_of(session, cast.contact)) == (422, before)
    assert "Den som redan är med kan inte börja senare. Avsluta medlemskapet i stället." in page
    assert f'value="{later(1)}"' in page


async def test_the_first_day_is_not_after_the_last(ingela: Browser, vera: Membership, session: Session) -> None:
    status, page = await moved(ingela, vera, later(19))
    assert (status, await first_of(session, vera)) == (422, later(9))
    assert "Första dagen kan inte ligga efter den sista." in page
    assert (await moved(ingela, vera, later(18)))[0] == 303
    assert await first_of(session, vera) == later(18)


async def test_who_takes_over_is_in_when_the_other_is_out(ingela: Browser, cast: Cast, vera: Membership, session: Session) -> None:
    given = {"ends_on": str(later(10)), "successor_id": str(vera.id)}
    assert (await ingela.post(f"{MEMBERS}/{cast.contact.id}/ending", given)).status_code == 303
    status, page = await moved(ingela, vera, later(12))
    assert (status, await first_of(session, vera)) == (422, later(9))
    assert "Personen ska ta över efter någon som slutar innan dess. Ändra det avslutet först." in page
    assert (await moved(ingela, vera, later(11)))[0] == 303
    assert await first_of(session, vera) == later(11)


async def test_the_day_stays_where_none_is_given(ingela: Browser, vera: Membership, session: Session) -> None:
    assert (await moved(ingela, vera, ""))[0] == 303
    assert await first_of(session, vera) == later(9)


async def test_a_day_that_somebody_else_has_moved_is_shown(ingela: Browser, vera: Membership, session: Session) -> None:
    page = (await ingela.get(f"{MEMBERS}/{vera.id}")).text
    version = page.split('name="version" value="')[1].partition('"')[0]
    assert (await moved(ingela, vera, later(12)))[0] == 303
    given = SEAT | {"unit_id": str(vera.unit_id), "starts_on": str(later(10)), "version": version}
    answer = await ingela.post(f"{MEMBERS}/{vera.id}", given)
    assert answer.status_code == 409
    assert f"<blockquote>{later(12)}</blockquote>" in answer.text
    assert await first_of(session, vera) == later(12)

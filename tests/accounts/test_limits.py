"""What one sign-in may do in five minutes, whatever room it does it in."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from portal import clock
from portal.accounts import limits
from portal.accounts.models import SignedIn
from portal.db import Session
from portal.findings.models import Finding
from portal.networks.models import Membership
from portal.web.errors import TooMany
from tests.browser import Browser
from tests.factories import Cast

Enter = Callable[[Membership], Awaitable[Browser]]
FINDING = {"title": "Vattnet", "link": "https://example.eu/vatten", "happens": "Nytt", "means": "Mer"}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Limits that a test comes to, on a clock that stands still a minute after a span has begun."""
    monkeypatch.setattr(limits, "MOST_WRITES", 2)
    monkeypatch.setattr(limits, "MOST_DEAR_READS", 2)
    with clock.fixed(clock.now().replace(minute=1, second=0, microsecond=0)):
        yield


async def test_a_sign_in_that_writes_without_end_waits_and_what_it_wrote_is_there(
    few: None, cast: Cast, browser: Enter, session: Session
) -> None:
    maja, again = await browser(cast.contact), await browser(cast.contact)
    typed = FINDING | {"themes": str(cast.themes[0].id)}

    async def publish(by: Browser) -> int:
        return (await by.post("/granby/findings", {**typed, "key": str(uuid4()), "link": f"https://example.eu/{uuid4()}"})).status_code

    assert [await publish(maja) for _time in range(2)] == [303, 303]
    refused = await maja.post("/granby/findings", typed)
    assert (refused.status_code, "Det blev många försök" in refused.text, 'value="Vattnet"' in refused.text) == (429, True, True)
    assert refused.headers["retry-after"] == "240"
    assert (await maja.post("/theme", {"theme": "dark"})).status_code == 429
    assert (await maja.get("/granby")).status_code == 200  # she reads on
    assert await publish(again) == 303  # her other device is another sign-in
    with clock.fixed(clock.now() + timedelta(minutes=5)):
        assert await publish(maja) == 303
    assert await session.scalar(select(func.count()).select_from(Finding)) == 4
    assert await session.scalar(select(func.count()).select_from(SignedIn).where(col(SignedIn.ended_at).is_(None))) == 2


@pytest.mark.parametrize("path", ["/granby/search?q=vatten", "/granby/meetings/papers?year=2026&as=docx"])
async def test_what_is_dear_to_make_is_not_made_without_end(path: str, few: None, cast: Cast, browser: Enter) -> None:
    maja = await browser(cast.contact)
    assert [(await maja.get(path)).status_code == 429 for _time in range(3)] == [False, False, True]
    assert (await maja.get("/granby/findings")).status_code == 200


def test_a_crowd_of_strangers_takes_nobodys_limit_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody with a network of addresses can fill what is counted in memory."""
    monkeypatch.setattr(limits, "_here", {})
    monkeypatch.setattr(limits, "MOST_HERE", 20)
    for _try in range(3):
        limits.count_here("hers", most=3, seconds=300)
    for number in range(100):
        limits.count_here(f"stranger {number}", most=3, seconds=3600)
    with pytest.raises(TooMany):
        limits.count_here("hers", most=3, seconds=300)
    assert len(limits._here) <= 20
    with clock.fixed(clock.now() + timedelta(seconds=300)):
        limits.count_here("hers", most=3, seconds=300)

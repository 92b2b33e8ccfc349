"""The demo goes into an empty database only, and a reset loses what has been done in it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from portal import clock
from portal.accounts.models import DemoMark, Person
from portal.accounts.queries import demo_mark
from portal.app import create_app
from portal.calendar.models import Change
from portal.config import Misconfigured, Settings
from portal.db import Session
from portal.demo import loader
from portal.findings.models import Finding
from portal.live.models import Epoch
from portal.meetings.models import Meeting
from portal.networks.models import Network
from portal.records.models import Record
from tests.browser import Browser
from tests.conftest import living
from tests.factories import Cast
from tests.making import make_finding

MIDSUMMER = datetime(2027, 7, 15, 10, tzinfo=UTC)
NEW_YEAR = datetime(2028, 1, 1, 10, tzinfo=UTC)


async def titles(session: Session) -> set[str]:
    return set(await session.scalars(select(Record.title)))


@pytest.mark.parametrize("way", [loader.load, loader.reset])
async def test_a_database_with_people_is_refused_and_stays_as_it_was(way, cast: Cast, session: Session, tmp_path: Path):
    await make_finding(session, cast.contact, title="Vår egen")
    with pytest.raises(Misconfigured, match="The demo goes into an empty database only, and there are people in this one"):
        await way(session, files=tmp_path)
    assert await session.scalar(select(func.count()).select_from(DemoMark)) == 0
    assert await titles(session) == {"Vår egen"}
    assert set(await session.scalars(select(Network.slug))) == {"granby", "vitby"}


async def test_a_database_with_people_and_no_mark_is_never_shown_as_a_demo(
    cast: Cast, settings: Settings, database_url: str, visitor: Browser
):
    async with living(create_app(settings, database_url)) as portal:
        assert portal.litestar.state.frame.demo is False
    assert (await visitor.post("/demo/sign-in", {"person": str(cast.contact.person.id)})).status_code == 404


async def test_loaded_in_july_and_loaded_anew_at_new_year(session: Session, tmp_path: Path):
    with clock.fixed(MIDSUMMER):
        await loader.load(session, files=tmp_path)
        await session.commit()
        assert await newest(session) < MIDSUMMER
    before, first, marks = await titles(session), await session.scalar(select(Epoch.epoch)), await calendar_marks(session)
    session.add(Person(name="Nora Ny", email="nora@example.se", created_at=MIDSUMMER))
    await session.commit()
    with clock.fixed(NEW_YEAR):
        await loader.reset(session, files=tmp_path)
        await session.commit()
        assert await in_days(session) == [-255, -150, -51, 17, 26, 52, 80, 80, 108]
    assert await session.scalar(select(col(Person.id)).where(col(Person.name) == "Nora Ny")) is None
    assert await titles(session) == before
    mark = await demo_mark(session)
    assert mark is not None
    assert mark.loaded_at == NEW_YEAR
    assert MIDSUMMER < await newest(session) < NEW_YEAR
    assert await session.scalar(select(Epoch.epoch)) != first
    assert min(await calendar_marks(session)) > max(marks)  # none that a portal knows comes back


async def calendar_marks(session: Session) -> set[int]:
    """Those of the networks that there are: others' numbers are never given out again."""
    return set(await session.scalars(select(col(Change.id)).where(col(Change.network_id).in_(select(col(Network.id))))))


async def newest(session: Session) -> datetime:
    found: datetime = (await session.execute(select(func.max(col(Finding.published_at))))).scalar_one()
    return found


async def in_days(session: Session) -> list[int]:
    """How many days from today each meeting is."""
    starts = await session.scalars(select(Meeting.starts_at).order_by(col(Meeting.starts_at)))
    return [(clock.local(each).date() - clock.today()).days for each in starts]

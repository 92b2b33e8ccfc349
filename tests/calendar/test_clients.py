"""Real clients subscribe: vdirsyncer fetches the feed over HTTP from a port, and khal reads what it has fetched."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import uvicorn
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.app import Portal
from portal.calendar.models import Reading
from portal.consultations.actions import triage
from portal.consultations.models import TriageForm
from portal.meetings.actions import cancel
from portal.meetings.models import CancelForm
from portal.web.guard import Guard
from tests.calendar.reading import address_for
from tests.factories import Cast
from tests.making import change_meeting, make_consultation, make_meeting

BIN = Path(sys.executable).parent
SYNC = """\
[general]
status_path = "{folder}/status"
[pair network]
a = "feed"
b = "copy"
collections = null
conflict_resolution = "a wins"
[storage feed]
type = "http"
url = "{url}"
[storage copy]
type = "filesystem"
path = "{folder}/copy"
fileext = ".ics"
"""
SHOW = """\
[calendars]
[[network]]
path = {folder}/copy
readonly = True
[locale]
local_timezone = {zone}
default_timezone = {zone}
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = {folder}/{name}.db
"""


@dataclass
class Client:
    """A calendar on somebody's computer, in `folder`."""

    folder: Path

    async def sync(self) -> str:
        """Fetch the feed; what vdirsyncer says."""
        return await _run("vdirsyncer", "--config", self.folder / "sync", "sync")

    async def agenda(self, zone: str = "Europe/Stockholm") -> list[str]:
        """October and November by the clock of the zone, a line each as khal shows it."""
        name = zone.rpartition("/")[2]
        config = self.folder / f"khal-{name}"
        config.write_text(SHOW.format(folder=self.folder, zone=zone, name=name))
        form = "{start-date} {start-time}-{end-time} {cancelled}{title}"
        said = await _run("khal", "--config", config, "list", "--day-format", "", "--format", form, "2026-10-01", "2026-11-30")
        return [line for line in said.splitlines() if line]


async def _run(program: str, *words: str | Path) -> str:
    given = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.STDOUT}
    running = await asyncio.create_subprocess_exec(
        BIN / program, *words, **given, env={"HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    )
    said = (await running.communicate())[0].decode()
    assert running.returncode == 0, said
    return said


@pytest.fixture
async def served(portal: Portal) -> AsyncIterator[str]:
    """The portal on a port, and called by it."""
    assert isinstance(portal.asgi, Guard)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host = f"127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            Guard(portal.asgi.app, hosts=frozenset({host}), secure=False), lifespan="off", log_config=None, timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listening])
        yield f"http://{host}"
        server.should_exit = True
        await server.shutdown(sockets=[listening])


@pytest.fixture
async def client(cast: Cast, browser, served: str, tmp_path: Path) -> Client:
    """Maja's computer, which subscribes to everything."""
    path = await address_for(browser, cast.contact, scope="everything")
    (tmp_path / "copy").mkdir()
    (tmp_path / "sync").write_text(SYNC.format(folder=tmp_path, url=served + path))
    return Client(tmp_path)


async def test_khal_and_vdirsyncer_see_the_right_hours_a_move_and_a_cancellation(client: Client, cast: Cast, session):
    ingela = cast.coordinator
    with clock.fixed(datetime(2026, 10, 1, 9, tzinfo=UTC)):
        await make_meeting(session, ingela, title="Före omställningen", day=date(2026, 10, 20))
        moved = await make_meeting(session, ingela, title="Efter omställningen, å ä ö; \\ och mer", day=date(2026, 11, 3))
        remiss = await make_consultation(session, ingela, title="Remissen", closes_on=date(2026, 10, 24))
        await triage(session, remiss, by=ingela, form=TriageForm(triage="watching"))
        await session.commit()
        await _run("vdirsyncer", "--config", client.folder / "sync", "discover")
        await client.sync()
        before, after, last_day = "Före omställningen", "Efter omställningen, å ä ö; \\ och mer", "Sista dag att svara, kl. 23.59: Remissen"
        for zone, begins, ends in (("Europe/Stockholm", 13, 15), ("Europe/Lisbon", 12, 14)):
            hours = f"{begins}:00-{ends}:30"
            assert await client.agenda(zone) == [f"2026-10-20 {hours} {before}", f"2026-10-24 - {last_day}", f"2026-11-03 {hours} {after}"]
        agents = await session.scalars(select(col(Reading.agent)).where(col(Reading.program) == "other"))
        assert [agent.split("/")[0] for agent in agents] == ["vdirsyncer"]

        await change_meeting(session, ingela, moved.record_id, day="2026-10-21", starts="08:15", ends="09:00")
        await client.sync()
        early = f"2026-10-21 08:15-09:00 {after}"
        assert await client.agenda() == [f"2026-10-20 13:00-15:30 {before}", early, f"2026-10-24 - {last_day}"]
        assert len([*(client.folder / "copy").iterdir()]) == 3  # the same events, not one more

        await cancel(session, await session.merge(moved), by=ingela, form=CancelForm(reason="Storm"))
        await session.commit()
        await client.sync()
        assert (await client.agenda())[1] == f"2026-10-21 08:15-09:00 CANCELLED INSTÄLLD: {after}"
    with clock.fixed(datetime(2026, 11, 1, 9, tzinfo=UTC)):
        await client.sync()
        assert await client.agenda() == [f"2026-10-20 13:00-15:30 {before}", f"2026-10-24 - {last_day}"]

"""A database of the post room's own, with a real worker and a real SMTP server on loopback."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import icalendar
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from portal import clock, jobs, rooms
from portal.config import Settings
from portal.db import Session, Sessions, engine_for, sessions_for, unit_of_work
from portal.jobs import Worker
from portal.mail import Outcome, receive
from portal.meetings import actions as meetings
from portal.meetings.models import Attendance, Meeting
from portal.networks.models import Membership
from portal.web import Frame
from tests.conftest import empty
from tests.factories import Cast
from tests.mail.post_office import PostOffice
from tests.making import make_meeting
from tests.postgres import Server

KEY = b"tests of the post room, and nothing else"
# Of what waits: what nobody has tried to send, and what will be tried again.
UNSETTLED = """
    SELECT count(*) FROM notification LEFT JOIN mail_out USING (message_id) WHERE coalesce(state, 'queued') IN ('queued', 'sending')
"""
WAITING_JOBS = "SELECT count(*) FROM pgqueuer WHERE status IN ('queued', 'picked') AND entrypoint <> 'letters'"


@dataclass
class House:
    """What letters are sent with and what is seen of them from outside."""

    url: str
    settings: Settings
    sessions: Sessions
    office: PostOffice
    frame: Frame
    workers: list[Worker] = field(default_factory=list)
    clerks: list["asyncio.subprocess.Process"] = field(default_factory=list)

    async def open(self) -> Worker:
        """A worker begins; it tries often, at short intervals."""
        handlers = rooms.handlers(self.settings, self.sessions, self.frame)
        worker = Worker(self.url, handlers, tries=20, pause=timedelta(milliseconds=50), poll=timedelta(milliseconds=200))
        self.workers.append(worker)
        await worker.start()
        return worker

    async def close(self) -> None:
        """The workers go home: what is told from now on waits."""
        await asyncio.gather(*(worker.stop() for worker in self.workers))
        self.workers.clear()

    async def clerk(self) -> "asyncio.subprocess.Process":
        """A worker that is a process, and can be killed."""
        given = (self.url, self.settings.smtp_url or "", str(self.settings.data))
        clerk = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.post.clerk", *given)
        self.clerks.append(clerk)
        return clerk

    async def kill(self, clerk: "asyncio.subprocess.Process") -> None:
        clerk.send_signal(signal.SIGKILL)
        await clerk.wait()

    async def time_passes(self) -> None:
        """Pauses are over."""
        await self.execute("UPDATE pgqueuer SET execute_after = now() WHERE entrypoint <> 'letters'")

    async def settled(self) -> None:
        """Wait until no letter waits, and no job either."""
        async with asyncio.timeout(60):
            while await self.scalar(WAITING_JOBS) or await self.scalar(UNSETTLED):
                await asyncio.sleep(0.05)

    async def run_out(self) -> None:
        """Wait until no job waits, whatever mail has forgotten of older letters."""
        async with asyncio.timeout(60):
            while await self.scalar(WAITING_JOBS):
                await asyncio.sleep(0.05)

    async def everything(self) -> None:
        """All that is to be told is told: pauses end, jobs run, letters leave."""
        if not self.workers:
            await self.open()
        await self.time_passes()
        await self.settled()

    async def scalar(self, statement: str) -> int:
        async with self.sessions() as session:
            return await session.scalar(text(statement)) or 0

    async def execute(self, statement: str) -> None:
        async with unit_of_work(self.sessions) as session:
            await session.execute(text(statement))

    async def states(self) -> dict[str, str]:
        """What has become of whose letter."""
        wanted = "SELECT person.name, coalesce(state, 'waits') AS state FROM notification JOIN person ON person.id = person_id LEFT JOIN mail_out USING (message_id)"
        async with self.sessions() as session:
            return {row.name: row.state for row in await session.execute(text(wanted))}

    @property
    def subjects(self) -> dict[str, list[str]]:
        """What each address has got."""
        found: dict[str, list[str]] = {}
        for letter in self.office.letters:
            found.setdefault(str(letter["To"]), []).append(str(letter["Subject"]))
        return found


@dataclass
class Round:
    """A summons that has reached everybody, and what their programs make of it."""

    house: House
    cast: Cast
    session: Any
    meeting: Meeting

    def asked(self, member: Membership) -> icalendar.Event:
        """The latest that her calendar got."""
        letters = [each for each in self.house.office.letters if str(each["To"]) == member.person.email]
        (file,) = list(letters[-1].iter_attachments())
        whole = icalendar.Calendar.from_ical(file.get_content())
        (event,) = whole.walk("VEVENT")
        event["METHOD"] = whole["METHOD"]
        return event

    def reply(self, member: Membership, partstat: str, *, at: datetime | None = None, **changed: Any) -> EmailMessage:
        """As a calendar program answers (constructed): for who was invited, from whatever address, to the organizer."""
        event = self.asked(member)
        organizer = str(event["ORGANIZER"]).removeprefix("mailto:")
        answer = icalendar.Event()
        answer.add("uid", changed.get("uid", str(event["UID"])))
        answer.add("dtstamp", at or clock.now())
        answer.add("sequence", changed.get("sequence", int(event["SEQUENCE"])))
        answer.add("attendee", f"mailto:{changed.get('attendee', (member.person.email or '').upper())}", {"PARTSTAT": partstat})
        answer.add("organizer", f"mailto:{organizer}")
        whole = icalendar.Calendar()
        whole.add("version", "2.0")
        whole.add("prodid", "-//Constructed//Client//EN")
        whole.add("method", changed.get("method", "REPLY"))
        whole.add_component(answer)
        made = EmailMessage()
        made["From"], made["To"], made["Subject"] = (
            "Vem som helst <vem@annan.example>",
            changed.get("to", f"Granby <{organizer}>"),
            "Accepterat: Träff",
        )
        made.set_content("Jag kommer.")
        made.add_alternative(whole.to_ical().decode(), subtype="calendar", params={"method": "REPLY"})
        return made

    async def comes_in(self, message: EmailMessage | bytes) -> Outcome:
        content = message if isinstance(message, bytes) else message.as_bytes()
        return await receive(self.house.settings, self.house.sessions, self.house.frame.sign, content)

    async def held(self) -> dict[int, str | None]:
        async with self.house.sessions() as session:
            rows = await session.execute(select(Attendance.membership_id, Attendance.answer))
            return {row.membership_id: row.answer for row in rows}


@pytest.fixture(scope="session")
async def engine(server: Server, template: str) -> AsyncIterator[AsyncEngine]:
    url = await asyncio.to_thread(server.create_database, "post_room", template)
    engine = engine_for(url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def house(server: Server, engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    office = PostOffice()
    await office.open()
    settings = Settings(data=tmp_path, base_url="https://portal.granby.example", smtp_url=office.url, mail_from="portal@granby.example")
    house = House(server.url("post_room"), settings, sessions_for(engine, limits=1000), office, Frame(key=KEY, secure=True))
    yield house
    for clerk in house.clerks:
        if clerk.returncode is None:
            await house.kill(clerk)
    await house.close()
    await office.close()
    async with house.sessions() as session:
        await session.execute(text("TRUNCATE pgqueuer, pgqueuer_log"))
        await empty(session)


@pytest.fixture
async def kept(house: House) -> House:
    """The same without SMTP: mail stays in the data folder."""
    return replace(house, settings=replace(house.settings, smtp_url=None))


@pytest.fixture
async def session(house: House) -> AsyncIterator[Session]:
    async with house.sessions() as opened:
        yield opened


@pytest.fixture
async def round_(house: House, cast: Cast, session: Session) -> Round:
    house.settings = replace(house.settings, reply_address="Kallelse@granby.example")
    meeting = await make_meeting(session, cast.coordinator, title="Träff")
    await meetings.summon(session, meeting, by=cast.coordinator)
    await session.commit()
    await house.everything()
    return Round(house, cast, session, meeting)


@pytest.fixture(autouse=True)
def dead_are_missed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has died is noticed after two seconds instead of fifteen."""
    monkeypatch.setattr(jobs, "SILENCE", timedelta(seconds=2))

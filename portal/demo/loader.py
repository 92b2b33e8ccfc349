"""Loading the demo into an empty database, and loading it anew."""

import secrets
from pathlib import Path

from sqlalchemy import delete, text, update

from portal import clock, jobs
from portal.accounts.limits import sweep
from portal.accounts.models import DemoMark
from portal.accounts.queries import demo_mark
from portal.calendar.models import Change
from portal.comments.posting import TELL
from portal.config import Misconfigured
from portal.db import Session
from portal.demo.calendars import note_readings, put_calendars
from portal.demo.calls import put_call
from portal.demo.consultations import put_consultation, put_entry
from portal.demo.content import calls, consultations, findings, meetings, networks, threads
from portal.demo.findings import put_draft, put_finding
from portal.demo.groups import put_groups
from portal.demo.meetings import put_meeting
from portal.demo.networks import note_visits, put_boards, put_network
from portal.demo.stage import Stage
from portal.demo.threads import put_talk
from portal.demo.year import put_year
from portal.live.models import Epoch
from portal.notifications import actions as notifications
from portal.notifications.models import Mailing
from portal.public.queries import is_empty
from portal.tables import metadata


async def load(session: Session, *, files: Path) -> None:
    """Fill an empty database with the demo, dated from today, its attachments in `files`, and mark
    it. Misconfigured if anything is in it."""
    if not await is_empty(session):
        raise Misconfigured("The demo goes into an empty database only, and there are people in this one.")
    stage = Stage(session, clock.today(), files)
    put_everything(stage)
    await stage.play()
    await note_readings(stage)
    await _mail_nobody(session)
    for house in networks.HOUSES:
        note_visits(stage, house)
    await sweep(session)
    session.add(DemoMark(loaded_at=clock.now()))
    await session.flush()


async def reset(session: Session, *, files: Path) -> None:
    """Load the demo anew: all that is in a marked database is lost. An unmarked one has to be empty, as for `load`."""
    if await demo_mark(session) is not None:
        await _clear(session)
    await load(session, files=files)


def put_everything(stage: Stage) -> None:
    for house in networks.HOUSES:
        put_network(stage, house)
    put_boards(stage, by="ingela")
    put_year(stage, by="ingela")
    put_groups(stage, by="ingela")
    for spotted in findings.ALL:
        put_finding(stage, spotted, triaged_by="ingela")
    put_draft(stage, findings.DRAFT)
    for spotted in findings.REGIONAL:
        put_finding(stage, spotted, triaged_by="kerstin")
    for gathering in meetings.ALL:
        put_meeting(stage, gathering)
    for asked in consultations.ALL:
        put_consultation(stage, asked)
    put_entry(stage, "regional plan", of="plan", by="kerstin", ago=31, at="9.20")
    for offered in calls.ALL:
        put_call(stage, offered)
    put_calendars(stage)
    for talk in threads.ALL:
        put_talk(stage, talk, moderator="ingela", gatherings=meetings.ALL)


async def _mail_nobody(session: Session) -> None:
    """What has been done in the demo's past is no news to anybody."""
    await session.execute(delete(Mailing))
    await jobs.forget(session, TELL, notifications.JOB)


async def _clear(session: Session) -> None:
    """Empty every table; a new epoch tells open pages that what they have seen is gone. The marks of what calendars show stay and go on,
    so that a portal that serves meanwhile takes no calendar of before for one of now."""
    session.expunge_all()
    names = ", ".join(
        f'"{table.name}"' for table in metadata.sorted_tables if table.name not in (Epoch.__tablename__, Change.__tablename__)
    )
    await session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    await session.execute(update(Epoch).values(epoch=secrets.token_hex(8)))

"""Those who change a meeting, its agenda and its notes at once hold these in one order: text, section, record."""

import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql
from sqlmodel import col

from portal.db import Session
from portal.drafting import actions as drafting
from portal.drafting.models import Section
from portal.meetings import agenda, minutes, minutes_document
from portal.meetings.models import AgendaForm, AgendaItem, Meeting
from portal.meetings.queries import agenda as items_of
from portal.meetings.queries import meeting as read_meeting
from portal.networks.models import Membership
from portal.networks.queries import WHOLE
from portal.records import actions as records
from tests.factories import Cast
from tests.making import make_circulated, make_meeting


async def test_who_adds_a_section_and_who_approves_wait_for_each_other_in_one_order(cast: Cast, session: Session, portal):
    """A point of the agenda holds the record and adds a section; an approval holds the text and then wants the record."""
    meeting = await make_circulated(session, cast, "Nätverksträff 2")
    text = await minutes_document.notes_text(session, meeting)
    await records.lock(session, meeting.record, meeting)
    await drafting.add_section(session, text, by=cast.coordinator, heading="En punkt till")
    async with portal.sessions() as other:
        await other.execute(sql("SET LOCAL lock_timeout = '1s'"))
        await minutes._hold_text(other, await other.get_one(Meeting, meeting.record_id))
        await other.rollback()
    await session.rollback()


@pytest.mark.parametrize(
    "deed",
    [
        lambda *given, by: agenda.change(*given, by=by, form=AgendaForm(title="Nytt namn")),
        lambda *given, by: agenda.move(*given, by=by, earlier=False),
        lambda *given, by: agenda.remove(*given, by=by),
    ],
    ids=["changed", "moved", "removed"],
)
async def test_who_saves_a_section_and_who_changes_its_item_wait_for_each_other_in_one_order(deed, cast: Cast, session: Session, portal):
    """A section that is saved holds text and section and then wants the record; so does whoever changes the agenda."""
    meeting = await make_meeting(session, cast.coordinator)
    text = await minutes_document.notes_text(session, meeting)
    _first, item, *_others = await items_of(session, meeting)  # the first one stays where it is
    await drafting.require_author(session, text, by=cast.coordinator)
    await drafting.up_to_date(session, await session.get_one(Section, item.section_id))
    async with portal.sessions() as other:
        seat = (await other.scalars(select(Membership).options(*WHOLE).where(col(Membership.id) == cast.coordinator.id))).unique().one()
        theirs = await read_meeting(other, seat, meeting.record_id)
        changing = asyncio.create_task(deed(other, theirs, await other.get_one(AgendaItem, item.id), by=seat))
        await asyncio.wait({changing}, timeout=0.3)
        assert not changing.done()
        await session.execute(sql("SET LOCAL lock_timeout = '1s'"))
        await records.lock(session, meeting.record, meeting)
        await session.rollback()
        await changing
        await other.rollback()

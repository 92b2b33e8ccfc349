"""One world a module; what is refused leaves it as it was."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from portal import clock
from portal.accounts.queries import hash_of
from portal.app import Portal
from portal.db import Session
from portal.meetings import answers
from portal.networks.access import Role
from portal.networks.boards import add_board, enter_dates, meetings_of
from portal.networks.invitations import invite
from portal.networks.models import BoardForm, BoardMeetingForm, InvitationForm, UnitForm
from portal.networks.units import add_unit
from tests.authz.world import World, opened
from tests.conftest import BASE_URL, empty
from tests.corpus.forms import TOKEN


@pytest.fixture(scope="module")
async def world(running: Portal) -> AsyncIterator[World]:
    async with running.sessions() as session, opened(running, session) as world:
        await furnish(session, world)
        sign, number = running.litestar.state.frame.sign, world.shared.numbers["meeting"]
        world.shared.numbers["answers"] = answers.path(sign, world.cast.contact.person_id, number).rpartition("/")[2]
        yield world
    async with running.sessions() as session:
        await empty(session)


async def furnish(session: Session, world: World) -> None:
    """What the administration room works with, and an invitation that waits under a known address."""
    cast, numbers = world.cast, world.shared.numbers
    board = await add_board(session, by=cast.coordinator, form=BoardForm(name="Bildningsnämnden"))
    day = clock.today() + timedelta(days=30)
    await enter_dates(session, board, by=cast.coordinator, meetings=[BoardMeetingForm(meets_on=day, cutoff_on=day)])
    form = InvitationForm(name="Nora Nyss", email="nora@example.se", role=Role.contact, unit_id=cast.school.id)
    invitation = await invite(session, by=cast.coordinator, form=form, address=BASE_URL)
    invitation.token_hash = hash_of(TOKEN)
    unit = await add_unit(session, by=cast.coordinator, form=UnitForm(name="Tomma huset"))
    date = (await meetings_of(session, board))[0]
    numbers |= {"theme": cast.themes[0].id, "board": board.id, "date": date.id, "invitation": invitation.id, "empty_unit": unit.id}
    numbers |= {"deputy": cast.deputy.id}
    await session.commit()

"""A membership that ends while its member writes: the write waits for the end, and then it is none."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from portal import clock
from portal.app import Portal
from portal.networks.models import Membership
from tests.authz.rows import ROWS, Row, filled
from tests.authz.world import World
from tests.written import written

WRITES = [row for row in ROWS if row.method == "POST" and row.writes]
LONG_ENOUGH = 0.4
MARKS = ("calendar_change",)  # which the end of a membership leaves, whatever its member writes


@pytest.mark.parametrize("row", WRITES, ids=str)
async def test_no_write_overtakes_the_end_of_a_membership(row: Row, world: World, running: Portal):
    member: Membership = getattr(world.cast, row.allowed[0])
    numbers = world.shared.numbers | {"theme": world.cast.themes[0].id}
    before = await written(world.sessions, besides=MARKS)
    async with running.sessions() as ending:
        await ending.execute(ended(member, on=clock.today() - timedelta(days=1)))
        writing = asyncio.create_task(
            world.browsers[row.allowed[0]].post(f"/granby{row.path}".format(**numbers), filled(row.data, numbers))
        )
        await asyncio.wait({writing}, timeout=LONG_ENOUGH)
        assert not writing.done()
        await ending.commit()
    answer = await writing
    async with running.sessions() as session:
        await session.execute(ended(member, on=None))
        await session.commit()
    assert answer.status_code == 404
    assert await written(world.sessions, besides=MARKS) == before


def ended(member: Membership, *, on: object):
    return update(Membership).where(col(Membership.id) == member.id).values(ends_on=on)

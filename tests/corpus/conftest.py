"""One world a module; what is refused leaves it as it was."""

from collections.abc import AsyncIterator

import pytest

from portal.app import Portal
from tests.authz.world import World, opened
from tests.conftest import empty


@pytest.fixture(scope="module")
async def world(running: Portal) -> AsyncIterator[World]:
    async with running.sessions() as session, opened(running, session) as world:
        yield world
    async with running.sessions() as session:
        await empty(session)

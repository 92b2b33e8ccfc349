"""One world a module, or a test: refused requests change nothing in it, and each row that is allowed has targets of its own."""

from collections.abc import AsyncIterator

import pytest

from portal.app import Portal
from tests.authz.kept import kept_world
from tests.authz.world import World


@pytest.fixture(scope="module")
async def world(running: Portal) -> AsyncIterator[World]:
    async with (await kept_world(running)).opened() as world:
        yield world


@pytest.fixture
async def own_world(running: Portal) -> AsyncIterator[World]:
    """A world for this test alone."""
    async with (await kept_world(running)).opened() as world:
        yield world

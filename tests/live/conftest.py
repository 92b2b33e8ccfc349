"""Real servers on loopback with uvloop, each in a thread of its own with its own hub and pool, on one real database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from portal.db import Sessions, engine_for, sessions_for
from tests.live.client import Client
from tests.live.history import History, make_tables
from tests.live.node import House, Node
from tests.postgres import Server

NUMBERS = count(1)


@pytest.fixture(scope="session")
def live_url(server: Server) -> str:
    url = server.create_database("live")
    asyncio.run(make_tables(url))
    return url


@pytest.fixture(scope="session")
async def live_sessions(live_url: str) -> AsyncIterator[Sessions]:
    engine = engine_for(live_url, pool=20)
    yield sessions_for(engine)
    await engine.dispose()


@pytest.fixture(scope="session")
def standing_house() -> House:
    return House()


@pytest.fixture(scope="session")
def standing_node(live_url: str, standing_house: House) -> Iterator[Node]:
    node = Node(live_url, standing_house)
    node.start()
    yield node
    node.stop()


@pytest.fixture
def house(standing_house: House) -> House:
    """Who may read what: person 1 is signed in with device 1, person 2 too, and both belong to `house.network`."""
    standing_house.reset(network=next(NUMBERS))
    return standing_house


@pytest.fixture
def history(live_sessions: Sessions, house: House) -> History:
    return History(live_sessions, house)


@pytest.fixture
def node(standing_node: Node, house: House) -> Iterator[Node]:
    """A server that stands through the whole run."""
    doors = dict(vars(standing_node.hub.doors))
    yield standing_node
    standing_node.replace_door(**doors)


@pytest.fixture
def open_node(live_url: str, house: House) -> Iterator[Callable[..., Node]]:
    """`open_node()`: one more process beside it."""
    nodes: list[Node] = []

    def opened(url: str = live_url, **given: Any) -> Node:
        nodes.append(Node(url, house, **given))
        nodes[-1].start()
        return nodes[-1]

    yield opened
    for each in nodes:
        each.stop()


@pytest.fixture
async def connect(node: Node) -> AsyncIterator[Callable[..., Awaitable[Client]]]:
    clients: list[Client] = []

    async def connected(to: Node = node, **given: Any) -> Client:
        clients.append(await Client.connect(to.port, **given))
        return clients[-1]

    yield connected
    for client in clients:
        client.cut()
    await node.rests()


@dataclass
class Apart:
    """A database of the test's own, to be broken."""

    name: str
    url: str
    history: History


@pytest.fixture
async def apart(server: Server, house: House) -> AsyncIterator[Apart]:
    name = f"live_{next(NUMBERS)}"
    await server.aexecute(f'CREATE DATABASE "{name}"')
    await make_tables(server.url(name))
    engine = engine_for(server.url(name))
    yield Apart(name, server.url(name), History(sessions_for(engine), house))
    await engine.dispose()

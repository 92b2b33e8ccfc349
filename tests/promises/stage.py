"""A network with writers, readers and threads, and portals that serve it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from litestar.types import ASGIApp
from sqlalchemy import select
from sqlmodel import col

from portal.accounts import actions as accounts
from portal.app import create_app
from portal.comments.models import Thread
from portal.config import Settings
from portal.db import Session
from portal.findings.actions import publish
from portal.findings.models import FindingForm
from portal.networks.access import Role
from portal.networks.models import Theme
from portal.web import Frame
from tests.factories import make_member, make_network, make_unit
from tests.promises.history import History
from tests.served import Served

SECRET = "promises-" + "0" * 32
NUMBER = re.compile(r'data-comment="(\d+)"')
MEMBERS, THREADS = 20, 5
NAMING = "till @Person3 Prövare"


@dataclass
class Stage:
    """Sign-in tokens of the members (the first coordinates), and record and stream of each thread; a guest who is not signed in."""

    tokens: list[str] = field(default_factory=list)
    memberships: list[int] = field(default_factory=list)
    records: list[int] = field(default_factory=list)
    streams: list[int] = field(default_factory=list)
    guest: int = 0


async def furnish(session: Session) -> Stage:
    stage = Stage()
    network = await make_network(session, slug="granby")
    unit = await make_unit(session, network, "Bildning")
    theme = Theme(network_id=network.id, name="Teknik", position=0)
    session.add(theme)
    await session.flush()
    for number in range(MEMBERS):
        role = Role.contact if number else Role.coordinator
        member = await make_member(session, network, f"Person{number} Prövare", role, unit=unit)
        visitor = accounts.Visitor(browser="promises", address="127.0.0.1", agent="promises")
        _device, token = await accounts.start(session, person=member.person, trusted=True, visitor=visitor)
        stage.tokens.append(token)
        stage.memberships.append(member.id)
        if not number:
            coordinator = member
    stage.guest = (await make_member(session, network, "Gäst Prövare", Role.guest)).id
    for number in range(THREADS):
        form = FindingForm(title=f"Tråd {number}", happens="Det prövas.", means="Vi vet mer.", themes=[theme.id])
        stage.records.append((await publish(session, by=coordinator, form=form)).record_id)
    rows = await session.execute(select(col(Thread.record_id), col(Thread.stream_id)).where(col(Thread.record_id).in_(stage.records)))
    streams = {row.record_id: row.stream_id for row in rows}
    stage.streams = [streams[record] for record in stage.records]
    return stage


class Standing(Served):
    """The whole portal in this process; `wrapped` may stand around it."""

    def __init__(self, url: str, data: Path, **given: Any) -> None:
        super().__init__(**given)
        settings = Settings(data=data, port=self.port, base_url=self.origin, secret=SECRET, limits=10**6)
        self.portal = create_app(settings, url)
        self.wrapped: ASGIApp = self.portal.asgi

    @property
    def lent(self) -> int:
        """How many of the pool's connections are in use."""
        return int(self.portal.sessions.kw["bind"].pool.checkedout())

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[ASGIApp]:
        yield self.wrapped


def token_of_forms(sid: str) -> str:
    return Frame(key=SECRET.encode(), secure=False).sign(f"csrf:{sid}")


def signed_in(sid: str, *, timeout: float = 20, **given: Any) -> httpx.AsyncClient:
    """A browser's requests. No certificates are read for it, which would take longer than they do."""
    return httpx.AsyncClient(cookies={"sid": sid}, verify=False, timeout=timeout, **given)


@dataclass
class Writer:
    """Posts as a browser does, and asks again with the same key until it has an answer (`forgets_key`: with a new one)."""

    sid: str
    history: History
    ports: list[int]
    forgets_key: bool = False
    refused: int = 0

    def __post_init__(self) -> None:
        self._client = signed_in(self.sid, headers={"X-Fragment": "1"})

    async def post(self, record: int, words: str, *, parent: int | None = None) -> int:
        """Returns the comment's number when the portal has acknowledged it."""
        self.history.attempted.add(words)
        form = {"key": str(uuid4()), "body": words, "parent_id": str(parent or "")}
        found = NUMBER.search((await self._insist(f"/records/{record}/comments", form, done=(201,))).text)
        assert found is not None
        self.history.acknowledged[words] = int(found[1])
        return int(found[1])

    async def edit(self, words: str, others: str) -> None:
        """Other words for a comment of hers that stands as she posted it."""
        self.history.attempted.add(others)
        number = self.history.acknowledged[words]
        await self._insist(f"/comments/{number}", {"once": str(uuid4()), "body": others, "version": "1"}, done=(303,))
        self.history.acknowledged[others] = self.history.acknowledged.pop(words)

    async def hide(self, number: int) -> None:
        """As the coordinator. Who asks again may be told that it is hidden already."""
        await self._insist(f"/comments/{number}/hiding", {"reason": "off_topic", "words": ""}, done=(303, 409))

    async def restore(self, number: int) -> None:
        await self._insist(f"/comments/{number}/restoration", {}, done=(303,))

    async def _insist(self, path: str, form: dict[str, str], *, done: tuple[int, ...]) -> httpx.Response:
        form |= {"csrf": token_of_forms(self.sid)}
        turn = 0
        while (answer := await self._ask(self.ports[turn % len(self.ports)], path, form)) is None:
            turn += 1
            self.refused += 1
            if self.forgets_key:
                form["key"] = str(uuid4())
            await asyncio.sleep(0.05)
        assert answer.status_code in done, answer.text
        return answer

    async def _ask(self, port: int, path: str, form: dict[str, str]) -> httpx.Response | None:
        try:
            answer = await self._client.post(f"http://127.0.0.1:{port}/granby{path}", data=form)
        except httpx.TransportError:
            return None
        return None if answer.status_code == 503 else answer

    async def converse(self, record: int, words: str) -> None:
        """A comment, which is one statement, and one that answers it and names somebody, which is a transaction."""
        said = await self.post(record, words)
        await self.post(record, f"{words} {NAMING}", parent=said)

    async def post_many(self, records: list[int], name: str, number: int) -> None:
        for each in range(number):
            await self.post(records[each % len(records)], f"{name} skriver {each}")

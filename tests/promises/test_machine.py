"""Whatever people do, in whatever order: a machine posts, repeats, edits, hides, leaves, comes back and restarts the portal."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, text
from sqlmodel import col

from portal.db import engine_for, sessions_for
from portal.live import access_changed
from portal.networks.models import Membership
from tests.postgres import Server
from tests.promises.history import History, judge
from tests.promises.reader import Reader, all_have
from tests.promises.stage import NUMBER, Stage, Standing, signed_in, token_of_forms

Result = TypeVar("Result")
WRITERS = (1, 2, 3)
STATE = text("SELECT id, body, version, hidden_at IS NOT NULL AS hidden FROM comment ORDER BY id")
HEADS = text("SELECT id, last_seq, (SELECT count(*) FROM live_event e WHERE e.stream_id = s.id) AS events FROM live_stream s WHERE last_seq > 0")


@dataclass
class Comment:
    """What the machine expects of one."""

    author: int
    body: str
    key: str
    version: int = 1
    hidden: bool = False


@dataclass
class House:
    """A portal that can be restarted on its port, a database to look into, and a loop of its own for both."""

    url: str
    stage: Stage
    data: Path
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def __post_init__(self) -> None:
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.engine = engine_for(self.url)
        self.sessions = sessions_for(self.engine)
        self.portal = Standing(self.url, self.data)
        self.portal.start()
        self.clients = [signed_in(sid, headers={"X-Fragment": "1"}) for sid in self.stage.tokens[:4]]
        self.turn = 0

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        done: Future[Result] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return done.result(60)

    def restart(self) -> None:
        self.portal.stop()
        self.portal = Standing(self.url, self.data, port=self.portal.port)
        self.portal.start()

    async def send(self, member: int, path: str, form: dict[str, str]) -> httpx.Response:
        sid = self.stage.tokens[member]
        return await self.clients[member].post(f"{self.portal.origin}/granby{path}", data={"csrf": token_of_forms(sid), **form})

    async def seat(self, member: int, *, lasts: bool) -> None:
        async with self.sessions() as session:
            found = (await session.scalars(select(Membership).where(col(Membership.id) == self.stage.memberships[member]))).one()
            found.ends_on = None if lasts else found.starts_on
            await access_changed(session, found.person_id)
            await session.commit()

    async def rows(self, statement: Any) -> list[Any]:
        async with self.sessions() as session:
            return list(await session.execute(statement))

    async def close(self) -> None:
        for client in self.clients:
            await client.aclose()
        await self.engine.dispose()


class Machine(RuleBasedStateMachine):
    house: House

    comments = Bundle("comments")
    readers = Bundle("readers")

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[int, Comment] = {}
        self.gone: set[int] = set()
        self.restarted = False
        self.arrivals = count()
        self.history = History()
        self.following: dict[str, tuple[Reader, asyncio.Future[None]]] = {}

    @initialize()
    def a_new_thread(self) -> None:
        self.house.turn += 1
        self.number = self.house.turn
        self.record = self.house.stage.records[0]
        self.house.do(self.house.rows(text("SELECT 1")))
        self.before = {row.id for row in self.house.do(self.house.rows(STATE))}
        self.begins = {row.id: row.last_seq for row in self.house.do(self.house.rows(HEADS))}

    @rule(target=comments, member=st.sampled_from(WRITERS))
    def post(self, member: int) -> int:
        words, key = f"{self.number}: {member} säger {len(self.known)}", str(uuid4())
        answer = self.house.do(self.house.send(member, f"/records/{self.record}/comments", {"body": words, "key": key}))
        if member in self.gone:
            assert answer.status_code == 404
            return 0
        found = NUMBER.search(answer.text)
        assert (answer.status_code, found is not None) == (201, True), answer.text
        assert found is not None
        number = int(found[1])
        self.known[number] = Comment(member, words, key)
        self.history.attempted.add(words)
        self.history.acknowledged[words] = number
        return number

    @rule(comment=comments, other=st.booleans())
    def repeat(self, comment: int, other: bool) -> None:
        if (known := self.known.get(comment)) is None or known.author in self.gone or known.version > 1:
            return
        form = {"body": known.body + (" och mer" if other else ""), "key": known.key}
        answer = self.house.do(self.house.send(known.author, f"/records/{self.record}/comments", form))
        assert answer.status_code == (409 if other else 201)
        if not other:
            assert f'data-comment="{comment}"' in answer.text

    @rule(comment=comments, member=st.sampled_from(WRITERS))
    def edit(self, comment: int, member: int) -> None:
        if (known := self.known.get(comment)) is None:
            return
        words = f"{known.body}, version {known.version + 1}"
        answer = self.house.do(self.house.send(member, f"/comments/{comment}", {"body": words, "version": str(known.version)}))
        if member in self.gone:
            assert answer.status_code == 404
        elif member != known.author or known.hidden:
            assert answer.status_code == 403
        else:
            assert answer.status_code == 303
            self.history.acknowledged.pop(known.body)
            known.body, known.version = words, known.version + 1
            self.history.attempted.add(words)
            self.history.acknowledged[words] = comment

    @rule(comment=comments)
    def hide(self, comment: int) -> None:
        if comment in self.known and not self.known[comment].hidden:
            answer = self.house.do(self.house.send(0, f"/comments/{comment}/hiding", {"reason": "off_topic", "words": ""}))
            assert answer.status_code == 303
            self.known[comment].hidden = True

    @rule(comment=comments)
    def restore(self, comment: int) -> None:
        if comment in self.known and self.known[comment].hidden:
            assert self.house.do(self.house.send(0, f"/comments/{comment}/restoration", {})).status_code == 303
            self.known[comment].hidden = False

    @rule(member=st.sampled_from(WRITERS))
    def leave(self, member: int) -> None:
        self.house.do(self.house.seat(member, lasts=False))
        self.gone.add(member)

    @rule(member=st.sampled_from(WRITERS))
    def come_back(self, member: int) -> None:
        self.house.do(self.house.seat(member, lasts=True))
        self.gone.discard(member)

    @rule(target=readers)
    def connect(self) -> str:
        stream = self.house.stage.streams[0]
        name = f"{self.number}: reader {next(self.arrivals)}"
        reader = Reader(name, self.house.stage.tokens[4], [self.house.portal.port], self.history, {stream: f"e1.{self.begins.get(stream, 0)}"})
        self._follow(reader)
        return name

    def _follow(self, reader: Reader) -> None:
        self.following[reader.name] = (reader, asyncio.run_coroutine_threadsafe(reader.follow(), self.house.loop))  # type: ignore[assignment]

    @rule(name=readers)
    def reconnect(self, name: str) -> None:
        reader, following = self.following[name]
        following.cancel()
        self._follow(reader)

    @rule(name=consumes(readers))
    def catch_up_and_go(self, name: str) -> None:
        self._has_all(self.following[name][0])
        self.following.pop(name)[1].cancel()
        self.history.began.pop((name, self.house.stage.streams[0]))

    @precondition(lambda self: not self.restarted)
    @rule()
    def restart(self) -> None:
        """Once in each example: it takes as long as forty other steps."""
        self.restarted = True
        self.house.restart()

    def _has_all(self, reader: Reader) -> None:
        heads = {row.id: row.last_seq for row in self.house.do(self.house.rows(HEADS))}
        assert self.house.do(all_have([reader], heads, within=20)), reader.name

    @invariant()
    def the_database_holds_what_was_acknowledged(self) -> None:
        rows = [row for row in self.house.do(self.house.rows(STATE)) if row.id not in self.before]
        expected = [(number, each.body, each.version, each.hidden) for number, each in sorted(self.known.items())]
        assert [tuple(row) for row in rows] == expected

    @invariant()
    def numbers_have_no_holes(self) -> None:
        assert all(row.last_seq == row.events for row in self.house.do(self.house.rows(HEADS)))

    def teardown(self) -> None:
        for reader, _following in self.following.values():
            self._has_all(reader)
        for _reader, following in self.following.values():
            following.cancel()
        for member in self.gone:
            self.house.do(self.house.seat(member, lasts=True))

        async def verdict() -> dict[str, int]:
            async with self.house.sessions() as session:
                return (await judge(session, self.history)).broken

        assert {name: count for name, count in self.house.do(verdict()).items() if name != "unexpected"} == {}


@pytest.fixture
def house(server: Server, furnished: tuple[str, Stage], tmp_path: Path) -> Any:
    house = House(server.create_database("machine", furnished[0]), furnished[1], tmp_path)
    yield house
    house.portal.stop()
    house.do(house.close())
    server.drop_database("machine")


@pytest.mark.timeout(300)
def test_the_machine_holds_whatever_is_done(house: House) -> None:
    class Here(Machine):
        pass

    Here.house = house
    chosen = settings(
        max_examples=20,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # a shorter way to a failure is not worth the minutes
    )
    run_state_machine_as_test(Here, settings=chosen)  # type: ignore[no-untyped-call]

"""What the machine acts on: a portal that can be restarted and restored, the people in it, and a look into its database."""

import asyncio
import json
import re
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import httpx
from sqlalchemy import select, text
from sqlmodel import col

from portal.accounts import actions as accounts
from portal.accounts.models import Person
from portal.commands import backups
from portal.config import Settings
from portal.db import engine_for, for_reading, sessions_for
from portal.ground import backup, keeper
from portal.live import access_changed
from portal.networks.access import Role
from portal.networks.models import Membership
from tests.promises.slow import TEXT, stalled
from tests.promises.stage import NUMBER, Stage, Standing, signed_in, token_of_forms

Result = TypeVar("Result")
SOCKETS = 4096  # bytes that a socket's buffer takes, so that who does not read is noticed soon
PEOPLE = 6
CLOSE = 8
CURSOR = re.compile(r'data-cursor="([^"]+)"')
HEADS = text(
    "SELECT id, last_seq, (SELECT count(*) FROM live_event e WHERE e.stream_id = s.id) AS events FROM live_stream s WHERE last_seq > 0"
)
STATE = text("SELECT id, body, version, hidden_at IS NOT NULL AS hidden FROM comment WHERE id > :before ORDER BY id")
FLOOD = text(
    """
    WITH head AS (UPDATE live_stream SET last_seq = last_seq + :number WHERE id = :stream RETURNING id, last_seq),
    events AS (
        INSERT INTO live_event (stream_id, seq, kind, ref, at)
        SELECT :stream, last_seq - :number + n, 'thread.unlocked', n, now() FROM head, generate_series(1, :number) AS n
    )
    SELECT pg_notify('portal_live', 'e:' || id) FROM head
    """
)


@dataclass
class House:
    """Everything is done on a loop of its own, in a thread, since the machine itself has none."""

    url: str
    stage: Stage
    data: Path
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def __post_init__(self) -> None:
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.stage = replace(self.stage, tokens=self.stage.tokens[:])
        self.engine = engine_for(self.url)
        self.sessions = sessions_for(self.engine)
        self.reads = for_reading(self.sessions)
        self.settings = Settings(data=self.data)
        keeper.prepare(self.settings)
        self.portal = Standing(self.url, self.data, send_buffer=SOCKETS)
        self.portal.start()
        self.clients = [signed_in(sid) for sid in self.stage.tokens[:PEOPLE]]
        self.turn = 0

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        done: Future[Result] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return done.result(60)

    def restart(self) -> None:
        self.portal.stop()
        self._begin()

    def _begin(self) -> None:
        self.portal = Standing(self.url, self.data, port=self.portal.port, send_buffer=SOCKETS)
        self.portal.start()

    def back_up(self) -> Path:
        """As `portal backup` does, while the portal serves."""
        target = self.data / f"backup-{self.turn}"
        self.do(backup.take(self.settings, self.url, target))
        return target

    def restore(self, source: Path) -> None:
        """As `portal restore` does; then everybody signs in again."""
        self.portal.stop()
        self.do(backup.put_back(self.settings, self.url, source, replace=True, renew=backups.renew))
        self.do(self._sign_in())
        self._begin()

    async def _sign_in(self) -> None:
        await self.engine.dispose()  # what it has prepared is about tables that are others now
        visitor = accounts.Visitor(browser="promises", address="127.0.0.1", agent="promises")
        async with self.sessions() as session:
            for member in range(PEOPLE):
                seat = await self._seat_of(session, member)
                person = await session.get_one(Person, seat.person_id)
                _device, self.stage.tokens[member] = await accounts.start(session, person=person, trusted=True, visitor=visitor)
                self.clients[member].cookies.set("sid", self.stage.tokens[member])
            await session.commit()

    async def _seat_of(self, session: Any, member: int) -> Membership:
        wanted = select(Membership).where(col(Membership.id) == self.stage.memberships[member])
        return (await session.scalars(wanted)).one()  # type: ignore[no-any-return]

    async def send(self, member: int, path: str, form: dict[str, str]) -> httpx.Response:
        fields = {"csrf": token_of_forms(self.stage.tokens[member]), **form}
        return await self.clients[member].post(f"{self.portal.origin}/granby{path}", data=fields, headers={"X-Fragment": "1"})

    async def page(self, member: int, record: int) -> tuple[str, list[int]]:
        """A page of the thread that she opens now: its cursor, and the numbers of the comments on it, the last ones of a long one."""
        page = await self.clients[member].get(f"{self.portal.origin}/granby/findings/{record}?end=1")
        assert page.status_code == 200
        found = CURSOR.search(page.text)
        assert found is not None
        return found[1], [int(number) for number in NUMBER.findall(page.text)]

    async def seat(self, member: int, role: Role | None) -> None:
        """Her role from now on; None ends her membership."""
        async with self.sessions() as session:
            seat = await self._seat_of(session, member)
            seat.ends_on = None if role else seat.starts_on
            seat.role = role or seat.role
            await access_changed(session, seat.person_id)
            await session.commit()

    async def stall(self, member: int, stream: int, cursor: str) -> tuple[int, list[int]]:
        """Somebody follows from there and does not read while very much happens: how she is sent away, and the numbers she had got."""
        slow = await stalled(self.portal.port, self.stage.tokens[member], {stream: cursor})
        for _ in range(16):
            async with self.sessions() as session:
                await session.execute(FLOOD, {"stream": stream, "number": 40})
                await session.commit()
            await asyncio.sleep(0.02)
        slow.writer.transport.resume_reading()  # type: ignore[attr-defined]
        got = []
        async with asyncio.timeout(20):
            while (frame := await slow.next())[0] != CLOSE:
                got += [json.loads(frame[1])["seq"]] if frame[0] == TEXT else []
        slow.cut()
        return int.from_bytes(frame[1][:2]), got

    async def state(self, before: int) -> tuple[list[Any], list[Any]]:
        """The comments with higher numbers than that, and every stream that has begun with how many events it holds."""
        async with self.reads() as session:
            return list(await session.execute(STATE, {"before": before})), list(await session.execute(HEADS))

    async def close(self) -> None:
        for client in self.clients:
            await client.aclose()
        await self.engine.dispose()

"""A server with a hub as the portal has it, and the rooms above it as a plain table of who may read what."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from litestar import Litestar, MediaType, get
from litestar.types import ASGIApp
from sqlalchemy import text

from portal.db import Session, engine_for, sessions_for
from portal.live import Doors, Edited, Happened, Hub, Viewer, live_route
from tests.served import Served

SCRIPT = Path(__file__).parents[2] / "static/js/live.js"


@dataclass
class House:
    """Cookies are who=PERSON; device=DEVICE; locale=LOCALE."""

    network: int = 1
    devices: set[int] = field(default_factory=set)
    readable: dict[int, set[int]] = field(default_factory=dict)
    silent: set[int] = field(default_factory=set)
    strangers: set[int] = field(default_factory=set)
    networks: dict[int, set[int]] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    unspeakable: set[int] = field(default_factory=set)
    renders: list[tuple[int, str]] = field(default_factory=list)

    def reset(self, *, network: int) -> None:
        self.__init__(network, {1, 2}, networks={1: {network}, 2: {network}})  # type: ignore[misc]

    def doors(self) -> Doors:
        return Doors(
            self._authenticate, self._may_read, self._networks, self._alive, self._render, self._may_write, self._may_name, lambda: None
        )

    async def _authenticate(self, session: Session, cookies: Mapping[str, str]) -> Viewer | None:
        await session.execute(text("SELECT 1"))
        device = int(cookies.get("device", "0"))
        return (
            Viewer(int(cookies.get("who", "0")), device, cookies.get("locale", "sv"), f"Person {cookies.get('who')}")
            if device in self.devices
            else None
        )

    async def _may_read(self, session: Session, viewer: Viewer, streams: Sequence[int]) -> set[int]:
        await session.execute(text("SELECT 1"))
        return set(streams) & self.readable.get(viewer.person_id, set())

    async def _may_write(self, session: Session, viewer: Viewer, streams: Sequence[int]) -> set[int]:
        """Whoever is not among the silent writes where she reads."""
        return set() if viewer.person_id in self.silent else await self._may_read(session, viewer, streams)

    async def _may_name(self, session: Session, viewer: Viewer, streams: Sequence[int]) -> set[int]:
        """Strangers learn no names."""
        return set() if viewer.person_id in self.strangers else await self._may_read(session, viewer, streams)

    async def _networks(self, session: Session, viewer: Viewer) -> set[int]:
        await session.execute(text("SELECT 1"))
        return set(self.networks.get(viewer.person_id, set()))

    async def _alive(self, session: Session, devices: Sequence[int]) -> set[int]:
        await session.execute(text("SELECT 1"))
        return set(devices) & self.devices

    async def _render(self, session: Session, stream: int, events: Sequence[Happened], locale: str) -> list[dict[str, Any] | None]:
        await session.execute(text("SELECT 1"))
        self.renders.append((len(events), locale))
        return [self._part(event, locale) for event in events]

    def _part(self, event: Happened, locale: str) -> dict[str, Any] | None:
        if event.ref in self.unspeakable:
            raise ValueError("this comment breaks its template")
        if event.kind == "silent":
            return None
        return {"html": f"{locale}: {self.texts.get(event.ref, str(event.ref))}"}


@get("/page", media_type=MediaType.HTML, sync_to_thread=False)
def page(network: int | None = None) -> str:
    """A page with nothing on it but the socket; `live` is put within a test's reach."""
    of_network = f' data-network="{network}"' if network else ""
    loading = 'import { live } from "/live.js"; window.live = live;'
    return f'<!doctype html><body data-live="/live"{of_network}><script type="module">{loading}</script>'


@get("/live.js", media_type="text/javascript", sync_to_thread=False)
def script() -> str:
    return SCRIPT.read_text()


class Bookless:
    """A house in which nobody writes together."""

    async def edit(self, edited: Edited) -> None:
        edited.refused("no_text")

    def writes_as(self, stream_id: int, client: int) -> None:
        pass

    def expect(self, stream_id: int) -> None:
        pass

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def stop(self) -> None:
        pass


class Node(Served):
    """A hub of its own on the database."""

    def __init__(self, database_url: str, house: House, *, poll: float = 5.0, **served: Any) -> None:
        super().__init__(**served)
        self.database_url = database_url
        self.house = house
        self.poll = poll

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[ASGIApp]:
        engine = engine_for(self.database_url)
        self.hub = Hub(self.database_url, sessions_for(engine), self.house.doors(), Bookless(), poll=self.poll)
        await self.hub.start()
        yield Litestar([live_route(self.hub, self.origin), page, script], openapi_config=None, logging_config=None)
        await self.hub.stop()
        await engine.dispose()

    def replace_door(self, **doors: Any) -> None:
        """Give the hub other functions than the house's, as an app would that is slow or broken."""
        for name, function in doors.items():
            object.__setattr__(self.hub.doors, name, function)

    async def hears(self) -> None:
        """Wait until its bell can ring: what it looks at when it begins to hear is behind it then."""
        async with asyncio.timeout(10):
            while not self.hub._bell.is_hearing:
                await asyncio.sleep(0.01)

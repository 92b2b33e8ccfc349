"""create_app(settings): the one place where rooms, dependencies and error pages meet."""

import asyncio
import logging
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, get
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.router import Router
from litestar.static_files import create_static_files_router
from litestar.types import ASGIApp
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal import jobs, rooms
from portal.accounts import actions as accounts
from portal.accounts.queries import demo_mark, former_person_id
from portal.calendar.unchanged import Unchanged
from portal.config import Settings
from portal.db import Sessions, engine_for, sessions_for, unit_of_work
from portal.files import actions as files
from portal.files import words as file_words
from portal.home import weekly
from portal.live import Hub, live_route
from portal.mail import mailbox
from portal.meetings import reminders, summons
from portal.networks.arrival import provide_membership, provide_person
from portal.notifications import actions as notifications
from portal.sources.calendars import refreshing
from portal.web import Frame, Unavailable, once
from portal.web.csrf import same_site
from portal.web.guard import Guard
from portal.web.refusals import handle
from portal.web.templates import DIST
from portal.web.work import UnitOfWork, provide_session

LARGEST_FORM = 1024 * 1024
SWEPT_EVERY = 1800.0
BREATH = 1.0

log = logging.getLogger("portal")


@dataclass
class Portal:
    """A portal ready to serve: the ASGI application and what it holds."""

    asgi: ASGIApp
    litestar: Litestar
    sessions: Sessions
    hub: Hub


def create_app(settings: Settings, database_url: str) -> Portal:
    """The portal on `database_url` (postgresql+asyncpg://…). Nothing is connected before its lifespan starts."""
    engine = engine_for(database_url, pool=settings.pool)
    sessions = sessions_for(engine, limits=settings.limits)
    frame = Frame(key=signing_key(settings), secure=settings.secure, places=rooms.places)
    hub = rooms.hub(database_url, sessions, frame)
    rooms.worker(database_url, settings, sessions, frame)  # refuses a mail server that cannot be used, before anything starts

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with unit_of_work(sessions) as session:
            marked = await demo_mark(session) is not None
        frame.demo = marked and settings.secret is None and settings.on_loopback
        # The demo's people are invented, so their mail stays in the data folder whatever is set.
        worker = rooms.worker(database_url, replace(settings, smtp_url=None, imap_url=None) if marked else settings, sessions, frame)
        await hub.start()
        reads = settings.imap_url is not None and not marked
        beside = asyncio.create_task(
            _work(worker, partial(sweep_now_and_then, sessions, settings.file_folder, reads=reads)), name="sweeping"
        )
        try:
            yield
        finally:
            beside.cancel()
            await asyncio.wait({beside})
            await worker.stop()
            await hub.stop()
            await engine.dispose()

    litestar = Litestar(
        route_handlers=[*rooms.ROUTERS, live_route(hub, settings.origin), live_health, ready_health, built_files()],
        dependencies={
            "session": Provide(provide_session),
            "person": Provide(provide_person),
            "membership": Provide(provide_membership),
        },
        before_request=same_site,
        exception_handlers={Exception: handle},
        lifespan=[lifespan],
        openapi_config=None,
        request_max_body_size=LARGEST_FORM,
        logging_config=None,
    )
    litestar.state.update(
        {"frame": frame, "settings": settings, "sessions": sessions, "keep": keeper(sessions, frame), "origin": settings.origin}
    )
    asgi = Unchanged(UnitOfWork(litestar, sessions), sessions, address=settings.address)
    return Portal(Guard(asgi, hosts=settings.hosts, secure=settings.secure), litestar, sessions, hub)


async def _work(worker: jobs.Worker, sweep: Callable[[], Awaitable[None]]) -> None:
    """What nobody waits for leaves the first moment to those who wait for a page."""
    await asyncio.sleep(BREATH)
    await worker.start()
    await sweep()


async def sweep_now_and_then(sessions: Sessions, store: Path, *, reads: bool) -> None:
    """Forget what is kept for a while only: tries, codes, ended sign-ins, forms that came too late or were sent, files that nobody posted,
    who was told what. See that newcomers are summoned to the meetings that are ahead, that those who may not know of them any more have
    them out of their calendars, and that files are read for search, and that the next weekly letter, reminders of meetings, the next
    reading of foreign calendars and the next look into the mailbox that the portal `reads` are planned."""
    while True:
        try:
            async with unit_of_work(sessions) as session:
                await accounts.sweep(session)
                await files.sweep(session, store)
                await file_words.plan(session)
                await once.sweep(session)
                await notifications.sweep(session)
                await weekly.plan(session)
                await summons.tell_newcomers(session)
                await summons.tell_departed(session)
                await reminders.plan(session)
                await refreshing.plan(session)
                if reads:
                    await mailbox.plan(session)
        except (DBAPIError, TimeoutError, *jobs.LOST) as failure:
            log.warning("sweeping waits for the database: %s", type(failure).__name__)
        await asyncio.sleep(SWEPT_EVERY)


def signing_key(settings: Settings) -> bytes:
    """PORTAL_SECRET, or for the demo a key of its own that stays in the data folder."""
    if settings.secret:
        return settings.secret.encode()
    kept = settings.data / "key"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        drawn = kept.with_name(f"key.{secrets.token_hex(4)}")
        drawn.touch(mode=0o600)
        drawn.write_text(secrets.token_urlsafe(32))
        with suppress(FileExistsError):
            os.link(drawn, kept)  # of processes that start together one is first, and all have its key
        drawn.unlink()
    return kept.read_bytes()


def keeper(sessions: Sessions, frame: Frame) -> Callable[[Request[Any, Any, Any], dict[str, list[str]]], Awaitable[int | None]]:
    """How a form that came after its sign-in had ended is kept for its writer."""

    async def keep(request: Request[Any, Any, Any], fields: dict[str, list[str]]) -> int | None:
        token = request.cookies.get(frame.cookie("sid"), "")
        async with unit_of_work(sessions) as session:
            person_id = await former_person_id(session, token) if token else None
            if person_id is None:
                return None
            return await accounts.keep_form(session, person_id=person_id, path=request.url.path, fields=fields)

    return keep


@get("/health/live", sync_to_thread=False)
def live_health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/health/ready")
async def ready_health(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The process and its database answer."""
    try:
        async with request.app.state.sessions() as session:
            await session.execute(text("SELECT 1"))
    except Exception as failure:
        raise Unavailable from failure
    return {"status": "ok"}


def built_files() -> HTTPRouteHandler | Router:
    """What the front-end build made; addresses carry a hash, so browsers keep them for good."""
    DIST.mkdir(parents=True, exist_ok=True)
    return create_static_files_router(
        "/static", directories=[DIST], cache_control=CacheControlHeader(max_age=31536000, public=True, immutable=True)
    )

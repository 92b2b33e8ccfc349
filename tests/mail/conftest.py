"""A database with the tables of jobs and mail alone, a real worker, and a real SMTP server on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from portal import mail
from portal.config import Settings
from portal.db import Sessions, engine_for, sessions_for
from portal.jobs import Handler, Worker
from portal.queueing import schema_sql
from tests.mail.post_office import PostOffice
from tests.postgres import Server


@pytest.fixture(scope="session")
def database(server: Server) -> Iterator[str]:
    yield server.create_database("mail")
    server.drop_database("mail")


@pytest.fixture(scope="session")
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    engine = engine_for(database)
    async with engine.begin() as connection:
        await connection.run_sync(mail.MailOut.__table__.create)  # type: ignore[attr-defined]
        for statement in schema_sql():
            await connection.execute(text(statement))
    yield engine
    await engine.dispose()


@pytest.fixture
async def sessions(engine: AsyncEngine) -> AsyncIterator[Sessions]:
    yield sessions_for(engine)
    async with engine.begin() as connection:
        await connection.execute(text("TRUNCATE mail_out, pgqueuer, pgqueuer_log"))


@pytest.fixture
async def start(database: str, sessions: Sessions) -> AsyncIterator[Callable[..., Awaitable[Worker]]]:
    """`await start(handlers)`: a worker that tries three times, at short intervals."""
    started: list[Worker] = []

    async def start_worker(handlers: dict[str, Handler], poll: timedelta = timedelta(milliseconds=200), **given: Any) -> Worker:
        worker = Worker(database, handlers, **given, tries=3, pause=timedelta(milliseconds=50), poll=poll)
        started.append(worker)
        await worker.start()
        return worker

    yield start_worker
    await asyncio.gather(*(worker.stop() for worker in started))


@pytest.fixture
async def post_office() -> AsyncIterator[PostOffice]:
    office = PostOffice()
    await office.open()
    yield office
    await office.close()


@pytest.fixture
def settings(tmp_path: Path, post_office: PostOffice) -> Settings:
    return Settings(data=tmp_path, smtp_url=post_office.url, mail_from="Portalen i Älvsby <portal@granby.example>")


@pytest.fixture
def without_smtp(settings: Settings) -> Settings:
    return replace(settings, smtp_url=None)


@pytest.fixture
async def mailer(start: Callable[..., Awaitable[Worker]], settings: Settings, sessions: Sessions) -> Worker:
    """A worker that sends mail to the post office."""
    return await start(mail.handlers(settings, sessions))


@pytest.fixture
def rows(engine: AsyncEngine) -> Callable[[str], Awaitable[list[Any]]]:
    """`await rows("SELECT …")`, as another visitor of the database sees it."""

    async def fetch(statement: str) -> list[Any]:
        async with engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(text(statement))]

    return fetch

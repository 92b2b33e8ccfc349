"""The day goes on after a restore: people sign in again, read what was written and write on."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from portal import mail, notifications
from portal.app import create_app
from portal.commands import backups
from portal.config import Misconfigured, Settings
from portal.db import Session
from portal.ground import backup, keeper
from portal.networks.models import Membership
from portal.notifications.queries import undelivered
from portal.notifications.words import RESTORED, why
from tests.browser import Browser
from tests.conftest import BASE_URL
from tests.factories import Cast
from tests.making import make_finding, make_meeting
from tests.postgres import Server


async def code_in(folder: Path) -> str:
    for _moment in range(400):
        for each in mail.kept(folder):
            return re.sub(r"\D", "", each.text.splitlines()[0])
        await asyncio.sleep(0.025)
    raise AssertionError("no mail came")


async def test_people_sign_in_read_and_write_on_in_a_restored_portal(
    session: Session, cast: Cast, browser: Callable[[Membership], Awaitable[Browser]], database_url: str, server: Server, tmp_path: Path
) -> None:
    record = await make_finding(session, cast.contact)
    await session.commit()
    maja = await browser(cast.contact)
    posted = await maja.post(f"/granby/records/{record.id}/comments", {"body": "Skrivet förut.", "key": str(uuid4())})
    assert posted.status_code == 303
    before = Settings(data=tmp_path / "before", base_url=BASE_URL)
    after = Settings(data=tmp_path / "after", base_url=BASE_URL)
    keeper.prepare(before)
    keeper.prepare(after)
    await backup.take(before, database_url, tmp_path / "backup")
    await server.aexecute("CREATE DATABASE restored")
    await backup.put_back(after, server.url("restored"), tmp_path / "backup", replace=False, renew=backups.renew)

    portal = create_app(after, server.url("restored"))
    async with portal.litestar.lifespan(), httpx.AsyncClient(transport=httpx.ASGITransport(portal.asgi), base_url=BASE_URL) as client:
        client.cookies.set("sid", maja.client.cookies["sid"], domain="127.0.0.1")
        again = Browser(client, portal)
        thread = f"/granby{record.path}"
        assert (await again.get(thread)).headers["location"].startswith("/sign-in")
        await again.post("/sign-in/code-request", {"email": cast.contact.person.email})
        assert (await again.post("/sign-in/code", {"code": await code_in(after.mail_folder)})).status_code == 303
        assert "Skrivet förut." in (await again.get(thread)).text
        assert (
            await again.post(f"/granby/records/{record.id}/comments", {"body": "Skrivet efteråt.", "key": str(uuid4())})
        ).status_code == 303
        shown = (await again.get(thread)).text
        assert shown.index("Skrivet förut.") < shown.index("Skrivet efteråt.")
    assert "Skrivet efteråt." not in (await maja.get(thread)).text


async def test_what_was_on_its_way_is_not_sent_a_second_time(
    session: Session, cast: Cast, database_url: str, server: Server, tmp_path: Path
) -> None:
    meeting = await make_meeting(session, cast.coordinator)
    told = [cast.contact.person_id, cast.reader.person_id]
    given = {"people": told, "network_id": cast.network.id, "record": meeting.record, "by": cast.coordinator.person_id}
    await notifications.tell(session, "meeting.summoned", event="summons", **given)
    await session.execute(text("UPDATE pgqueuer SET execute_after = now() + interval '1 hour'"))  # it waits while the backup is taken
    await session.commit()
    settings = Settings(data=tmp_path, base_url=BASE_URL)
    keeper.prepare(settings)
    await backup.take(settings, database_url, tmp_path / "backup")
    await server.aexecute("CREATE DATABASE restored_mail")
    url = server.url("restored_mail")
    await backup.put_back(settings, url, tmp_path / "backup", replace=False, renew=backups.renew)
    assert await count(url, "SELECT count(*) FROM pgqueuer") == 0
    assert await count(url, f"SELECT count(*) FROM mail_out WHERE state = 'unknown' AND error = '{RESTORED}'") == len(told)
    async with create_app(settings, url).sessions() as restored:
        found = await undelivered(restored, cast.network.id)
        assert ["återställdes" in why(each) for each in found] == [True, True]


async def test_a_portal_that_serves_is_not_restored_under_its_feet(
    session: Session, cast: Cast, database_url: str, server: Server, template: str, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, base_url=BASE_URL)
    keeper.prepare(settings)
    await backup.take(settings, database_url, tmp_path / "backup")
    await asyncio.to_thread(server.create_database, "served", template)
    url = server.url("served")
    portal = create_app(settings, url)
    async with portal.litestar.lifespan():
        await until_it_listens(url)
        with pytest.raises(Misconfigured, match="A portal serves this database"):
            await backup.put_back(settings, url, tmp_path / "backup", replace=True, renew=backups.renew)
        assert await count(url) == 0
    taken = await backup.put_back(settings, url, tmp_path / "backup", replace=True, renew=backups.renew)
    assert taken.rows > 0
    assert await count(url) == len(cast.everyone)


async def until_it_listens(url: str) -> None:
    listening = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted AND database = "
    for _moment in range(400):
        if await count(url, f"{listening} (SELECT oid FROM pg_database WHERE datname = current_database())"):
            return
        await asyncio.sleep(0.025)
    raise AssertionError("the portal does not listen")


async def count(url: str, question: str = "SELECT count(*) FROM person") -> int:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        found: int = await connection.scalar(text(question)) or 0
    await engine.dispose()
    return found

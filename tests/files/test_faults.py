"""An upload is all or nothing: lines are cut, the disk is full, and no row is ever without its bytes. (The portal is killed in
tests/promises/test_uploads.py.)"""

import asyncio
import errno
import os
import re
import resource
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from portal.db import Session
from portal.files import actions
from portal.files import store as file_store
from tests.browser import Browser
from tests.factories import Cast
from tests.files.conftest import address, attach, kept, rows
from tests.files.made import PDF, noise, picture
from tests.ground.conftest import temporary_folder
from tests.journeys.house import House
from tests.making import make_finding
from tests.postgres import Server


def form(content: bytes, name: str = "svar.pdf") -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n'
    return head.encode() + content + b"\r\n--x--\r\n"


async def send(browser: Browser, path: str, body: bytes) -> httpx.Response:
    headers = {"x-csrf-token": browser.csrf, "content-type": "multipart/form-data; boundary=x", "x-fragment": "1"}
    return await browser.client.post(path, content=body, headers=headers)


async def test_u01_a_form_that_ends_anywhere_leaves_nothing(cast: Cast, session: Session, browser, store):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    path, body = f"/granby/records/{record.id}/files", form(PDF)
    for end in range(0, len(body) - 5, 3):
        answer = await send(maja, path, body[:end])
        assert (end, answer.status_code) in ((end, 400), (end, 422)), answer.text
        assert (end, kept(store)) == (end, [])
        await session.execute(text("DELETE FROM attempt"))
        await session.commit()
    assert await rows(session) == []
    assert (await send(maja, path, body)).status_code == 201


async def test_u16_a_full_disk_is_said_and_nothing_is_half_stored(cast: Cast, session: Session, browser, store):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for size in (1, 70_000, 200_000, 399_000):
        content = b"%PDF-1.7\n" + os.urandom(400_000) + b"\n%%EOF"
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))  # as a disk with so much left
        try:
            answer = await send(maja, f"/granby/records/{record.id}/files", form(content))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert (answer.status_code, "Servern har ont om utrymme just nu" in answer.text) == (507, True)
        assert kept(store) == []
    assert await rows(session) == []
    assert (await attach(maja, record)).status_code == 201


async def test_u16_no_room_in_the_store_itself_is_said_too(cast: Cast, session: Session, browser, store, monkeypatch):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)

    def full(_source: Path, _target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(file_store, "put", full)
    answer = await attach(maja, record)
    assert (answer.status_code, await rows(session), kept(store)) == (507, [], [])


async def test_u01_bytes_without_a_row_are_swept_and_bytes_with_one_never(cast: Cast, session: Session, browser, store):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    await attach(maja, record, "karta.png", picture())
    [file] = await rows(session)
    orphan = store / "ab" / ("ab" * 32)
    cut_off = store / file_store.INCOMING / "tmpabc"
    orphan.parent.mkdir(exist_ok=True)
    for path in (orphan, orphan.with_name(f"{orphan.name}.small"), cut_off):
        path.write_bytes(b"nobody's")
    await actions.sweep(session, store)
    assert len(kept(store)) == 5  # what has just come may still be on its way
    for path in [each for each in store.rglob("*") if each.is_file()]:
        os.utime(path, (time.time() - 3600,) * 2)
    await actions.sweep(session, store)
    await session.commit()
    assert kept(store) == sorted(f"{file.sha256[:2]}/{file.sha256}{tail}" for tail in ("", ".small"))


async def test_the_sweeper_and_an_upload_of_the_same_bytes_wait_for_each_other(cast: Cast, session: Session, portal, browser, store):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    await attach(maja, record)
    [file] = await rows(session)
    await maja.post(f"/granby/files/{file.id}/removal")
    os.utime(file_store.place(store, file.sha256), (0, 0))
    await actions.sweep(session, store)  # has looked, has removed, has not committed
    again = asyncio.create_task(attach(maja, record))
    await asyncio.sleep(1)
    assert not again.done()
    await session.commit()
    assert (await again).status_code == 201
    [file] = await rows(session)
    assert (await maja.get(address(file))).content == PDF


async def test_rights_that_end_during_a_slow_upload_end_it(cast: Cast, session: Session, browser, store):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    body = form(PDF)

    async def slowly():
        yield body[:80]
        await session.execute(text("UPDATE membership SET ends_on = starts_on WHERE id = :id"), {"id": cast.contact.id})
        await session.commit()
        yield body[80:]

    headers = {"x-csrf-token": maja.csrf, "content-type": "multipart/form-data; boundary=x"}
    answer = await maja.client.post(f"/granby/records/{record.id}/files", content=slowly(), headers=headers)
    assert (answer.status_code, await rows(session), kept(store)) == (404, [], [])


async def test_a_slow_upload_holds_no_connection(cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    body, waiting = form(PDF), []

    async def slowly():
        yield body[:80]
        open_ones = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction' AND pid <> pg_backend_pid()"
        waiting.append(await session.scalar(text(open_ones)))
        yield body[80:]

    headers = {"x-csrf-token": maja.csrf, "content-type": "multipart/form-data; boundary=x", "x-fragment": "1"}
    answer = await maja.client.post(f"/granby/records/{record.id}/files", content=slowly(), headers=headers)
    assert (answer.status_code, waiting) == (201, [0])


@pytest.fixture(scope="module")
def house(server: Server) -> Iterator[House]:
    folder = temporary_folder()
    house = House(folder, database_url=server.create_database("house-of-files"))
    house.run("demo")
    server.execute("DELETE FROM attachment", database="house-of-files")
    shutil.rmtree(folder / "files")
    house.start()
    yield house
    house.stop()
    server.drop_database("house-of-files")
    shutil.rmtree(folder)


def cut(house: House, path: str, headers: dict[str, str], body: bytes, end: int) -> None:
    """Send so much of the request and hang up."""
    told = {**headers, "Host": f"127.0.0.1:{house.port}", "Content-Length": str(len(body))}
    head = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in told.items()) + "\r\n"
    with socket.create_connection(("127.0.0.1", house.port)) as line:
        line.sendall(head.encode() + body[:end])
        time.sleep(0.02)


async def signed_in(client: httpx.AsyncClient) -> tuple[str, dict[str, str]]:
    """As Maja: where files are attached to a finding, and the headers that carry her sign-in."""
    page = (await client.get("/sign-in")).text
    person = page.split("<b>Maja Lindqvist")[0].rsplit('name="person" value="', 1)[1].split('"')[0]
    await client.post("/demo/sign-in", data={"csrf": csrf_in(page), "person": person})
    number = re.findall(r"/grankoping/findings/(\d+)", (await client.get("/grankoping/findings")).text)[0]
    token = csrf_in((await client.get(f"/grankoping/findings/{number}")).text)
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    headers = {"Cookie": cookies, "X-CSRF-Token": token, "Content-Type": "multipart/form-data; boundary=x", "X-Fragment": "1"}
    return f"/grankoping/records/{number}/files", headers


def csrf_in(page: str) -> str:
    return page.split('name="csrf" value="')[1].split('"')[0]


async def attachments(server: Server) -> int:
    engine = create_async_engine(server.url("house-of-files"), poolclass=NullPool)
    async with engine.connect() as connection:
        count = await connection.scalar(text("SELECT count(*) FROM attachment"))
    await engine.dispose()
    return count or 0


@pytest.mark.timeout(300)
async def test_a_line_cut_at_any_byte_leaves_no_row_and_no_bytes(house: House, server: Server):
    async with httpx.AsyncClient(base_url=house.address, timeout=30) as client:
        path, headers = await signed_in(client)
        body = form(noise(), "brus.png")
        for end in range(100, len(body), len(body) // 30):
            await asyncio.to_thread(cut, house, path, headers, body, end)
        await settled(house)
        assert (await attachments(server), kept(house.data / "files")) == (0, [])
        answer = await client.post(path, content=body, headers=headers)
        assert (answer.status_code, await attachments(server), len(kept(house.data / "files"))) == (201, 1, 2)
        number = answer.text.split('data-file="')[1].split('"')[0]
        assert (await client.post(f"/grankoping/files/{number}/removal", data={"csrf": headers["X-CSRF-Token"]})).status_code == 303
    assert house.errors() == []


async def settled(house: House) -> None:
    """Returns when the portal has noticed that nobody sends any more: it has read every line that was cut to its end, and for a
    second on end nothing lies in its store. At a single look a request whose bytes it has not begun to read would not be seen."""
    async with asyncio.timeout(60):
        quiet = 0
        while quiet < 10:
            await asyncio.sleep(0.1)
            quiet = 0 if cut_lines(house) or kept(house.data / "files") else quiet + 1


def cut_lines(house: House) -> int:
    """How many lines to the portal the other end has closed and the portal has not, those included that it has not taken up yet."""
    lines = [each for each in psutil.net_connections("tcp4") if each.laddr and each.laddr.port == int(house.port)]
    return sum(each.status == psutil.CONN_CLOSE_WAIT for each in lines)

"""Attaching files as a browser does, and what is left in the store afterwards."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from portal.config import Settings
from portal.db import Session
from portal.files.models import Attachment
from portal.records.models import Record
from tests.browser import Browser
from tests.files.made import PDF


@pytest.fixture
def store(settings: Settings) -> Path:
    return settings.file_folder


@pytest.fixture(autouse=True)
async def empty_store(store: Path) -> AsyncIterator[None]:
    _empty(store)
    yield
    _empty(store)


def _empty(store: Path) -> None:
    for path in [each for each in store.rglob("*") if each.is_file()]:
        path.unlink()


async def attach(
    browser: Browser, record: Record, name: str = "svar.pdf", content: bytes = PDF, *, network: str = "granby", **headers: str
) -> httpx.Response:
    """Upload one file as the composer does."""
    return await browser.client.post(
        f"/{network}/records/{record.id}/files",
        files={"file": (name, content)},
        headers={"x-csrf-token": browser.csrf, "x-fragment": "1", **headers},
    )


async def say(browser: Browser, record: Record, body: str, **given: object) -> httpx.Response:
    return await browser.post(f"/granby/records/{record.id}/comments", {"body": body, "key": str(uuid4()), **given})


async def rows(session: Session) -> list[Attachment]:
    return list((await session.scalars(select(Attachment).order_by(Attachment.id).execution_options(populate_existing=True))).all())


def kept(store: Path) -> list[str]:
    """The files in the store, those on their way in included."""
    return sorted(str(path.relative_to(store)) for path in store.rglob("*") if path.is_file())


def address(file: Attachment, tail: str | None = None) -> str:
    return f"/granby/files/{file.id}/{tail or file.name}"

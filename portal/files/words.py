"""The words of files, for search: read after the upload, one file at a time, so that no upload waits and no mail does."""

import json
import logging
import re
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from portal import clock, confined, jobs
from portal.characters import cleaned, searchable
from portal.db import Session, Sessions, unit_of_work
from portal.files import store
from portal.files.models import Attachment
from portal.records import passages

JOB = "files.read"
READER = Path(__file__).parent / "reader.py"
WITHIN = 20.0
AT_ONE_TIME = 1000
LATER = -1  # priority: what has lain unread may wait for what has just come
SEPARATORS = re.compile(r"[\W_]+")

log = logging.getLogger("portal.files")


async def make_findable(session: Session, file: Attachment, words: str) -> None:
    """By its name, and by what it says or what is said of it."""
    also = SEPARATORS.sub(" ", file.name)
    await passages.keep(session, file.record_id, "attachment_id", file.id, heading=file.name, also=also, words=words, at=file.created_at)


async def ask(session: Session, file: Attachment) -> None:
    """Have the file's words read once the transaction has committed."""
    await jobs.enqueue(session, JOB, {"file": file.id}, key=_key(file.id))


async def plan(session: Session) -> None:
    """Have the files read that nobody has read yet, the oldest first: those from before there was a reader, and any that were missed.
    What was tried to the end in vain waits until that is forgotten: else it would be tried for ever."""
    in_vain = [int(key.removeprefix(_key(""))) for key in await jobs.given_up(session, JOB)]
    unread = select(col(Attachment.id)).where(col(Attachment.read_at).is_(None), col(Attachment.id).not_in(in_vain))
    unread = unread.order_by(col(Attachment.id)).limit(AT_ONE_TIME)
    found = (await session.scalars(unread)).all()
    await jobs.enqueue_all(session, JOB, [{"file": each} for each in found], keys=[_key(each) for each in found], priority=LATER)


async def read(sessions: Sessions, folder: Path, payload: dict[str, Any]) -> None:
    """The job. A file that is gone or has been read is left alone, one that says nothing counts as read."""
    async with unit_of_work(sessions) as session:
        file = await session.get(Attachment, payload["file"])
    if file is None or file.read_at is not None:
        return
    words = await said(store.place(folder, file.sha256), file.kind)
    async with unit_of_work(sessions) as session:
        found = await session.get(Attachment, file.id, with_for_update=True)
        if found is not None and found.read_at is None:
            await make_findable(session, found, words)
            found.read_at = clock.now()


async def said(path: Path, kind: str) -> str:
    """What the document says; nothing where that takes too much, or it cannot be read."""
    status, told = await confined.run([sys.executable, "-I", str(READER), str(path), kind], within=WITHIN)
    if status in confined.FROM_OUTSIDE:
        raise jobs.TemporaryError(f"the reader of files was stopped from outside: {status}")
    try:
        return cleaned(searchable(str(json.loads(told))))
    except ValueError:
        log.info("the words of a file of kind %s could not be read: %s", kind, status)
        return ""


def _key(file_id: int | str) -> str:
    return f"{JOB}:{file_id}"

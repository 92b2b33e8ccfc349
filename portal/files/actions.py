"""Every write of attachments: keep, describe, post, remove, sweep."""

import asyncio
import errno
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, select, text
from sqlmodel import col

from portal import clock
from portal.accounts import limits
from portal.activity import actions as activity
from portal.db import Session
from portal.files import queries, store, words
from portal.files.inspection import TRY_LATER, Inspected
from portal.files.models import MOST, Attachment, Chosen
from portal.networks.models import Membership
from portal.networks.queries import authorise, hold
from portal.networks.wrong import Wrong
from portal.records import queries as records
from portal.records.models import Record
from portal.web import Forbidden, NotFound, Refused, _, _l
from portal.web.errors import TooMany

HOUR, DAY = 3600, 86_400
MOST_AN_HOUR = 100
MEGABYTES_A_DAY = 500
MOST_WAITING = 20
KEPT_UNPOSTED = timedelta(days=1)
GONE = _l("En av filerna finns inte kvar. Ta bort den och lägg till den igen.")
FULL_DAY = _l("Du har bifogat 500 MB det senaste dygnet, och mer går inte. Försök igen i morgon.")


async def begin(session: Session, record: Record, *, by: Membership) -> None:
    """Ask before the bytes come. The try is counted for good, and the connection given back: a slow line must not hold it."""
    await authorise(session, by, "file:attach")
    await limits.count(session, f"upload:{by.person_id}", most=MOST_AN_HOUR, seconds=HOUR)
    await _room_for(session, record, by=by, size=0)
    await session.commit()


async def _room_for(session: Session, record: Record, *, by: Membership, size: int) -> None:
    if len(await queries.waiting(session, by, record)) >= MOST:
        raise Refused(_enough(MOST), status=413)
    if await queries.waiting_everywhere(session, by) >= MOST_WAITING:
        raise Refused(_enough(MOST_WAITING), status=413)
    bucket = f"upload-megabytes:{by.person_id}"
    try:
        if size:
            await limits.count(session, bucket, most=MEGABYTES_A_DAY, seconds=DAY, weight=1 + size // 1_000_000)
        else:
            await limits.check(session, bucket, most=MEGABYTES_A_DAY, seconds=DAY)
    except TooMany:
        raise Refused(FULL_DAY, status=413) from None


def _enough(most: int) -> str:
    return _("Du har redan %(most)s filer som väntar. Skicka kommentaren eller ta bort några av dem först.", most=most)


async def keep(session: Session, record: Record, *, by: Membership, file: Inspected, folder: Path, alt: str = "") -> Attachment:
    """Put the bytes in the store, and then the row. What was true before the bytes came is asked again. It is found once it is posted,
    by what it says once that has been read."""
    await hold(session, by)
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:who, 11))"), {"who": f"files:{by.id}"})
    await records.get(session, by, record.id)
    size = file.path.stat().st_size
    await _room_for(session, record, by=by, size=size)
    await _lock_bytes(session, file.sha256)
    await asyncio.to_thread(_put, folder, file)
    attachment = Attachment(
        network_id=record.network_id,
        record_id=record.id,
        uploader_id=by.id,
        name=file.name,
        kind=file.kind,
        size=size,
        sha256=file.sha256,
        alt=alt,
        width=file.width,
        height=file.height,
        created_at=clock.now(),
    )
    attachment.read_at = attachment.created_at if attachment.is_picture else None
    session.add(attachment)
    await session.flush()
    await words.make_findable(session, attachment, alt)
    if not attachment.is_picture:
        await words.ask(session, attachment)
    return attachment


def _put(folder: Path, file: Inspected) -> None:
    try:
        if file.small is not None:
            store.put(file.small, store.small_place(folder, file.sha256))
        store.put(file.path, store.place(folder, file.sha256))
    except OSError as failure:
        if failure.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Refused(TRY_LATER, status=507) from None
        raise


async def _lock_bytes(session: Session, sha256: str) -> None:
    """Until the commit nobody else gives these bytes a row, or sweeps them away."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:sha256, 12))"), {"sha256": sha256})


def infected(session: Session, record: Record, *, by: Membership) -> None:
    """Note for the coordinator that the virus scanner stopped a file."""
    activity.record(session, verb="file.infected", by=by, record=record)


async def remove(session: Session, attachment: Attachment, *, by: Membership, folder: Path) -> None:
    """Take back a file that has not been posted. The sweeper takes the bytes."""
    await hold(session, by)
    if attachment.uploader_id != by.id:
        raise NotFound
    if attachment.posted_at is not None:
        raise Forbidden(_l("Filen är redan skickad och går inte att ta bort."))
    await session.delete(attachment)
    await asyncio.to_thread(store.leave, folder, attachment.sha256)


async def describe(session: Session, record: Record, *, by: Membership, form: Chosen) -> None:
    """Keep what has been written about waiting pictures so far."""
    for attachment in await _waiting(session, record, by=by, form=form):
        _note(attachment, form)


async def choose(session: Session, record: Record, *, by: Membership, form: Chosen) -> Sequence[Attachment]:
    """The waiting files that the form names, described. Wrong if one is gone or a picture has no words."""
    chosen = await _waiting(session, record, by=by, form=form)
    if len(chosen) != len(set(form.file)):
        raise Wrong("file", GONE)
    for attachment in chosen:
        _note(attachment, form)
        if not attachment.is_described:
            raise Wrong("file", _("Beskriv bilden %(name)s, eller markera att den bara är utsmyckning.", name=attachment.name))
        if attachment.is_picture:
            await words.make_findable(session, attachment, attachment.alt)
    return chosen


async def _waiting(session: Session, record: Record, *, by: Membership, form: Chosen) -> Sequence[Attachment]:
    if not form.file:
        return []
    wanted = select(Attachment).where(
        col(Attachment.id).in_(form.file),
        col(Attachment.record_id) == record.id,
        col(Attachment.uploader_id) == by.id,
        col(Attachment.posted_at).is_(None),
    )
    return (await session.scalars(wanted.order_by(col(Attachment.id)).with_for_update())).all()


def _note(attachment: Attachment, form: Chosen) -> None:
    attachment.is_decorative = attachment.is_picture and attachment.id in form.decorative
    described = dict(zip(form.file, form.alt, strict=False)).get(attachment.id, "")
    attachment.alt = described if attachment.is_picture and not attachment.is_decorative else ""


def post(chosen: Sequence[Attachment], *, comment_id: int) -> None:
    """The chosen files belong to the comment from now on."""
    for attachment in chosen:
        attachment.comment_id, attachment.posted_at = comment_id, clock.now()


async def erase(session: Session, *, comment_id: int) -> None:
    """The comment's files are gone for everybody; the sweeper takes their bytes."""
    await session.execute(delete(Attachment).where(col(Attachment.comment_id) == comment_id))


async def sweep(session: Session, folder: Path) -> None:
    """Take away bytes that no row names, and rows that nobody posted within a day.

    Bytes go first and only when they have lain for a while: a backup reads rows before files, and must find what it has read of."""
    await asyncio.to_thread(store.clear_incoming, folder)
    for found in store.old(folder):
        known = set(await session.scalars(select(col(Attachment.sha256)).where(col(Attachment.sha256).in_(found))))
        for sha256 in found.keys() - known:
            await _lock_bytes(session, sha256)
            if await session.scalar(select(col(Attachment.id)).where(col(Attachment.sha256) == sha256).limit(1)) is None:
                for path in found[sha256]:
                    path.unlink(missing_ok=True)
    is_old = (col(Attachment.posted_at).is_(None)) & (col(Attachment.created_at) < clock.now() - KEPT_UNPOSTED)
    for sha256 in await session.scalars(delete(Attachment).where(is_old).returning(col(Attachment.sha256))):
        store.leave(folder, sha256)

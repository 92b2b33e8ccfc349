"""Handing messages over, at most once each: by SMTP, or to a folder."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from sqlalchemy import Update, delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from portal import clock, jobs
from portal.config import LOOPBACK, Misconfigured, Settings
from portal.db import Session, Sessions, unit_of_work
from portal.mail.addresses import check_mailbox
from portal.mail.kept import keep
from portal.mail.letters import Letter, Posting, message, one_line
from portal.mail.models import MailOut

log = logging.getLogger("portal.mail")

SENDER = re.compile(r"[!-~]+@[!-~]+")
TIMEOUT = 15.0
FAREWELL = 2.0
REMEMBERED = timedelta(days=90)
OUTAGES = (OSError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError)
SMTP_URL = "PORTAL_SMTP_URL must look like smtp://user:password@host:587 or smtps://user:password@host."

# Called in the transaction that takes the message to `sending`, as the last thing before it leaves. None: there is nothing to say.
Writer = Callable[[Session], Awaitable[Letter | None]]
# Called in the transaction that records that the message will not arrive.
Mourner = Callable[[Session], Awaitable[None]]


class NotWritten(Exception):
    """The message could not be made; nothing has left."""


def handlers(settings: Settings, sessions: Sessions) -> dict[str, jobs.Handler]:
    """What the worker calls. Raises Misconfigured for a mail server or sender that cannot be used."""
    if not SENDER.fullmatch(parseaddr(settings.mail_from)[1]):
        raise Misconfigured(f"PORTAL_MAIL_FROM must be an e-mail address, not {settings.mail_from!r}.")
    check_mailbox(settings)
    if settings.smtp_url:
        _server(settings)
    return {"mail": partial(deliver, settings, sessions)}


async def deliver(settings: Settings, sessions: Sessions, payload: Mapping[str, Any]) -> None:
    """Hand a ready message over, at most once. Raises TemporaryError when it should be tried again."""

    async def ready(_session: Session) -> Letter:
        return Letter(payload["subject"], payload["text"], payload["html"], payload["locale"])

    posting = Posting(payload["message_id"], payload["to"], datetime.fromisoformat(payload["at"]))
    await hand_in(settings, sessions, posting, ready)


@dataclass(frozen=True)
class Try:
    """The `number`th try to hand a message over."""

    settings: Settings
    sessions: Sessions
    posting: Posting
    write: Writer
    number: int
    lost: Mourner | None = None


async def hand_in(settings: Settings, sessions: Sessions, posting: Posting, write: Writer, *, lost: Mourner | None = None) -> None:
    """Write the message and hand it over, at most once; `lost` when it is refused for good. Raises
    TemporaryError when it should be tried again."""
    number = await _begin(sessions, posting)
    if not number:
        return
    state, reason = await (_hand_over if settings.smtp_url else _put_aside)(Try(settings, sessions, posting, write, number, lost))
    if state == "queued":
        raise jobs.TemporaryError(f"mail {posting.message_id}: {reason}")
    if state in ("failed", "unknown"):
        log.error("mail %s is %s: %s", posting.message_id, state, reason)


async def _begin(sessions: Sessions, posting: Posting) -> int:
    """Count this try and return its number; 0 if the message is not to be sent, or no more."""
    message_id = posting.message_id
    async with unit_of_work(sessions) as session:
        await session.execute(delete(MailOut).where(col(MailOut.created_at) < clock.now() - REMEMBERED))
        first = insert(MailOut).values(message_id=message_id, to=posting.to, subject="", created_at=clock.now())
        await session.execute(first.on_conflict_do_nothing())
        row = await session.get_one(MailOut, message_id, with_for_update=True)
        if row.state == "sending":
            row.state = "unknown"
            log.error("mail %s was cut off on its way: it may have arrived and is not sent again", message_id)
        if row.state != "queued":
            return 0
        row.tries += 1
        row.to = posting.to
        return row.tries


async def _put_aside(this: Try) -> tuple[str, str | None]:
    """Keep the message in the data folder; as often as it is tried it is one file."""
    try:
        made = await _made(this, state="queued")
    except NotWritten as error:
        return await _settle(this, _verdict(error, "queued", this.number), was=("queued",), error=error)
    if made is None:
        return "withdrawn", None
    name = f"{this.posting.at:%Y%m%dT%H%M%S.%fZ}-{this.posting.message_id}.eml"
    await asyncio.to_thread(keep, this.settings.mail_folder, name, made.as_bytes())
    return await _settle(this, "kept", was=("queued",))


async def _hand_over(this: Try) -> tuple[str, str | None]:
    """By SMTP; returns what became of the message, and why, when that is recorded."""
    smtp = SMTP(**_server(this.settings))
    try:
        outcome = await _converse(smtp, this)
        if smtp.is_connected:
            with suppress(SMTPException, OSError):  # all is settled: how the farewell goes changes nothing
                await smtp.quit(timeout=FAREWELL)
    finally:
        smtp.close()
    return outcome


async def _converse(smtp: SMTP, this: Try) -> tuple[str, str | None]:
    """The SMTP dialogue. `sending` is committed just before DATA, when the message has been written: whatever ends earlier can
    safely be tried again."""
    stage = "queued"
    try:
        await smtp.connect()
        await smtp.mail(this.posting.returns_to or parseaddr(this.settings.mail_from)[1])
        await smtp.rcpt(this.posting.to)
        made = await _made(this, state="sending")
        if made is None:
            return "withdrawn", None
        stage = "sending"
        await smtp.data(made.as_bytes())
    except (SMTPException, OSError, NotWritten) as error:
        # A worker that took this one for dead may have called the message unknown meanwhile; here it is known.
        was = (stage, "unknown") if stage == "sending" else (stage,)
        return await _settle(this, _verdict(error, stage, this.number), was=was, error=error)
    return await _settle(this, "sent", was=("sending", "unknown"))


async def _made(this: Try, *, state: str) -> EmailMessage | None:
    """Write the message and take it to `state` in one transaction. None if there is nothing to say, or another worker has it.

    Raises NotWritten when that does not succeed: then nothing is committed."""
    try:
        async with unit_of_work(this.sessions) as session:
            if not await _take(session, this.posting, state, was=("queued",)):
                return None
            letter = await this.write(session)
            if letter is None:
                await _take(session, this.posting, "withdrawn", was=(state,))
                return None
            made = message(this.settings, this.posting, letter)
            await session.execute(_of(this.posting).values(subject=one_line(letter.subject)))
        return made
    except Exception as error:
        log.warning("mail %s could not be written", this.posting.message_id, exc_info=error)
        raise NotWritten(f"{type(error).__name__}: {error}") from error


def _verdict(error: Exception, stage: str, tries: int) -> str:
    """The state after an error. A reply says that the server does not have the message; silence after DATA says nothing. What
    could not be written for another reason than an outage will not be written next time, either: somebody has to see to it."""
    if stage == "sending" and not isinstance(error, SMTPDataError):
        return "unknown"
    if isinstance(error, NotWritten) and not isinstance(error.__cause__, OUTAGES):
        return "failed"
    if isinstance(error, SMTPSenderRefused | SMTPRecipientRefused | SMTPDataError) and error.code >= 500:
        return "failed"
    return "queued" if tries < jobs.TRIES else "failed"


async def _settle(this: Try, state: str, *, was: tuple[str, ...], error: Exception | None = None) -> tuple[str, str | None]:
    """Record in a transaction of its own what became of the message, and return it."""
    reason = f"{type(error).__name__}: {_said(error)}" if error else None
    async with unit_of_work(this.sessions) as session:
        if await _take(session, this.posting, state, was=was, error=reason) and state == "failed" and this.lost:
            await this.lost(session)
    return state, reason


def _said(error: Exception) -> str:
    """A mail server's answer in its own words, as in "550 5.1.1 User unknown"; of another error, its message."""
    return f"{error.code} {error.message}" if isinstance(error, SMTPResponseException) else str(error)


async def _take(session: Session, posting: Posting, state: str, *, was: tuple[str, ...], error: str | None = None) -> bool:
    """Take the message to `state`, if it is in one of the states `was`."""
    moved = _of(posting).where(col(MailOut.state).in_(was)).values(state=state, error=error)
    return (await session.execute(moved.returning(col(MailOut.message_id)))).first() is not None


def _of(posting: Posting) -> Update:
    return update(MailOut).where(col(MailOut.message_id) == posting.message_id)


def _server(settings: Settings) -> dict[str, Any]:
    """What aiosmtplib needs, from PORTAL_SMTP_URL. A password goes over TLS or to this machine only."""
    try:
        parts = urlsplit(settings.smtp_url or "")
        host, port = parts.hostname, parts.port or (465 if parts.scheme == "smtps" else 25)
    except ValueError:
        raise Misconfigured(SMTP_URL) from None
    if parts.scheme not in ("smtp", "smtps") or not host:
        raise Misconfigured(SMTP_URL)
    start_tls = True if port == 587 else False if host in LOOPBACK else True if parts.username else None
    return {
        "hostname": host,
        "port": port,
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "use_tls": parts.scheme == "smtps",
        "start_tls": False if parts.scheme == "smtps" else start_tls,
        "local_hostname": urlsplit(settings.address).hostname,
        "timeout": TIMEOUT,
    }

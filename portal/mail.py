"""One way out for mail: a job in the request's transaction, then SMTP, at most once; without SMTP a file in the data folder."""

import asyncio
import logging
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPSenderRefused,
)
from pydantic import TypeAdapter
from sqlalchemy import CheckConstraint, delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, col

from portal import clock, jobs
from portal.config import LOOPBACK, Misconfigured, Settings
from portal.db import Session, Sessions, Table, instant, unit_of_work
from portal.fields import Email

log = logging.getLogger(__name__)

TIMEOUT = 15.0
FAREWELL = 2.0
REMEMBERED = timedelta(days=90)
MESSAGE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
SENDER = re.compile(r"[!-~]+@[!-~]+")
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
SMTP_URL = "PORTAL_SMTP_URL must look like smtp://user:password@host:587 or smtps://user:password@host."
STATES = ("queued", "sending", "sent", "kept", "failed", "unknown")
ADDRESS = TypeAdapter(Email)


class MailOut(Table, table=True):
    """What became of each message. `unknown`: the connection broke while it was handed over; it is not sent again."""

    __tablename__ = "mail_out"
    __table_args__ = (CheckConstraint(f"state IN {STATES}", name="state"),)

    message_id: str = Field(primary_key=True)
    to: str
    subject: str
    state: str = "queued"
    created_at: datetime = instant(index=True)
    tries: int = 0
    error: str | None = None


@dataclass(frozen=True)
class KeptMail:
    """A message that was kept in the data folder, and the web addresses in its text."""

    at: datetime
    to: str
    subject: str
    text: str
    html: str | None
    links: list[str]


async def send(
    session: Session,
    *,
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
    locale: str = "sv",
    message_id: str | None = None,
) -> bool:
    """Mail one person when `session` has committed. False, and no mail, if this `message_id` was used before.

    `message_id` is what stands before the @ of the Message-ID; name the occasion and the recipient in it to mail no one
    twice about the same thing. Raises ValueError for anything but one plain address in `to`."""
    message_id = secrets.token_hex(16) if message_id is None else message_id
    if not MESSAGE_ID.fullmatch(message_id):
        raise ValueError(f"{message_id!r} cannot be a message id")
    if "=?" in to:
        raise ValueError("an encoded word is no address")  # Python's header parser would decode it, line ends and all
    row = {"message_id": message_id, "to": ADDRESS.validate_python(to), "subject": _one_line(subject)}
    added = await session.execute(
        insert(MailOut).values(**row, created_at=clock.now()).on_conflict_do_nothing().returning(col(MailOut.message_id))
    )
    if added.first() is None:
        return False
    body = {"text": _whole(text), "html": _whole(html) if html else None, "locale": locale, "at": clock.now().isoformat()}
    return await jobs.enqueue(session, "mail", row | body)


def handlers(settings: Settings, sessions: Sessions) -> dict[str, jobs.Handler]:
    """What the worker calls. Raises Misconfigured for a mail server or sender that cannot be used."""
    if not SENDER.fullmatch(parseaddr(settings.mail_from)[1]):
        raise Misconfigured(f"PORTAL_MAIL_FROM must be an e-mail address, not {settings.mail_from!r}.")
    if settings.smtp_url:
        _server(settings)
    return {"mail": partial(deliver, settings, sessions)}


async def deliver(settings: Settings, sessions: Sessions, payload: Mapping[str, Any]) -> None:
    """Hand one message over, at most once. Raises TemporaryError when it should be tried again."""
    message_id = payload["message_id"]
    tries = await _begin(sessions, message_id)
    if not tries:
        return
    made = message(settings, payload)
    if not settings.smtp_url:
        await asyncio.to_thread(_keep, settings.mail_folder, f"{_stamp(payload)}-{message_id}.eml", made.as_bytes())
        await _move(sessions, message_id, "kept", was=("queued",))
        return
    state, reason = await _hand_over(settings, sessions, made, message_id=message_id, tries=tries)
    if state == "queued":
        raise jobs.TemporaryError(f"mail {message_id}: {reason}")
    if state != "sent":
        log.error("mail %s is %s: %s", message_id, state, reason)


def message(settings: Settings, payload: Mapping[str, Any]) -> EmailMessage:
    """The message of a job, always the same for the same job."""
    host = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    made = EmailMessage(policy=WIRE)
    made["From"] = settings.mail_from
    made["To"] = Address(addr_spec=payload["to"])
    made["Subject"] = payload["subject"]
    made["Date"] = clock.local(datetime.fromisoformat(payload["at"]))
    made["Message-ID"] = f"<{payload['message_id']}@{host}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"  # Exchange sends its out-of-office replies in spite of the line above
    made.set_content(payload["text"], cte="quoted-printable")
    if payload["html"]:
        made.add_alternative(payload["html"], subtype="html", cte="quoted-printable")
    made["Content-Language"] = payload["locale"]  # last: setting content clears what was said of it
    return made


def kept(folder: Path, limit: int = 200) -> list[KeptMail]:
    """The messages kept in `folder`, newest first."""
    return [_read(path) for path in sorted(folder.glob("[0-9]*Z-*.eml"), reverse=True)[:limit]]


async def _begin(sessions: Sessions, message_id: str) -> int:
    """Count this try and return its number; 0 if the message is not to be sent, or no more."""
    async with unit_of_work(sessions) as session:
        await session.execute(delete(MailOut).where(col(MailOut.created_at) < clock.now() - REMEMBERED))
        row = await session.get(MailOut, message_id, with_for_update=True)
        if row is not None and row.state == "sending":
            row.state = "unknown"
            log.error("mail %s was cut off on its way: it may have arrived and is not sent again", message_id)
        if row is None or row.state != "queued":
            return 0
        row.tries += 1
        return row.tries


async def _hand_over(settings: Settings, sessions: Sessions, made: EmailMessage, *, message_id: str, tries: int) -> tuple[str, str | None]:
    """The SMTP dialogue; returns what became of the message, and why, when that is recorded.

    `sending` is committed just before DATA: whatever ends earlier can safely be tried again."""
    smtp, stage, state, reason = SMTP(**_server(settings)), "queued", "sent", None
    try:
        try:
            await smtp.connect()
            await smtp.mail(parseaddr(settings.mail_from)[1])
            await smtp.rcpt(made["To"].addresses[0].addr_spec)
            if not await _move(sessions, message_id, "sending", was=("queued",)):
                return "sent", "by another worker, at this moment"
            stage = "sending"
            await smtp.data(made.as_bytes())
        except (SMTPException, OSError) as error:
            state, reason = _verdict(error, stage, tries), f"{type(error).__name__}: {error}"
        # A worker that took this one for dead may have called the message unknown meanwhile; here it is known.
        await _move(sessions, message_id, state, was=(stage, "unknown") if stage == "sending" else (stage,), error=reason)
        if smtp.is_connected:
            with suppress(SMTPException, OSError):  # all is settled: how the farewell goes changes nothing
                await smtp.quit(timeout=FAREWELL)
    finally:
        smtp.close()
    return state, reason


def _verdict(error: Exception, stage: str, tries: int) -> str:
    """The state after an error. A reply says that the server does not have the message; silence after DATA says nothing."""
    if stage == "sending" and not isinstance(error, SMTPDataError):
        return "unknown"
    if isinstance(error, SMTPSenderRefused | SMTPRecipientRefused | SMTPDataError) and error.code >= 500:
        return "failed"
    return "queued" if tries < jobs.TRIES else "failed"


async def _move(sessions: Sessions, message_id: str, state: str, *, was: tuple[str, ...], error: str | None = None) -> bool:
    """Take the message to `state` in a transaction of its own, if it is in one of the states `was`."""
    async with unit_of_work(sessions) as session:
        moved = await session.execute(
            update(MailOut)
            .where(col(MailOut.message_id) == message_id, col(MailOut.state).in_(was))
            .values(state=state, error=error)
            .returning(col(MailOut.message_id))
        )
        return moved.first() is not None


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


def _one_line(text: str) -> str:
    """Text that is safe in a header: no line ends, and no encoded word (RFC 2047), which Python decodes to whatever it hides."""
    visible = "".join(each if each.isprintable() else " " for each in text.replace("=?", "= ?"))
    return " ".join(visible.split())


def _whole(text: str) -> str:
    """Text without the broken characters that would keep the message from ever being written."""
    return text.encode("utf-8", "replace").decode()


def _stamp(payload: Mapping[str, Any]) -> str:
    return f"{datetime.fromisoformat(payload['at']):%Y%m%dT%H%M%S.%fZ}"


def _keep(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = folder / f".{name}.unfinished"
    unfinished.write_bytes(content)
    os.replace(unfinished, folder / name)


def _read(path: Path) -> KeptMail:
    found: Any = message_from_bytes(path.read_bytes().replace(b"\r\n", b"\n"), policy=WIRE)
    text, html = found.get_body(("plain",)).get_content(), found.get_body(("html",))
    return KeptMail(
        at=found["Date"].datetime,
        to=str(found["To"]),
        subject=str(found["Subject"]),
        text=text,
        html=html.get_content() if html else None,
        links=[link.rstrip(".,;:!?)") for link in WEB_ADDRESS.findall(text)],
    )

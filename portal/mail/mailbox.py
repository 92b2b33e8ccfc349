"""The portal's mailbox, read over IMAP (RFC 9051) once a minute, message by message through the one door."""

import asyncio
import imaplib
import logging
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from portal import clock, fetch, jobs
from portal.config import LOOPBACK, Misconfigured, Settings
from portal.db import Session, Sessions, unit_of_work
from portal.mail import tokens
from portal.mail.addresses import Sign
from portal.mail.delivery import OUTAGES
from portal.mail.incoming import LONGEST, receive

log = logging.getLogger("portal.mail")

JOB = "mailbox"
EVERY = timedelta(minutes=1)
MOST = 50  # messages at a look; what is left is read at the next
TIMEOUT = 20.0  # for each of the server's answers to begin, and to go on
LONGEST_VISIT, MOST_SAID = 120.0, 64 << 20  # for all of them
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
IMAP_URL = "PORTAL_IMAP_URL must look like imaps://user:password@host/INBOX, and PORTAL_REPLY_ADDRESS tell which mailbox that is."


async def plan(session: Session) -> None:
    """See that there is a job for the next look, and no second one, however many processes ask for it."""
    now = clock.now()
    next_look = now.replace(second=0, microsecond=0) + EVERY
    await jobs.enqueue(session, JOB, {}, key=f"{JOB}.{next_look:%Y%m%d%H%M}", pause=next_look - now)


async def read(settings: Settings, sessions: Sessions, sign: Sign, _payload: Mapping[str, Any]) -> None:
    """The job: whatever is new is marked as read and goes through the door. What the database was away for stays new."""
    if settings.imap_url is None:
        return
    try:
        await _look(settings, sessions, sign)
    except (OSError, imaplib.IMAP4.error, ValueError, tokens.NoToken, fetch.Unreachable) as error:
        log.warning("the mailbox could not be read: %s", error)
    async with unit_of_work(sessions) as session:
        await plan(session)


async def _look(settings: Settings, sessions: Sessions, sign: Sign) -> None:
    """A message is marked before it is looked at, so that one that brings the portal down is not met again at each start."""
    token = await tokens.token(settings)
    for uid, content in await asyncio.to_thread(_new, settings, token):
        await asyncio.to_thread(_mark, settings, token, uid)
        try:
            await receive(settings, sessions, sign, content)
        except OUTAGES as error:
            log.warning("what has come in waits for the database: %s", type(error).__name__)
            await asyncio.to_thread(_mark, settings, token, uid, anew=True)
            break
        except asyncio.CancelledError:
            await asyncio.to_thread(_mark, settings, token, uid, anew=True)
            raise
        except Exception:
            log.exception("a message that came in could not be read")


def _new(settings: Settings, token: str | None) -> list[tuple[str, bytes]]:
    """Number and content of what is unread. Of what is too large to be an answer one octet too much is enough: the door refuses it."""
    with _opened(settings, token) as box:
        found = _asked(box, "SEARCH", "UNSEEN")
        numbers = [each.decode() for each in found[0].split()] if found and isinstance(found[0], bytes) else []
        return [(number, _content(box, number)) for number in numbers[:MOST]]


def _content(box: imaplib.IMAP4, number: str) -> bytes:
    size = SIZE.search(b" ".join(each for each in _asked(box, "FETCH", number, "(RFC822.SIZE)") if isinstance(each, bytes)))
    if size is None or int(size[1]) > LONGEST:
        return b"x" * (LONGEST + 1)
    parts = _asked(box, "FETCH", number, "(BODY.PEEK[])")
    return next((each[1] for each in parts if isinstance(each, tuple)), b"")


def _mark(settings: Settings, token: str | None, number: str, *, anew: bool = False) -> None:
    with _opened(settings, token) as box:
        _asked(box, "STORE", number, "-FLAGS.SILENT" if anew else "+FLAGS.SILENT", r"(\Seen)")


def _asked(box: imaplib.IMAP4, command: str, *given: str) -> list[Any]:
    """What the server answers. Raises IMAP4.error if it refuses."""
    said, found = box.uid(command, *given)
    if said != "OK":
        raise imaplib.IMAP4.error(f"{command}: {said}")
    return found


@contextmanager
def _opened(settings: Settings, token: str | None) -> Iterator[imaplib.IMAP4]:
    """The folder, open. A password goes over TLS or to this machine only."""
    parts = checked(settings)
    host, secured = parts.hostname or "", ssl.create_default_context()
    if parts.scheme == "imaps":
        box: _Limited = _LimitedSecured(host, parts.port or 993, ssl_context=secured, timeout=TIMEOUT)
    else:
        box = _Limited(host, parts.port or 143, timeout=TIMEOUT)
    try:
        if parts.scheme == "imap" and host not in LOOPBACK:
            box.starttls(secured)
        if token is None:
            _sign_in(box, unquote(parts.username or ""), unquote(parts.password or ""))
        else:
            _sign_in_by(token, box, unquote(parts.username or ""), settings)
        folder = unquote(parts.path.lstrip("/")) or "INBOX"
        if box.select(f'"{folder}"')[0] != "OK":
            raise imaplib.IMAP4.error(f"there is no folder {folder}")
        yield box
    finally:
        with suppress(OSError, imaplib.IMAP4.error):  # all is read: how the farewell goes changes nothing
            box.logout()
        with suppress(OSError):  # it has been left, unless the farewell went wrong
            box.shutdown()


class _Limited(imaplib.IMAP4):
    """A server may be broken, or another than one thinks. Whatever it announces, it is listened to
    for so long, and no more than so much is kept."""

    def open(self, *given: Any, **named: Any) -> None:
        self.said = 0
        super().open(*given, **named)
        self._end = threading.Timer(LONGEST_VISIT, self._hang_up)
        self._end.daemon = True
        self._end.start()

    def _hang_up(self) -> None:
        """Whoever waits for more is told that there is none."""
        with suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def read(self, size: int) -> bytes:
        self._count(size)
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._count(len(line))
        return line

    def _count(self, octets: int) -> None:
        self.said += octets
        if self.said > MOST_SAID:
            raise self.abort(f"it says more than {MOST_SAID} octets")

    def shutdown(self) -> None:
        self._end.cancel()
        super().shutdown()


class _LimitedSecured(_Limited, imaplib.IMAP4_SSL):
    """The same over TLS."""


def _sign_in(box: imaplib.IMAP4, name: str, password: str) -> None:
    """LOGIN takes ASCII alone; PLAIN (RFC 4616) takes any password."""
    if "AUTH=PLAIN" in box.capabilities:
        box.authenticate("PLAIN", lambda _challenge: f"\0{name}\0{password}".encode())
    else:
        box.login(name, password)


def _sign_in_by(token: str, box: imaplib.IMAP4, name: str, settings: Settings) -> None:
    """XOAUTH2, as Microsoft and Google have described it; what a server says against the token is answered by nothing."""
    words = iter([f"user={name}\x01auth=Bearer {token}\x01\x01".encode()])
    try:
        box.authenticate("XOAUTH2", lambda _challenge: next(words, b""))
    except imaplib.IMAP4.error:
        tokens.forget(settings)
        raise


def checked(settings: Settings) -> Any:
    """The parts of PORTAL_IMAP_URL. Raises Misconfigured for one that cannot be used."""
    try:
        parts = urlsplit(settings.imap_url or "")
        known = parts.scheme in ("imap", "imaps") and parts.hostname and parts.username and (parts.port or True)
    except ValueError:
        known = False
    if settings.imap_token_url is not None:
        tokens.checked(settings.imap_token_url)
    if not known or settings.reply_address is None or '"' in parts.path:
        raise Misconfigured(IMAP_URL)
    return parts

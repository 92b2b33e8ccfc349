"""The one door for mail that comes in. A message is matched by the address that it came to, which only the portal can have made,
and never by who says that she has sent it. Whatever it holds, what becomes of it is an Outcome; only the database can be away."""

import asyncio
import json
import logging
import re
import sys
import tempfile
from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from portal import confined
from portal.config import Settings
from portal.db import Session, Sessions, unit_of_work
from portal.mail.addresses import About, Sign, read_addresses

log = logging.getLogger("portal.mail")

LONGEST = 512 * 1024  # octets; an answer has some thousand, a returned letter some ten thousand
HEAD = 64 * 1024  # octets before the first empty line; large providers add some ten thousand
MOST_PARTS, MOST_HEADERS, MOST_LINES, MOST_PARAMETERS = 32, 500, 20_000, 1_000
BOUNDARY = re.compile(rb"boundary|message/|multipart/", re.IGNORECASE)
HEADER = re.compile(rb"(?m)^[!-9;-~]{1,100}:")
END_OF_HEAD = re.compile(rb"(?m)^\r?\n")
FOLD = re.compile(rb"\r?\n(?=[ \t])")
# Where servers and programs say to which address a message came.
ADDRESSED = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")
PARSER = (sys.executable, "-I", "-S", str(Path(__file__).with_name("parsing.py")))
PATIENCE = 10.0
AT_ONCE = asyncio.Semaphore(2)


class Outcome(Enum):
    """What has become of a message, in the words of the log."""

    counted = "counted"
    known = "nothing new: known already, older than what is known, or about a delay"
    unaddressed = "refused: it came to no address of the portal's own"
    unreadable = "refused: it could not be read"
    irrelevant = "refused: it is neither an answer nor a letter that could not be delivered"
    another = "refused: somebody else answers than was asked, as when an invitation is forwarded"
    closed = "refused: what it is about is over, or its sender has left"

    @property
    def is_refusal(self) -> bool:
        return self not in (Outcome.counted, Outcome.known)


@dataclass(frozen=True)
class Incoming:
    """A message that came to an address about something: its parts of the kinds that rooms ask for, decoded."""

    about: About
    all_parts: Sequence[tuple[str, bytes]]
    reports: Sequence[Sequence[Mapping[str, str]]]
    """The blocks of each delivery status (RFC 3464): of the message, then one for each recipient; names in small letters."""

    def parts(self, *kinds: str) -> Iterator[bytes]:
        """The content of every part of these types, such as text/calendar."""
        return (content for kind, content in self.all_parts if kind in kinds)


Receiver = Callable[[Session, Incoming], Awaitable[Outcome]]

# By the kind of address. Rooms live above; portal/rooms.py fills it.
RECEIVERS: dict[str, Receiver] = {}


async def receive(settings: Settings, sessions: Sessions, sign: Sign, content: bytes) -> Outcome:
    """Let the message count, in a transaction of its own; the log tells what became of it. The same message twice counts once."""
    outcome, about = await _receive(settings, sessions, sign, content)
    log.log(logging.WARNING if outcome.is_refusal else logging.INFO, "mail that came in, %s: %s", about or "about nothing", outcome.value)
    return outcome


async def _receive(settings: Settings, sessions: Sessions, sign: Sign, content: bytes) -> tuple[Outcome, str | None]:
    headers = _headers(content)
    if not headers:
        return Outcome.unreadable, None
    found = read_addresses(settings, sign, "\n".join(value for name, value in headers if name in ADDRESSED))
    if len(found) != 1:
        return Outcome.unaddressed, None
    about = found.pop()
    if about.kind not in RECEIVERS:
        return Outcome.unaddressed, None
    incoming = await _parsed(about, content)
    if incoming is None:
        return Outcome.unreadable, str(about)
    async with unit_of_work(sessions) as session:
        return await RECEIVERS[about.kind](session, incoming), str(about)


def _headers(content: bytes) -> list[tuple[str, str]]:
    """Names, in small letters, and values, as they stand there; none for what is too large, too deep, or no message."""
    end = END_OF_HEAD.search(content, 0, HEAD)
    head = content[: end.start()] if end else content
    if len(head) > HEAD or len(content) > LONGEST or content.count(b"\n") > MOST_LINES:
        return []
    if len(BOUNDARY.findall(content)) > MOST_PARTS or len(HEADER.findall(content)) > MOST_HEADERS:
        return []
    lines = FOLD.sub(b"", head).splitlines()
    if any(line.count(b";") > MOST_PARAMETERS for line in lines):
        return []
    parts = (line.decode("latin-1").partition(":") for line in lines if HEADER.match(line))
    return [(name.lower(), value) for name, _colon, value in parts]


async def _parsed(about: About, content: bytes) -> Incoming | None:
    """None when the parser came to no end. It is a program of its own, so that nobody waits for what a stranger made it think about."""
    with tempfile.NamedTemporaryFile(prefix="portal-mail-") as file:
        await asyncio.to_thread(_write, Path(file.name), content)
        async with AT_ONCE:
            status, said = await confined.run([*PARSER, file.name], within=PATIENCE)
    if status != 0:
        log.warning("mail that came in could not be parsed: the parser ended with %s", status)
        return None
    told = json.loads(said)
    return Incoming(about, [(kind, b64decode(body)) for kind, body in told["parts"]], told["reports"])


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)

"""Messages: what somebody is written, and the bytes that leave."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import parseaddr
from typing import Any

from pydantic import TypeAdapter

from portal import clock
from portal.config import Settings
from portal.fields import Email

MESSAGE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
ADDRESS = TypeAdapter(Email)


@dataclass(frozen=True)
class CalendarPart:
    """What calendar programs make of a letter (RFC 6047): its METHOD and the bytes of an iCalendar object."""

    method: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """What one person gets. `thread` is what stands before the @ of a message that all letters of one matter refer to;
    `headers` come beside those that every message has."""

    subject: str
    text: str
    html: str | None = None
    locale: str = "sv"
    thread: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    calendar: CalendarPart | None = None


@dataclass(frozen=True)
class Posting:
    """One message on its way: its name before the @ of the Message-ID, to whom, and when the matter arose. `returns_to` is where
    mail servers send it back that cannot deliver it, the sender when None.

    Raises ValueError for a name that would break the header, and for anything but one plain address."""

    message_id: str
    to: str
    at: datetime
    returns_to: str | None = None

    def __post_init__(self) -> None:
        if not MESSAGE_ID.fullmatch(self.message_id):
            raise ValueError(f"{self.message_id!r} cannot be a message id")
        if "=?" in self.to:
            raise ValueError("an encoded word is no address")  # Python's header parser would decode it, line ends and all
        object.__setattr__(self, "to", ADDRESS.validate_python(self.to))


class Whole(UnstructuredHeader):
    """A header that is one long word, such as an address: Python would encode it (RFC 2047) to fold it, and nobody could use it."""

    def fold(self, *, policy: Any) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


HEADERS = HeaderRegistry()
for _name in ("list-unsubscribe", "references"):
    HEADERS.map_to_type(_name, Whole)  # type: ignore[arg-type]
POLICY = WIRE.clone(header_factory=HEADERS)


def message(settings: Settings, posting: Posting, letter: Letter) -> EmailMessage:
    """The message as it leaves, always the same for the same posting and letter. Raises ValueError for what no message can hold."""
    host = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    made = EmailMessage(policy=POLICY)
    made["From"] = settings.mail_from
    made["To"] = Address(addr_spec=posting.to)
    made["Subject"] = one_line(letter.subject)
    made["Date"] = clock.local(posting.at)
    made["Message-ID"] = f"<{posting.message_id}@{host}>"
    if letter.thread:
        made["References"] = f"<{letter.thread}@{host}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"  # Exchange sends its out-of-office replies in spite of the line above
    for name, value in letter.headers.items():
        made[name] = value
    made.set_content(whole(letter.text), cte="quoted-printable")
    if letter.html:
        made.add_alternative(whole(letter.html), subtype="html", cte="quoted-printable")
    if letter.calendar:
        _add_calendar(made, letter.calendar)
    made["Content-Language"] = letter.locale  # last: setting content clears what was said of it
    return made


def _add_calendar(made: EmailMessage, calendar: CalendarPart) -> None:
    """Twice, as Outlook, Google and Apple want it: as one more way to read the letter, and as a file beside it."""
    made.add_alternative(calendar.content.decode(), subtype="calendar", cte="base64", params={"method": calendar.method})
    made.add_attachment(calendar.content, maintype="application", subtype="ics", filename="invite.ics")


def one_line(text: str) -> str:
    """Text that is safe in a header: no line ends, and no encoded word (RFC 2047), which Python decodes to whatever it hides."""
    visible = "".join(each if each.isprintable() else " " for each in text.replace("=?", "= ?"))
    return " ".join(visible.split())


def whole(text: str) -> str:
    """Text without the broken characters that would keep the message from ever being written."""
    return text.encode("utf-8", "replace").decode()

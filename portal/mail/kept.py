"""Mail that is kept in the data folder and not sent."""

import os
import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.policy import SMTP as WIRE
from pathlib import Path
from typing import Any

WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class KeptMail:
    """A message that was kept in the data folder, and the web addresses in its text."""

    at: datetime
    to: str
    subject: str
    text: str
    html: str | None
    links: list[str]


def kept(folder: Path, limit: int = 200) -> list[KeptMail]:
    """The messages kept in `folder`, newest first."""
    return [_read(path) for path in sorted(folder.glob("[0-9]*Z-*.eml"), reverse=True)[:limit]]


def keep(folder: Path, name: str, content: bytes) -> None:
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

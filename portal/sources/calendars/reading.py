"""What the worker made of a calendar file, checked again: it has read what strangers wrote."""

import asyncio
import json
import logging
import sys
import tempfile
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, field_validator

from portal import clock, confined
from portal.fields import Line, _l

# Isolated from where it is started and from the environment (-I), so that it is told where the portal's code lies.
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from portal.sources.calendars.worker import main; main()"
WORKER = (sys.executable, "-I", "-c", START, str(Path(__file__).parents[3]))
PATIENCE = 10.0
AT_ONCE = asyncio.Semaphore(2)
YEARS_BACK, YEARS_ON = 1, 2
MOST_REFUSED = 200
LONGEST_TITLE = 300
LINE = TypeAdapter(Line)

log = logging.getLogger("portal.sources")

# Why an event is not among those that were read.
WHY = {
    "cancelled": _l("Inställd."),
    "older": _l("En äldre upplaga av en händelse som finns med."),
    "undated": _l("Saknar startdatum."),
    "unreadable": _l("Datum eller upprepning går inte att läsa."),
    "zone": _l("Tidszonen är okänd, så klockslaget går inte att veta."),
    "often": _l("Upprepas för ofta för en årsplan."),
    "backwards": _l("Slutar innan den börjar."),
    "lasting": _l("Varar längre än ett år."),
    "line": _l("En rad är orimligt lång."),
    "cut": _l("Händelsen är avklippt."),
    "many": _l("Kalendern har fler än 2 000 tillfällen; de senaste är utelämnade."),
}
# Why a whole file is none that can be read.
BROKEN = {
    "none": _l("Det är ingen kalenderfil (ICS)."),
    "long": _l("Kalendern är för stor: högst 5 000 händelser."),
    "deep": _l("Kalendern är nästlad för djupt."),
    "heavy": _l("Kalendern tog för lång tid att läsa."),
    "empty": _l("Filen är tom."),
}


class Unreadable(Exception):
    """The whole file cannot be used. `message_sv` is one sentence in the catalogue."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.message_sv = BROKEN[why]


def _line(text: object) -> str:
    """Whatever stands there as one clean line."""
    return LINE.validate_python(str(text).replace("\0", "").encode(errors="ignore").decode())[:LONGEST_TITLE]


class Event(BaseModel):
    """One time of an event, by Swedish days."""

    title: str
    place: str
    first: date
    last: date
    starts: datetime | None = None
    ends: datetime | None = None

    clean = field_validator("title", "place", mode="before")(_line)


class RefusedEvent(BaseModel):
    title: str
    why: Annotated[str, Field(max_length=20)]

    clean = field_validator("title", mode="before")(_line)

    @field_validator("why")
    @classmethod
    def known(cls, why: str) -> str:
        return why if why in WHY else "unreadable"


class Read(BaseModel):
    """A calendar between the first and the last day that were asked for."""

    events: list[Event]
    refused: list[RefusedEvent]
    outside: int


@dataclass(frozen=True)
class Span:
    """From the first day of the year before this one to the last of the next year but one."""

    first: date
    last: date

    @classmethod
    def now(cls) -> "Span":
        year = clock.today().year
        return cls(date(year - YEARS_BACK, 1, 1), date(year + YEARS_ON, 12, 31))


async def read(content: bytes, span: Span) -> Read:
    """The events of a calendar file; Unreadable with one sentence if it is none."""
    if not content.strip():
        raise Unreadable("empty")
    with tempfile.NamedTemporaryFile(prefix="portal-ics-") as file:
        await asyncio.to_thread(_write, file, content)
        command = [*WORKER, file.name, span.first.isoformat(), span.last.isoformat()]
        async with AT_ONCE:
            status, said = await confined.run(command, within=PATIENCE)
    try:
        told: dict[str, Any] = json.loads(said)
        if "broken" in told:
            raise Unreadable(told["broken"] if told["broken"] in BROKEN else "heavy")
        return Read.model_validate(told)
    except (ValueError, ValidationError):  # killed for its memory or time
        log.warning("the calendar worker ended with %s", status)
        raise Unreadable("heavy") from None


def _write(file: Any, content: bytes) -> None:
    file.write(content)
    file.flush()

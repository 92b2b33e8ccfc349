"""Board dates as people paste them: one line a meeting, the day it meets and the last day to hand in papers. Pure."""

import re
from dataclasses import dataclass, field
from datetime import date

from pydantic import ValidationError

from portal.fields import sentence
from portal.networks.board_models import BoardMeetingForm
from portal.web import _, ngettext

MOST_LINES = 400
MOST_SHOWN = 5
MONTHS = ("", "jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
SPOKEN = re.compile(r"(?:\w+dag(?:en)?\s+)?(?:den\s+)?(\d{1,2})\s+([a-zåäö]{3,9})\.?\s+(\d{4})", re.IGNORECASE)
# What stands between two days: a mark or a tab, or as tables are often pasted nothing but space behind the first.
BETWEEN = re.compile(r"[;,\t]|(?<=\d\d\d\d-\d\d-\d\d)\s+|(?<= \d\d\d\d)\s+")
ANY_DIGIT = re.compile(r"\d")


class UnreadableError(ValueError):
    """Why a line is not a meeting, in one sentence."""


@dataclass
class Dates:
    """The meetings of a list, and one sentence for each line that could not be read."""

    meetings: list[BoardMeetingForm] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def complaint(self) -> str:
        """What is wrong, in as much as fits beside a field."""
        more = len(self.wrong) - MOST_SHOWN
        rest = [ngettext("och en rad till.", "och %(num)d rader till.", more) % {"num": more}] if more > 0 else []
        return " ".join(self.wrong[:MOST_SHOWN] + rest)


def decoded(raw: bytes) -> str:
    """The text of a file as spreadsheets save it: UTF-8, UTF-16 with its mark, or Windows-1252."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def read_dates(text: str) -> Dates:
    """`2027-02-10;2027-01-25` a line, also with comma or tab between and with dates as 10 februari 2027; a heading is skipped."""
    dates = Dates()
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip(' \t;,"')]
    if lines and not ANY_DIGIT.search(lines[0][1]):
        lines = lines[1:]
    if not lines:
        dates.wrong.append(_("Listan är tom."))
    if len(lines) > MOST_LINES:
        dates.wrong.append(_("Listan är för lång: högst %(most)d rader.", most=MOST_LINES))
        return dates
    for number, line in lines:
        try:
            _add(dates, _meeting(line))
        except UnreadableError as unreadable:
            dates.wrong.append(_("Rad %(number)d: %(sentence)s", number=number, sentence=unreadable))
    return dates


def _add(dates: Dates, meeting: BoardMeetingForm) -> None:
    if any(each.meets_on == meeting.meets_on for each in dates.meetings):
        raise UnreadableError(_("Sammanträdet %(day)s står två gånger.", day=meeting.meets_on.isoformat()))
    dates.meetings.append(meeting)


def _meeting(line: str) -> BoardMeetingForm:
    cells = [cell.strip(' "') for cell in BETWEEN.split(line)]
    days = [_day(cell) for cell in cells if cell]
    if len(days) != 2:
        raise UnreadableError(_("Skriv två datum med semikolon emellan."))
    try:
        return BoardMeetingForm(meets_on=days[0], cutoff_on=days[1])
    except ValidationError as failure:
        raise UnreadableError(sentence(failure.errors(include_url=False)[0], translate=_)) from failure


def _day(text: str) -> date:
    try:
        if spoken := SPOKEN.fullmatch(text):
            return date(int(spoken[3]), MONTHS.index(spoken[2][:3].lower()), int(spoken[1]))
        return date.fromisoformat(text)
    except ValueError:
        raise UnreadableError(_("”%(text)s” är inte ett datum.", text=text[:40])) from None

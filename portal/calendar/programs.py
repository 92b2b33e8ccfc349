"""Which calendar program reads, by its User-Agent, and how long each lets a change wait. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum


class Program(StrEnum):
    outlook = "outlook"
    google = "google"
    apple = "apple"
    thunderbird = "thunderbird"
    other = "other"


# Words in a User-Agent, in the order in which they are looked for: Outlook on a Mac names Apple's system, too.
MARKS = (
    (Program.google, ("google-calendar", "googlecalendar")),
    (Program.outlook, ("outlook", "microsoft", "exchange", "owa/")),
    (Program.thunderbird, ("thunderbird",)),
    (Program.apple, ("dataaccessd", "calendaragent", "calaccessd", "ical/", "ios/", "macos/", "mac os x/", "mac_os_x/")),
)
# How long a program may show an old hour after a change. Outlook on the web reads about every third hour but sometimes after more
# than a day; Google reads after 8 to 24 hours, and nothing hurries it. Apple's programs read as often as their owner has said,
# mostly once a day or more; Thunderbird every half hour while it is open. Of others we know nothing: as the slowest.
DELAYS = {
    Program.outlook: timedelta(hours=48),
    Program.google: timedelta(hours=24),
    Program.apple: timedelta(hours=24),
    Program.thunderbird: timedelta(hours=1),
    Program.other: timedelta(hours=48),
}
LONGEST_AGENT = 100
IN_USE = timedelta(days=7)  # the slowest reads more often
# Who has not read for so long reads no more: the feed was forgotten, or the program's own account of it was.
GIVEN_UP = timedelta(days=30)


def program_of(agent: str) -> Program:
    """The program that calls itself so."""
    told = agent.lower()
    return next((program for program, marks in MARKS if any(mark in told for mark in marks)), Program.other)


def shown(agent: str) -> str:
    """How a program calls itself, fit to be kept and shown."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in agent).split())[:LONGEST_AGENT]


def is_late(program: str, read_at: datetime, now: datetime) -> bool:
    """Whether the program should have read again by now, even if it took the longest it is known for."""
    return now - read_at > 2 * DELAYS[Program(program)]


def may_miss(program: str, starts_at: datetime, now: datetime) -> bool:
    """Whether something that changes now may begin before the program has read of it."""
    return starts_at - now < DELAYS[Program(program)]

"""Dates, hours, numbers and names as people read them, in Swedish and English. Hours are Swedish hours. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from portal.clock import local

SOON = timedelta(days=7)
# Between den, a day's number and its month, and between kl. and its hour.
NEVER_AT_A_LINE_END = re.compile(r"(\bden|\bkl\.) (?=\d)|(?<![.:\d])(\d\d?) (?=[^\W\d])")
# å ä ö and their kin after z; ü is sorted as y. What is left of the accents is taken off afterwards.
SWEDISH_ALPHABET = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}", "ü": "y"})


@dataclass(frozen=True)
class Language:
    """The words and patterns of one language."""

    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    last_weekday: tuple[str, ...]
    date_long: str
    hour: str
    from_hour: str
    at_hour: str
    until: str
    week: str
    just_now: str
    minutes_ago: tuple[str, str]
    hours_ago: tuple[str, str]
    near_days: dict[int, str]
    thousands: str
    decimal: str


SWEDISH = Language(
    months=("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"),
    weekdays=("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    last_weekday=("i måndags", "i tisdags", "i onsdags", "i torsdags", "i fredags", "i lördags", "i söndags"),
    date_long="den {}",
    hour="%H.%M",
    from_hour="kl. {}",
    at_hour="kl. {}",
    until="{} till {} {}",
    week="vecka {}",
    just_now="nyss",
    minutes_ago=("för 1 minut sedan", "för {} minuter sedan"),
    hours_ago=("för 1 timme sedan", "för {} timmar sedan"),
    near_days={-1: "i går", 0: "i dag", 1: "i morgon"},
    thousands="\u00a0",
    decimal=",",
)
ENGLISH = Language(
    months=("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    last_weekday=("on Monday", "on Tuesday", "on Wednesday", "on Thursday", "on Friday", "on Saturday", "on Sunday"),
    date_long="{}",
    hour="%H:%M",
    from_hour="{}",
    at_hour="at {}",
    until="{} to {} {}",
    week="week {}",
    just_now="just now",
    minutes_ago=("1 minute ago", "{} minutes ago"),
    hours_ago=("1 hour ago", "{} hours ago"),
    near_days={-1: "yesterday", 0: "today", 1: "tomorrow"},
    thousands=",",
    decimal=".",
)
LANGUAGES = {"sv": SWEDISH, "en": ENGLISH}


def date_short(day: date) -> str:
    """2026-12-13, the same in every language (ISO 8601)."""
    return _day(day).isoformat()


def date_long(day: date, locale: str) -> str:
    """den 13 december 2026"""
    return LANGUAGES[locale].date_long.format(f"{day_month(day, locale)} {_day(day).year}")


def weekday_date(day: date, locale: str) -> str:
    """torsdag den 10 december 2026"""
    return f"{LANGUAGES[locale].weekdays[_day(day).weekday()]} {date_long(day, locale)}"


def weekday_day(day: date, locale: str) -> str:
    """torsdag 10 december, where the year is plain"""
    return f"{LANGUAGES[locale].weekdays[_day(day).weekday()]} {day_month(day, locale)}"


def day_month(day: date, locale: str) -> str:
    """10 december"""
    return f"{_day(day).day} {LANGUAGES[locale].months[_day(day).month - 1]}"


def near_date(day: date, now: date, locale: str) -> str:
    """10 december; the year only where it is another one"""
    year = "" if _day(day).year == _day(now).year else f" {_day(day).year}"
    return day_month(day, locale) + year


def week(day: date, locale: str) -> str:
    """vecka 47, counted as ISO 8601 does"""
    return LANGUAGES[locale].week.format(_day(day).isocalendar().week)


def unbroken(said: str) -> str:
    """The same date or hour, that a line's end never parts: den 5 juni and kl. 13.00 stay together,
    the year may follow on the next line."""
    return NEVER_AT_A_LINE_END.sub("\\1\\2\u00a0", said)


def clock_time(moment: datetime, locale: str) -> str:
    """13.00; seconds are left out, never rounded up, so the last moment of a day is 23.59"""
    return local(moment).strftime(LANGUAGES[locale].hour)


def span(start: datetime, end: datetime | None, locale: str) -> str:
    """kl. 13.00–15.30, to stand after a date; an end on another day brings its own date"""
    language = LANGUAGES[locale]
    begins = language.from_hour.format(clock_time(start, locale))
    if end is None or end == start:
        return begins
    if _day(end) == _day(start):
        return f"{begins}–{clock_time(end, locale)}"
    return language.until.format(begins, near_date(end, start, locale), _at(end, locale))


def ago(moment: datetime, now: datetime, locale: str) -> str:
    """för 2 timmar sedan, i går kl. 13.04, i tisdags, 10 december; show the exact time beside it or in a title"""
    language = LANGUAGES[locale]
    minutes = (now - moment) // timedelta(minutes=1)
    days = (_day(now) - _day(moment)).days
    if moment > now + timedelta(minutes=1):
        return due(moment, now, locale)
    if minutes < 1:
        return language.just_now
    if minutes < 60:
        return _counted(language.minutes_ago, minutes)
    if days == 0:
        return _counted(language.hours_ago, minutes // 60)
    if days == 1:
        return f"{language.near_days[-1]} {_at(moment, locale)}"
    return language.last_weekday[_day(moment).weekday()] if days < 7 else near_date(moment, now, locale)


def due(moment: date, now: datetime, locale: str) -> str:
    """i dag kl. 23.59, i morgon, 27 november; the hour is left out where it is the end of another day"""
    days = (_day(moment) - _day(now)).days
    day = LANGUAGES[locale].near_days.get(days) or near_date(moment, now, locale)
    if not isinstance(moment, datetime) or (days != 0 and _ends_day(moment)):
        return day
    return f"{day} {_at(moment, locale)}"


def nearness(moment: date, now: datetime) -> str:
    """One of late, soon (within a week) and later; a date lasts until its end."""
    left = moment - now if isinstance(moment, datetime) else moment - _day(now)
    if left < timedelta(0):
        return "late"
    return "soon" if left <= SOON else "later"


def number(value: float | Decimal, locale: str) -> str:
    """1 234,5 with unbreakable spaces; at most two decimals"""
    language = LANGUAGES[locale]
    whole, _, decimals = f"{Decimal(str(value)):z,.2f}".replace("-", "−").partition(".")
    return whole.replace(",", language.thousands) + (language.decimal + decimals.rstrip("0") if decimals.strip("0") else "")


def file_size(size: int, locale: str) -> str:
    """12 kB, 1,2 MB: as a file manager counts, in thousands."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))}\u00a0kB"
    return f"{number(round(size / 1_000_000, 1), locale)}\u00a0MB"


def initials(name: str) -> str:
    """Two letters for a person's mark, in any script; a dash for no name."""
    names = [letters for word in name.split() if (letters := "".join(filter(str.isalpha, word)))]
    if not names:
        return "–"
    return names[0][:2].upper()[:2] if len(names) == 1 else names[0][0].upper()[0] + names[-1][0].upper()[0]


def sort_key(text: str) -> tuple[str, str]:
    """Swedish order: å ä ö after z; other accents and capitals decide only between equals."""
    letters = unicodedata.normalize("NFC", text.casefold()).translate(SWEDISH_ALPHABET)
    return "".join(each for each in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(each)), text


def _day(moment: date) -> date:
    return local(moment).date() if isinstance(moment, datetime) else moment


def _at(moment: datetime, locale: str) -> str:
    return LANGUAGES[locale].at_hour.format(clock_time(moment, locale))


def _ends_day(moment: datetime) -> bool:
    return (local(moment).hour, local(moment).minute) == (23, 59)


def _counted(forms: tuple[str, str], count: int) -> str:
    return forms[0] if count == 1 else forms[1].format(count)

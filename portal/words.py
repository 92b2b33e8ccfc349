"""Dates, times, numbers and initials the Swedish and the English way. Pure."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MONTHS = {
    "sv": ["januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"],
    "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
}
DAYS = {
    "sv": ["måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}
ORDER = str.maketrans({"å": "{", "ä": "|", "ö": "}", "é": "e", "è": "e", "ü": "y", "æ": "|", "ø": "}"})


def _day(value: date | datetime) -> date:
    return value.astimezone(STOCKHOLM).date() if isinstance(value, datetime) else value


def date_long(value: date | datetime, locale: str) -> str:
    """den 13 december 2026 / 13 December 2026"""
    day = _day(value)
    text = f"{day.day} {MONTHS[locale][day.month - 1]} {day.year}"
    return f"den {text}" if locale == "sv" else text


def date_short(value: date | datetime) -> str:
    """2026-12-13"""
    return _day(value).isoformat()


def weekday_date(value: date | datetime, locale: str) -> str:
    """torsdag den 10 december 2026 / Thursday 10 December 2026"""
    return f"{DAYS[locale][_day(value).weekday()]} {date_long(value, locale)}"


def day_month(value: date | datetime, locale: str) -> str:
    """10 december / 10 December"""
    day = _day(value)
    return f"{day.day} {MONTHS[locale][day.month - 1]}"


def clock_time(moment: datetime, locale: str) -> str:
    """13.00 / 13:00, Swedish time"""
    return moment.astimezone(STOCKHOLM).strftime("%H.%M" if locale == "sv" else "%H:%M")


def span(start: datetime, end: datetime, locale: str) -> str:
    """kl. 13.00–15.30 / 13:00–15:30"""
    text = f"{clock_time(start, locale)}–{clock_time(end, locale)}"
    return f"kl. {text}" if locale == "sv" else text


def week(value: date | datetime, locale: str) -> str:
    """vecka 47 / week 47"""
    return f"{'vecka' if locale == 'sv' else 'week'} {_day(value).isocalendar().week}"


def ago(moment: datetime, now: datetime, locale: str) -> str:
    """How long ago, for today and yesterday; else the day. The exact time belongs beside it."""
    days = (_day(now) - _day(moment)).days
    if days == 0:
        return f"{'i dag kl.' if locale == 'sv' else 'today at'} {clock_time(moment, locale)}"
    if days == 1:
        return f"{'i går kl.' if locale == 'sv' else 'yesterday at'} {clock_time(moment, locale)}"
    if 1 < days < 7 and locale == "sv":
        return f"i {DAYS['sv'][_day(moment).weekday()].removesuffix('g')}gs"
    return day_month(moment, locale) + ("" if _day(moment).year == _day(now).year else f" {_day(moment).year}")


def due(value: date | datetime, now: datetime, locale: str) -> str:
    """When something is to be done: today, tomorrow, else the day."""
    days = (_day(value) - _day(now)).days
    at = f" {'kl.' if locale == 'sv' else 'at'} {clock_time(value, locale)}" if isinstance(value, datetime) else ""
    if days == 0:
        return ("i dag" if locale == "sv" else "today") + at
    if days == 1:
        return ("i morgon" if locale == "sv" else "tomorrow") + at
    return day_month(value, locale) + ("" if _day(value).year == _day(now).year else f" {_day(value).year}")


def nearness(value: date | datetime, now: datetime) -> str:
    """late, soon (within a week) or later"""
    end = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, 23, 59, 59, tzinfo=STOCKHOLM).astimezone(UTC)
    return "late" if end < now else "soon" if end - now < timedelta(days=7) else "later"


def number(value: float, locale: str) -> str:
    """1 200 000 / 1,200,000"""
    text = f"{value:,}"
    return text.replace(",", "\u00a0").replace(".", ",") if locale == "sv" else text


def initials(name: str) -> str:
    """Two letters of a name, or a dash."""
    parts = [part for part in name.split() if part]
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper() if parts else "–"


def sort_key(text: str) -> str:
    """Swedish order: å ä ö last, capitals and small alike."""
    return text.casefold().translate(ORDER)

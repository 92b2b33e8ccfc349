"""Feeds as calendar programs read them: addresses from the page, and what two libraries find at them."""

import re
from datetime import UTC, date, datetime

import icalendar
import recurring_ical_events
import vobject

from portal.networks.models import Membership
from tests.browser import Browser

FOUND = re.compile(r'id="feed-address" readonly value="http://127\.0\.0\.1:8000(/calendar/[\w-]+\.ics)"')
Moments = dict[str, datetime | date]


async def address_for(browser, member: Membership, *, name: str = "Outlook på jobbet", **chosen: str) -> str:
    """A new feed's path, from the page that shows it once."""
    return address_in(await (await browser(member)).post("/granby/calendar/feeds", {"name": name, **chosen}))


def address_in(page) -> str:
    found = FOUND.search(page.text)
    assert found, page.text
    return found[1]


async def events_at(visitor: Browser, path: str, **headers: str) -> dict[str, icalendar.Event]:
    """The events of a feed by their titles."""
    answer = await visitor.get(path, headers=headers)
    assert answer.status_code == 200
    return {str(event["SUMMARY"]): event for event in icalendar.Calendar.from_ical(answer.content).walk("VEVENT")}


def by_icalendar(content: bytes) -> Moments:
    """When each event begins, read by icalendar and unfolded by recurring-ical-events: with the machine's zones."""
    calendar = icalendar.Calendar.from_ical(content)
    found = recurring_ical_events.of(calendar).between(date(2020, 1, 1), date(2035, 1, 1))
    return {str(each["UID"]): _in_utc(each["DTSTART"].dt) for each in found}


def by_vobject(content: bytes) -> Moments:
    """The same by vobject, which knows no zones but the file's own VTIMEZONE."""
    calendar = vobject.readOne(content.decode())
    return {each.uid.value: _in_utc(each.dtstart.value) for each in getattr(calendar, "vevent_list", [])}


def _in_utc(moment: datetime | date) -> datetime | date:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment

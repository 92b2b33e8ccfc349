"""Calendar files: the rows a feed shows → its bytes, kept until anything changes that they are made from."""

import gzip
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from portal import clock, ical
from portal.calendar.models import Alarm, Scope, group_in
from portal.calendar.queries import Polled, Published, seat
from portal.consultations import queries as consultations
from portal.consultations.models import Consultation, FeedbackWindow, Stage
from portal.consultations.words import STAGES
from portal.db import Session
from portal.funding import queries as funding
from portal.funding.models import WatchedCall
from portal.meetings import action_items
from portal.meetings import queries as meetings
from portal.meetings.events import event_of
from portal.meetings.models import Meeting, State
from portal.meetings.record_models import ActionItem
from portal.networks.group_models import WorkingGroup
from portal.networks.models import Membership
from portal.web import _, speaking
from portal.words import clock_time

REFRESH = timedelta(hours=4)
COLOR = "teal"
MOST_KEPT = 256
# Before a meeting begins; a deadline has no hour, so the morning of the day before, or of the day itself.
ALARMS: dict[str, timedelta] = {Alarm.day: -timedelta(days=1), Alarm.hour: -timedelta(hours=1)}
DEADLINE_ALARMS: dict[str, timedelta] = {Alarm.day: -timedelta(hours=15), Alarm.hour: timedelta(hours=9)}


@dataclass(frozen=True)
class Made:
    """A calendar file with the number of its events; either representation, as it is and packed by gzip, has a validator of its own."""

    content: bytes
    events: int

    @cached_property
    def tag(self) -> str:
        return ical.etag(self.content)

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.content, mtime=0)  # without the moment: the same calendar is the same bytes

    @cached_property
    def packed_tag(self) -> str:
        return ical.etag(self.packed)


_made: dict[tuple[Polled | Published, str], Made] = {}


async def of_member(session: Session, feed: Polled, *, address: str) -> Made:
    """What the member's feed shows while she is in the network, an empty calendar after.

    Programs poll the same events day and night, so the bytes are kept until anything changes that they are made from.
    """
    return kept(feed, address=address) or _keep(feed, address, await _of_member(session, feed, page=f"{address}/{feed.slug}"))


async def of_public(session: Session, network: Published, *, address: str) -> Made:
    """The network's open calendar: what and when and where, and nothing that leads further in."""
    return kept(network, address=address) or _keep(network, address, await _of_public(session, network, page=f"{address}/{network.slug}"))


def kept(asked: Polled | Published, *, address: str) -> Made | None:
    """What was made of it before, if it is as it was then."""
    return _made.get((asked, address))


def _keep(asked: Polled | Published, address: str, made: Made) -> Made:
    if len(_made) >= MOST_KEPT:
        _made.clear()
    _made[asked, address] = made
    return made


async def _of_member(session: Session, feed: Polled, *, page: str) -> Made:
    events: list[ical.Event] = []
    member = await seat(session, feed.id)
    with speaking(feed.locale):
        if member is not None:
            if feed.scope != Scope.deadlines:
                shown = await meetings.for_calendar(session, member, own=feed.scope == Scope.mine, group_id=group_in(feed.scope))
                events += [event_of(each, page=page, alarm=ALARMS.get(feed.alarm)) for each in shown]
            if feed.scope in (Scope.deadlines, Scope.everything):
                events += await deadlines(session, member, page=page, locale=feed.locale, alarm=DEADLINE_ALARMS.get(feed.alarm))
        return _file(events, feed, name=await _name(session, feed, member), url=f"{page}/meetings")


async def deadlines(session: Session, member: Membership, *, page: str, locale: str, alarm: timedelta | None = None) -> list[ical.Event]:
    """The closing days of what the network deals with, and of what the member herself has to do."""
    since = meetings.shown_since()
    closing = await consultations.for_calendar(session, member, since=since)
    calls = await funding.for_calendar(session, member, since=since)
    own = await action_items.action_deadlines(session, member)
    edits = await action_items.edits(session, own)
    events = [deadline_of(*each, page=page, locale=locale, alarm=alarm) for each in closing]
    events += [call_of(each, page=page, locale=locale, alarm=alarm) for each in calls]
    return events + [task_of(each, *edits[each.id], page=page, alarm=alarm) for each in own]


async def _name(session: Session, feed: Polled, member: Membership | None) -> str:
    group_id = group_in(feed.scope)
    if group_id is not None:
        group = await session.get(WorkingGroup, group_id) if member is not None else None
        return _("Arbetsgruppen %(group)s – %(network)s", group=group.name, network=feed.name) if group else feed.name
    if feed.scope == Scope.mine:
        return _("Mina träffar – %(network)s", network=feed.name)
    if feed.scope == Scope.deadlines:
        return _("Sista dagar – %(network)s", network=feed.name)
    if feed.scope == Scope.everything:
        return _("Träffar och sista dagar – %(network)s", network=feed.name)
    return _("Träffar – %(network)s", network=feed.name)


async def _of_public(session: Session, network: Published, *, page: str) -> Made:
    events = [open_event_of(each) for each in await meetings.announced(session, network.network_id)]
    with speaking(network.locale):
        return _file(events, network, name=network.name, url=f"{page.rpartition('/')[0]}/contact")


def _file(events: list[ical.Event], asked: Polled | Published, *, name: str, url: str) -> Made:
    shown = ical.current(events, asked.day)
    calendar = ical.Calendar(name=name, url=url, refresh=REFRESH, color=COLOR, events=shown)
    return Made(ical.feed(calendar, language=asked.locale), len(shown))


def open_event_of(meeting: Meeting) -> ical.Event:
    """What anybody may know of an open meeting. Its page and its video meeting are for members."""
    return ical.Event(
        uid=meeting.uid,
        title=meeting.record.title,
        created_at=meeting.created_at,
        updated_at=meeting.changed_at,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place=meeting.place,
        sequence=meeting.sequence,
        cancelled=meeting.state == State.cancelled,
        cancelled_at=meeting.cancelled_at,
    )


def deadline_of(
    consultation: Consultation, window: FeedbackWindow, *, page: str, locale: str, alarm: timedelta | None = None
) -> ical.Event:
    """The last day to answer, by the Swedish calendar and with its Swedish hour in the title: programs show no hour of a whole day."""
    if window.closes_at is None:
        raise ValueError(f"window {window.id} does not close")
    link = f"{page}{consultation.record.path}"
    hour = clock_time(window.closes_at, locale)
    return ical.Event(
        uid=f"{consultation.closing(window)}@portal",
        title=_("Sista dag att svara, kl. %(hour)s: %(title)s", hour=hour, title=consultation.record.heading),
        created_at=consultation.record.created_at,
        updated_at=window.changed_at,
        day=clock.local(window.closes_at).date(),
        url=link,
        description="\n\n".join((str(STAGES[Stage(window.stage)]), link)).strip(),
        sequence=window.sequence,
        alarm=alarm,
    )


def call_of(watched: WatchedCall, *, page: str, locale: str, alarm: timedelta | None = None) -> ical.Event:
    """The last day to apply, as that of a consultation."""
    call, record = watched.call, watched.record
    link = f"{page}{record.path}"
    return ical.Event(
        uid=f"{watched.closing}@portal",
        title=_("Sista dag att söka, kl. %(hour)s: %(title)s", hour=clock_time(call.closes_at, locale), title=record.heading),
        created_at=record.created_at,
        updated_at=call.changed_at,
        day=clock.local(call.closes_at).date(),
        url=link,
        description=f"{call.programme}\n\n{link}",
        sequence=call.sequence,
        alarm=alarm,
    )


def task_of(item: ActionItem, sequence: int, changed_at: datetime, *, page: str, alarm: timedelta | None = None) -> ical.Event:
    """The day by which the feed's own member is to have done what a meeting has asked her to; `sequence` counts changes of the task. It
    tells nothing of the meeting but its address, since a meeting that gets another title would change a task that has not changed."""
    link = f"{page}{item.source.path}"
    return ical.Event(
        uid=f"{item.closing}@portal",
        title=_("Gör klart: %(what)s", what=item.what),
        created_at=item.created_at,
        updated_at=changed_at,
        day=item.due_on,
        url=link,
        description=link,
        sequence=sequence,
        alarm=alarm,
    )

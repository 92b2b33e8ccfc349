"""Series of meetings: planned at once, changed from one of them on, and cancelled at once; each time by the verbs of a single meeting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Protocol

from pydantic import ValidationError
from sqlalchemy import ColumnElement, select
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.db import Session
from portal.fields import sentence
from portal.meetings import actions, agenda
from portal.meetings.models import AgendaForm, CancelForm, Meeting, MeetingForm, Season, State, comes_twice, instead_of, moment
from portal.meetings.queries import GROUP, WHOLE
from portal.meetings.rights import authorise
from portal.meetings.series_models import FollowingForm, MeetingSeries, PlanForm, SeriesForm
from portal.networks import leading
from portal.networks.group_models import WorkingGroup
from portal.networks.models import Membership
from portal.networks.wrong import Wrong
from portal.records import actions as records
from portal.records.queries import readable
from portal.web import Conflict, NotFound, _, _l, check_version, current_locale
from portal.words import weekday_date

OVER = _l("Träffen är hållen eller inställd och kan inte ändras.")


@dataclass(frozen=True)
class Said:
    """What is to be known of a day before one meets on it; on a free one, such as a public holiday, hardly anybody would come."""

    sentences: list[str]
    is_free: bool = False


class Foresight(Protocol):
    """Tell of the days on which meetings with these hours would be, for who plans."""

    async def __call__(self, session: Session, by: Membership, hours: Sequence[tuple[datetime, datetime]], /) -> Mapping[date, Said]: ...


# What stands in the year is known above; portal/rooms.py fills the list.
FORESIGHT: list[Foresight] = []


@dataclass(frozen=True)
class Proposed:
    """A day of a series that is not planned yet. Where the hour does not exist there can be no meeting."""

    day: date
    said: list[str]
    is_possible: bool
    is_wise: bool


async def proposed(session: Session, *, by: Membership, form: PlanForm) -> list[Proposed]:
    """The days that the form asks for, each with what is to be known of it."""
    hours = [(moment(day, form.starts), moment(day, form.ends)) for day in form.all_days]
    found = [await look(session, by, hours) for look in FORESIGHT]
    return [_proposed(day, form, [each[day] for each in found if day in each]) for day in form.all_days]


async def known_of(session: Session, *, by: Membership, form: MeetingForm) -> list[str]:
    """What there is to know of the day of one meeting, in sentences, while it does not stand in the calendar itself."""
    hours = [(moment(form.day, form.starts), moment(form.day, form.ends))]
    found = [await look(session, by, hours) for look in FORESIGHT]
    return [said for each in found if form.day in each for said in each[form.day].sentences]


def _proposed(day: date, form: PlanForm, said: Sequence[Said]) -> Proposed:
    sentences = [each for one in said for each in one.sentences]
    skipped = [at for at in (form.starts, form.ends) if instead_of(day, at) is not None]
    if skipped:
        sentences.append(_("Klockan ställs fram den natten och den timmen finns inte."))
    elif any(comes_twice(day, at) for at in (form.starts, form.ends)):
        sentences.append(_("Klockan ställs tillbaka den natten. Den första av de två timmarna gäller."))
    return Proposed(day, sentences, not skipped, not skipped and not any(each.is_free for each in said))


async def plan(session: Session, *, by: Membership, form: SeriesForm, group: WorkingGroup | None) -> MeetingSeries:
    """A meeting on each of the chosen days. Wrong for days that are not the series', and where the hour does not exist."""
    await leading.authorise(session, by, "meeting:plan", group.id if group else None)
    if not form.days or not set(form.days) <= set(form.all_days):
        raise Wrong("days", _l("Välj minst en av dagarna."))
    forms = [_on(day, form) for day in sorted(set(form.days))]  # before anything is written
    series = MeetingSeries(network_id=by.network_id, repeats=form.repeats.value, every=form.every, first_on=form.day)
    session.add(series)
    await session.flush()
    for each in forms:
        meeting = await actions.plan(session, by=by, form=each, group=group, series_id=series.id)
        await agenda.add(session, meeting, by=by, form=AgendaForm(title=_("Föregående träff"), minutes=10))
    activity.record(session, verb="series.planned", by=by, name=form.title, series=series.id, count=len(forms))
    return series


def _on(day: date, form: SeriesForm) -> MeetingForm:
    values = {name: getattr(form, name) for name in MeetingForm.model_fields}
    seasons = {} if day == form.day else _seasons(day, form.starts, form.ends)
    try:
        return MeetingForm.model_validate(values | {"day": day} | seasons)
    except ValidationError as failure:
        raise Wrong("days", _told(day, failure)) from None


def _seasons(day: date, starts: time, ends: time) -> dict[str, Season | None]:
    """Of an hour that comes twice the first one is meant (RFC 5545 section 3.3.5)."""
    return {name: Season.summer if comes_twice(day, at) else None for name, at in (("starts_in", starts), ("ends_in", ends))}


def _told(day: date, failure: ValidationError) -> str:
    said = sentence(failure.errors(include_url=False)[0], translate=_)
    return f"{weekday_date(day, current_locale())}: {said}"


async def series(session: Session, membership: Membership, number: int) -> MeetingSeries:
    """A series of the member's network; else NotFound, as for guests, who see single meetings."""
    found = await session.get(MeetingSeries, number)
    if found is None or found.network_id != membership.network_id or membership.is_guest:
        raise NotFound
    return found


async def meetings_of(session: Session, membership: Membership, series: MeetingSeries) -> Sequence[Meeting]:
    """Its meetings that the member may read, the earliest first."""
    return await _meetings(session, membership, col(Meeting.series_id) == series.id)


async def open_following(session: Session, membership: Membership, meeting: Meeting) -> Sequence[Meeting]:
    """The meeting and those after it in its series that are for the same people, as far as they have neither been held nor cancelled.
    NotFound for one of no series, Conflict for one that is over itself."""
    if meeting.series_id is None:
        raise NotFound
    if not meeting.is_open:
        raise Conflict(OVER)
    alike = (col(Meeting.series_id) == meeting.series_id) & col(Meeting.group_id).is_not_distinct_from(meeting.group_id)
    return await _meetings(session, membership, alike & (col(Meeting.starts_at) >= meeting.starts_at) & _is_open())


async def ahead(session: Session, membership: Membership, series: MeetingSeries) -> Sequence[Meeting]:
    """What is left of the series: meetings that have not begun and are not cancelled."""
    left = (col(Meeting.series_id) == series.id) & (col(Meeting.starts_at) > clock.now())
    return await _meetings(session, membership, left & _is_open())


def _is_open() -> ColumnElement[bool]:
    return col(Meeting.state).in_((State.planned, State.summoned))


async def _meetings(session: Session, membership: Membership, which: ColumnElement[bool]) -> Sequence[Meeting]:
    wanted = select(Meeting).join(Meeting.record).options(WHOLE, GROUP).where(readable(membership), which)  # type: ignore[arg-type]
    return (await session.scalars(wanted.order_by(col(Meeting.starts_at), col(Meeting.record_id)))).unique().all()


def held_for_following(meeting: Meeting) -> dict[str, Any]:
    """As the form for changing the meeting and those after it is filled."""
    return {name: value for name, value in meeting.values().items() if name in FollowingForm.model_fields}


async def change_following(session: Session, meeting: Meeting, *, by: Membership, form: FollowingForm, version: str = "") -> int:
    """What the form changes in the meeting is changed in those after it too; what else is their own stays. How many. Changed if the
    meeting is no longer that of `version`."""
    await authorise(session, by, "meeting:plan", meeting)
    await records.lock(session, meeting.record, meeting)
    left = await open_following(session, by, meeting)
    held = held_for_following(meeting)
    check_version(version, held)
    typed = {"starts": f"{form.starts:%H:%M}", "ends": f"{form.ends:%H:%M}", "place": form.place, "online_url": form.online_url or ""}
    changed = {name: value for name, value in typed.items() if value != held[name]}
    found = left if changed else []
    for each in found:
        await records.lock(session, each.record, each)
        await actions.change(session, each, by=by, form=_changed(each, changed))
    if found:
        activity.record(session, verb="series.changed", by=by, name=meeting.record.title, series=meeting.series_id, count=len(found))
    return len(found)


def _changed(meeting: Meeting, changed: Mapping[str, str]) -> MeetingForm:
    """Conflict, in one sentence, for hours that the meeting's day does not have, or in the wrong order there."""
    values = {**meeting.values(), **changed}
    day = date.fromisoformat(values["day"])
    if {"starts", "ends"} & changed.keys():
        values |= _seasons(day, time.fromisoformat(values["starts"]), time.fromisoformat(values["ends"]))
    try:
        return MeetingForm.model_validate({name: value for name, value in values.items() if value not in ("", None)})
    except ValidationError as failure:
        raise Conflict(_told(day, failure)) from None


async def cancel_following(session: Session, meeting: Meeting, *, by: Membership, form: CancelForm) -> int:
    """The meeting and those after it in its series are cancelled, as far as they have neither been held nor cancelled; how many."""
    await authorise(session, by, "meeting:plan", meeting)
    await records.lock(session, meeting.record, meeting)
    found = await open_following(session, by, meeting)
    for each in found:
        await actions.cancel(session, each, by=by, form=form)
    activity.record(session, verb="series.cancelled", by=by, name=meeting.record.title, series=meeting.series_id, count=len(found))
    return len(found)

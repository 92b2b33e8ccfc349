"""A meeting as calendars show it, in feeds and in invitations alike."""

from datetime import timedelta

from portal import ical
from portal.meetings.models import Meeting, State


def event_of(meeting: Meeting, *, page: str, alarm: timedelta | None = None) -> ical.Event:
    """What a calendar needs of a meeting, and nothing about persons."""
    link = f"{page}{meeting.record.path}"
    return ical.Event(
        uid=meeting.uid,
        title=meeting.record.title,
        created_at=meeting.created_at,
        updated_at=meeting.changed_at,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place=meeting.place or meeting.online_url or "",
        url=link,
        description="\n\n".join(part for part in (meeting.purpose, meeting.online_url or "", link) if part),
        sequence=meeting.sequence,
        cancelled=meeting.state == State.cancelled,
        cancelled_at=meeting.cancelled_at,
        alarm=alarm,
    )

"""Who has the meetings in her calendar, and when each program last read them. Nobody knows the addresses."""

from datetime import timedelta

from portal import clock
from portal.calendar import actions
from portal.calendar.models import Alarm, FeedForm
from portal.calendar.programs import Program
from portal.calendar.queries import feeds
from portal.demo.stage import Stage
from portal.meetings.queries import for_calendar

# Member, device, alarm, program, what the program calls itself, and how long ago it read.
SUBSCRIBED = (
    ("ingela", "Outlook på jobbet", Alarm.none, Program.outlook, "Microsoft Exchange/15.20", timedelta(hours=2)),
    ("sirkka", "Telefonen", Alarm.day, Program.google, "Google-Calendar-Importer", timedelta(hours=9)),
    ("sirkka", "Gamla plattan", Alarm.hour, Program.apple, "iOS/15.8 (19H370) dataaccessd/1.0", timedelta(days=26)),
)

SINCE = 60  # working days ago the first one was made


def put_calendars(stage: Stage) -> None:
    for number, (key, device, alarm, *_reading) in enumerate(SUBSCRIBED):
        stage.put(stage.ago(SINCE - number, "9.10"), _subscribe, key, FeedForm(name=device, alarm=alarm))


async def _subscribe(stage: Stage, key: str, form: FeedForm) -> None:
    await actions.make(stage.session, by=stage.members[key], form=form)


async def note_readings(stage: Stage) -> None:
    """After everything else: programs have read what there is now."""
    for key, device, _alarm, program, agent, ago in SUBSCRIBED:
        member = stage.members[key]
        feed = next(each for each in await feeds(stage.session, member) if each.name == device)
        shown = await for_calendar(stage.session, member)
        with clock.fixed(clock.now() - ago):
            await actions.keep_reading(stage.session, feed.id, program=program, agent=agent, status=304, events=len(shown))

"""Reminders of the year wheel, and a calendar of the schools that the coordinator plans beside."""

from datetime import date

from portal.demo.stage import Stage
from portal.sources.calendars import actions as calendars
from portal.sources.calendars.reading import Read, Span
from portal.year import actions
from portal.year.models import ReminderForm

REMINDERS = (
    (1, 18, "Samla siffror till årsrapporten"),
    (5, 9, "Europadagen"),
    (9, 1, "Fråga skolan om nästa toleransresa"),
    (11, 1, "Sista dag att söka vänortsbidrag"),
)
# Weeks of the Swedish school year: name, first and last week.
BREAKS = (("Sportlov", 9, 9), ("Påsklov", 14, 14), ("Höstlov", 44, 44))


def put_year(stage: Stage, by: str) -> None:
    stage.put(stage.ago(57, "14.40"), _remind, by)
    stage.put(stage.ago(57, "14.55"), _read_school_year, by)


async def _remind(stage: Stage, by: str) -> None:
    for month, day, title in REMINDERS:
        form = ReminderForm(day=date(stage.today.year, month, day), title=title, yearly=True)
        await actions.remind(stage.session, by=stage.members[by], form=form)


async def _read_school_year(stage: Stage, by: str) -> None:
    span = Span(date(stage.today.year - 1, 1, 1), date(stage.today.year + 2, 12, 31))
    events = [_week(year, *each) for year in range(span.first.year, span.last.year + 1) for each in BREAKS]
    read = Read.model_validate({"events": events, "refused": [], "outside": 0})
    await calendars.take_file(stage.session, by=stage.members[by], name="Läsåret", read=read, span=span)


def _week(year: int, title: str, first: int, last: int) -> dict[str, object]:
    monday, friday = date.fromisocalendar(year, first, 1), date.fromisocalendar(year, last, 5)
    return {"title": title, "place": "", "first": monday, "last": friday}

"""What the coordinator asks for when she plans: one meeting, or a series of them that keep together."""

from datetime import date, time
from typing import Annotated

from pydantic import ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from sqlmodel import Field

from portal.db import Table, identity, reference
from portal.fields import Line, Link
from portal.meetings.models import EVEN_IF_LEFT_OUT, ForWhomForm
from portal.meetings.recurrence import MOST, Repeats, Rule
from portal.web.language import _


class PlanForm(ForWhomForm):
    """A meeting, and whether it repeats: so many times, or until a day."""

    repeats: Repeats | None = None
    every: Annotated[int, Field(ge=1, le=12)] = 1
    times: Annotated[int, Field(ge=2, le=MOST)] | None = None
    until: date | None = Field(default=None, schema_extra=EVEN_IF_LEFT_OUT)

    @field_validator("until")
    @classmethod
    def _ends_once(cls, until: date | None, info: ValidationInfo) -> date | None:
        given = info.data
        if given.get("repeats") is None or any(name not in given for name in ("day", "every", "times")):
            return until
        if (until is None) == (given["times"] is None):
            raise PydanticCustomError("ends_how", _("Skriv antingen hur många träffar det blir eller en sista dag."))
        count = len(Rule(given["repeats"], given["every"], given["day"]).days(times=given["times"], until=until))
        if count < 2:
            raise PydanticCustomError("only_one", _("Det blir bara en träff. Välj en senare sista dag."))
        if count > MOST:
            raise PydanticCustomError("too_many", _("Det blir för många träffar: en serie har högst 60."))
        return until

    @property
    def rule(self) -> Rule | None:
        return Rule(self.repeats, self.every, self.day) if self.repeats else None

    @property
    def all_days(self) -> list[date]:
        """Every day of the series, or the one day."""
        return self.rule.days(times=self.times, until=self.until) if self.rule else [self.day]


class SeriesForm(PlanForm):
    """Which of the days of the series are to be meetings."""

    repeats: Repeats
    days: list[date] = []


class FollowingForm(Table):
    """What changes in a meeting of a series and in those that follow it."""

    starts: time
    ends: time
    place: Annotated[Line, Field(max_length=200)] = ""
    online_url: Link | None = None

    @field_validator("ends")
    @classmethod
    def _is_after(cls, ends: time, info: ValidationInfo) -> time:
        starts = info.data.get("starts")
        if starts is not None and ends <= starts:
            raise PydanticCustomError("ends_early", _("Träffen behöver sluta efter att den börjar."))
        return ends


class MeetingSeries(Table, table=True):
    """Meetings that were planned together, and by what rule. Each of them is a meeting like any other."""

    __tablename__ = "meeting_series"

    id: int = identity()
    network_id: int = reference("network.id")
    repeats: str
    every: int
    first_on: date

    @property
    def rule(self) -> Rule:
        return Rule(Repeats(self.repeats), self.every, self.first_on)

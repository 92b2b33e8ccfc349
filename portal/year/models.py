"""The plan of a year and its days: rows of the coordinator's own that become meetings when the plan is published."""

from datetime import date, time
from typing import Annotated, Any

from pydantic import ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Relationship

from portal.db import Table, identity, reference
from portal.fields import Line, _l
from portal.networks.models import Day
from portal.year.days import FIRST_YEAR, LAST_YEAR

Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]


def _after(ends: time, info: ValidationInfo) -> time:
    starts = info.data.get("starts")
    if starts is not None and ends <= starts:
        raise PydanticCustomError("ends_early", _l("Träffen behöver sluta efter att den börjar."))
    return ends


class YearForm(Table):
    """Which year a button is for."""

    year: Year


class UsualForm(YearForm):
    """What the year's meetings have in common, by the Swedish clock."""

    title: Annotated[Line, Field(min_length=1, max_length=150)] = "Nätverksträff"
    starts: time = time(13)
    ends: time = time(15, 30)
    place: Annotated[Line, Field(max_length=200)] = ""

    in_order = field_validator("ends")(_after)


class YearPlan(UsualForm, table=True):
    __tablename__ = "year_plan"
    __table_args__ = (UniqueConstraint("network_id", "year"),)

    id: int = identity()
    network_id: int = reference("network.id", ondelete="CASCADE")
    year: int  # type: ignore[assignment]

    def values(self) -> dict[str, Any]:
        """As its form is filled."""
        return {name: getattr(self, name) for name in UsualForm.model_fields if name != "year"}


class PickForm(Table):
    day: Day


class PlannedDayForm(Table):
    """A day with hours, place and title of its own."""

    title: Annotated[Line, Field(min_length=1, max_length=200)]
    starts: time
    ends: time
    place: Annotated[Line, Field(max_length=200)] = ""

    in_order = field_validator("ends")(_after)


class PlannedDay(Table, table=True):
    """A day of the plan. What is None is as usual in that year."""

    __tablename__ = "planned_day"
    __table_args__ = (UniqueConstraint("plan_id", "day"),)

    id: int = identity()
    plan_id: int = reference("year_plan.id", ondelete="CASCADE")
    day: date
    title: str | None = None
    starts: time | None = None
    ends: time | None = None
    place: str | None = None

    plan: YearPlan = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def values(self) -> dict[str, Any]:
        """What holds for the day, as its form is filled."""
        usual = {name: getattr(self.plan, name) for name in PlannedDayForm.model_fields}
        return usual | {name: value for name in usual if (value := getattr(self, name)) is not None}


class ReminderForm(Table):
    """Something to remember on a day, such as when to begin with the annual report."""

    day: Day
    title: Annotated[Line, Field(min_length=1, max_length=150)]
    yearly: bool = False


class Reminder(ReminderForm, table=True):
    """A reminder of the network's, shown to all its members; `yearly` ones come back on their date."""

    __tablename__ = "year_reminder"

    id: int = identity()
    network_id: int = reference("network.id", index=True, ondelete="CASCADE")
    day: date  # type: ignore[assignment]

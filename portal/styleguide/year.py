"""A year with one of everything in it: for the wheel and its table, and for the planner."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from portal.networks.models import Network
from portal.web import Form
from portal.year.marks import Mark, Sort, in_order
from portal.year.models import PlannedDay, Reminder, YearPlan
from portal.year.planner import Planner, laid_out
from portal.year.queries import Plan
from portal.year.wheel import sign, wheel, when, words_of

YEAR = 2027
TODAY = date(YEAR, 5, 20)
SHOWN = slice(5, 7)  # June, with its holiday and bridge day, and July
HERE = "#content"


def samples() -> dict[str, Any]:
    """What the templates of year/ ask for."""
    marks = in_order(_marks())
    plan = _plan(marks)
    return {
        "wheel": wheel(YEAR, marks, today=TODAY, base=""),
        "small": wheel(YEAR, marks, today=TODAY, base="", key="small"),
        "reminders": [Reminder(id=1, network_id=1, day=date(YEAR, 5, 9), title="Europadagen", yearly=True)],
        "sorts": [each for each in Sort if each != Sort.foreign],
        "marks": [mark for mark in marks if mark.sort != Sort.foreign],
        "plan": plan,
        "usual": Form.filled(plan.usual.values()),
        "year": YEAR,
        "today": TODAY,
        "sign": sign,
        "words_of": words_of,
        "when": when,
        "here": "",
        "table": None,
    }


def _marks() -> list[Mark]:
    starts, ends = datetime(YEAR, 2, 10, 12, tzinfo=UTC), datetime(YEAR, 2, 10, 14, 30, tzinfo=UTC)
    return [
        Mark(Sort.meeting, date(YEAR, 2, 10), date(YEAR, 2, 10), "Nätverksträff 1", HERE, starts_at=starts, ends_at=ends),
        Mark(Sort.cutoff, date(YEAR, 6, 1), date(YEAR, 6, 1), "Kommunstyrelsen"),
        Mark(Sort.board, date(YEAR, 6, 9), date(YEAR, 6, 9), "Kommunstyrelsen"),
        Mark(Sort.window, date(YEAR, 4, 12), date(YEAR, 6, 24), "Rättsakt om överkomliga bostäder", HERE),
        Mark(Sort.call, date(YEAR, 3, 1), date(YEAR, 6, 15), "CERV: vänortsmöten 2028", HERE),
        Mark(Sort.reminder, date(YEAR, 5, 9), date(YEAR, 5, 9), "Europadagen"),
        Mark(Sort.foreign, date(YEAR, 6, 10), date(YEAR, 6, 11), "Regionens EU-dagar", whose="Region Grankust"),
    ]


def _plan(marks: list[Mark]) -> Planner:
    usual = YearPlan(id=1, network_id=1, year=YEAR, place="Rum Tranan")
    days = [PlannedDay(id=n, plan_id=1, day=day, plan=usual) for n, day in enumerate((date(YEAR, 6, 9), date(YEAR, 10, 13)), 1)]
    network = Network(name="EU-nätverket", municipality="Granköpings kommun", slug="grankoping")
    whole = laid_out(YEAR, Plan(usual, days), marks, network)
    return replace(whole, months=whole.months[SHOWN])

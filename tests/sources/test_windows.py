"""The windows of an initiative: their keys and dates, whether they are open, and which one to show."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.clock import STOCKHOLM
from portal.consultations.windows import choose, state
from portal.sources.have_your_say import Window, read
from tests.sources.constructed import constructed_detail, constructed_status, constructed_windows, moment

NOW = moment(2026, 9, 10, 12)


@pytest.mark.parametrize(
    ("code", "stage"),
    [
        ("INIT_PLANNED", "planned"),
        ("PLANNING_WORKFLOW", "call_for_evidence"),
        ("OPC_LAUNCHED", "public_consultation"),
        ("ISC_WORKFLOW", "draft_act"),
        ("ADOPTION_WORKFLOW", "adopted_proposal"),
        ("", "unknown"),
    ],
)
def test_stages_have_our_codes(code: str, stage: str) -> None:
    (window,) = constructed_windows(constructed_status(code, "OPEN", None, None))
    assert (window.key, window.stage) == (stage, stage)


def test_several_windows_are_kept_in_order_and_told_apart() -> None:
    windows = constructed_windows(
        constructed_status("ISC_WORKFLOW", "UPCOMING", None, None),
        constructed_status("ISC_WORKFLOW", "OPEN", "2026/08/01 10:00:00", "2026/09/24 23:59:59"),
        constructed_status("PLANNING_WORKFLOW", "CLOSED", "2025/02/01 10:00:00", "2025/03/01 23:59:59"),
        constructed_status("INIT_PLANNED", "DISABLED", "2025/01/01 10:00:00", None),
        constructed_status("OPC_LAUNCHED", "CLOSED", "2025/05/01 10:00:00", "2025/08/01 23:59:59"),
    )
    assert [window.key for window in windows] == ["call_for_evidence", "public_consultation", "draft_act", "draft_act:2"]
    assert [window.source_status for window in windows] == ["CLOSED", "CLOSED", "OPEN", "UPCOMING"]


def test_a_moved_date_does_not_change_a_key() -> None:
    (before,) = constructed_windows(constructed_status("OPC_LAUNCHED", "UPCOMING", "2026/10/01 00:00:00", "2026/12/31 00:00:00"))
    (after,) = constructed_windows(constructed_status("OPC_LAUNCHED", "OPEN", "2026/11/03 09:30:00", "2027/01/26 23:59:59"))
    assert before.key == after.key
    assert before.closes_at != after.closes_at


def test_windows_of_a_detail_come_from_its_publications() -> None:
    shared = {"plannedStartDate": "2026/10/01 00:00:00", "plannedEndDate": "2026/12/31 00:00:00", "isCurrent": False}
    disabled = {"frontEndStage": "ADOPTION_WORKFLOW", "receivingFeedbackStatus": "DISABLED", "endDate": None, **shared}
    planned = {"frontEndStage": "OPC_LAUNCHED", "receivingFeedbackStatus": "UPCOMING", "endDate": None, **shared}
    held = {
        "frontEndStage": "PLANNING_WORKFLOW",
        "receivingFeedbackStatus": "CLOSED",
        "publishedDate": "2026/02/01 09:15:00",
        "endDate": "2026/03/01 23:59:59",
        "feedbackPeriod": 4,
        **shared,
    }
    (initiative,) = read(constructed_detail(disabled, planned, held))
    assert [(window.key, window.opens_at, window.closes_at, window.published_text) for window in initiative.windows] == [
        ("call_for_evidence", moment(2026, 2, 1, 9, 15), moment(2026, 3, 1, 23, 59, 59), "2026/03/01 23:59:59"),
        ("public_consultation", moment(2026, 10, 1), moment(2026, 12, 31, 23, 59, 59), "2026/12/31 00:00:00"),
    ]


def test_a_published_date_goes_before_a_planned_one() -> None:
    upcoming = {"frontEndStage": "OPC_LAUNCHED", "receivingFeedbackStatus": "UPCOMING", "plannedEndDate": "2026/12/31 00:00:00"}
    dated = {**upcoming, "publishedDate": "2026/11/02 10:00:00", "endDate": "2027/01/25 23:59:59"}
    (initiative,) = read(constructed_detail(dated))
    (published,) = initiative.windows
    assert (published.opens_at, published.closes_at) == (moment(2026, 11, 2, 10), moment(2027, 1, 25, 23, 59, 59))


@pytest.mark.parametrize(
    ("start", "end", "opens_at", "closes_at"),
    [
        ("2026/08/31 08:24:00", "2026/09/28 23:59:59", moment(2026, 8, 31, 8, 24), moment(2026, 9, 28, 23, 59, 59)),
        ("2026/12/01 08:00:00", "2026/11/28 23:59:59", None, moment(2026, 11, 28, 23, 59, 59)),
        ("2026/11/28 08:00:00", "2026/11/28 00:00:00", moment(2026, 11, 28, 8), moment(2026, 11, 28, 23, 59, 59)),
        ("2026/11/01 08:00:00", "2026/11/28 17:00:00", moment(2026, 11, 1, 8), moment(2026, 11, 28, 17)),
        (None, "2026/11/28 23:59:59", None, moment(2026, 11, 28, 23, 59, 59)),
        ("2026/11/01 08:00:00", None, moment(2026, 11, 1, 8), None),
        ("", " ", None, None),
    ],
)
def test_dates_are_by_the_clock_in_brussels(start: Any, end: Any, opens_at: datetime | None, closes_at: datetime | None) -> None:
    (window,) = constructed_windows(constructed_status("OPC_LAUNCHED", "OPEN", start, end))
    assert (window.opens_at, window.closes_at, window.tz) == (opens_at, closes_at, "Europe/Brussels")
    assert window.published_text == (end or "").strip()
    if closes_at:
        assert closes_at.astimezone(STOCKHOLM).time() == closes_at.time()


def window(status: str = "OPEN", opens: datetime | None = None, closes: datetime | None = None, stage: str = "draft_act") -> Window:
    return Window(key=stage, stage=stage, opens_at=opens, closes_at=closes, published_text="", source_status=status)


START, END = moment(2026, 9, 1, 8), moment(2026, 9, 28, 23, 59, 59)
LONG_AGO, LATER = moment(2020, 3, 31, 23, 59, 59), moment(2026, 11, 1, 8)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (START - timedelta(microseconds=1), "upcoming"),
        (START, "open"),
        (END, "open"),
        (END + timedelta(microseconds=999_999), "open"),
        (datetime(2026, 9, 28, 22, 0, tzinfo=UTC), "closed"),
        (END + timedelta(days=1), "closed"),
    ],
)
@pytest.mark.parametrize("status", ["OPEN", "UPCOMING", "CLOSED", "PAUSED"])
def test_open_is_worked_out_from_the_dates_to_the_last_second(now: datetime, expected: str, status: str) -> None:
    assert state(window(status, START, END), now) == expected


@pytest.mark.parametrize(
    ("given_window", "expected"),
    [
        (window("OPEN"), "open"),
        (window("CLOSED"), "closed"),
        (window("UPCOMING"), "upcoming"),
        (window("PAUSED"), "upcoming"),
        (window("OPEN", opens=START), "open"),
        (window("CLOSED", opens=START), "closed"),
        (window("OPEN", closes=END), "open"),
        (window("UPCOMING", closes=END), "upcoming"),
        (window("OPEN", closes=LONG_AGO), "closed"),
        (window("UPCOMING", closes=LONG_AGO), "closed"),
        (window("OPEN", opens=LATER), "upcoming"),
    ],
)
def test_the_mark_of_the_portal_counts_where_a_date_is_missing(given_window: Window, expected: str) -> None:
    assert state(given_window, NOW) == expected


def test_the_window_to_show() -> None:
    evidence = window("OPEN", START, END, "call_for_evidence")
    consultation = window("OPEN", START, END, "public_consultation")
    longer = window("OPEN", START, END + timedelta(days=30), "public_consultation")
    endless = window("OPEN", START, None, "public_consultation")
    zombie = window("UPCOMING", moment(2020, 1, 1), LONG_AGO, "planned")
    lagging = window("OPEN", moment(2020, 1, 1), LONG_AGO, "draft_act")
    soon, sometime = window("UPCOMING", LATER, None), window("UPCOMING", None, None, "adopted_proposal")
    older = window("CLOSED", None, LONG_AGO - timedelta(days=9), "call_for_evidence")
    assert choose([evidence, consultation, soon], NOW) == consultation
    assert choose([longer, evidence, endless], NOW) == evidence
    assert choose([endless, longer, lagging], NOW) == longer
    assert choose([zombie, sometime, soon, older], NOW) == soon
    assert choose([zombie, sometime], NOW) == sometime
    assert choose([older, lagging, window("CLOSED")], NOW) == lagging
    assert choose([], NOW) is None

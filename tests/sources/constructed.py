"""Answers in the forms that nobody has recorded, built from what is known of them; and those that somebody has."""

import json
import re
from datetime import date, datetime
from typing import Any

import pytest

from portal import clock
from portal.clock import BRUSSELS
from portal.sources.have_your_say import Foreign, Window, read
from tests.sources.recordings import recorded


def recording(name: str) -> bytes:
    """A recorded answer of the Commission's portal."""
    return recorded("have-your-say", name)


def recorded_today(name: str) -> bytes:
    """A recorded answer as it would be if it had been recorded today: its days are moved, so that what was open then is open now."""
    later = clock.today() - date.fromisoformat(re.findall(r"\d{4}-\d\d-\d\d", name)[0])

    def moved(found: re.Match[str]) -> str:
        year, between, month, day = found.groups()
        return f"{date(int(year), int(month), int(day)) + later:%Y{between}%m{between}%d}"

    return re.sub(r"\b(20\d\d)([-/])(\d\d)\2(\d\d)\b", moved, recording(name).decode()).encode()


def moment(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BRUSSELS)  # type: ignore[arg-type,misc]


def constructed_item(**fields: Any) -> dict[str, Any]:
    """An item of the list answer with nothing but what it must have."""
    return {"id": 19293.0, "shortTitle": "Ocean Act", **fields}


def constructed_status(stage: str, status: str, start: str | None, end: str | None) -> dict[str, Any]:
    dates = {"feedbackStartDate": start, "feedbackEndDate": end}
    return {"frontEndStage": stage, "receivingFeedbackStatus": status, "isCurrent": True, **dates}


def constructed_list(*items: dict[str, Any]) -> bytes:
    return json.dumps({"exactMatch": True, "initiativeResultDtoPage": {"content": list(items), "totalPages": 1}}).encode()


def constructed_embedded(*items: dict[str, Any]) -> bytes:
    """The envelope until about 2024."""
    return json.dumps({"_embedded": {"initiativeResultDtoes": list(items)}, "page": {"totalPages": 1}}).encode()


def constructed_detail(*publications: dict[str, Any], **fields: Any) -> bytes:
    return json.dumps({"id": 19293, "shortTitle": "Ocean Act", "publications": list(publications), **fields}).encode()


def constructed_windows(*statuses: dict[str, Any]) -> tuple[Window, ...]:
    return read(constructed_list(constructed_item(currentStatuses=list(statuses))))[0].windows


def refusal(payload: bytes) -> str:
    with pytest.raises(Foreign) as caught:
        read(payload)
    return str(caught.value)


def refused_item(**fields: Any) -> str:
    return refusal(constructed_list(constructed_item(**fields)))

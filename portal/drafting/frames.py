"""What a shared text's stream sends: the changes of each event, the same for everybody."""

import json
from collections.abc import Sequence
from typing import Any


def render(events: Sequence[Any]) -> list[dict[str, Any]]:
    """For each event its frame's own fields: the updates, or that the text is locked (which has none)."""
    return [{"updates": _updates(event.data)} for event in events]


def _updates(data: Any) -> list[str]:
    given = json.loads(data) if isinstance(data, str) else data
    return given["updates"] if given else []

"""The log as files for a registrar: rows → bytes."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from portal.moderation.rulings import Log

COLUMNS = (
    "id",
    "at",
    "verb",
    "record_id",
    "record",
    "comment_id",
    "concerns_id",
    "concerns",
    "actor_id",
    "actor",
    "reason",
    "words",
    "data",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def to_json(log: Log) -> bytes:
    """A list of rulings, the oldest first; `at` is UTC (RFC 3339)."""
    return json.dumps(list(_rows(log)), ensure_ascii=False, indent=1).encode()


def to_csv(log: Log) -> bytes:
    """The same as a table that Swedish Excel opens: UTF-8 with a mark, semicolons, every cell in quotation marks (RFC 4180)."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for row in _rows(log):
        writer.writerow([harmless(_text(row[name])) for name in COLUMNS])
    return table.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would take for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(FORMULA) or cell.lstrip().startswith(FORMULA) else cell


def _rows(log: Log) -> Iterator[dict[str, Any]]:
    for ruling in reversed(log.rulings):
        yield {
            "id": ruling.id,
            "at": ruling.at.isoformat(),
            "verb": ruling.verb,
            "record_id": ruling.record_id,
            "record": ruling.record.title,
            "comment_id": ruling.comment_id,
            "concerns_id": ruling.concerns_id,
            "concerns": log.name(ruling.concerns_id),
            "actor_id": ruling.actor_id,
            "actor": log.name(ruling.actor_id),
            "reason": ruling.reason,
            "words": ruling.words,
            "data": ruling.data,
        }


def _text(value: Any) -> str:
    if value is None or value == {}:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)

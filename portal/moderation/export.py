"""The log as files for a registrar: pages of it, the oldest first → bytes, made as they are fetched."""

import codecs
import csv
import io
import json
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Sequence
from typing import Any

from portal.moderation.rulings import Log

COLUMNS = (
    "id",
    "at",
    "verb",
    "record_id",
    "record",
    "comment_id",
    "comment",
    "concerns_id",
    "concerns",
    "actor_id",
    "actor",
    "reason",
    "words",
    "data",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


async def to_json(logs: AsyncIterable[Log]) -> AsyncIterator[bytes]:
    """A list of rulings, one on a line; `at` is UTC (RFC 3339), `comment` what the comment said then."""
    before = "[\n"
    async for log in logs:
        for row in _rows(log):
            yield f"{before}{json.dumps(row, ensure_ascii=False)}".encode()
            before = ",\n"
    yield b"[]\n" if before.startswith("[") else b"\n]\n"


async def to_csv(logs: AsyncIterable[Log]) -> AsyncIterator[bytes]:
    """The same as a table that Swedish Excel opens: UTF-8 with a mark, semicolons, every cell in quotation marks (RFC 4180)."""
    yield codecs.BOM_UTF8 + _line(COLUMNS)
    async for log in logs:
        yield b"".join(_line([harmless(_text(row[name])) for name in COLUMNS]) for row in _rows(log))


def _line(cells: Sequence[str]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=";", quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue().encode()


def harmless(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would take for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(FORMULA) or cell.lstrip().startswith(FORMULA) else cell


def _rows(log: Log) -> Iterator[dict[str, Any]]:
    for ruling in log.rulings:
        yield {
            "id": ruling.id,
            "at": ruling.at.isoformat(),
            "verb": ruling.verb,
            "record_id": ruling.record_id,
            "record": ruling.record.title,
            "comment_id": ruling.comment_id,
            "comment": log.said.get(ruling.id, ""),
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

"""Tables that sort by a column that one asks for in the address (`?sort=name`, or `?sort=-name` from the end), without a script."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from litestar import Request

from portal.words import sort_key

Row = TypeVar("Row")
NAME = "sort"


@dataclass(frozen=True)
class Sorted(Generic[Row]):
    """Rows in their `order`: a column's name, with a minus before it where the last one stands first. `address` leads to another order."""

    rows: Sequence[Row]
    order: str
    address: Callable[[str], str]

    def direction(self, column: str) -> str:
        """As `aria-sort` has it; nothing for a column that the rows do not stand by."""
        return {column: "ascending", f"-{column}": "descending"}.get(self.order, "")

    def turned(self, column: str) -> str:
        """Where the column's header leads: to its order, or, from there, to the same from the end."""
        return self.address(f"-{column}" if self.order == column else column)


def arranged(
    request: Request[Any, Any, Any], rows: Sequence[Row], columns: Mapping[str, Callable[[Row], Any]], *, order: str, path: str = ""
) -> Sorted[Row]:
    """The rows by the column that is asked for; an order that the table does not have is as if none was. They come in `order`.

    What `columns` make of a row is compared: words in Swedish order, å ä ö last. Rows that are equal stay as they came.
    `path` is the page's, where a form that is shown again was sent somewhere else."""
    asked = request.query_params.get(NAME, "")
    key = columns.get(asked.removeprefix("-"))
    stands = rows if key is None or asked == order else sorted(rows, key=lambda row: _comparable(key(row)), reverse=asked.startswith("-"))
    return Sorted(
        stands, order if key is None else asked, lambda wanted: here_with(request, {NAME: "" if wanted == order else wanted}, path=path)
    )


def _comparable(value: Any) -> Any:
    return sort_key(value) if isinstance(value, str) else value


def here_with(request: Request[Any, Any, Any], changed: Mapping[str, str | int | None], *, path: str = "") -> str:
    """The address of the page that is shown (or `path`), with some of its query changed; what is empty is left out."""
    query = {name: text for name, text in {**request.query_params, **changed}.items() if text}
    return (path or request.url.path) + (f"?{urlencode(query)}" if query else "")

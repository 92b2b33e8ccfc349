"""What a page is built of, apart from its words: two pages of the same shapes have the same faults, and one of them is examined."""

from collections import Counter
from html.parser import HTMLParser

VOID = frozenset("area base br col embed hr img input link meta source track use wbr".split())  # noqa: SIM905
# Attributes that style or meaning hangs on; of the others it counts whether they are there and say anything.
TOLD = frozenset(
    "class role type open hidden disabled checked aria-hidden aria-current aria-expanded aria-invalid aria-live tabindex".split()  # noqa: SIM905
)

Shape = tuple[object, ...]


def shapes(page: str) -> frozenset[Shape]:
    """Every element in its place: the chain down to it with attributes, whether it is empty, and which heading follows which.

    The chain begins at the root, and anew at <main>: what stands there looks the same whatever is around it."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return frozenset(reader.found | reader.repeated())


def around_main(found: frozenset[Shape]) -> frozenset[Shape]:
    """Those that do not stand in <main>, and what hangs on the whole page: headings that follow one another, what stands twice."""
    return frozenset(shape for shape in found if not (isinstance(shape[0], tuple) and shape[0][0] == "main"))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[Shape] = set()
        self._open: list[tuple[Shape, str]] = []
        self._frame = 0
        self._filled = [True]
        self._heading = ""
        self._named: Counter[Shape] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        shape = (tag, *sorted((name, value if name in TOLD else bool(value)) for name, value in given.items()))
        if tag == "main":
            self._frame = len(self._open)
        self.found.add((*self._chain(), shape))
        self._note(tag, given)
        self._filled[-1] = True
        if tag not in VOID:
            self._open.append((shape, tag))
            self._filled.append(False)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self._filled[-1] = True

    def handle_endtag(self, tag: str) -> None:
        if not any(each == tag for _shape, each in self._open):
            return
        while self._open:
            if not self._filled.pop():
                self.found.add((*self._chain(), "empty"))
            _shape, closed = self._open.pop()
            if closed == "main":
                self._frame = 0
            if closed == tag:
                return

    def repeated(self) -> set[Shape]:
        """What may stand once on a page and stands twice."""
        return {(*each, "twice") for each, count in self._named.items() if count > 1}

    def _chain(self) -> list[Shape]:
        return [shape for shape, _tag in self._open[self._frame :]]

    def _note(self, tag: str, given: dict[str, str | None]) -> None:
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.found.add(("heading", self._heading, tag))
            self._heading = tag
        if "id" in given:
            self._named["id", given["id"]] += 1
        if "aria-label" in given:
            self._named[tag, given["aria-label"]] += 1

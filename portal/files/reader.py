"""What a document says, for search. A program of its own with little memory and time, since strangers made what it reads.

`python reader.py FILE KIND` prints one JSON string: the words, at most LONGEST characters. What it cannot read says nothing."""

import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pypdfium2

MEMORY = 1 << 30
SECONDS = 10
LONGEST = 100_000
MOST_UNPACKED = 32 << 20
BLOCK = 64 * 1024
# Which parts of a document hold its words, and in which elements they stand.
PARTS = {
    "docx": (r"word/(document|footnotes|endnotes)\.xml", {"t"}),
    "odt": (r"content\.xml", {"p", "h"}),
    "xlsx": (r"xl/(sharedStrings|worksheets/sheet\d+)\.xml", {"t"}),
    "pptx": (r"ppt/(slides|notesSlides)/[a-zA-Z]+\d+\.xml", {"t"}),
}
ENDS_LINE = {"p", "h", "si", "is", "br", "tab", "s", "line-break"}
# pdfium's mark for a hyphen at the end of a line, or the hyphen itself before the rest of the word.
BROKEN_WORD = re.compile(r"[\ufffe\u00ad](\r?\n)?|(?<=\w)-\r?\n(?=[a-z\u00df-\u00ff])")


def said(path: Path, kind: str) -> str:
    """The document's words, the first first."""
    words, length = [], 0
    for piece in _pdf(path) if kind == "pdf" else _archive(path, kind):
        words.append(piece)
        length += len(piece)
        if length > LONGEST:
            break
    return BROKEN_WORD.sub("", "".join(words))[:LONGEST]


def _pdf(path: Path) -> Iterator[str]:
    for page in pypdfium2.PdfDocument(path):
        yield page.get_textpage().get_text_bounded() + "\n"


def _archive(path: Path, kind: str) -> Iterator[str]:
    pattern, elements = PARTS[kind]
    left = MOST_UNPACKED
    with zipfile.ZipFile(path) as archive:
        for entry in sorted((each for each in archive.infolist() if re.fullmatch(pattern, each.filename)), key=_order):
            words = _Words(elements)
            parser = ElementTree.XMLParser(target=words)  # noqa: S314 (a process with little memory and time)
            with archive.open(entry) as content:
                while left > 0 and (block := content.read(BLOCK)):
                    left -= len(block)
                    parser.feed(block)
                    yield words.taken()


def _order(entry: zipfile.ZipInfo) -> tuple[str, int]:
    """Slide 10 comes after slide 9."""
    number = re.search(r"\d+", entry.filename)
    return re.sub(r"\d+", "", entry.filename), int(number[0]) if number else 0


class _Words:
    """Told of every element and text while the parser reads."""

    def __init__(self, elements: set[str]) -> None:
        self._elements = elements
        self._inside = 0
        self._found: list[str] = []

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._inside += tag.rpartition("}")[2] in self._elements

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        self._inside -= name in self._elements
        if name in ENDS_LINE:
            self._found.append("\n")

    def data(self, text: str) -> None:
        if self._inside:
            self._found.append(text)

    def taken(self) -> str:
        found, self._found = "".join(self._found), []
        return found


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(json.dumps(said(Path(sys.argv[1]), sys.argv[2])))


if __name__ == "__main__":
    main()

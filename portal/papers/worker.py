"""Makes one paper. A program of its own: `python worker.py pdf|docx` reads the paper as JSON and writes the file's bytes."""

import json
import re
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

MEMORY = 2 << 30
SECONDS = 40
TEMPLATE = Path(__file__).parent / "paper.typ"
UNWRITABLE = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
BY_NUMBER = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
BOX = "□"
MOST_ROUNDS = 40


def pdf(paper: dict[str, Any]) -> bytes:
    """PDF/UA-1. A character that the font cannot write becomes a box, and the paper says so: a file with a gap in it is none."""
    import typst  # noqa: PLC0415 (only one of the two kinds is made)

    def compiled(told: str) -> bytes:
        made: bytes = typst.compile(TEMPLATE, format="pdf", ignore_system_fonts=True, pdf_standards=["ua-1"], sys_inputs={"paper": told})
        return made

    told, missing = json.dumps(paper, ensure_ascii=False), paper.get("missing", "")
    for number in range(MOST_ROUNDS):
        try:
            return compiled(told)
        except typst.TypstError as failure:
            unwritable = _letters(failure.diagnostic)
            if not unwritable:
                raise
            if number == 0 and missing:
                paper["elements"] = [*paper["elements"], {"type": "paragraph", "text": missing}]
                told = json.dumps(paper, ensure_ascii=False)
        told = told.translate(dict.fromkeys(map(ord, unwritable), BOX)) if number < MOST_ROUNDS - 2 else _plain(told)
    raise ValueError("the font lacks too much")


def _letters(diagnostic: str) -> set[str]:
    """The characters that the diagnostic calls unwritable."""
    texts = (BY_NUMBER.sub(lambda found: chr(int(found[1], 16)), each) for each in UNWRITABLE.findall(diagnostic))
    return {letter for each in texts for letter in each if not letter.isascii()}


def _plain(told: str) -> str:
    """What no font lacks."""
    return "".join(letter if ord(letter) < 0x180 or letter in "–—’”“…•□" else BOX for letter in told)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    paper = json.load(sys.stdin.buffer)
    if sys.argv[1] == "docx":
        sys.path.append(str(Path(__file__).parent))
        import word  # noqa: PLC0415 (beside this file, not on the isolated path)

        make: Callable[[dict[str, Any]], bytes] = word.docx
    else:
        make = pdf
    sys.stdout.buffer.write(make(paper))


if __name__ == "__main__":
    main()

"""The English catalogue says all that the portal says, and nothing else."""

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "portal" / "locale" / "en" / "LC_MESSAGES" / "portal.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[%a-z]|\{\w*\}")
# Said alike in both languages.
ALIKE = {"Android", "Text", "Transport", "Version", "min", "version"}


@dataclass(frozen=True)
class Extracted:
    """What the code and the templates say today, and the catalogue as `make messages` would leave it."""

    said: Catalog
    updated: bytes


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Extracted:
    folder = tmp_path_factory.mktemp("messages")
    pot, copy = folder / "portal.pot", folder / "portal.po"
    shutil.copy(CATALOGUE, copy)
    for command in pybabel_commands():
        given = [{".venv/portal.pot": str(pot), "$(CATALOGUE)": str(copy)}.get(word, word) for word in command]
        subprocess.run([sys.executable, "-m", "babel.messages.frontend", *given], cwd=ROOT, check=True)
    return Extracted(read(pot), copy.read_bytes())


def pybabel_commands() -> list[list[str]]:
    """The arguments of the two commands of the Makefile: extract, then update."""
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("\t$(BIN)/pybabel ")]


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="en" if path.suffix == ".po" else None)


@pytest.fixture(scope="module")
def english() -> Catalog:
    return read(CATALOGUE)


def forms(message: Message) -> list[tuple[str, str]]:
    """Each Swedish form with its English one."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return list(zip(message.id, message.string, strict=True))


def pairs(catalogue: Catalog) -> list[tuple[str, str]]:
    return [pair for message in catalogue if message.id for pair in forms(message)]


def test_everything_said_is_in_the_catalogue(extracted: Extracted, english: Catalog):
    assert len(extracted.said) > 1000
    assert [message.id for message in extracted.said if message.id and english.get(message.id, message.context) is None] == []


def test_every_message_is_translated(english: Catalog):
    assert [swedish for swedish, translation in pairs(english) if not translation.strip()] == []


def test_the_catalogue_is_as_make_messages_leaves_it(extracted: Extracted):
    assert extracted.updated.decode() == CATALOGUE.read_text(encoding="utf-8")


def test_nothing_is_guessed_or_left_over(english: Catalog):
    assert [message.id for message in english if message.fuzzy] == []
    assert list(english.obsolete) == []


def test_placeholders_are_the_same_in_both_languages(english: Catalog):
    wrong = [pair for pair in pairs(english) if sorted(PLACEHOLDER.findall(pair[0])) != sorted(PLACEHOLDER.findall(pair[1]))]
    assert wrong == []


def test_sentences_end_and_lines_break_alike(english: Catalog):
    fragments = {"kl.", "ändrad kl.", "Här är det du skrev senast, sparat kl."}
    assert [pair for pair in pairs(english) if pair[0] not in fragments and _ending(pair[0]) != _ending(pair[1])] == []
    assert [pair for pair in pairs(english) if pair[0].count("\n") != pair[1].count("\n")] == []


def _ending(text: str) -> str:
    return text[-1] if text[-1] in ".?:…" else ""


def test_translations_are_english(english: Catalog):
    assert {swedish for swedish, translation in pairs(english) if swedish == translation} == ALIKE
    assert [translation for _swedish, translation in pairs(english) if re.search(r"[åäöÅÄÖ]|\B”\b", translation)] == []


def test_the_head_of_the_catalogue_names_nobody():
    head = CATALOGUE.read_text(encoding="utf-8").split("\n\n")[0]
    assert "charset=utf-8" in head
    assert "nplurals=2; plural=(n != 1)" in head
    assert [line for line in head.splitlines() if "@" in line or "NAME" in line or re.search(r"(^|\s|\")/\w", line)] == []

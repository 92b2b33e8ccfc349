"""The front end's own rules: strict CSP, no colours beside the tokens, icons that exist, files that can be read whole."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
ICON = re.compile(r"""(?:icon|picture_of|bits\.row|b\.row|row)\(\s*"([a-z0-9-]+)\"""")
PLACE = re.compile(r"""\"([a-z0-9-]+)", "(?:main|more)\"""")
INLINE = re.compile(r"""<[a-z][^>]*\s(?:style|on[a-z]+)\s*=|<style\b|<script\b(?![^>]*\bsrc=)""", re.IGNORECASE)
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl)a?\(", re.IGNORECASE)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("template", TEMPLATES, ids=name)
def test_a_template_has_nothing_inline_that_the_csp_refuses(template: Path) -> None:
    assert INLINE.findall(template.read_text(encoding="utf-8")) == []


def test_no_line_begins_with_a_separator() -> None:
    said = {name(each): re.sub(r"\{#.*?#\}", "", each.read_text(encoding="utf-8"), flags=re.DOTALL) for each in TEMPLATES}
    assert any("&nbsp;· " in text for text in said.values())
    assert [file for file, text in said.items() if " · " in text] == []


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    known = set(json.loads((ROOT / "static" / "icons.json").read_text(encoding="utf-8")))
    used = {icon: name(each) for each in TEMPLATES for icon in ICON.findall(each.read_text(encoding="utf-8"))}
    used |= dict.fromkeys(PLACE.findall((ROOT / "portal" / "rooms.py").read_text(encoding="utf-8")), "portal/rooms.py")
    assert {"circle-check", "house"} <= used.keys()
    assert {icon: file for icon, file in used.items() if icon not in known} == {}


@pytest.mark.parametrize("style", [each for each in STYLES if each.name not in ("tokens.css", "print.css")], ids=name)
def test_colours_come_from_the_tokens(style: Path) -> None:
    assert COLOUR.findall(style.read_text(encoding="utf-8")) == []


def test_every_style_sheet_is_imported() -> None:
    imported = set(re.findall(r'@import "\./([\w-]+\.css)";', (ROOT / "static" / "css" / "app.css").read_text(encoding="utf-8")))
    assert imported == {each.name for each in STYLES} - {"app.css"}


@pytest.mark.parametrize(("files", "most"), [(STYLES, 200), (SCRIPTS, 250), (TEMPLATES, 120)], ids=["css", "js", "templates"])
def test_files_are_short_enough_to_be_read_whole(files: list[Path], most: int) -> None:
    lengths = {name(each): len(each.read_text(encoding="utf-8").splitlines()) for each in files}
    assert {file: lines for file, lines in lengths.items() if lines > most} == {}


def test_the_lock_file_names_no_registry() -> None:
    lock = (ROOT / "static" / "package-lock.json").read_text(encoding="utf-8")
    assert [word for word in ('"resolved"', "registry") if word in lock] == []  # where a package asks for money is no registry

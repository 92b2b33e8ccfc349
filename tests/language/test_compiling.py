"""Our templates put out what Jinja by itself does: nothing that somebody has typed without escaping, and what is kept as markup once."""

import os
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment, FileSystemLoader, StrictUndefined
from jinja2.exceptions import UndefinedError
from markupsafe import Markup

from portal.web.compiling import Beside, Ready, encoded
from portal.web.language import gettext, ngettext, pgettext, speaking
from portal.web.templates import Spoken


class Typed(str):
    """A text that is no plain `str`."""


class Shown:
    def __html__(self) -> str:
        return "<i>shown</i>"


HOSTILE = "<i>&\"'x"
VALUES = {
    "typed": HOSTILE,
    "kind": Typed(HOSTILE),
    "made": Markup("<b>&amp;</b>"),
    "ready": Ready.of(["<u>å</u>", "\n"]),
    "plain": "hej å",
    "shown": Shown(),
    "number": 3,
    "nothing": None,
    "octets": b"<x>",
    "several": [HOSTILE, Markup("<b>"), 1],
    "table": {"key": HOSTILE},
}
MACRO = (
    '{% macro box(x, y="<y>") %}[{{ x }}{{ y }}{{ varargs }}{{ kwargs }}{% if caller is defined %}{{ caller() }}{% endif %}]{% endmacro %}'
)
EXPRESSIONS = [
    *VALUES,
    *(f"{one} ~ {other}" for one in ("typed", "made", "ready", "'<'", "_('Hem')") for other in ("typed", "made", "ready")),
    *(f"{one} ~ _('A & <b>')" for one in ("typed", "made", "ready")),
    *(
        "typed + 'x'",
        "made + typed",
        "ready + typed",
        "ready.strip()",
        "ready | replace('u', typed)",
        "made | replace('b', typed)",
        "typed | replace('i', made)",
    ),
    *(
        "several | join(typed)",
        "several | join(made)",
        "several[0]",
        "table.key",
        "'%s <b>' | format(typed)",
        "made.join([typed])",
        "[typed] | map('e') | join('<')",
    ),
    *(
        "typed | upper",
        "made | upper",
        "typed | trim",
        "ready | trim",
        "typed | e",
        "typed | escape | replace('x', '<wbr>' | safe)",
        "table | xmlattr",
        "typed | tojson",
    ),
    *("typed if number else made", "nothing or typed", "typed and made", "nothing and typed"),
    *(
        "_('Hem')",
        "_(typed)",
        "_('a %(x)s <b>', x=typed)",
        "_('a %(x)s', x=made)",
        "_('50 %%')",
        "_('A & <b>') ~ typed",
        "{'a': _('X')}['a'] ~ typed",
        "_('B') | replace('B', typed)",
    ),
    *(
        "ngettext('%(num)d %(x)s', '%(num)d %(x)s', 2, x=typed)",
        "box(typed)",
        "box(made, typed)",
        "box(ready, y=typed)",
        "box(typed, typed, typed, k=typed)",
    ),
    *("box(box(typed))", "box(typed) ~ typed", "box(typed) | replace('i', typed)", "box(_('Hem'))"),
]
BLOCKS = [
    "{% call box(typed) %}{{ typed }}<p>{% endcall %}",
    "{% set q %}{{ typed }}<b>{{ ready }}{% endset %}{{ q }}{{ q ~ typed }}",
    "{% filter upper %}{{ typed }}<b>{% endfilter %}",
    "{% for x in several %}{{ loop.index }}{{ x }}{{ loop.cycle(typed, made) }}{% endfor %}",
    '<a title="{{ typed }}"{% if number %} id="{{ kind }}"{% endif %}>{% with y = typed %}{{ y ~ "<" }}{% endwith %}',
]


def compiled(made: type[Environment], source: str) -> Environment:
    found = made(
        loader=DictLoader({"template": MACRO + source}),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    found.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("source", [*(f"{{{{ {each} }}}}" for each in EXPRESSIONS), *BLOCKS])
def test_the_same_as_jinja_and_its_bytes(source: str):
    with speaking("sv"):
        parts = list(compiled(Spoken, source).get_template("template").generate(VALUES))
        assert "".join(parts) == compiled(Environment, source).get_template("template").render(VALUES)
    assert encoded(parts) == "".join(parts).encode()


def test_what_is_not_there_is_a_mistake():
    with pytest.raises(UndefinedError):
        compiled(Spoken, "{{ nobody }}").get_template("template").render(VALUES)


def test_what_is_compiled_is_kept_until_something_that_it_is_made_of_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    page, words = tmp_path / "page.html", tmp_path / "words.po"
    page.write_text("Hej!")
    words.write_text("ett")
    made: list[str] = []

    def shown(locale: str) -> str:
        spoken = Environment(loader=FileSystemLoader(tmp_path), bytecode_cache=Beside(tmp_path, locale, [page, words]))
        monkeypatch.setattr(
            spoken, "_generate", lambda *given, **named: made.append(locale) or Environment._generate(spoken, *given, **named)
        )
        return spoken.get_template("page.html").render()

    assert [shown(locale) for locale in ("sv", "sv", "en", "en")] == ["Hej!"] * 4
    assert made == ["sv", "en"]
    words.write_text("två")
    os.utime(words, ns=(1, 1))
    assert (shown("sv"), made) == ("Hej!", ["sv", "en", "sv"])
    page.write_text("Hej då!")
    assert (shown("sv"), made) == ("Hej då!", ["sv", "en", "sv", "sv"])


def test_what_is_compiled_while_somebody_is_at_work_on_it_or_where_nobody_may_write_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    page = tmp_path / "page.html"
    page.write_text("Hej!")
    spoken = Environment(loader=FileSystemLoader(tmp_path), bytecode_cache=Beside(tmp_path, "sv", [page]))
    page.write_text("Hej då!")
    assert spoken.get_template("page.html").render() == "Hej då!"
    assert sorted(tmp_path.rglob("*")) == [page]
    (tmp_path / "__pycache__").write_text("in the way")
    assert (
        Environment(loader=FileSystemLoader(tmp_path), bytecode_cache=Beside(tmp_path, "sv", [page])).get_template("page.html").render()
        == "Hej då!"
    )


@pytest.mark.parametrize("length", [0, 12, 40, 120])
def test_what_was_half_written_when_the_power_went_is_compiled_anew(length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    page = tmp_path / "page.html"
    page.write_text("Hej!")

    def shown() -> str:
        return (
            Environment(loader=FileSystemLoader(tmp_path), bytecode_cache=Beside(tmp_path, "sv", [page])).get_template("page.html").render()
        )

    shown()
    [kept] = (tmp_path / "__pycache__").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:length] + bytes(len(whole) - length if length else 0))
    assert shown() == "Hej!"
    assert kept.read_bytes() == whole

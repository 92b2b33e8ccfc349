"""The templates, compiled once for each language: what they always say stands in them as plain text, without a call a word."""

import hashlib
from collections.abc import Callable, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from portal import clock, words
from portal.web.compiling import Around, Beside, Code, written
from portal.web.language import CATALOGUES, LOCALES, current_locale, gettext, ngettext, pgettext, speaking
from portal.web.pieces import Pieces, own

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = ROOT / "templates"
DIST = ROOT / "static" / "dist"
LOADER = FileSystemLoader(TEMPLATES)
OF_THE_MOMENT = ("near_date", "ago", "due", "nearness")


@lru_cache(maxsize=256)
def static(path: str) -> str:
    """The address of a built file, with its hash so that browsers may keep it for good."""
    file = DIST / path
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"
    return f"/static/{path}?v={mark}"


@lru_cache(maxsize=256)
def icon(name: str) -> Markup:
    """A Lucide icon from the sprite, silent for screen readers."""
    return Markup('<svg class="i" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(static("icons.svg"), name)


def _said(translate: Callable[..., str]) -> Callable[..., Markup]:
    return lambda *words: Markup(translate(*words)) % {}  # noqa: S704 ("%%" is one, as it is when there are values)


SETTLED: dict[str, Callable[..., str]] = {"_": _said(gettext), "pgettext": _said(pgettext), "icon": icon, "static": static}


class Spoken(Environment):
    """An environment that speaks one language: a message without values is translated when its template is compiled."""

    locale = "sv"
    code_generator_class = Code
    context_class = Around
    written = staticmethod(written)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        with speaking(self.locale):
            settled: nodes.Template = Settled(self).visit(super()._parse(source, name, filename))
        return settled

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """One dictionary: Jinja's own chain of two is walked again for every page."""
        return {**self.globals, **(d or {})}

    def parts(self, name: str) -> list[nodes.Node]:
        """What the template of this name is made of."""
        source, filename, _is_current = LOADER.get_source(self, name)
        return self._parse(source, name, filename).body


class Settled(NodeTransformer):
    """Puts its outcome in place of a call that always gives the same, such as _("Hem") or icon("house"), and a template in place
    of its {% include %}, which by itself costs a context of its own each time (an error's line is then that of the part's file)."""

    def __init__(self, spoken: Spoken) -> None:
        self.spoken = spoken

    def visit_Include(self, node: nodes.Include) -> nodes.Node:  # noqa: N802
        return nodes.Scope(self.spoken.parts(node.template.as_const()), lineno=node.lineno)

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        always = all(isinstance(each, nodes.Const) for each in node.args) and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
        if not always or not isinstance(node.node, nodes.Name) or node.node.name not in SETTLED:
            return node
        return nodes.Const(SETTLED[node.node.name](*(each.as_const() for each in node.args)), lineno=node.lineno)


def environment(locale: str) -> Environment:
    """The templates in one language."""
    return _environments(locale)[0]


def pieces(locale: str) -> Pieces:
    """What is kept in one language."""
    return _environments(locale)[1]


def forget_pieces() -> None:
    """Keep nothing of what has been shown: words that are removed stay in no process's memory either."""
    for locale in LOCALES:
        pieces(locale).forget()


@lru_cache
def _environments(locale: str) -> tuple[Environment, Pieces]:
    """The templates of pages, and the pieces that they keep."""
    timeless = _spoken(locale)
    timeless.filters.update(dict.fromkeys(OF_THE_MOMENT, _refuse))
    kept = Pieces(timeless)
    spoken = _spoken(locale)
    spoken.globals.update(now=clock.now, new_key=uuid4, piece=kept.piece, own=own)
    return spoken, kept


def _refuse(_moment: object) -> str:
    raise TypeError("what is said of a moment changes with the hour, and is in no piece that is kept")


def _spoken(locale: str) -> Environment:
    spoken = Spoken(
        loader=LOADER,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        bytecode_cache=Beside(TEMPLATES, locale, _made_of()),
    )
    spoken.locale = locale
    spoken.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]
    spoken.globals.update(static=static, icon=icon)
    for name in ("date_long", "day_month", "weekday_date", "weekday_day", "span"):
        spoken.filters[name] = _in_language(getattr(words, name), words.unbroken)
    for name in ("clock_time", "week", "file_size"):
        spoken.filters[name] = _in_language(getattr(words, name))
    spoken.filters.update(
        date_short=words.date_short,
        unbroken=words.unbroken,
        initials=words.initials,
        near_date=lambda day: words.unbroken(words.near_date(day, clock.now(), current_locale())),
        ago=lambda moment: words.unbroken(words.ago(moment, clock.now(), current_locale())),
        due=lambda moment: words.unbroken(words.due(moment, clock.now(), current_locale())),
        nearness=lambda moment: words.nearness(moment, clock.now()),
        local=clock.local,
    )
    return spoken


def _made_of() -> list[Path]:
    """All that stands in a compiled template: the templates that it includes, what is said in another language, the marks of built files;
    and how it is compiled."""
    code = [Path(__file__).with_name(f"{name}.py") for name in ("templates", "compiling", "language")]
    return [*TEMPLATES.rglob("*.html"), *CATALOGUES.rglob("*.po"), *(each for each in DIST.rglob("*") if each.is_file()), *code]


def _in_language(function: Callable[..., str], set_as: Callable[[str], str] = str) -> Callable[..., str]:
    return lambda *values: set_as(function(*values, current_locale()))

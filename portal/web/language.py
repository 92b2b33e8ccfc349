"""Gettext with Swedish as the source language; the language of a request is the visitor's own choice."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import LazyProxy

LOCALES = ("sv", "en")
CATALOGUES = Path(__file__).parent.parent / "locale"

_locale: ContextVar[str] = ContextVar("locale", default="sv")


@cache
def catalogue(locale: str) -> NullTranslations:
    """What is said in `locale`, read when it is first spoken."""
    path = CATALOGUES / locale / "LC_MESSAGES" / "portal.po"
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=locale))
    compiled.seek(0)
    return GNUTranslations(compiled)


def current_locale() -> str:
    return _locale.get()


def use_locale(locale: str) -> None:
    """Speak `locale` for the rest of this request, job or rendering."""
    _locale.set(locale if locale in LOCALES else "sv")


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Speak somebody else's language for a while: mail is written in its reader's, never in its sender's."""
    before = _locale.get()
    use_locale(locale)
    try:
        yield
    finally:
        use_locale(before)


def preferred_locale(cookie: str | None, accepted: str) -> str:
    """The visitor's kept choice, else the first language of Accept-Language that we speak, else Swedish."""
    if cookie in LOCALES:
        return cookie
    for part in accepted[:200].split(","):
        language = part.split(";")[0].strip().lower()[:2]
        if language in LOCALES:
            return language
    return "sv"


def gettext(message: str) -> str:
    return catalogue(_locale.get()).gettext(message) if message else ""


def ngettext(one: str, many: str, n: int) -> str:
    if _locale.get() == "sv":
        return one if n == 1 else many
    return catalogue(_locale.get()).ngettext(one, many, n)


def pgettext(context: str, message: str) -> str:
    """For a Swedish word that other languages say in two ways: `context` tells which."""
    return catalogue(_locale.get()).pgettext(context, message)


def _(message: str, **values: object) -> str:
    """The message in the reader's language, with %(name)s filled in."""
    text = gettext(message)
    return text % values if values else text


def _l(message: str) -> LazyProxy:
    """A message that is translated when shown (for constants)."""
    return LazyProxy(gettext, message, enable_cache=False)

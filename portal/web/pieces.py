"""Pieces of a page that come out of what is given to them and of nothing else, and so are made once for all who are given the same.

A page says `{{ piece("findings/_facts.html", base=base, author=record.created_by.name, csrf=csrf_field()) }}`. The piece is a template that
sees these names alone: it knows neither who asks nor what time it is, so there is nothing to forget when something changes. What is one
viewer's own (a form's token, `own(name)`) is not kept: it is put into its places each time, and may only be put out as it is.
"""

import re
import secrets
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from portal.web.compiling import Ready, encoded, written

MOST_KEPT = 1_024  # for each language; some 3 KB each, twice as much with its bytes
MOST_WHOLES = 256  # some 20 KB each
LARGEST_KEPT = 160_000  # bytes of memory, of which a page as a whole takes some 60 KB: nobody's longest texts fill it
MARK = str(secrets.randbits(64))  # nobody can write a place for what is somebody's own
MORE = "{} does more with somebody's own than to put it out"
PLACE = re.compile(f"\0{MARK}:([a-z_]+)\0")


class Own(Markup):
    """What is one viewer's own in a piece."""

    __slots__ = ()


class LargeError(Exception):
    """A piece that is not kept; its `parts`."""

    def __init__(self, parts: Sequence[Any]) -> None:
        self.parts = parts


OWN = {Own, Ready}


def own(value: Any) -> Own:
    """The value as markup that no piece is kept with. What is `Ready` is that as it is."""
    return str.__new__(Own, value if type(value) is int else written(value))  # a Markup's own way takes three times as long


class Pieces:
    """The pieces of one language, kept by all that was given to them."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._made = lru_cache(maxsize=MOST_KEPT)(self._make)
        self._wholes = lru_cache(maxsize=MOST_WHOLES)(self._make)
        environment.globals.update(piece=self._within, own=_as_it_is)

    def piece(self, template: str, **given: Any) -> Ready:
        """The piece that the template makes of what is given: words, numbers, days, tuples of these, and what is one's `own`."""
        return Ready.of(self._filled(self._made, template, given))

    def whole(self, template: str, given: dict[str, Any]) -> bytes:
        """The same, of a page with all its pieces."""
        return encoded(self._filled(self._wholes, template, given))

    def _filled(self, made: Callable[..., Sequence[Any]], template: str, given: dict[str, Any]) -> Sequence[str]:
        shared = {name: _place(name) if type(value) in OWN else value for name, value in given.items()}
        # True is 1 and markup is a word that looks the same to a dictionary, but not to a template: so by their kinds too.
        try:
            parts = made(template, tuple(shared.items()), tuple(map(type, shared.values())))
        except LargeError as large:
            parts = large.parts
        return [given[part] if n % 2 else part for n, part in enumerate(parts)] if len(parts) > 1 else parts

    @property
    def made(self) -> int:
        """How many are kept."""
        return self._made.cache_info().currsize + self._wholes.cache_info().currsize

    def forget(self) -> None:
        self._made.cache_clear()
        self._wholes.cache_clear()

    def _within(self, template: str, **given: Any) -> Markup:
        """A piece of what is being made: it is kept with the whole."""
        return Markup("".join(self._environment.get_template(template).generate(given)))  # noqa: S704 (a template's)

    def _make(self, template: str, given: tuple[tuple[str, Any], ...], _kinds: Sequence[type]) -> Sequence[Any]:
        """The piece's parts; every other one is the name of what is to stand there."""
        for name, value in given:
            if not _is_plain(value):
                raise TypeError(f"{template} cannot be kept by {name}, a {type(value).__name__}")
        parts = PLACE.split("".join(self._environment.get_template(template).generate(given)))
        if any(MARK in part for part in parts):
            raise ValueError(MORE.format(template))
        pieces: list[Any] = [part if n % 2 else Ready.of([part]) for n, part in enumerate(parts)]
        if sum(sys.getsizeof(part) + len(part.encoded) for part in pieces[::2]) > LARGEST_KEPT:
            raise LargeError(pieces)
        return pieces


class Place(Markup):
    """Where in a piece somebody's own is put out. Nothing may be decided by it: that would hold for everybody."""

    __slots__ = ()

    def __bool__(self) -> bool:
        raise ValueError(MORE.format("a piece"))

    def __len__(self) -> int:
        raise ValueError(MORE.format("a piece"))

    def __call__(self) -> "Place":
        """As csrf_field() on pages."""
        return self


@lru_cache
def _place(name: str) -> Place:
    return Place(f"\0{MARK}:{name}\0")


def _as_it_is(value: Any) -> Any:
    return value


def _is_plain(value: Any, *, within: bool = False) -> bool:
    """Whether equal values of one kind look the same; a moment is the same in every time zone, and
    markup within a tuple a word like others."""
    if isinstance(value, tuple):
        return all(_is_plain(each, within=True) for each in value)
    if isinstance(value, datetime) or (within and isinstance(value, Markup)):
        return False
    return value is None or isinstance(value, str | int | date)

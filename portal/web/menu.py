"""The menus around every page: the same for all who have the same rooms while they are in the same one, so made once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from portal import words
from portal.web.compiling import Ready
from portal.web.templates import environment

MOST_KEPT = 1_024
THEMES = ("light", "dark")
SLOT = "\0{}\0"  # stands in no name and in no address
SLOTS = ("csrf", "back", "name", "initials")
BETWEEN = re.compile("(\0[a-z]+\0)")


@dataclass(frozen=True)
class Place:
    """A room in the menu."""

    key: str
    label: str
    href: str
    icon: str
    group: str = "main"
    count: int = 0
    current: bool = False


class Home(NamedTuple):
    """A network, as far as the menus show it."""

    id: int
    name: str
    slug: str
    municipality: str

    @classmethod
    def of(cls, network: Any) -> "Home":
        return cls(network.id, network.name, network.slug, network.municipality)


class Menu(NamedTuple):
    """What the menus are made from: where one is, where else one may go, and the rooms here."""

    locale: str
    demo: bool
    network: Home | None
    networks: tuple[Home, ...]
    places: tuple[Place, ...]

    def side(self) -> Ready:
        return _made("ui/_side.html", self)

    def bottom(self) -> Ready:
        return _made("ui/_bottom.html", self)


@lru_cache(maxsize=MOST_KEPT)
def _made(template: str, menu: Menu) -> Ready:
    base = f"/{menu.network.slug}" if menu.network else ""
    return Ready.of(environment(menu.locale).get_template(template).generate(base=base, **menu._asdict()))


class Own(NamedTuple):
    """One's own menu and the foot of the page. What is hers alone in them is put into what is made once for each language and theme:
    a twentieth of the time that a page takes."""

    locale: str
    theme: str
    slots: dict[str, str]

    @classmethod
    def of(cls, locale: str, theme: str, *, csrf: Markup, back: str, name: str) -> "Own":
        theme = theme if theme in THEMES else "auto"  # a browser may say anything
        own = (csrf, escape(back), escape(name), escape(words.initials(name)))
        return cls(locale, theme, {SLOT.format(slot): value for slot, value in zip(SLOTS, own, strict=True)})

    def menu(self) -> Ready:
        return self._filled("ui/_person.html")

    def foot(self) -> Ready:
        return self._filled("ui/_footer.html")

    def _filled(self, template: str) -> Ready:
        return Ready.of([self.slots.get(each, each) for each in _around(template, self.locale, self.theme)])


@lru_cache
def _around(template: str, locale: str, theme: str) -> Sequence[str]:
    """The template's parts before, between and after the slots, which stand among them."""
    slots = {slot: Markup(SLOT.format(slot)) for slot in SLOTS}  # noqa: S704 (no markup at all)
    made = environment(locale).get_template(template).render(locale=locale, theme=theme, csrf_field=lambda: slots["csrf"], **slots)
    return [each if BETWEEN.fullmatch(each) else Ready.of([each]) for each in BETWEEN.split(made)]

"""The menus beside and below every page: the same for all who have the same rooms while they are in the same one, so made once."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from portal.web.compiling import Ready
from portal.web.templates import environment

MOST_KEPT = 1_024


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

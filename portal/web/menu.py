"""What the menus around every page are made from."""

from typing import Any, NamedTuple


class Place(NamedTuple):
    """A room in the menu."""

    key: str
    label: str
    href: str
    icon: str
    group: str = "main"
    count: int = 0  # type: ignore[assignment]
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

    network: Home | None
    networks: tuple[Home, ...]
    places: tuple[Place, ...]

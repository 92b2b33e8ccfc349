"""Whom and what the directory shows, found by name: members, units and working groups; and what was
nearly spelled as one of them, or a theme.

A network has some hundred of these, so they are looked through as one searches: nothing is kept, and nobody is found who is not shown."""

from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from portal.db import Session
from portal.networks import words
from portal.networks.groups import groups
from portal.networks.models import Membership
from portal.networks.queries import members, themes, units
from portal.reading import rows
from portal.search.excerpts import Wanted
from portal.terms import eased, folded
from portal.web import _

MOST = 20
HOLD = """
    SELECT n FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS named(folded, said, n)
    WHERE (to_tsvector('swedish', folded) || to_tsvector('english', portal_clean(said))) @@ portal_query($3) ORDER BY n LIMIT $4
"""
RESEMBLE = """
    SELECT n, word_similarity(lower($2), lower(name)) AS likeness FROM unnest($1::text[]) WITH ORDINALITY AS named(name, n)
    WHERE word_similarity(lower($2), lower(name)) > $3 ORDER BY likeness DESC, n LIMIT $4
"""


@dataclass(frozen=True)
class Named:
    """A member, unit, group or theme: its name, what it is (in the reader's language) and its place below the network's address. `also` are
    words that it is found by besides: what it is in both languages, as for a record."""

    name: str
    about: str
    path: str
    also: str = ""

    @property
    def said(self) -> str:
        """All that it is found by, in one line."""
        return eased(" ".join(f"{self.name} {self.about} {self.also}".split()))


class Guess(NamedTuple):
    """What may have been meant: how alike it is (0–1), what it is called and where it stands."""

    likeness: float
    name: str
    path: str


@dataclass(frozen=True)
class Place:
    """One that was found, its name marked."""

    name: Markup
    about: str
    path: str


async def listed(session: Session, membership: Membership) -> list[Named]:
    """What the member finds in the directory, and nothing if it is not for her (guests)."""
    if not membership.can("directory:read"):
        return []
    network = membership.network
    people = [Named(each.person.name, _described(each), f"/members#member-{each.id}") for each in await members(session, network.id)]
    places = [
        Named(each.name, words.kind(each.kind, network), f"/members#unit-{each.id}", "enhet unit")
        for each in await units(session, network.id)
    ]
    working = [
        Named(each.name, _("Arbetsgrupp"), f"/meetings/groups/{each.id}", f"arbetsgrupp working group {each.purpose}")
        for each in await groups(session, network.id)
    ]
    return [*working, *places, *people]


def _described(member: Membership) -> str:
    unit = member.unit.name if member.unit else ""
    return " · ".join(filter(None, (str(words.role(member.role, member.network)), member.title, unit)))


async def found_in(session: Session, named: list[Named], typed: str, wanted: Wanted) -> list[Place]:
    """Those of `named` that are called so."""
    said = [each.said for each in named]
    base = (await folded(session, "\n".join(said))).split("\n")
    holding = await rows(session, HOLD, base, said, typed, MOST) if said else []
    found = [named[row["n"] - 1] for row in holding]
    return [Place(wanted.marked(each.name), each.about, each.path) for each in found]


async def nearly(session: Session, membership: Membership, named: list[Named], typed: str, *, least: float, most: int) -> list[Guess]:
    """Those that are spelled much like what was typed; themes lead to their findings."""
    if not named:
        return []
    known = [Named(each.name, "", f"/findings?theme={each.id}") for each in await themes(session, membership.network_id)]
    looked_at = [*named, *known]
    alike = await rows(session, RESEMBLE, [each.name for each in looked_at], typed, least, most)
    return [Guess(row["likeness"], looked_at[row["n"] - 1].name, looked_at[row["n"] - 1].path) for row in alike]

"""The network's log: every deed, newest first, told in words with the names that its ids stand for today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple, Protocol

from markupsafe import Markup
from sqlalchemy import select
from sqlmodel import col

from portal import words
from portal.accounts.models import Person
from portal.activity import sentences
from portal.activity.models import Activity
from portal.db import Session
from portal.networks.models import Invitation, Membership

PAGE = 50
FOLDED = timedelta(hours=1)


class Titles(Protocol):
    """Title and path (below the network's) of those records among `record_ids` that `membership` may read."""

    async def __call__(self, session: Session, membership: Membership, record_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]: ...


# Records live in a room above; portal/rooms.py says how their titles are read.
TITLES: list[Titles] = []


@dataclass
class Names:
    """What the ids in deeds are called."""

    people: dict[int, str] = field(default_factory=dict)
    members: dict[int, str] = field(default_factory=dict)
    invited: dict[int, str] = field(default_factory=dict)
    records: dict[int, tuple[str, str]] = field(default_factory=dict)


class Run(NamedTuple):
    """A deed that was done again and again to one record, told once: the latest, and how many times."""

    deed: Activity
    times: int


@dataclass(frozen=True)
class Page:
    """A page of the log, and from where the next one goes on."""

    deeds: Sequence[Activity]
    names: Names
    older: int | None

    @property
    def runs(self) -> list[Run]:
        """The deeds, those folded that somebody repeated within an hour with nothing between."""
        found: list[Run] = []
        for deed in self.deeds:
            if found and _is_again(found[-1].deed, deed):
                found[-1] = Run(found[-1].deed, found[-1].times + 1)
            else:
                found.append(Run(deed, 1))
        return found

    def told(self, deed: Activity, base: str) -> Markup:
        """The deed as a sentence, with links below `base`."""
        return sentences.tell(deed.verb, who=self.who(deed), what=self._what(deed, base))

    def name(self, deed: Activity) -> str:
        """What the deed is called where it is plain to what it was done."""
        return sentences.name(deed.verb)

    def who(self, deed: Activity) -> str:
        return self.names.people.get(deed.actor_id or 0, "")

    def _what(self, deed: Activity, base: str) -> str | Markup:
        if deed.record_id is not None:
            title, path = self.names.records.get(deed.record_id, ("", ""))
            return Markup('<a href="{}">{}</a>').format(base + path, title) if title else ""
        if "invitation" in deed.data:
            return self.names.invited.get(deed.data["invitation"], "")
        if "member" in deed.data:
            return self.names.members.get(deed.data["member"], "")
        return str(deed.data.get("name", ""))


def _is_again(latest: Activity, deed: Activity) -> bool:
    """Whether `deed` was the same as the `latest`, a little earlier."""
    is_same = (deed.record_id, deed.actor_id, deed.verb) == (latest.record_id, latest.actor_id, latest.verb)
    return deed.record_id is not None and is_same and latest.at - deed.at <= FOLDED


async def read_log(
    session: Session,
    by: Membership,
    *,
    record_id: int | None = None,
    actor_id: int | None = None,
    verb: str | None = None,
    before: int | None = None,
) -> Page:
    """Deeds of the network older than the deed `before`: in one record, by one person or of one kind when asked for."""
    wanted = select(Activity).where(col(Activity.network_id) == by.network_id)
    if record_id is not None:
        wanted = wanted.where(col(Activity.record_id) == record_id)
    if actor_id is not None:
        wanted = wanted.where(col(Activity.actor_id) == actor_id)
    if verb is not None:
        wanted = wanted.where(col(Activity.verb) == verb)
    if before is not None:
        wanted = wanted.where(col(Activity.id) < before)
    found = (await session.scalars(wanted.order_by(col(Activity.id).desc()).limit(PAGE + 1))).all()
    deeds = found[:PAGE]
    return Page(deeds, await _names(session, by, deeds), deeds[-1].id if len(found) > PAGE else None)


async def actors(session: Session, by: Membership) -> list[Person]:
    """Everyone who has done something in the network, in the order of names."""
    acted = select(col(Activity.actor_id)).where(col(Activity.network_id) == by.network_id)
    found = await session.scalars(select(Person).where(col(Person.id).in_(acted)))
    return sorted(found.all(), key=lambda person: words.sort_key(person.name))


async def verbs(session: Session, by: Membership) -> list[tuple[str, str]]:
    """The kinds of deed that the log holds, each with its name."""
    found = await session.scalars(select(col(Activity.verb)).where(col(Activity.network_id) == by.network_id).distinct())
    return sorted(((verb, sentences.name(verb)) for verb in found), key=lambda pair: words.sort_key(pair[1]))


async def _names(session: Session, by: Membership, deeds: Sequence[Activity]) -> Names:
    invited = _ids(deeds, "invitation")
    records = sorted({deed.record_id for deed in deeds if deed.record_id is not None})
    names = Names()
    people = select(col(Person.id), col(Person.name)).where(col(Person.id).in_({deed.actor_id for deed in deeds}))
    names.people = dict((await session.execute(people)).all())
    members = select(col(Membership.id), col(Person.name)).join(Person, col(Person.id) == col(Membership.person_id))
    found = await session.execute(members.where(col(Membership.id).in_(_ids(deeds, "member"))))
    names.members = dict(found.all())
    found = await session.execute(select(col(Invitation.id), col(Invitation.name)).where(col(Invitation.id).in_(invited)))
    names.invited = dict(found.all())
    for titles in TITLES:
        names.records |= await titles(session, by, records)
    return names


def _ids(deeds: Sequence[Activity], key: str) -> set[int]:
    return {deed.data[key] for deed in deeds if isinstance(deed.data.get(key), int)}

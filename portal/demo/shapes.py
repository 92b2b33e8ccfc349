"""The forms that the demo's content is written in. Days are counted from the day of loading: `ago` is working days back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import Literal

from portal.consultations.models import Stage, Triage
from portal.findings.models import Fate
from portal.moderation.models import Reason
from portal.networks.access import Role
from portal.networks.models import UnitKind
from portal.periods import Zone


@dataclass(frozen=True)
class Player:
    """Somebody in a network: when she joined, was last here and, if so, left. Who is `same` as another has two networks."""

    key: str
    name: str
    role: Role
    unit: str | None = None
    title: str = ""
    email: str = ""
    joined: int = 255
    seen: int = 5
    left: int | None = None
    stands_in_for: int | None = None
    same: str | None = None


@dataclass(frozen=True)
class House:
    """A network with its settings, units and people; the first of these is its coordinator."""

    slug: str
    name: str
    municipality: str
    founded: int
    purpose: str
    contact: str
    units: tuple[tuple[str, UnitKind], ...]
    players: tuple[Player, ...]
    more_themes: tuple[str, ...] = ()
    guests_comment: bool = False


@dataclass(frozen=True)
class Decided:
    """What became of a finding."""

    fate: Fate
    ago: int
    at: str
    reason: str = ""


@dataclass(frozen=True)
class Spotted:
    """A finding. `shared` with whom, and when."""

    key: str
    by: str
    ago: int
    at: str
    title: str
    happens: str
    means: str
    themes: tuple[str, ...]
    url: str | None = None
    decided: Decided | None = None
    shared: tuple[str, int, str] | None = None


@dataclass(frozen=True)
class Errand:
    """What the meeting asks somebody to do: working days after it, until when and, if it is done, until it was."""

    what: str
    owner: str
    due: int | None = None
    done: int | None = None


@dataclass(frozen=True)
class Point:
    """An agenda item, and what was written down under it."""

    title: str
    minutes: int
    presenter: str = ""
    notes: str = ""
    by: str = "ingela"
    goal: Literal["inform", "discuss", "decide"] | None = None
    decision: str = ""
    errands: tuple[Errand, ...] = ()


@dataclass(frozen=True)
class Gathering:
    """A meeting about `offset` days from today. What comes before it is counted in working days: back from its day when it has been, back
    from today when it is still to come. `circulated` (on correction, with `adjuster`) and `finalised` are working days after it."""

    key: str
    by: str
    offset: int
    title: str
    place: str
    purpose: str
    points: tuple[Point, ...]
    starts: str = "13.00"
    ends: str = "15.30"
    online_url: str | None = None
    planned: int = 40
    summoned: int | None = 12
    answers: tuple[tuple[str, Literal["yes", "maybe", "no"], int, str], ...] = ()
    present: tuple[str, ...] | None = None
    note_taker: str | None = None
    circulated: int | None = None
    adjuster: str = "maja"
    correction: tuple[str, int, str] | None = None  # who, in which section, and what is wrong
    finalised: int | None = None


@dataclass(frozen=True)
class Window:
    """A period for feedback: opens some working days ago, closes some days from now, or as long after the Sunday then."""

    stage: Stage
    opens: int
    closes: int
    zone: Zone = Zone.brussels
    on_a_sunday: bool = False
    days_later: int = 0


@dataclass(frozen=True)
class Written:
    """A new version of a section of the answer, which is counted from 0."""

    section: int
    by: str
    ago: int
    at: str
    body: str
    kept: bool = False


@dataclass(frozen=True)
class Asked:
    """A consultation, from being registered to the answer."""

    key: str
    by: str
    ago: int
    at: str
    title: str
    windows: tuple[Window, ...]
    summary: str
    title_en: str = ""
    url: str | None = None
    topics: tuple[str, ...] = ()
    triage: Triage | None = None
    triaged: tuple[int, str] = (0, "")
    reason: str = ""
    units: tuple[str, ...] = ()
    answer: tuple[Written, ...] = ()
    sent: tuple[int, str] | None = None
    came_from: str | None = None
    shared_with: str | None = None


@dataclass(frozen=True)
class Offered:
    """A call for proposals. It opens some working days from now, and closes on the working day after some days."""

    key: str
    by: str
    ago: int
    at: str
    title: str
    programme: str
    gives: str
    opens: int
    closes: int
    title_en: str = ""
    url: str | None = None
    hour: time | None = None
    zone: Zone = Zone.brussels


@dataclass(frozen=True)
class Reported:
    """Who asks the coordinator to look at a comment, and why."""

    by: str
    reason: Reason
    words: str


@dataclass(frozen=True)
class Paper:
    """A file that goes with a comment: how its bytes are made, and for a picture what it shows."""

    name: str
    made: Callable[[], bytes]
    alt: str = ""


@dataclass(frozen=True)
class Say:
    """A comment. `name` lets others answer it (`to`); `corrected` is what its author changed it to."""

    by: str
    ago: int
    at: str
    body: str
    name: str = ""
    to: str = ""
    corrected: str = ""
    hidden: Reason | None = None
    reported: Reported | None = None
    paper: Paper | None = None


@dataclass(frozen=True)
class Talk:
    """The thread of a record. `since` is a meeting whose day `ago` is counted from, instead of today. `concluded` names the comment
    that is its conclusion, and says when it became that."""

    about: str
    says: tuple[Say, ...]
    since: str | None = None
    locked: tuple[int, str] | None = None
    concluded: tuple[str, int, str] | None = None

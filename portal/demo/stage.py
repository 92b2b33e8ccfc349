"""What the demo has made so far, by the names that its content uses, and the order in which everything happens."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any

from portal import clock
from portal.comments.models import Comment
from portal.consultations.models import Consultation
from portal.db import Session
from portal.demo import days
from portal.drafting.queries import TextView, text_of
from portal.findings.models import Finding
from portal.funding.models import WatchedCall
from portal.meetings.models import Meeting
from portal.networks.models import Membership
from portal.records.models import Record

Deed = Callable[[], Awaitable[None]]


@dataclass
class Stage:
    """Deeds are put down in any order and happen in the order of their moments, with the clock
    stopped at each. Attachments go to `files`."""

    session: Session
    today: date
    files: Path
    members: dict[str, Membership] = field(default_factory=dict)
    units: dict[tuple[int, str], int] = field(default_factory=dict)
    themes: dict[tuple[int, str], int] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    consultations: dict[str, Consultation] = field(default_factory=dict)
    calls: dict[str, WatchedCall] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    texts: dict[str, TextView] = field(default_factory=dict)
    script: list[tuple[datetime, Deed]] = field(default_factory=list)

    def ago(self, working_days: int, at: str, *, since: date | None = None) -> datetime:
        """The moment `at` on the day that many working days before today, or before `since`."""
        return days.moment(days.working(since or self.today, -working_days), at)

    def put(self, moment: datetime, deed: Callable[..., Awaitable[None]], *given: Any) -> None:
        """Have `deed(self, *given)` happen at `moment`. What lies ahead of the demo's day has not happened."""
        if clock.local(moment).date() < self.today:
            self.script.append((moment, partial(deed, self, *given)))

    async def play(self) -> None:
        for moment, deed in sorted(self.script, key=itemgetter(0)):
            with clock.fixed(moment):
                await deed()

    def record(self, name: str) -> Record:
        """The record of a finding, meeting, call or consultation."""
        made = self.findings.get(name) or self.meetings.get(name) or self.calls.get(name) or self.consultations[name]
        return made.record

    async def text(self, name: str, purpose: str, *, by: Membership) -> TextView:
        """The text of a record, read once. Its sections are rows of this session, so that they say what has been saved since."""
        if name not in self.texts:
            view = await text_of(self.session, by, self.record(name), purpose)
            if view is None:
                raise LookupError(name)
            self.texts[name] = view
        return self.texts[name]

    def unit_ids(self, by: Membership, names: tuple[str, ...]) -> list[int]:
        return [self.units[by.network_id, name] for name in names]

    def theme_ids(self, by: Membership, names: tuple[str, ...]) -> list[int]:
        return [self.themes[by.network_id, name] for name in names]

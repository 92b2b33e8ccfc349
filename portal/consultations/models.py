"""Initiatives and windows are shared by the whole portal; a consultation is one network's own dealing with an initiative."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import StringConstraints
from sqlalchemy import JSON, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Relationship

from portal import clock, periods
from portal.db import Table, identity, instant, reference
from portal.fields import Line, Link, Prose
from portal.periods import PeriodForm, Zone
from portal.records.models import Record
from portal.web.forms import version_of

LIST = JSON().with_variant(JSONB(), "postgresql")


# The Commission's codes; words.py knows what they are called.
Topic = Annotated[str, StringConstraints(pattern="^[A-Z_]{2,20}$")]


class Stage(StrEnum):
    """EU feedback stages, and the two routes at home."""

    planned = "planned"
    call_for_evidence = "call_for_evidence"
    public_consultation = "public_consultation"
    draft_act = "draft_act"
    adopted_proposal = "adopted_proposal"
    national_remiss = "national_remiss"
    regional_input = "regional_input"


class Triage(StrEnum):
    to_assess = "to_assess"
    answering = "answering"
    watching = "watching"
    not_relevant = "not_relevant"


class Initiative(Table, table=True):
    """What somebody asks about. `key` names it at its source ("hys:18805"); those registered by hand have none."""

    __tablename__ = "initiative"

    id: int = identity()
    key: str | None = Field(default=None, unique=True)
    reference: str = ""
    title_sv: str
    title_en: str = ""
    summary_sv: str = ""
    summary_en: str = ""
    topics: list[str] = Field(default_factory=list, sa_type=LIST, nullable=False)
    documents: list[dict[str, Any]] = Field(default_factory=list, sa_type=LIST, nullable=False)
    act_type: str = ""
    lead_dg: str = ""
    url: str | None = None
    published_at: datetime | None = instant(nullable=True)
    changed_at: datetime | None = instant(nullable=True)
    created_at: datetime = instant()

    windows: list["FeedbackWindow"] = Relationship(sa_relationship_kwargs={"lazy": "raise", "order_by": "FeedbackWindow.id"})

    def values(self) -> dict[str, Any]:
        """As the form for changing it is filled."""
        return {
            "title_sv": self.title_sv,
            "title_en": self.title_en,
            "url": self.url or "",
            "summary_sv": self.summary_sv,
            "topics": self.topics,
        }

    def summary(self, locale: str) -> str:
        return (self.summary_en if locale == "en" else "") or self.summary_sv


class FeedbackWindow(Table, table=True):
    """A period for feedback. `closes_at` is the last second; `published_text` is the date as the source wrote it.

    `sequence` is RFC 5545's: it rises when anything changes that a calendar shows of the window, and `changed_at` with it.
    """

    __tablename__ = "feedback_window"
    __table_args__ = (UniqueConstraint("initiative_id", "key"),)

    id: int = identity()
    initiative_id: int = reference("initiative.id", ondelete="CASCADE")
    key: str
    stage: str
    opens_at: datetime | None = instant(nullable=True)
    closes_at: datetime | None = instant(nullable=True, index=True)
    tz: str = Zone.brussels
    published_text: str = ""
    source_status: str = ""
    sequence: int = 0
    changed_at: datetime = instant(default_factory=clock.now)

    def values(self) -> dict[str, str]:
        """As the form for changing it is filled."""
        return {"stage": self.stage, **periods.filled(self.opens_at, self.closes_at, self.tz)}


class Consultation(Table, table=True):
    """A network's consultation: its triage and, when it answers, its joint draft."""

    __tablename__ = "consultation"
    __table_args__ = (UniqueConstraint("network_id", "initiative_id"),)

    record_id: int = reference("record.id", primary_key=True)
    network_id: int = reference("network.id")
    initiative_id: int = reference("initiative.id", index=True)
    triage: str = Triage.to_assess
    reason: str = ""
    triaged_at: datetime | None = instant(nullable=True)

    @property
    def version(self) -> str:
        """Of how it was assessed."""
        return version_of({"triage": self.triage, "reason": self.reason})

    def closing(self, window: FeedbackWindow) -> str:
        """By which name calendars know the last day of one of its windows."""
        return f"window-{self.record_id}-{window.id}"

    record: Record = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    initiative: Initiative = Relationship(sa_relationship_kwargs={"lazy": "raise"})


class InitiativeForm(Table):
    """What an initiative is called and about, typed by hand."""

    title_sv: Annotated[Line, Field(min_length=1, max_length=300)]
    title_en: Annotated[Line, Field(max_length=300)] = ""
    url: Link | None = None
    summary_sv: Annotated[Prose, Field(max_length=8000)] = ""
    topics: Annotated[list[Topic], Field(max_length=60)] = []


class WindowForm(PeriodForm):
    """A window typed by hand."""

    stage: Stage


class ConsultationForm(InitiativeForm, WindowForm):
    """An initiative registered by hand, with its first window."""


class TriageForm(Table):
    triage: Triage
    reason: Annotated[Prose, Field(max_length=1000)] = ""

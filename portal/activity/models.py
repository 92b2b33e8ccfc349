"""One row for every deed: the source of timelines, Nytt sedan sist and the log."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from portal.db import Table, identity, instant, reference


class Activity(Table, table=True):
    """A deed. `verb` is "subject.deed", as in "finding.published"; `data` holds ids and short words, never prose."""

    __tablename__ = "activity"
    __table_args__ = (Index("ix_activity_network_id_id", "network_id", "id"), Index("ix_activity_record_id_id", "record_id", "id"))

    id: int = identity()
    at: datetime = instant()
    verb: str
    actor_id: int | None = reference("person.id", nullable=True)
    network_id: int | None = reference("network.id", nullable=True)
    record_id: int | None = reference("record.id", nullable=True)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON().with_variant(JSONB(), "postgresql"), nullable=False)

"""Who was asked to speak in a thread, and which of them have not."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlmodel import col

from portal.comments.models import Comment
from portal.db import Session
from portal.networks.models import Membership, Unit
from portal.records.models import Record


@dataclass(frozen=True)
class Voices:
    """The asked units that have written a comment, and those that have not."""

    heard: list[Unit] = field(default_factory=list)
    silent: list[Unit] = field(default_factory=list)


async def voices(session: Session, record: Record, asked: Sequence[Unit]) -> Voices:
    """Which of the asked units have spoken in the record's thread: what is hidden is no longer said, and what is held not yet."""
    if not asked:
        return Voices()
    spoke = select(col(Membership.unit_id)).join(Comment, col(Comment.membership_id) == col(Membership.id))
    spoke = spoke.where(col(Comment.record_id) == record.id, col(Comment.hidden_at).is_(None), col(Comment.held_at).is_(None))
    found = set(await session.scalars(spoke.distinct()))
    return Voices([unit for unit in asked if unit.id in found], [unit for unit in asked if unit.id not in found])

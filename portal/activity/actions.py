"""Writing down a deed, in the transaction that does it."""

from typing import Any, Protocol

from portal import clock
from portal.activity.models import Activity
from portal.db import Session


class Actor(Protocol):
    """Whoever does something in a network: a membership."""

    person_id: int
    network_id: int


class Subject(Protocol):
    """What something is done to: a record."""

    id: int


def record(session: Session, *, verb: str, by: Actor, record: Subject | None = None, **data: Any) -> None:
    """Note that `by` did `verb` ("subject.deed"), to `record` if there is one. `data` holds ids and short words."""
    session.add(
        Activity(
            at=clock.now(),
            verb=verb,
            actor_id=by.person_id,
            network_id=by.network_id,
            record_id=record.id if record is not None else None,
            data=data,
        )
    )

"""Runs migrations on the connection that the caller hands over in `config.attributes["connection"]`."""

from typing import Any

from alembic import context
from sqlalchemy import String
from sqlmodel.sql.sqltypes import AutoString

from portal import queueing
from portal.db import Instant
from portal.tables import metadata


def spelled(kind: str, item: Any, _autogenerate: Any) -> str | bool:
    """Write plain SQLAlchemy types into a revision, so that old revisions never depend on today's code."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString | String):
        return f"sa.String({item.length})" if item.length else "sa.String()"
    return False


def is_ours(_item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """The queue's own tables have no models: its library describes them."""
    return kind != "table" or not queueing.is_own_table(name or "")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=spelled,
    include_object=is_ours,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()

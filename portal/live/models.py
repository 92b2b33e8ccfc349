"""Streams and their events. Within a stream the order of numbers is the order of commits, without a gap."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from portal.db import Table, identity, instant, reference


class Epoch(Table, table=True):
    """Its single row names this history of the database; a restore begins another."""

    __tablename__ = "live_epoch"

    id: int = Field(default=1, primary_key=True)
    epoch: str


class Stream(Table, table=True):
    __tablename__ = "live_stream"

    id: int = identity()
    last_seq: int = Field(default=0, sa_type=BigInteger, nullable=False, sa_column_kwargs={"server_default": "0"})


class Event(Table, table=True):
    """What happened: a kind and what it happened to. Texts are read when the event is sent."""

    __tablename__ = "live_event"

    stream_id: int = reference("live_stream.id", primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    kind: str
    ref: int = Field(sa_type=BigInteger)
    actor_id: int | None = Field(default=None, sa_type=BigInteger)
    at: datetime = instant()
    data: dict[str, Any] | None = Field(default=None, sa_type=JSON().with_variant(JSONB(), "postgresql"))

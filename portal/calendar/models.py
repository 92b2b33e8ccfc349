"""A feed is a secret address of one member. The table holds only its SHA-256."""

from datetime import datetime
from typing import Annotated

from sqlmodel import Field, Relationship

from portal.db import Table, identity, instant, reference
from portal.fields import Line
from portal.networks.models import Membership


class FeedForm(Table):
    name: Annotated[Line, Field(min_length=1, max_length=60)]


class Feed(FeedForm, table=True):
    """`name` is the device it was made for, as in "Outlook på jobbet"."""

    __tablename__ = "feed"

    id: int = identity()
    membership_id: int = reference("membership.id", index=True)
    token_hash: bytes = Field(unique=True)
    created_at: datetime = instant()
    read_at: datetime | None = instant(nullable=True)
    read_by: str = ""
    revoked_at: datetime | None = instant(nullable=True)

    membership: Membership = Relationship(sa_relationship_kwargs={"lazy": "raise"})

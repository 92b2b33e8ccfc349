"""A feed is a secret address of one member. The table holds only its SHA-256."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError
from sqlalchemy import BigInteger
from sqlmodel import Field, Relationship

from portal.db import Table, identity, instant, reference
from portal.fields import Line
from portal.networks.models import Membership
from portal.web import _
from portal.web.forms import LONGEST_IDENTITY


class Scope(StrEnum):
    """What a feed shows. The meetings of a working group are a scope, too: "group-" and its number."""

    meetings = "meetings"
    mine = "mine"
    deadlines = "deadlines"
    everything = "everything"


class Alarm(StrEnum):
    none = "none"
    day = "day"
    hour = "hour"


GROUP = "group-"


def _scope(given: str) -> str:
    number = given.removeprefix(GROUP)
    is_group = given != number and number.isascii() and number.isdigit() and len(number) <= LONGEST_IDENTITY and str(int(number)) == number
    if not is_group and given not in list(Scope):
        raise PydanticCustomError("enum", _("Välj ett av alternativen."))
    return given


def group_in(scope: str) -> int | None:
    """The number of the working group whose meetings alone the feed shows, if it is such a one."""
    return int(scope.removeprefix(GROUP)) if scope.startswith(GROUP) else None


class FeedForm(Table):
    """`name` is the device it is for, as in "Outlook på jobbet"."""

    name: Annotated[Line, Field(min_length=1, max_length=60)]
    scope: Annotated[str, AfterValidator(_scope)] = Scope.meetings.value
    alarm: Alarm = Alarm.none


class Feed(FeedForm, table=True):
    """`changed_at` is the moment, in whole seconds, since which the feed has been what `tag` is the validator of: it goes forward
    each time the tag becomes another, and never back, so that a program that knows dates only can be told "unchanged"."""

    __tablename__ = "feed"

    id: int = identity()
    membership_id: int = reference("membership.id", index=True)
    alarm: str = Alarm.none  # type: ignore[assignment]
    token_hash: bytes = Field(unique=True)
    created_at: datetime = instant()
    revoked_at: datetime | None = instant(nullable=True)
    tag: str = ""
    changed_at: datetime | None = instant(nullable=True)

    membership: Membership = Relationship(sa_relationship_kwargs={"lazy": "raise"})


class Reading(Table, table=True):
    """When a program last read a feed and what it got: the HTTP `status`, 200 or 304 (0 if it read before that was noted), and how many
    `events` the calendar had then. `agent` is how the program calls itself."""

    __tablename__ = "feed_reading"

    feed_id: int = reference("feed.id", primary_key=True, ondelete="CASCADE")
    program: str = Field(primary_key=True)
    agent: str
    read_at: datetime = instant()
    status: int
    events: int


class Change(Table, table=True):
    """Something has changed that calendars of the network show; network 0 is everybody's. The database itself writes the row (triggers
    of migration 0023), in the transaction of the change, and takes away those that were there. So the rows that one sees are others
    as soon as the change is seen, whichever of two transactions ends first, and no set of them ever comes back."""

    __tablename__ = "calendar_change"

    id: int = identity()
    network_id: int = Field(sa_type=BigInteger, index=True)

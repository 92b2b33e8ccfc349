"""Working groups (arbetsgrupper): some of a network's members who meet about something of their own."""

from datetime import date
from typing import Annotated

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, Relationship

from portal.db import Table, identity, reference
from portal.fields import Line, Prose, RowNumber
from portal.networks.models import Membership


class GroupForm(Table):
    """What the group is called and is for, and the membership of who leads it."""

    name: Annotated[Line, Field(min_length=1, max_length=80)]
    purpose: Annotated[Prose, Field(max_length=1000)] = ""
    lead_id: RowNumber | None = None


class WorkingGroup(GroupForm, table=True):
    """A group of a network. One that has ended gets no new meetings or members; what it has done stays."""

    __tablename__ = "working_group"
    __table_args__ = (UniqueConstraint("network_id", "name"),)

    id: int = identity()
    network_id: int = reference("network.id")
    lead_id: int | None = reference("membership.id", nullable=True)
    ended_on: date | None = None


class GroupPlaceForm(Table):
    """Which member comes into the group."""

    member_id: RowNumber


class GroupPlace(Table, table=True):
    """A member's place in a group, from a day to a day (both included). It lasts no longer than her membership of the network."""

    __tablename__ = "working_group_place"
    __table_args__ = (
        Index("uq_working_group_place_open", "group_id", "membership_id", unique=True, postgresql_where=text("ends_on IS NULL")),
        Index("ix_working_group_place_membership_id", "membership_id"),
    )

    id: int = identity()
    group_id: int = reference("working_group.id")
    membership_id: int = reference("membership.id")
    starts_on: date
    ends_on: date | None = None

    membership: Membership = Relationship(sa_relationship_kwargs={"lazy": "raise"})

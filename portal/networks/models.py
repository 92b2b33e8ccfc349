"""Networks, their units and themes, and the people in them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Relationship

from portal import clock
from portal.accounts.models import Person
from portal.db import Table, identity, instant, reference
from portal.fields import Email, Line, Prose, RowNumber, Slug
from portal.networks import access
from portal.networks.access import Role
from portal.web.language import _

EVEN_IF_LEFT_OUT: dict[str, Any] = {"validate_default": True}


def _in_our_time(day: date) -> date:
    if not 2000 <= day.year <= 2099:
        raise PydanticCustomError("date_far", _("Året ska ligga mellan 2000 och 2099."))
    return day


Day = Annotated[date, AfterValidator(_in_our_time)]


class UnitKind(StrEnum):
    department = "department"
    municipal_company = "municipal_company"
    business = "business"
    association = "association"
    other = "other"


class NetworkForm(Table):
    """Settings and words of a network, set by its coordinator."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    municipality: Annotated[Line, Field(min_length=1, max_length=120)]
    purpose: Annotated[Prose, Field(max_length=2000)] = ""
    language: Literal["sv", "en"] = "sv"
    word_department: Annotated[Line, Field(min_length=1, max_length=40)] = "förvaltning"
    word_coordinator: Annotated[Line, Field(min_length=1, max_length=40)] = "EU-samordnare"
    meetings_least: Annotated[int, Field(ge=0, le=52)] = 4
    meetings_most: Annotated[int, Field(ge=1, le=52)] = 6
    guests_comment: bool = False
    guests_wait: bool = False
    public_calendar: bool = False
    contact: Annotated[Prose, Field(max_length=2000)] = ""

    @field_validator("meetings_most")
    @classmethod
    def most_is_not_less_than_least(cls, most: int, info: ValidationInfo) -> int:
        if most < info.data.get("meetings_least", 0):
            raise PydanticCustomError("most_below_least", _("Högsta antalet träffar kan inte vara lägre än det minsta."))
        return most


class FoundingForm(Table):
    """What a new network begins with."""

    name: Annotated[Line, Field(min_length=1, max_length=120)]
    slug: Annotated[Slug, Field(max_length=40)]
    municipality: Annotated[Line, Field(min_length=1, max_length=120)]
    coordinator_name: Annotated[Line, Field(min_length=1, max_length=100)]
    coordinator_email: Email


class Network(NetworkForm, table=True):
    """`language` is what people without an account here are written to in."""

    __tablename__ = "network"

    id: int = identity()
    language: str = Field(default="sv", max_length=2)  # type: ignore[assignment]
    slug: Slug = Field(unique=True, max_length=40)
    created_at: datetime = instant()


class UnitForm(Table):
    name: Annotated[Line, Field(min_length=1, max_length=120)]
    kind: UnitKind = UnitKind.department


class Unit(UnitForm, table=True):
    """A department, company or association that answers in the network."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("network_id", "name"),)

    id: int = identity()
    network_id: int = reference("network.id")
    kind: str = UnitKind.department  # type: ignore[assignment]
    closed_on: date | None = None


class Membership(Table, table=True):
    """A person in a network, for a unit, in a role, from a day to a day (both included).

    `successor_id` is whose everything is that is open when `ends_on` is over (see endings.py)."""

    __tablename__ = "membership"
    __table_args__ = (Index("ix_membership_network_id_person_id", "network_id", "person_id"), Index("ix_membership_person_id", "person_id"))

    id: int = identity()
    network_id: int = reference("network.id")
    person_id: int = reference("person.id")
    unit_id: int | None = reference("unit.id", nullable=True)
    role: str
    title: str = ""
    starts_on: date
    ends_on: date | None = None
    successor_id: int | None = reference("membership.id", nullable=True)
    seen_at: datetime | None = instant(nullable=True)
    before_at: datetime | None = instant(nullable=True)

    network: Network = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    person: Person = Relationship(sa_relationship_kwargs={"lazy": "raise"})
    unit: Unit | None = Relationship(sa_relationship_kwargs={"lazy": "raise"})

    def can(self, permission: str) -> bool:
        """Whether this member's role holds `permission` (see networks/access.py)."""
        return access.grants(self.role, permission)

    @property
    def rights(self) -> access.Rights:
        return access.Rights(self.role)

    @property
    def is_guest(self) -> bool:
        return self.role == Role.guest

    def lasts(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class ThemeForm(Table):
    name: Annotated[Line, Field(min_length=1, max_length=60)]


class Theme(ThemeForm, table=True):
    """A subject that records are sorted under."""

    __tablename__ = "theme"
    __table_args__ = (UniqueConstraint("network_id", "name"),)

    id: int = identity()
    network_id: int = reference("network.id")
    position: int = 0
    retired: bool = False


class SeatForm(Table):
    """What a member is in the network: role, the unit she answers for, and what she calls herself."""

    role: Role = Role.contact
    unit_id: RowNumber | None = Field(default=None, schema_extra=EVEN_IF_LEFT_OUT)
    title: Annotated[Line, Field(max_length=80)] = ""

    @field_validator("unit_id")
    @classmethod
    def answers_for_a_unit(cls, unit_id: int | None, info: ValidationInfo) -> int | None:
        if unit_id is None and info.data.get("role") in (Role.contact, Role.deputy, Role.head):
            raise PydanticCustomError("unit_missing", _("Välj vilken enhet personen svarar för."))
        return unit_id


class MemberForm(SeatForm):
    """A seat that is taken, with its first day; the day stays as it is where none is given. Its last one is EndingForm's."""

    starts_on: Day | None = None


def _to_come(day: date) -> date:
    if day < clock.today():
        raise PydanticCustomError("ends_past", _("Sista dagen har redan varit."))
    return day


LastDay = Annotated[Day, AfterValidator(_to_come)]


class EndingForm(Table):
    """The end of a membership: at once, or when a day is over."""

    ends_on: LastDay | None = None
    successor_id: RowNumber | None = None


class InvitationForm(SeatForm):
    name: Annotated[Line, Field(min_length=1, max_length=100)]
    email: Email


class InviteForm(InvitationForm):
    """Who is asked, and from when until when; at once and for good where no day says otherwise."""

    starts_on: Day | None = None
    ends_on: LastDay | None = None

    @field_validator("ends_on")
    @classmethod
    def ends_after_it_starts(cls, ends_on: date | None, info: ValidationInfo) -> date | None:
        starts_on = info.data.get("starts_on")
        if starts_on is not None and ends_on is not None and ends_on < starts_on:
            raise PydanticCustomError("ends_early", _("Sista dagen kan inte ligga före den första."))
        return ends_on


class Invitation(InvitationForm, table=True):
    """A link that makes one person a member of one network. The table holds only its SHA-256."""

    __tablename__ = "invitation"

    id: int = identity()
    network_id: int = reference("network.id", index=True)
    unit_id: int | None = reference("unit.id", nullable=True)
    role: str = Role.contact  # type: ignore[assignment]
    email: str  # type: ignore[assignment]
    token_hash: bytes = Field(unique=True)
    invited_by_id: int = reference("person.id")
    created_at: datetime = instant()
    expires_at: datetime = instant()
    accepted_at: datetime | None = instant(nullable=True)
    withdrawn_at: datetime | None = instant(nullable=True)
    starts_on: date | None = None
    ends_on: date | None = None


class DeputyForm(Table):
    """Who stands in for whom answers for a unit, from a day to a day: a member, or somebody who is invited."""

    unit_id: RowNumber | None = None
    member_id: RowNumber | None = None
    email: Email | None = Field(default=None, schema_extra=EVEN_IF_LEFT_OUT)
    name: Annotated[Line, Field(max_length=100)] = Field(default="", schema_extra=EVEN_IF_LEFT_OUT)
    starts_on: Day
    ends_on: Day

    @field_validator("email")
    @classmethod
    def is_somebody(cls, email: str | None, info: ValidationInfo) -> str | None:
        if email is None and info.data.get("member_id") is None:
            raise PydanticCustomError("nobody", _("Välj någon i nätverket, eller skriv namn och e-postadress till någon annan."))
        return email

    @field_validator("name")
    @classmethod
    def has_a_name(cls, name: str, info: ValidationInfo) -> str:
        if not name and info.data.get("email"):
            raise PydanticCustomError("name_missing", _("Skriv personens namn."))
        return name

    @field_validator("ends_on")
    @classmethod
    def ends_after_it_starts(cls, ends_on: date, info: ValidationInfo) -> date:
        starts_on = info.data.get("starts_on")
        if starts_on is not None and ends_on < starts_on:
            raise PydanticCustomError("ends_early", _("Sista dagen kan inte ligga före den första."))
        if ends_on < clock.today():
            raise PydanticCustomError("ends_past", _("Sista dagen har redan varit."))
        return ends_on

"""People, the codes they sign in with and the devices they are signed in on."""

from datetime import datetime
from typing import Annotated, Any, Literal

from sqlalchemy import JSON, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Relationship

from portal.db import Table, identity, instant, reference
from portal.fields import Email, Line


class PersonForm(Table):
    """What a person may say of herself."""

    name: Annotated[Line, Field(min_length=1, max_length=100)]
    phone: Annotated[Line, Field(max_length=40)] = ""


class Person(PersonForm, table=True):
    """Somebody with an account. Until she has chosen it herself, `locale` is what others supposed that she reads."""

    __tablename__ = "person"

    id: int = identity()
    email: str | None = Field(default=None, unique=True, max_length=254)
    locale: str = "sv"
    chose_locale: bool = False
    theme: str = "auto"
    shortcuts: bool = True
    password_hash: str | None = None
    created_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)


class SignedIn(Table, table=True):
    """A device that is signed in. The browser holds the token, the table only its SHA-256."""

    __tablename__ = "signed_in"
    __table_args__ = (Index("ix_signed_in_person_id", "person_id"),)

    id: int = identity()
    token_hash: bytes = Field(unique=True)
    person_id: int = reference("person.id", ondelete="CASCADE")
    device: str = ""
    trusted: bool = False
    created_at: datetime = instant()
    seen_at: datetime = instant()
    expires_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    person: Person = Relationship(sa_relationship_kwargs={"lazy": "raise"})


class SignInCode(Table, table=True):
    """A six-digit code on its way by e-mail, bound to the browser that asked for it."""

    __tablename__ = "sign_in_code"

    id: int = identity()
    person_id: int | None = reference("person.id", nullable=True, ondelete="CASCADE")
    email: str
    browser_hash: bytes = Field(index=True)
    code_hash: bytes
    tries: int = 0
    created_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)


class Attempt(Table, table=True):
    """One try against a limit; `bucket` names what is counted."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_bucket_at", "bucket", "at"),)

    id: int = identity()
    bucket: str
    at: datetime = instant()


class KeptForm(Table, table=True):
    """A form that came after the sign-in had ended, kept for its writer."""

    __tablename__ = "kept_form"

    id: int = identity()
    person_id: int = reference("person.id", ondelete="CASCADE", index=True)
    path: str
    fields: dict[str, Any] = Field(sa_type=JSON().with_variant(JSONB(), "postgresql"), nullable=False)
    created_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)


class DemoMark(Table, table=True):
    """Its single row says that the demo loader filled this database when it was empty."""

    __tablename__ = "demo_mark"

    id: int = Field(default=1, primary_key=True)
    loaded_at: datetime = instant()


class LanguageForm(Table):
    language: Literal["sv", "en"]


class ThemeForm(Table):
    theme: Literal["auto", "light", "dark"]


class ProfileForm(PersonForm, LanguageForm, ThemeForm):
    """What a person sets on her own page."""

    shortcuts: bool = False


class NewPasswordForm(Table):
    password: Annotated[str, Field(min_length=15, max_length=1024)]
    again: Annotated[str, Field(max_length=1024)]


class EmailForm(Table):
    email: Email


class CodeForm(Table):
    code: Annotated[Line, Field(min_length=6, max_length=12)]
    trusted: bool = False


class PasswordForm(Table):
    email: Email
    password: Annotated[str, Field(min_length=1, max_length=1024)]
    trusted: bool = False

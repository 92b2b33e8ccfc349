"""Signing in and out, and what a person changes about herself."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col

from portal import clock, mail
from portal.accounts import codes, limits, passwords
from portal.accounts.models import KeptForm, Person, ProfileForm, SignedIn, SignInCode
from portal.accounts.queries import hash_of, person_by_email
from portal.db import Session
from portal.live import access_changed
from portal.web import Refused, _, _l, speaking

TRUSTED_LASTS = timedelta(days=30)
VISIT_LASTS = timedelta(hours=12)
LONGEST_KEPT = 256 * 1024  # bytes of a form
MOST_KEPT = 20
CODE_REMEMBERED = timedelta(days=1)
REMEMBERED = timedelta(days=30)

# Told before a person bears another name, with the one she bears; rooms above say (portal/rooms.py).
RENAMED: list[Callable[[Session, Person, str], Awaitable[None]]] = []


@dataclass(frozen=True)
class Visitor:
    """The browser in front of us before anyone is signed in; the language, if one was chosen at the door."""

    browser: str
    address: str
    agent: str
    language: str | None = None


async def add_person(session: Session, *, name: str, email: str, locale: str = "sv") -> Person:
    """A new person; e-mail addresses are unique without regard to case."""
    person = Person(name=name, email=email.lower(), locale=locale, created_at=clock.now())
    session.add(person)
    await session.flush()
    return person


async def send_code(session: Session, *, email: str, visitor: Visitor) -> None:
    """Mail a six-digit code if somebody has the address; do the same work and give the same answer if nobody has."""
    person = await person_by_email(session, email)
    code = await codes.draw(session, holder=visitor.browser, email=email, person=person)
    await limits.count(session, f"anonymous:{visitor.address}", most=100, seconds=300)
    if person:
        locale = visitor.language or person.locale
        with speaking(locale):
            await mail.send(session, to=email, subject=_("Din inloggningskod"), text=_code_text(code), locale=locale)


def _code_text(code: str) -> str:
    return "\n\n".join(
        [
            _("Din kod är %(code)s.", code=code),
            _("Den gäller i 15 minuter, i den webbläsare där du bad om den."),
            _("Har du inte bett om någon kod? Då behöver du inte göra något: utan koden kommer ingen in."),
        ]
    )


async def sign_in_with_code(session: Session, *, code: str, visitor: Visitor) -> Person | None:
    """The person whose latest code this browser gave, or None. A code works once and for five tries."""
    redeemed = await codes.redeem(session, holder=visitor.browser, typed=code)
    person = await session.get(Person, redeemed.person_id) if redeemed else None
    return person if person and person.closed_at is None else None


async def sign_in_with_password(session: Session, *, email: str, password: str, visitor: Visitor) -> Person | None:
    """The person with this address and password, or None after the same time. Addresses count failures alone."""
    await limits.count(session, f"password:{email.lower()}", most=10, seconds=300)
    await limits.check(session, f"address:{visitor.address}", most=100, seconds=300)
    person = await person_by_email(session, email)
    if await passwords.matches(person.password_hash if person else None, password):
        return person
    await limits.count(session, f"address:{visitor.address}", most=100, seconds=300)
    return None


async def start(session: Session, *, person: Person, trusted: bool, visitor: Visitor) -> tuple[SignedIn, str]:
    """Sign `person` in on this device with a new 256-bit token; the table keeps its hash alone."""
    token = secrets.token_urlsafe(32)
    moment = clock.now()
    signed_in = SignedIn(
        token_hash=hash_of(token),
        person_id=person.id,
        device=visitor.agent[:120],
        trusted=trusted,
        created_at=moment,
        seen_at=moment,
        expires_at=moment + (TRUSTED_LASTS if trusted else VISIT_LASTS),
    )
    session.add(signed_in)
    await session.flush()
    return signed_in, token


async def end(session: Session, *, person: Person, device_id: int | None = None, but: int | None = None) -> None:
    """End one device's sign-in, or all of the person's (`but` one); their sockets close at once."""
    ending = update(SignedIn).where(col(SignedIn.person_id) == person.id, col(SignedIn.ended_at).is_(None))
    if device_id is not None:
        ending = ending.where(col(SignedIn.id) == device_id)
    if but is not None:
        ending = ending.where(col(SignedIn.id) != but)
    await session.execute(ending.values(ended_at=clock.now()))
    await access_changed(session, person.id)


async def set_password(session: Session, *, person: Person, password: str, keep: int) -> None:
    """A new password ends every other sign-in and is told by mail. An empty one goes back to codes alone."""
    if password and not passwords.LEAST <= len(password) <= passwords.MOST:
        raise Refused(_l("Lösenordet ska ha 15 tecken eller fler."), status=422)
    person.password_hash = await passwords.hashed(password) if password else None
    session.add(person)
    await end(session, person=person, but=keep)
    await _tell_of_password(session, person)


async def _tell_of_password(session: Session, person: Person) -> None:
    if not person.email:
        return
    with speaking(person.locale):
        changed = _("Ditt lösenord är ändrat.") if person.password_hash else _("Ditt lösenord är borttaget.")
        unknown = _("Var det inte du? Logga då in med en kod, gå till Min sida och logga ut dina andra enheter.")
        subject = _("Ditt lösenord i nätverksportalen")
        await mail.send(session, to=person.email, subject=subject, text=f"{changed}\n\n{unknown}", locale=person.locale)


async def close(session: Session, *, person: Person) -> None:
    """Nobody signs in with the account any more. Address, telephone, password, choices and late
    forms are gone; the name stays with what she wrote."""
    await end(session, person=person)
    person.closed_at, person.email, person.phone, person.password_hash = clock.now(), None, "", None
    prefer(person, theme="auto")
    person.shortcuts = True
    session.add(person)
    await session.execute(delete(SignInCode).where(col(SignInCode.person_id) == person.id))
    await session.execute(delete(KeptForm).where(col(KeptForm.person_id) == person.id))
    await session.flush()


async def change_profile(session: Session, person: Person, *, form: ProfileForm) -> None:
    """What a person says of herself, and how the portal looks to her. Another name is noted where others know her by the old one."""
    if form.name != person.name:
        for note in RENAMED:
            await note(session, person, person.name)
    person.name = form.name
    person.phone = form.phone
    person.shortcuts = form.shortcuts
    prefer(person, language=form.language, theme=form.theme)


def prefer(person: Person, *, language: str | None = None, theme: str | None = None) -> None:
    """Keep the choice of language or theme with the person."""
    if language is not None:
        person.locale, person.chose_locale = language, True
    person.theme = theme or person.theme


async def keep_form(session: Session, *, person_id: int, path: str, fields: dict[str, list[str]]) -> int | None:
    """Keep a form that came too late, for the person it belongs to; its number, or None if it is too large or too many wait.

    Forms that were sent again make room; one that still waits never does."""
    if sum(len(value.encode()) for name, values in fields.items() for value in (name, *values)) > LONGEST_KEPT:
        return None
    await session.execute(select(col(Person.id)).where(col(Person.id) == person_id).with_for_update(key_share=True))
    known = (await session.scalars(select(KeptForm).where(col(KeptForm.person_id) == person_id).order_by(col(KeptForm.id)))).all()
    if len(known) >= MOST_KEPT:
        sent = next((each for each in known if each.sent_at is not None), None)
        if sent is None:
            return None
        await session.delete(sent)
    kept = KeptForm(person_id=person_id, path=path, fields=fields, created_at=clock.now())
    session.add(kept)
    await session.flush()
    return kept.id


def note_sent(kept: KeptForm) -> None:
    """The form has gone on to where it was meant for; it is no longer waiting."""
    kept.sent_at = clock.now()


async def forget_forms(session: Session, *, path: str, person_id: int, key: str) -> None:
    """Nothing is left of late forms for `path` and what lies below it, nor of the person's own that carried `key`."""
    there = (col(KeptForm.path) == path) | col(KeptForm.path).startswith(f"{path}/", autoescape=True)
    hers = (col(KeptForm.person_id) == person_id) & type_coerce(col(KeptForm.fields), JSONB).contains({"key": [key]})
    await session.execute(delete(KeptForm).where(there | hers).execution_options(synchronize_session=False))


async def discard(session: Session, kept: KeptForm) -> None:
    """Throw a late form away."""
    await session.delete(kept)


async def sweep(session: Session) -> None:
    """Forget what nobody needs any more: old tries and codes after a day, ended sign-ins and late forms after a month."""
    await limits.sweep(session)
    moment = clock.now()
    await session.execute(delete(SignInCode).where(col(SignInCode.expires_at) < moment - CODE_REMEMBERED))
    await session.execute(delete(SignedIn).where(col(SignedIn.ended_at) < moment - REMEMBERED))
    await session.execute(delete(SignedIn).where(col(SignedIn.expires_at) < moment - REMEMBERED))
    await session.execute(delete(KeptForm).where(col(KeptForm.created_at) < moment - REMEMBERED))

"""Reads of people and their signed-in devices."""

import hashlib
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from litestar import Request
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal import clock
from portal.accounts import limits
from portal.accounts.models import DemoMark, KeptForm, Person, SignedIn
from portal.characters import EDGE, VARIATION
from portal.db import Session
from portal.web.errors import NotFound

NamesBeside = Callable[[Session, Person], Awaitable[Sequence[str]]]

# Networks live in a room above; portal/rooms.py says how one learns what those who share one with a person are called.
NAMES_BESIDE: list[NamesBeside] = []
# Cyrillic, Greek and phonetic letters that look like Latin ones, small or as capitals (Unicode TR 39); and what is not seen at all.
LOOKALIKES = str.maketrans("авекмнорстухіјѕԁһ" + "αβεζηικμνορτυχ" + "ıɪɑɡ", "abekmhopctyxijsdh" + "abezhikmnoptyx" + "iiag")
UNSEEN = dict.fromkeys(map(ord, EDGE + VARIATION))
# Strokes that look like a small l, as long as they are capitals.
STROKES = str.maketrans("I1|ІΙӀ", "llllll")


def hash_of(token: str) -> bytes:
    """What the table holds of a secret that only the browser or the mail knows."""
    return hashlib.sha256(token.encode()).digest()


async def person_by_email(session: Session, email: str) -> Person | None:
    return (await session.scalars(select(Person).where(col(Person.email) == email.lower(), col(Person.closed_at).is_(None)))).first()


async def is_borne_beside(session: Session, person: Person, name: str) -> bool:
    """Whether somebody in one of the person's networks is called that, however it is spaced or
    capitalised. Her own name is hers to respell."""
    if are_read_as_one(name, person.name):
        return False
    beside = [each for names in NAMES_BESIDE for each in await names(session, person)]
    return any(are_read_as_one(name, each) for each in beside)


def are_read_as_one(name: str, other: str) -> bool:
    """Whether two names look the same to who reads quickly, whatever they are written with."""
    return _folded(name) == _folded(other) or _folded(name.translate(STROKES)) == _folded(other.translate(STROKES))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().translate(LOOKALIKES).translate(UNSEEN)


async def device(session: Session, token: str) -> SignedIn | None:
    """The signed-in device that holds `token`, with its person, if it may still act."""
    if not is_token(token):
        return None
    found = await session.scalars(
        select(SignedIn).options(joinedload(SignedIn.person)).where(col(SignedIn.token_hash) == hash_of(token))  # type: ignore[arg-type]
    )
    signed_in = found.first()
    return signed_in if signed_in and is_alive(signed_in, clock.now()) else None


def is_token(text: str) -> bool:
    """Whether it could be a sign-in's token at all."""
    return 20 <= len(text) <= 100 and text.isascii()


def is_alive(signed_in: SignedIn, moment: datetime) -> bool:
    return signed_in.ended_at is None and signed_in.expires_at > moment and signed_in.person.closed_at is None


async def former_person_id(session: Session, token: str) -> int | None:
    """Whose sign-in this was, also when it has ended: whom a late form is kept for. Closed accounts keep nothing."""
    theirs = select(col(SignedIn.person_id)).join(Person, col(Person.id) == col(SignedIn.person_id))
    found = await session.scalar(theirs.where(col(SignedIn.token_hash) == hash_of(token), col(Person.closed_at).is_(None)))
    return found


async def devices(session: Session, person: Person) -> Sequence[SignedIn]:
    """The person's signed-in devices, the latest used first."""
    found = await session.scalars(
        select(SignedIn)
        .where(col(SignedIn.person_id) == person.id, col(SignedIn.ended_at).is_(None), col(SignedIn.expires_at) > clock.now())
        .order_by(col(SignedIn.seen_at).desc())
    )
    return found.all()


async def own_device(session: Session, person: Person, device_id: int) -> SignedIn:
    """One of the person's signed-in devices, else NotFound."""
    for each in await devices(session, person):
        if each.id == device_id:
            return each
    raise NotFound


async def kept_form(session: Session, person: Person, kept_id: int) -> KeptForm:
    """A late form of the person's own, else NotFound."""
    found = await session.scalars(select(KeptForm).where(col(KeptForm.id) == kept_id, col(KeptForm.person_id) == person.id))
    kept = found.first()
    if kept is None:
        raise NotFound
    return kept


async def unsent_forms(session: Session, person: Person) -> Sequence[KeptForm]:
    """Late forms that she has neither sent again nor thrown away."""
    found = await session.scalars(
        select(KeptForm).where(col(KeptForm.person_id) == person.id, col(KeptForm.sent_at).is_(None)).order_by(col(KeptForm.id).desc())
    )
    return found.all()


async def demo_mark(session: Session) -> DemoMark | None:
    return await session.get(DemoMark, 1)


async def provide_visitor_person(request: Request[Any, Any, Any], session: Session) -> Person | None:
    """Dependency `visitor_person`: who is signed in, or None (pages that anybody may see)."""
    signed_in = await device(session, request.cookies.get(request.app.state.frame.cookie("sid"), ""))
    if signed_in is None:
        return None
    request.scope["state"]["person"] = signed_in.person
    request.scope["state"]["signed_in"] = signed_in
    limits.hold_back(request, session, signed_in)
    note_sight(signed_in)
    return signed_in.person


def note_sight(signed_in: SignedIn) -> None:
    """Remember that the device was here (at most every ten minutes)."""
    if (clock.now() - signed_in.seen_at).total_seconds() > 600:
        signed_in.seen_at = clock.now()

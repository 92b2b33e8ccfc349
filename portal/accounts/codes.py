"""Six-digit codes that a mail brings: drawn for one address and one holder, and good once, for five tries and a quarter of an hour.

The holder is who may give the code back: a browser that nobody is signed in with yet, or the sign-in of who wants another address."""

import hmac
import secrets
from datetime import timedelta

from sqlalchemy import select, update
from sqlmodel import col

from portal import clock
from portal.accounts import limits
from portal.accounts.models import Person, SignedIn, SignInCode
from portal.accounts.queries import hash_of
from portal.db import Session

LASTS = timedelta(minutes=15)
TRIES = 5


def holder_of(signed_in: SignedIn) -> str:
    """The holder that a sign-in is. It is longer than any browser's cookie can be, so no browser passes for one."""
    return f"sign-in:{signed_in.token_hash.hex()}"


async def draw(session: Session, *, holder: str, email: str, person: Person | None) -> str:
    """A new code for `holder`, to be mailed to `email`; without a `person` it is written down alike and opens nothing. TooMany for
    an address that has been sent as many as anybody needs."""
    await limits.count(session, f"code:{email.lower()}", most=5, seconds=600)
    await limits.count(session, f"codes of a day:{email.lower()}", most=30, seconds=86400)
    code = f"{secrets.randbelow(1_000_000):06d}"
    session.add(
        SignInCode(
            person_id=person.id if person else None,
            email=email.lower(),
            browser_hash=hash_of(holder),
            code_hash=hash_of(f"{holder}:{code}"),
            created_at=clock.now(),
            expires_at=clock.now() + LASTS,
        )
    )
    return code


async def redeem(session: Session, *, holder: str, typed: str) -> SignInCode | None:
    """The latest code that was drawn for `holder`, if it is what was typed and somebody's; then none of the holder's works again."""
    waiting = await _latest(session, holder)
    if waiting is None or waiting.tries >= TRIES:
        return None
    waiting.tries += 1
    digits = "".join(each for each in typed if each.isdigit())
    if not hmac.compare_digest(waiting.code_hash, hash_of(f"{holder}:{digits}")) or waiting.person_id is None:
        return None
    others = update(SignInCode).where(col(SignInCode.browser_hash) == waiting.browser_hash, col(SignInCode.used_at).is_(None))
    await session.execute(others.values(used_at=clock.now()))
    return waiting


async def _latest(session: Session, holder: str) -> SignInCode | None:
    """It is held, so that tries at the same moment are counted one by one."""
    found = await session.scalars(
        select(SignInCode)
        .where(col(SignInCode.browser_hash) == hash_of(holder), col(SignInCode.used_at).is_(None))
        .where(col(SignInCode.expires_at) > clock.now())
        .order_by(col(SignInCode.id).desc())
        .limit(1)
        .with_for_update()
    )
    return found.first()


async def address_waited_for(session: Session, holder: str) -> str | None:
    """The address that the holder last asked a code for, whether or not anyone has it."""
    found: str | None = await session.scalar(
        select(col(SignInCode.email))
        .where(col(SignInCode.browser_hash) == hash_of(holder), col(SignInCode.used_at).is_(None))
        .where(col(SignInCode.expires_at) > clock.now())
        .order_by(col(SignInCode.id).desc())
        .limit(1)
    )
    return found

"""Argon2id, off the event loop, two at a time."""

import asyncio
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
LEAST = 15
MOST = 1024

# Compared when nobody has the address, so that the answer takes as long as for somebody who has; the hash of a drawn text that
# nobody has kept.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$EKzXBa/5hKX11pP6EOUgIA$Kc1b6qagXSjbeVYoxk6arZM50j6+3ByWEiDqpsiLRWw"

_turn = asyncio.Semaphore(2)


async def hashed(password: str) -> str:
    """The Argon2id hash to store."""
    async with _turn:
        return await asyncio.to_thread(HASHER.hash, _exact(password))


async def matches(stored: str | None, password: str) -> bool:
    """Whether `password` is the stored one; takes the same time when nothing is stored."""
    async with _turn:
        right = await asyncio.to_thread(_verify, stored or NOBODY, _exact(password))
    return right and stored is not None


def _verify(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _exact(password: str) -> str:
    return unicodedata.normalize("NFC", password)

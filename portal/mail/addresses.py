"""Addresses of the portal's own mailbox that only it can make: whatever comes to one is about what stands in it, whoever sent it."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

from portal.config import Misconfigured, Settings

Sign = Callable[[str], str]

MAILBOX = re.compile(r"([A-Za-z0-9._-]{1,20})@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)")
MARK = 20
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"  # mail servers may change the case of letters
WHAT = r"([a-z])([0-9a-z]{1,12}(?:\.[0-9a-z]{1,12}){0,2})"


@dataclass(frozen=True)
class About:
    """What has come is for the room of this `kind` (a letter), about these `numbers`, three at most."""

    kind: str
    numbers: tuple[int, ...]

    def __str__(self) -> str:
        return self.kind + ".".join(map(_short, self.numbers))


def _short(number: int) -> str:
    number, last = divmod(number, len(DIGITS))
    return (_short(number) if number else "") + DIGITS[last]


def check_mailbox(settings: Settings) -> None:
    """Misconfigured unless PORTAL_REPLY_ADDRESS, if it is set, can carry what is added to it (RFC 5321: 64 characters before the @)."""
    if settings.reply_address and not MAILBOX.fullmatch(settings.reply_address):
        raise Misconfigured("PORTAL_REPLY_ADDRESS must be an e-mail address with at most 20 letters, digits, . _ or - before the @.")


def address_about(settings: Settings, sign: Sign, about: About) -> str | None:
    """The address for letters and calendars to answer to; None when the portal has no mailbox."""
    if settings.reply_address is None:
        return None
    name, _at, host = settings.reply_address.partition("@")
    return f"{name}+{about}.{_mark(sign, about)}@{host}"


def read_addresses(settings: Settings, sign: Sign, text: str) -> set[About]:
    """What those among the addresses in `text` are about that the portal has made."""
    if settings.reply_address is None:
        return set()
    name, _at, host = settings.reply_address.lower().partition("@")
    pattern = re.compile(rf"(?<![\w.+-]){re.escape(name)}\+{WHAT}\.([0-9a-f]{{{MARK}}})@{re.escape(host)}(?![\w.-])")
    found = (
        (About(kind, tuple(int(each, 36) for each in numbers.split("."))), mark) for kind, numbers, mark in pattern.findall(text.lower())
    )
    return {about for about, mark in found if hmac.compare_digest(mark, _mark(sign, about))}


def _mark(sign: Sign, about: About) -> str:
    return sign(f"mailbox:{about}")[:MARK]

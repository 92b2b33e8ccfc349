"""Tokens to read the mailbox with: OAuth 2.0 client credentials (RFC 6749 section 4.4), for servers that take no password any more."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

from portal import clock, fetch
from portal.config import LOOPBACK, Misconfigured, Settings

EXCHANGE = "https://outlook.office365.com/.default"
MARGIN = timedelta(minutes=1)
SHAPE = "PORTAL_IMAP_TOKEN_URL must look like https://client-id:secret@login.microsoftonline.com/TENANT/oauth2/v2.0/token."


class NoToken(Exception):
    """The token server gives none; in its own words."""


@dataclass(frozen=True)
class Errand:
    """What is asked for, and where."""

    url: str
    client: str
    secret: str
    scope: str


_kept: dict[Errand, tuple[str, datetime]] = {}


async def token(settings: Settings) -> str | None:
    """A token that holds for now, asked for when the last one runs out; None where a password is used. NoToken, or fetch.Unreachable."""
    if settings.imap_token_url is None:
        return None
    errand = checked(settings.imap_token_url)
    if errand not in _kept or _kept[errand][1] - MARGIN <= clock.now():
        _kept[errand] = await _asked(errand, settings)
    return _kept[errand][0]


def forget(settings: Settings) -> None:
    """The mailbox has refused the token: another one is asked for next time."""
    if settings.imap_token_url is not None:
        _kept.pop(checked(settings.imap_token_url), None)


async def _asked(errand: Errand, settings: Settings) -> tuple[str, datetime]:
    given = {"grant_type": "client_credentials", "client_id": errand.client, "client_secret": errand.secret, "scope": errand.scope}
    status, content = await fetch.post(errand.url, given, inside=settings.networks_inside)
    try:
        said = json.loads(content)
        if status == 200:
            return str(said["access_token"]), clock.now() + timedelta(seconds=int(said.get("expires_in", 300)))
        raise NoToken(f"{status}, {ascii(said.get('error'))[:100]}")
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise NoToken(f"{status}, and no token that could be read") from None


def checked(url: str) -> Errand:
    """The parts of PORTAL_IMAP_TOKEN_URL. Raises Misconfigured for one that cannot be used; a
    secret goes over TLS or to this machine only."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Misconfigured(SHAPE) from None
    if not (host and parts.username and parts.password) or not (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)):
        raise Misconfigured(SHAPE)
    bare = parts._replace(netloc=f"{host}:{port}" if port else host, query="", fragment="").geturl()
    scope = parse_qs(parts.query).get("scope", [EXCHANGE])[0]
    return Errand(bare, unquote(parts.username), unquote(parts.password), scope)

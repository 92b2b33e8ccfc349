"""Settings, read once from the environment. Imports nothing of ours."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
MOST_WORKERS = 64
BESIDE_THE_POOL = 4


class Misconfigured(Exception):
    """A setting is missing or wrong; the message is one sentence for the person who starts the portal."""


def setting(variable: str, default: Any, meaning: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"variable": variable, "meaning": meaning, "secret": secret})


@dataclass(frozen=True)
class Settings:
    port: int = setting("PORT", 8000, "Port that the portal listens on.")
    host: str = setting("PORTAL_HOST", "127.0.0.1", "Address that the portal listens on.")
    data: Path = setting("PORTAL_DATA", Path("data"), "Folder for the embedded database, files and kept mail.")
    database_url: str | None = setting(
        "DATABASE_URL", None, "PostgreSQL 15 or newer; without it an embedded server runs in the data folder.", secret=True
    )
    secret: str | None = setting("PORTAL_SECRET", None, "Key that signs forms and cookies, 32 characters or more.", secret=True)
    base_url: str | None = setting("PORTAL_BASE_URL", None, "Address that people use, as in https://portal.example.se.")
    smtp_url: str | None = setting(
        "PORTAL_SMTP_URL", None, "smtp://user:password@host:587 or smtps://…; without it mail is kept in the data folder.", secret=True
    )
    mail_from: str = setting("PORTAL_MAIL_FROM", "portal@localhost", "Sender of the portal's mail.")
    reply_address: str | None = setting(
        "PORTAL_REPLY_ADDRESS",
        None,
        "Mailbox that takes name+anything@, as in kallelse@example.se: calendars answer there, and mail that cannot be delivered returns there.",
    )
    imap_url: str | None = setting(
        "PORTAL_IMAP_URL",
        None,
        "imaps://user:password@host/INBOX of the mailbox above, which the portal reads; or let the mail server run `portal mail receive`.",
        secret=True,
    )
    imap_token_url: str | None = setting(
        "PORTAL_IMAP_TOKEN_URL",
        None,
        "Where the portal gets a token to read the mailbox with, instead of a password, as Exchange Online wants it: "
        "https://client-id:secret@login.microsoftonline.com/TENANT/oauth2/v2.0/token, with ?scope=… for another server's.",
        secret=True,
    )
    files: Path | None = setting("PORTAL_FILES", None, "Folder for attachments; by default files/ in the data folder.")
    scanner: str = setting(
        "PORTAL_SCANNER",
        "",
        "Command that looks for viruses in a file, as clamdscan does: 0 clean, 1 infected. Without it nothing is scanned.",
    )
    inside: str = setting(
        "PORTAL_INSIDE",
        "",
        "Networks of the organisation's own that calendars may be read from besides the internet, as in 10.20.0.0/16, 192.0.2.7/32.",
    )
    proxies: str = setting(
        "PORTAL_PROXIES",
        "127.0.0.1, ::1",
        "Addresses or networks of the proxies in front, as in 10.20.0.5, 10.30.0.0/24: what they say of who comes (X-Forwarded-For, "
        "X-Forwarded-Proto) is believed, and nobody else's word.",
    )
    limits: int = setting("PORTAL_LIMITS", 1, "Multiplies every rate limit; for measuring, never for people.")
    pool: int = setting("PORTAL_POOL", 20, "Database connections that one process may hold.")
    workers: int = setting("PORTAL_WORKERS", 1, "Processes that serve together on the one address.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read every setting. Raises Misconfigured with one sentence for a value that cannot be used."""
        values = {
            each.name: _read(each, environment[each.metadata["variable"]])
            for each in fields(cls)
            if environment.get(each.metadata["variable"], "").strip()
        }
        settings = cls(**values)
        _check_address(settings.address)
        _networks = settings.networks_inside, settings.trusted_proxies
        if settings.secret is not None and len(settings.secret) < 32:
            raise Misconfigured("PORTAL_SECRET is too short: use 32 characters or more.")
        if not 1 <= settings.workers <= MOST_WORKERS:
            raise Misconfigured(f"PORTAL_WORKERS must be between 1 and {MOST_WORKERS}, not {settings.workers}.")
        return settings

    @property
    def networks_inside(self) -> list[IPv4Network | IPv6Network]:
        """Raises Misconfigured for what is no network."""
        return _networks_of("PORTAL_INSIDE", self.inside)

    @property
    def trusted_proxies(self) -> list[str]:
        """Networks, those of IPv4 also as a socket that listens on both kinds of address writes them (RFC 4291, section 2.5.5.2).
        Raises Misconfigured for what is none."""
        networks = _networks_of("PORTAL_PROXIES", self.proxies)
        mapped = [f"::ffff:{each.network_address}/{96 + each.prefixlen}" for each in networks if each.version == 4]
        return [*map(str, networks), *mapped]

    @property
    def address(self) -> str:
        """The address that people use, without a slash at the end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def origin(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}".lower()

    @property
    def secure(self) -> bool:
        return self.address.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """What a browser that has the portal's address says in Host; on this machine by any of its names."""
        parts = urlsplit(self.address)
        name, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}[parts.scheme]
        names = LOOPBACK if name in LOOPBACK else {name}
        written = {f"[{each}]" if ":" in each else each for each in names}
        return frozenset({f"{each}:{port}" for each in written} | (written if port in (80, 443) else set()))

    @property
    def on_loopback(self) -> bool:
        return self.host in LOOPBACK and (urlsplit(self.address).hostname or "") in LOOPBACK

    @property
    def most_connections(self) -> int:
        """How many database connections all processes may come to hold: each its pool, its bell and its jobs."""
        return self.workers * (self.pool + BESIDE_THE_POOL) + BESIDE_THE_POOL

    @property
    def file_folder(self) -> Path:
        return self.files or self.data / "files"

    @property
    def mail_folder(self) -> Path:
        return self.data / "mail"


def _networks_of(variable: str, raw: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(each.strip()) for each in raw.split(",") if each.strip()]
    except ValueError as wrong:
        raise Misconfigured(f"{variable} must be networks with commas between: {wrong}.") from None


def _read(each: "Field[Any]", raw: str) -> Any:
    kind = type(each.default)
    if kind is int:
        try:
            return int(raw)
        except ValueError:
            raise Misconfigured(f"{each.metadata['variable']} must be a whole number, not {raw!r}.") from None
    return Path(raw) if kind is type(Path()) or each.name == "files" else raw.strip()


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misconfigured(f"PORTAL_BASE_URL must be an http or https address, not {address!r}.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise Misconfigured("PORTAL_BASE_URL must begin with https:// (http is allowed on 127.0.0.1 alone).")

"""Which pages may open a socket: browsers send cookies with a socket from any site, so the Origin decides. Pure."""

from collections.abc import Sequence
from urllib.parse import urlsplit

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def is_own_page(origins: Sequence[bytes], hosts: Sequence[bytes], own: str) -> bool:
    """Does the one Origin header equal our own origin, byte for byte?

    A portal on loopback may be reached by each of its names and through a forwarded port: there the origin that the page was
    served on counts too, as long as that is loopback as well.
    """
    if len(origins) != 1:
        return False
    origin = origins[0].decode("latin-1")
    if origin == own:
        return True
    return _is_loopback(own) and len(hosts) == 1 and origin == f"http://{hosts[0].decode('latin-1')}" and _is_loopback(origin)


def _is_loopback(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
        return parts.hostname in LOOPBACK and "@" not in origin and f"http://{parts.netloc}" == origin
    except ValueError:
        return False

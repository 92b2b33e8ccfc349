"""Addresses as the log shows them: what leads to somebody's calendar, invitation, letters or answer is nobody else's."""

SECRET = ("calendar", "invitations", "mail/stop", "answers")  # what follows in an address is a token
LONGEST = 200


def shown(path: str) -> str:
    """The address without its token."""
    word = next((word for word in SECRET if path.startswith(f"/{word}/")), None)
    return path if word is None else f"/{word}/…"


def odd(path: str) -> str:
    """An address that is none, as its characters are written, so that it stays one line; a token may stand anywhere in it."""
    return "…" if any(word in path for word in SECRET) else ascii(path[:LONGEST])

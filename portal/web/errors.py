"""Refusals: every expected no is a class with a status, rendered in one place (pages.py)."""

from collections.abc import Mapping
from typing import Any

from portal.web.language import _l


class Refused(Exception):
    """An expected refusal. `message` is one sentence in the reader's language (lazily translated)."""

    status = 400
    message: object = _l("Det gick inte.")

    def __init__(self, message: object | None = None, *, status: int | None = None) -> None:
        super().__init__(str(message or self.message))
        self.message = message or self.message
        self.status = status or self.status


class NotFound(Refused):
    status = 404
    message = _l("Länken kan vara gammal, eller så är det som finns här inte för dig.")


class Forbidden(Refused):
    status = 403
    message = _l("Din roll i nätverket räcker inte till. Fråga den som samordnar om du behöver kunna det här.")


class Conflict(Refused):
    status = 409
    message = _l("Någon annan hann före. Läs om sidan och försök igen.")


class Changed(Conflict):
    """What the form changes is no longer what it showed; `stored` is what stands there now, as the form's values."""

    message = _l("Någon annan har ändrat detta sedan du öppnade sidan. Här är båda: det som är sparat nu, och det du skrev.")

    def __init__(self, stored: Mapping[str, Any]) -> None:
        super().__init__()
        self.stored = stored


class SignInFirst(Refused):
    """Nobody is signed in: a page leads to the sign-in, a form is kept."""

    status = 401
    message = _l("Du behöver logga in.")


class FormExpired(Refused):
    """The form's token belongs to another sign-in (CSRF)."""

    status = 403
    message = _l("Formuläret hörde till en tidigare inloggning. Texten finns kvar här; skicka den en gång till.")


class TooMany(Refused):
    status = 429
    message = _l("Det blev många försök på kort tid. Vänta en stund och försök igen.")

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


class Unavailable(Refused):
    status = 503
    message = _l("Databasen svarar inte just nu. Vi försöker igen av oss själva; inget som är sparat har gått förlorat.")

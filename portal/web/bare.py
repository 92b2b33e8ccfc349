"""The page that needs nothing: no sign-in, no database, no request that could be read."""

from portal.web.language import current_locale
from portal.web.templates import environment


def bare_page(status: int, message: object, reference: str) -> bytes:
    """A whole page in the language that is spoken, with the reference that stands in the log."""
    template = environment(current_locale()).get_template("errors/bare.html")
    return template.render(locale=current_locale(), status=status, message=message, reference=reference).encode()

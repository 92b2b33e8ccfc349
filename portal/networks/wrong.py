"""What only the database can say is wrong with a form, shown beside the field like every other mistake."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from portal.web import Form, Refused
from portal.web.errors import Changed
from portal.web.forms import version_of


class Wrong(Refused):
    """The value of `field` cannot be used. Raised before anything is written."""

    status = 422

    def __init__(self, field: str, message: object) -> None:
        super().__init__(message)
        self.field = field


@contextmanager
def shown_in(form: Form[Any]) -> Iterator[None]:
    """What the action inside finds wrong becomes an error of `form`, and what somebody has changed meanwhile stands beside it."""
    try:
        yield
    except Wrong as wrong:
        form.errors[wrong.field] = str(wrong.message)
    except Changed as changed:
        form.stored, form.version = changed.stored, version_of(changed.stored)

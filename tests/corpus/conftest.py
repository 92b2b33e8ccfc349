"""One world a module; what is refused leaves it as it was."""

from tests.authz.conftest import world

__all__ = ["world"]

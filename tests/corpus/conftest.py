"""One world a module, or a test; what is refused leaves it as it was."""

from tests.authz.conftest import own_world, world

__all__ = ["own_world", "world"]

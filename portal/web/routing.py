"""How addresses are registered with Litestar.

At every address Litestar makes a handler that says which methods there are (OPTIONS). Nobody asks the portal that: its forms and
sockets are same-origin, and a page of another origin gets nothing. Those handlers were nearly half of all, and each is parsed,
modelled and copied like a real one: a fifth of a second of every start. An OPTIONS request is answered like any other method
that an address does not have: 405, with what it has in Allow.
"""

from typing import Any

import litestar.router
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute


class _Nobody:
    """Stands where Litestar puts its own handler, until the route is made."""

    owner: Any = None
    handler_name = ""


class Address(HTTPRoute):
    """A route with the handlers of its room and no other."""

    def __init__(self, *, path: str, route_handlers: list[HTTPRouteHandler]) -> None:
        super().__init__(path=path, route_handlers=route_handlers)
        self.route_handlers = [each for each in self.route_handlers if not isinstance(each, _Nobody)]
        self.methods.discard("OPTIONS")

    def create_options_handler(self, path: str) -> Any:
        return _Nobody()


litestar.router.HTTPRoute = Address  # type: ignore[misc]

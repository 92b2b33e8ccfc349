"""The doors: signing in and out, one's own page, forms that came too late, language and theme."""

from litestar import Router
from litestar.di import Provide

from portal.accounts import address, demo, kept, me, preferences, sign_in
from portal.accounts.queries import provide_visitor_person

router = Router(
    path="/",
    route_handlers=[*sign_in.HANDLERS, *preferences.HANDLERS, *me.HANDLERS, *address.HANDLERS, *kept.HANDLERS, *demo.HANDLERS],
    dependencies={"visitor_person": Provide(provide_visitor_person)},
)

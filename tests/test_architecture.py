"""Walls that a test can feel: every route asks who one is, and no module is a junk drawer."""

from pathlib import Path

from litestar.handlers import HTTPRouteHandler
from litestar.routes import ASGIRoute, HTTPRoute

from portal.app import Portal

ROOT = Path(__file__).parent.parent
PUBLIC = {
    "/",
    "/accessibility",
    "/answers/{token:str}",
    "/answers/{token:str}/calendar.ics",
    "/calendar/public/{file:str}",
    "/calendar/{file:str}",
    "/contact",
    "/cookies",
    "/health/live",
    "/health/ready",
    "/language",
    "/mail/stop/{token:str}",
    "/privacy",
    "/sign-in",
    "/sign-in/code",
    "/sign-in/code-request",
    "/sign-in/password",
    "/sign-out",
    "/styleguide",
    "/theme",
    "/invitations/{token:str}",
}
DEMO_ONLY = {"/demo/sign-in", "/dev/mail"}
SOCKETS = {"/live"}


def asks(handler: HTTPRouteHandler) -> set[str]:
    """The dependencies that a handler reaches, by name."""
    known = handler.resolve_dependencies()
    reached, waiting = set(), list(handler.parsed_fn_signature.parameters)
    while waiting:
        name = waiting.pop()
        if name in known and name not in reached:
            reached.add(name)
            waiting += list(known[name].parsed_fn_signature.parameters)
    return reached


def test_every_route_asks_who_one_is_or_stands_in_the_public_list(running: Portal):
    open_doors, walked = set(), 0
    for route in running.litestar.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            walked += 1
            asked = asks(handler)
            wanted = "membership" if route.path.startswith("/{network") else "person"
            if wanted not in asked and not ({"membership", "person"} & asked and not route.path.startswith("/{network")):
                open_doors.add(route.path)
    assert walked > 60
    assert open_doors - PUBLIC - DEMO_ONLY == {path for path in open_doors if path.startswith("/static")}


def test_sockets_and_bare_handlers_are_named_one_by_one(running: Portal):
    bare = {route.path for route in running.litestar.routes if isinstance(route, ASGIRoute)}
    assert {path for path in bare if not path.startswith("/static")} == SOCKETS


def test_no_junk_drawers():
    names = {path.stem for path in (ROOT / "portal").rglob("*.py")}
    assert not names & {"utils", "util", "common", "helpers", "helper", "core", "misc", "services", "service"}


def test_modules_stay_small():
    long = {str(path.relative_to(ROOT)): lines for path in (ROOT / "portal").rglob("*.py") if (lines := path.read_text().count("\n")) > 330}
    assert long == {}


def test_nobody_asks_the_time_but_the_clock():
    asked = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "portal").rglob("*.py")
        if path.name != "clock.py" and any(word in path.read_text() for word in ("datetime.now(", "date.today(", "utcnow("))
    ]
    assert asked == []

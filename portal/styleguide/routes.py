"""The page, which needs no sign-in: what one looks at when changing CSS."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import Provide

from portal.accounts.models import Person
from portal.accounts.queries import provide_visitor_person
from portal.styleguide import calendar, frame, meeting, year
from portal.styleguide.harmless import harmless, picture_of_part
from portal.styleguide.samples import samples
from portal.web import page


@get("/styleguide")
async def styleguide(request: Request[Any, Any, Any], visitor_person: Person | None) -> Response[Any]:
    """Every component in every state."""
    rooms: dict[str, Any] = {
        "frame_of": frame.samples(),
        "year_of": year.samples(),
        "meeting_of": meeting.samples(),
        "calendar_of": calendar.samples(),
    }
    return page(request, "styleguide.html", part=picture_of_part, harmless=harmless, **samples(), **rooms)


router = Router(path="/", route_handlers=[styleguide], dependencies={"visitor_person": Provide(provide_visitor_person)})

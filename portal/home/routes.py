"""Home: never empty."""

from typing import Any

from litestar import Request, Response, Router, get

from portal import clock
from portal.activity.sentences import DEEDS
from portal.db import Session
from portal.home import news, waiting
from portal.meetings import answers
from portal.meetings import queries as meetings
from portal.networks.models import Membership
from portal.records import queries as records
from portal.web import is_seen, page
from portal.year import queries as year
from portal.year.routes import drawn

AnyRequest = Request[Any, Any, Any]
ICONS = {"finding": "radar", "meeting": "calendar-days", "consultation": "messages-square", "call": "hand-coins"}


@get("/")
async def home(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """Väntar på dig, Nästa träff, Nytt sedan sist."""
    if is_seen(request):
        news.note_visit(membership)
    since = news.since(membership)
    coming = await meetings.next_meeting(session, membership)
    fresh = await news.news(session, membership, after=since)
    tasks = await waiting.at_home(session, membership)
    this_year = clock.today().year
    of_the_year = [] if membership.is_guest else await year.marks(session, membership, this_year)
    return page(
        request,
        "home/index.html",
        hour=clock.local(clock.now()).hour,
        today=clock.today(),
        tasks=tasks,
        shared=await records.shared_with(session, membership) if membership.is_guest else [],
        waiting=len(tasks),
        waiting_words=waiting.told(len(tasks)),
        meeting=coming,
        agenda=await meetings.agenda(session, coming) if coming else [],
        mine=await meetings.attendance(session, membership, coming) if coming else None,
        answers=answers.WORDS,
        since=since,
        news=fresh or await news.news(session, membership, after=None),
        is_new=bool(fresh),
        deeds=DEEDS,
        icons=ICONS,
        year=this_year,
        **drawn(membership, of_the_year, this_year),
    )


@get("/waiting")
async def how_much_waits(membership: Membership, session: Session) -> Response[dict[str, int | str]]:
    """How many things wait for this member, and that in words: what the bell of the top line says on pages other than Home."""
    count = len(await waiting.at_home(session, membership))
    return Response({"count": count, "words": waiting.told(count)})


router = Router(path="/{network:str}", route_handlers=[home, how_much_waits])

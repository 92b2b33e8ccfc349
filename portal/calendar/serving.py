"""The feeds themselves. A member's needs no sign-in but its secret address, a network's open one nothing at all."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from litestar import Request, Response, Router, get
from litestar.types import HTTPScope

from portal import clock, ical
from portal.accounts import limits
from portal.calendar import actions, files, queries
from portal.calendar.programs import program_of
from portal.db import Session
from portal.web import NotFound
from portal.web.errors import TooMany

AnyRequest = Request[Any, Any, Any]
SUFFIX = ".ics"
MOST_READINGS = 120  # an hour, of one feed
MOST_MISSED, MISSED_IN = 100, 600  # of addresses that are none, in so many seconds
KEEPING = "private, no-cache"
FRESH = timedelta(seconds=2)  # a Last-Modified is never later than the answer's own Date (RFC 9110 section 8.8.2.1)


@get("/calendar/{file:str}")
async def serve(file: str, request: AnyRequest, session: Session) -> Response[bytes]:
    """A member's feed. No cookie and no other header decides anything; unknown and ended addresses are alike, to the byte."""
    agent = request.headers.get("user-agent", "")
    program = program_of(agent)
    try:
        feed = await queries.polled(session, token_in(file), program)
    except NotFound:
        return _nothing(request, session)
    count_reading(feed, most=limits.allowed(session, MOST_READINGS))
    made = await files.of_member(session, feed, address=request.app.state.settings.address)
    answer = _answer(request, made, changed_at=await actions.note_content(session, feed, tag=made.tag))
    if not is_only_looked_at(request.scope, request.headers):
        got = {"status": answer.status_code or 200, "events": made.events}
        await actions.note_reading(session, feed, program=program, agent=agent, **got)
    return answer


@get("/calendar/public/{file:str}")
async def serve_public(file: str, request: AnyRequest, session: Session) -> Response[bytes]:
    """A network's open calendar, for anybody and the same for everybody; one that is not there is as unknown as any address."""
    try:
        network = await queries.published(session, token_in(file))
    except NotFound:
        return _nothing(request, session)
    return _answer(request, await files.of_public(session, network, address=request.app.state.settings.address))


def token_in(file: str) -> str:
    """What an address ends with, without its suffix; "" if it has none."""
    return file.removesuffix(SUFFIX) if file.endswith(SUFFIX) else ""


def count_reading(feed: queries.Polled, *, most: int) -> None:
    """TooMany if this process has been asked for the feed `most` times in the hour."""
    limits.count_here(f"feed:{feed.id}", most=most, seconds=3600)


def is_only_looked_at(scope: HTTPScope, headers: Mapping[str, str]) -> bool:
    """Asked for its headers alone, or opened by a person in a browser (which says so, as no calendar program does)."""
    return bool(scope["state"].get("headers_alone")) or "sec-fetch-mode" in headers


def _nothing(request: AnyRequest, session: Session) -> Response[bytes]:
    """404; to who has asked for too much that is not there 429, whatever it was. Only this is counted, and what is there is given to her
    all the same: a secret address cannot be found by trying, and the programs of many people (Google's, Microsoft's) ask from one place."""
    headers = {"cache-control": KEEPING}
    address = request.client.host if request.client else ""
    try:
        limits.count_here(f"no feed:{address}", most=limits.allowed(session, MOST_MISSED), seconds=MISSED_IN)
    except TooMany as refusal:
        return Response(b"429", status_code=429, media_type="text/plain", headers={**headers, "retry-after": str(refusal.seconds)})
    return Response(b"404", status_code=404, media_type="text/plain", headers=headers)


def _answer(request: AnyRequest, made: files.Made, *, changed_at: datetime | None = None) -> Response[bytes]:
    """RFC 9110: the representation that is asked for, or 304 to who has it. `changed_at`, where there is one, is a moment in UTC."""
    if headers := unchanged(request.headers, made, changed_at=changed_at):
        return Response(b"", status_code=304, headers=headers)
    is_packed = asks_for_gzip(request.headers.get("accept-encoding", ""))
    headers = _headers(made, changed_at=changed_at, is_packed=is_packed)
    if is_packed:
        headers["content-encoding"] = "gzip"
    return Response(made.packed if is_packed else made.content, media_type="text/calendar", headers=headers)


def unchanged(given: Mapping[str, str], made: files.Made, *, changed_at: datetime | None) -> dict[str, str] | None:
    """The headers of a 304 to who has given these, if she has the representation that she asks for; else None."""
    headers = _headers(made, changed_at=changed_at, is_packed=asks_for_gzip(given.get("accept-encoding", "")))
    has_it = ical.not_modified(
        if_none_match=given.get("if-none-match"),
        if_modified_since=given.get("if-modified-since"),
        etag=headers["etag"],
        last_modified=changed_at,
    )
    return headers if has_it else None


def _headers(made: files.Made, *, changed_at: datetime | None, is_packed: bool) -> dict[str, str]:
    headers = {"etag": made.packed_tag if is_packed else made.tag, "cache-control": KEEPING, "vary": "Accept-Encoding"}
    if changed_at is not None and changed_at <= clock.now() - FRESH:
        headers["last-modified"] = format_datetime(changed_at, usegmt=True)
    return headers


def asks_for_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding names gzip (RFC 9110 section 12.5.3). "*" is not enough: some that send it unpack nothing."""
    for each in accepted.lower().split(","):
        coding, _semicolon, weight = each.partition(";")
        if coding.strip() in ("gzip", "x-gzip"):
            return weight.strip().removeprefix("q=").strip().rstrip("0.") != "" if weight.strip() else True
    return False


router = Router(path="/", route_handlers=[serve, serve_public])

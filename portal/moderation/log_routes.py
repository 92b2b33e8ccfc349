"""The log of moderation: filtered on a page, and handed over as a file with the same filters."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.response import Stream
from pydantic import ValidationError

from portal import clock
from portal.activity import actions as activity
from portal.db import Session
from portal.moderation import export
from portal.moderation.models import LogFilter, Verb
from portal.moderation.rulings import Log, blocks, choices, extent, read_log
from portal.moderation.words import REASONS, VERBS
from portal.networks.models import Membership
from portal.web import Forbidden, Form, NotFound, Refused, _l, page
from portal.web.forms import number_in

AnyRequest = Request[Any, Any, Any]


@get("/moderation/log")
async def log(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """Newest first; the filters stand in the address."""
    _may_read(membership)
    chosen, wanted = _asked(request)
    before = number_in(request.query_params, "before")
    shown = await read_log(session, membership, wanted, before=before)
    people, records = await choices(session, membership)
    query = urlencode(chosen)
    return page(
        request,
        "moderation/log.html",
        log=shown,
        form=Form(values=chosen),
        query=query,
        people=people,
        records=records,
        verbs=[verb for verb in VERBS if verb != Verb.reported or membership.can("comment:hide")],
        names=VERBS,
        reasons=REASONS,
        older=f"{request.url.path}?{urlencode(chosen | {'before': shown.older})}" if shown.older else None,
        newest=f"{request.url.path}?{query}" if before else None,
    )


@get("/moderation/log.csv", opt={"dear": True})
async def log_csv(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    return _file(membership, export.to_csv(await _whole(request, membership, session)), "csv", "text/csv; charset=utf-8")


@get("/moderation/log.json", opt={"dear": True})
async def log_json(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    return _file(membership, export.to_json(await _whole(request, membership, session)), "json", "application/json")


async def _whole(request: AnyRequest, membership: Membership, session: Session) -> AsyncIterator[Log]:
    """All that the filters let through, up to now. That it was fetched is a deed of its own."""
    _may_read(membership)
    _chosen, wanted = _asked(request)
    count, last = await extent(session, membership, wanted)
    activity.record(session, verb="moderation.exported", by=membership, rulings=count)
    return blocks(request.app.state.sessions, membership, wanted, last=last)


def _file(membership: Membership, content: AsyncIterator[bytes], ending: str, kind: str) -> Response[Any]:
    name = f"moderation-{membership.network.slug}-{clock.today().isoformat()}.{ending}"
    return Stream(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


def _asked(request: AnyRequest) -> tuple[dict[str, str], LogFilter]:
    """What stands in the address, and the same as a filter."""
    chosen = {name: text for name, text in request.query_params.items() if name in LogFilter.model_fields and text}
    try:
        return chosen, LogFilter.model_validate(chosen)
    except ValidationError:
        raise Refused(_l("Filtret gick inte att läsa. Börja om från hela loggen."), status=422) from None


def _may_read(membership: Membership) -> None:
    if not membership.can("moderation:read"):
        raise NotFound if membership.is_guest else Forbidden


HANDLERS = [log, log_csv, log_json]

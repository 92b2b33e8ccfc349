"""The room of findings."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal.comments.threads import spot_in, thread
from portal.db import Session
from portal.findings import actions, queries
from portal.findings.models import DraftForm, Fate, FateForm, FindingForm, Sheet
from portal.findings.queries import Filter
from portal.links import canonical_link, web_address
from portal.networks.models import Membership
from portal.networks.queries import themes, units
from portal.networks.wrong import shown_in
from portal.web import Forbidden, Form, _, _l, identity, is_seen, page, read, redirect, whole
from portal.web.forms import number_in
from portal.web.pieces import own
from portal.web.sorting import here_with

AnyRequest = Request[Any, Any, Any]
FATES = {
    Fate.new: _l("Att bedöma"),
    Fate.watched: _l("Bevakas"),
    Fate.used: _l("Tagen vidare"),
    Fate.archived: _l("Arkiverad"),
}


@get("/findings")
async def index(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """The list; its filters stand in the address."""
    wanted = _filter(request)
    found = await queries.findings(session, membership, wanted)
    return page(
        request,
        "findings/index.html",
        found=found,
        wanted=wanted,
        themes=await themes(session, membership.network_id),
        units=await units(session, membership.network_id),
        fates=FATES,
        without=lambda name: here_with(request, {"before": None, name: None}),
        next_page=here_with(request, {"before": found.more}) if found.more else None,
        may_create=membership.can("finding:create"),
    )


def _filter(request: AnyRequest) -> Filter:
    given = request.query_params
    numbers = {name: number_in(given, name) for name in ("theme", "unit", "before")}
    return Filter(fate=given.get("fate") if given.get("fate") in set(Fate) else None, **numbers)


@get("/findings/new")
async def new(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """The five fields, with what one had begun."""
    if not membership.can("finding:create"):
        raise Forbidden
    draft = await queries.own_draft(session, membership)
    values = {**request.query_params} if draft is None else draft.values()
    return await _form(request, membership, session, Form(values=values), draft=draft)


async def _form(
    request: AnyRequest,
    membership: Membership,
    session: Session,
    form: Form[Any],
    *,
    status: int = 200,
    finding: Any = None,
    draft: Any = None,
) -> Response[bytes]:
    link = request.query_params.get("source_url") or form.values.get("source_url") or ""
    key = canonical_link(link) if web_address(link) else None
    known = await queries.twins(session, membership, finding.record_id if finding else None, key)
    options = [(str(theme.id), theme.name) for theme in await themes(session, membership.network_id)]
    return page(request, "findings/form.html", status=status, form=form, themes=options, twins=known, finding=finding, draft=draft)


@post("/findings/draft")
async def keep_draft(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    if not membership.can("finding:create"):
        raise Forbidden
    form = await read(request, DraftForm)
    if form.ok:
        await actions.keep_draft(session, by=membership, form=form.data)
    return Response(b"", status_code=204 if form.ok else 422)


@post("/findings/draft/discarding")
async def discard_draft(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    if not membership.can("finding:create"):
        raise Forbidden
    await actions.discard(session, by=membership)
    return redirect(request, f"/{membership.network.slug}/findings", flash=_("Utkastet är borta."))


@post("/findings")
async def publish(request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    if not membership.can("finding:create"):
        raise Forbidden
    form = await read(request, FindingForm)
    if not form.ok:
        return await _form(request, membership, session, form, status=422)
    with shown_in(form):
        finding = await actions.publish(session, by=membership, form=form.data)
    if form.errors:
        return await _form(request, membership, session, form, status=422)
    return redirect(request, f"/{membership.network.slug}{finding.record.path}", flash=_("Spaningen är publicerad. Tack!"))


@get("/findings/{number:str}")
async def show(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    finding = await queries.finding(session, membership, identity(number))
    if finding.is_draft:
        return redirect(request, f"/{membership.network.slug}/findings/new")
    view = await thread(session, membership, finding.record, at=spot_in(request.query_params), seen=is_seen(request))
    twins = await queries.twins(session, membership, finding.record_id, finding.source_key)
    return whole(
        request,
        "findings/show.html",
        finding=Sheet.of(finding, str(FATES[Fate(finding.fate)])),
        record=finding.record.sheet,
        twins=tuple(twin.sheet for twin in twins),
        may_edit=actions.may_edit(finding, membership),
        into=own(""),
        **view.around(finding.record, membership),
    )


@get("/findings/{number:str}/edit")
async def edit_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    finding = await queries.finding(session, membership, identity(number))
    if finding.is_draft:
        return redirect(request, f"/{membership.network.slug}/findings/new")
    if not actions.may_edit(finding, membership):
        raise Forbidden
    return await _form(request, membership, session, Form.filled(finding.values()), finding=finding)


@post("/findings/{number:str}")
async def edit(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    finding = await queries.finding(session, membership, identity(number))
    if not actions.may_edit(finding, membership):
        raise Forbidden
    form = await read(request, FindingForm)
    with shown_in(form):
        if form.ok:
            await actions.edit(session, finding, by=membership, form=form.data, version=form.version)
    if not form.ok:
        return await _form(request, membership, session, form, status=form.status, finding=finding)
    return redirect(request, f"/{membership.network.slug}{finding.record.path}", flash=_("Spaningen är ändrad."))


@post("/findings/{number:str}/fate")
async def decide(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    finding = await queries.finding(session, membership, identity(number))
    if not membership.can("finding:triage"):
        raise Forbidden
    form = await read(request, FateForm)
    await actions.decide(session, finding, by=membership, form=form.data, version=form.version)
    return redirect(request, f"/{membership.network.slug}{finding.record.path}", flash=_("Spaningen är bedömd."))


router = Router(
    path="/{network:str}",
    route_handlers=[index, new, keep_draft, discard_draft, publish, show, edit_form, edit, decide],
)

"""What a coordinator does with comments and threads, what anybody reports, and what the author is told. Plain forms all through."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal.comments import queries as comments
from portal.comments.models import Comment
from portal.db import Session
from portal.moderation import actions, queries
from portal.moderation.log_routes import HANDLERS as LOG
from portal.moderation.models import ApprovalForm, ReasonForm, RedactionForm, Verb
from portal.moderation.quotes import quoting
from portal.moderation.removal_routes import HANDLERS as REMOVALS
from portal.moderation.words import REASONS, TOLD
from portal.networks.models import Membership
from portal.records import queries as records
from portal.records.models import Record
from portal.web import Forbidden, Form, NotFound, _, identity, page, read, redirect

AnyRequest = Request[Any, Any, Any]


@get("/moderation")
async def index(request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """What waits for a ruling, and what can be lifted again."""
    if not membership.can("comment:hide"):
        raise NotFound if membership.is_guest else Forbidden
    return page(request, "moderation/index.html", queue=await queries.queue(session, membership), reasons=REASONS, no_form=Form())


@get("/comments/{number:str}/report")
async def report_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    comment, record = await _reportable(session, membership, number)
    return _asked(request, "moderation/report.html", comment, record, Form())


@post("/comments/{number:str}/report")
async def report(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    comment, record = await _reportable(session, membership, number)
    form = await read(request, ReasonForm)
    if not form.ok:
        return _asked(request, "moderation/report.html", comment, record, form)
    await actions.report(session, comment, record, by=membership, form=form.data)
    flash = _("Tack. Samordnaren har fått din anmälan. Bara samordnaren ser att den kommer från dig.")
    return redirect(request, _at(membership, record, comment), flash=flash)


def _asked(request: AnyRequest, template: str, comment: Comment, record: Record, form: Form[Any], **more: Any) -> Response[bytes]:
    """The page that asks for a reason, with what was wrong in the one that was given."""
    return page(request, template, status=422 if form.errors else 200, comment=comment, record=record, form=form, reasons=REASONS, **more)


async def _reportable(session: Session, membership: Membership, number: str) -> tuple[Comment, Record]:
    comment, record = await comments.comment(session, membership, identity(number))
    if not queries.may_report(comment, membership):
        raise Forbidden
    return comment, record


@post("/comments/{number:str}/dismissal")
async def leave(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """The reports are settled: the comment stays."""
    comment, record = await _ruled(session, membership, number)
    await actions.leave(session, comment, record, by=membership)
    return redirect(request, f"/{membership.network.slug}/moderation", flash=_("Kommentaren står kvar. Anmälan är avslutad."))


@get("/comments/{number:str}/hiding")
async def hide_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    comment, record = await _ruled(session, membership, number)
    return _asked(request, "moderation/hide.html", comment, record, Form())


@post("/comments/{number:str}/hiding")
async def hide(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """Back to where it was pressed, the thread or the queue, with a button that takes it back."""
    comment, record = await _ruled(session, membership, number)
    form = await read(request, ReasonForm)
    if not form.ok:
        return _asked(request, "moderation/hide.html", comment, record, form)
    await actions.hide(session, comment, record, by=membership, form=form.data)
    flash = _("Kommentaren är dold. %(name)s får veta varför.", name=comment.author.name)
    undo = f"/{membership.network.slug}/comments/{comment.id}/restoration?undo=1{'&from=queue' if _from_queue(request) else ''}"
    return redirect(request, _back(request, membership, record, comment), flash=flash, undo=undo)


@post("/comments/{number:str}/restoration")
async def restore(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """Show it again; with `undo` as if it had not been hidden."""
    comment, record = await _ruled(session, membership, number)
    await actions.restore(session, comment, record, by=membership, undo="undo" in request.query_params)
    return redirect(request, _back(request, membership, record, comment), flash=_("Kommentaren visas igen."))


@post("/comments/{number:str}/approval")
async def approve(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """A comment that was held goes into the thread."""
    comment, record = await _ruled(session, membership, number)
    form = await read(request, ApprovalForm)
    await actions.approve(session, comment, record, by=membership, version=form.data.version)
    flash = _("Kommentaren är godkänd och syns i tråden.")
    return redirect(request, f"/{membership.network.slug}/moderation", flash=flash)


@get("/comments/{number:str}/redaction")
async def redact_form(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    comment, record = await _redactable(session, membership, number)
    return await _redaction(request, membership, session, comment, record, Form())


@post("/comments/{number:str}/redaction")
async def redact(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    """First the reason, with a page that says what disappears; then the same with the words typed that confirm it."""
    comment, record = await _redactable(session, membership, number)
    form = await read(request, RedactionForm)
    if not form.ok or form.data.typed is None:
        return await _redaction(request, membership, session, comment, record, form)
    if form.data.typed.strip().casefold() != _("ta bort texten"):
        form.errors["typed"] = _("Skriv orden precis som de står.")
        return await _redaction(request, membership, session, comment, record, form)
    await actions.redact(session, comment, record, by=membership, form=form.data)
    flash = _("Texten är borttagen. %(name)s får veta varför.", name=comment.author.name)
    return redirect(request, _at(membership, record, comment), flash=flash)


async def _redactable(session: Session, membership: Membership, number: str) -> tuple[Comment, Record]:
    comment, record = await comments.comment(session, membership, identity(number))
    if not membership.can("comment:redact"):
        raise Forbidden
    return comment, record


async def _redaction(
    request: AnyRequest, membership: Membership, session: Session, comment: Comment, record: Record, form: Form[RedactionForm]
) -> Response[bytes]:
    template = "moderation/redact_confirm.html" if form.validated is not None else "moderation/redact.html"
    taken = [heading for taken_into in queries.TAKEN_INTO for heading in await taken_into(session, comment)]
    quoted = await quoting(session, membership, comment)
    return _asked(request, template, comment, record, form, versions=await comments.versions(session, comment), taken=taken, quoting=quoted)


@post("/records/{number:str}/lock")
async def lock(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    record = await records.get(session, membership, identity(number))
    await actions.lock(session, record, by=membership, locked=True)
    undo = f"/{membership.network.slug}/records/{record.id}/unlocking{'?from=queue' if _from_queue(request) else ''}"
    return redirect(
        request, _back(request, membership, record), flash=_("Tråden är låst. Det går att läsa men inte att skriva."), undo=undo
    )


@post("/records/{number:str}/unlocking")
async def unlock(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    record = await records.get(session, membership, identity(number))
    await actions.lock(session, record, by=membership, locked=False)
    return redirect(request, _back(request, membership, record), flash=_("Tråden är öppen igen."))


@get("/rulings/{number:str}")
async def ruling(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[bytes]:
    """What was done with something of one's own, and why."""
    ruling, notice = await queries.notice(session, membership, identity(number))
    return page(
        request, "moderation/ruling.html", ruling=ruling, record=ruling.record, notice=notice, told=TOLD[Verb(ruling.verb)], reasons=REASONS
    )


@post("/rulings/{number:str}/receipt")
async def receipt(number: str, request: AnyRequest, membership: Membership, session: Session) -> Response[Any]:
    _ruling, notice = await queries.notice(session, membership, identity(number))
    await actions.acknowledge(session, notice, by=membership)
    return redirect(request, f"/{membership.network.slug}")


async def _ruled(session: Session, membership: Membership, number: str) -> tuple[Comment, Record]:
    """The comment, for who may rule over it."""
    comment, record = await comments.comment(session, membership, identity(number))
    if not membership.can("comment:hide"):
        raise Forbidden
    return comment, record


def _back(request: AnyRequest, membership: Membership, record: Record, comment: Comment | None = None) -> str:
    """The queue, for who came from there; else the thread."""
    return f"/{membership.network.slug}/moderation" if _from_queue(request) else _at(membership, record, comment)


def _from_queue(request: AnyRequest) -> bool:
    return request.query_params.get("from") == "queue"


def _at(membership: Membership, record: Record, comment: Comment | None = None) -> str:
    return f"/{membership.network.slug}{record.path}#{f'c{comment.id}' if comment else 'thread'}"


router = Router(
    path="/{network:str}",
    route_handlers=[
        index,
        report_form,
        report,
        leave,
        hide_form,
        hide,
        restore,
        approve,
        redact_form,
        redact,
        lock,
        unlock,
        ruling,
        receipt,
        *LOG,
        *REMOVALS,
    ],
)

"""The post room's pages: stopping by a letter's link, what one wants to be mailed, and the coordinator's mailings."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import Provide

from portal.accounts.models import Person
from portal.accounts.queries import provide_visitor_person
from portal.db import Session
from portal.networks.arrival import provide_administrator
from portal.networks.models import Membership
from portal.networks.queries import memberships_of
from portal.notifications import actions, queries, stopping
from portal.notifications.letters import KINDS
from portal.notifications.models import Calendar, ChoiceForm, Comments
from portal.notifications.words import why
from portal.records.queries import titles
from portal.web import Form, NotFound, _, _l, held_in, identity, page, read, redirect

AnyRequest = Request[Any, Any, Any]
WHEN = {Comments.now: _l("Genast"), Comments.letter: _l("I veckobrevet"), Comments.never: _l("Inte alls")}

WAYS = {
    Calendar.auto: _l("Det som passar: nya träffar genom kalenderlänken om ett program läser den, annars som inbjudan"),
    Calendar.invitation: _l("Inbjudan i mejlet, också när ett program läser kalenderlänken"),
    Calendar.feed: _l("Kalenderlänken: nya träffar kommer aldrig som inbjudan"),
    Calendar.both: _l("Båda, så att träffen syns två gånger"),
}


@get("/mail/stop/{token:str}")
async def ask_to_stop(token: str, request: AnyRequest, visitor_person: Person | None) -> Response[bytes]:
    """Looking changes nothing: mail filters open every link. It tells nothing about what the letter was about, either."""
    stop = stopping.read(request.app.state.frame.sign, token)
    return page(request, "notifications/stop.html", stop=stop, done=False)


@post("/mail/stop/{token:str}", machine=True)
async def stop(token: str, request: AnyRequest, visitor_person: Person | None, session: Session) -> Response[bytes]:
    """RFC 8058: mail programs post here by themselves, without a sign-in, a cookie or a form of ours; the link is the proof."""
    wanted = stopping.read(request.app.state.frame.sign, token)
    await stopping.carry_out(session, wanted)
    return page(request, "notifications/stop.html", stop=wanted, done=True)


@get("/me/mail")
async def my_mail(request: AnyRequest, person: Person, session: Session) -> Response[bytes]:
    """What each of my networks mails me, and what I want to hear nothing of."""
    mine = await memberships_of(session, person.id)
    choices = [(each, Form[ChoiceForm].filled(held_in(await queries.choice(session, each), ChoiceForm))) for each in mine]
    return page(request, "notifications/mine.html", choices=choices, silenced=await _silenced(session, mine, person), when=WHEN, ways=WAYS)


async def _silenced(session: Session, mine: Sequence[Membership], person: Person) -> list[tuple[str, int, str, str]]:
    """Of the records that the person wants to hear nothing of, those she may read: network, number, title and path."""
    numbers, found = await queries.silenced(session, person.id), []
    for member in mine:
        known = await titles(session, member, numbers)
        found += [(member.network.slug, number, *known[number]) for number in numbers if number in known]
    return found


@post("/me/mail/networks/{number:str}")
async def choose(number: str, request: AnyRequest, person: Person, session: Session) -> Response[Any]:
    member = next((each for each in await memberships_of(session, person.id) if each.network_id == identity(number)), None)
    if member is None:
        raise NotFound
    form = await read(request, ChoiceForm)
    await actions.choose(session, by=member, form=form.data)
    return redirect(request, "/me/mail", flash=_("Dina val för %(network)s är sparade.", network=member.network.name))


@post("/me/mail/silences/{number:str}/ending")
async def hear_again(number: str, request: AnyRequest, person: Person, session: Session) -> Response[Any]:
    await actions.unsilence(session, person_id=person.id, record_id=identity(number))
    return redirect(request, "/me/mail", flash=_("Du får mejl om det igen."))


@get("/mailings")
async def mailings(request: AnyRequest, administrator: Membership, session: Session) -> Response[bytes]:
    """How far each mailing has come, and which letters have not arrived."""
    sent = await queries.mailings(session, administrator.network_id)
    stuck = await queries.undelivered(session, administrator.network_id)
    return page(
        request,
        "notifications/mailings.html",
        mailings=sent,
        stuck=stuck,
        kinds=KINDS,
        why=why,
        titles=await titles(session, administrator, sorted(queries.records_of(sent, stuck))),
        is_under_way=any(each.waiting for each in sent),
    )


@post("/mailings/{number:str}/letters/{to:str}/renewal")
async def send_again(number: str, to: str, request: AnyRequest, administrator: Membership, session: Session) -> Response[Any]:
    """By hand, one letter at a time, and only what the mail server says that it does not have."""
    letter = await queries.undelivered_to(session, administrator, identity(number), identity(to))
    await actions.send_again(session, letter, by=administrator)
    path = f"/{administrator.network.slug}/administer/mailings"
    return redirect(request, path, flash=_("Mejlet till %(name)s skickas igen.", name=letter.person.name))


public = Router(
    path="/",
    route_handlers=[ask_to_stop, stop, my_mail, choose, hear_again],
    dependencies={"visitor_person": Provide(provide_visitor_person)},
)
administration = Router(
    path="/{network:str}/administer",
    route_handlers=[mailings, send_again],
    dependencies={"administrator": Provide(provide_administrator)},
)

"""Where the links of a summons lead: without a sign-in one sees the meeting, answers by a button, and gets it as a calendar file."""

from typing import Any

from litestar import Request, Response, Router, get, post

from portal import clock, ical
from portal.db import Session
from portal.meetings import answers, queries
from portal.meetings.events import event_of
from portal.meetings.models import Answer, AnswerForm
from portal.networks.deputies import may_name_for
from portal.web import Conflict, _, current_locale, page, read, redirect, speaking

AnyRequest = Request[Any, Any, Any]


@get("/answers/{token:str}")
async def show(token: str, request: AnyRequest, session: Session) -> Response[bytes]:
    """Looking changes nothing: mail filters open every link."""
    asked = await answers.asked_by(session, request.app.state.frame.sign, token)
    mine = await queries.attendance(session, asked.member, asked.meeting)
    held = mine.answer if mine else None
    chosen = request.query_params.get("answer")
    is_asked = await queries.is_asked(session, asked.member, asked.meeting)
    with speaking(_language(request, asked)):
        return page(
            request,
            "meetings/answer.html",
            meeting=asked.meeting,
            member=asked.member,
            words=answers.WORDS,
            held=held,
            chosen=chosen if chosen in list(Answer) and chosen != held else None,
            is_welcome=is_asked and answers.is_welcome(asked.meeting),
            is_asked=is_asked,
            # To a working group's meetings the standing deputies of its units are summoned anyway.
            may_name=asked.meeting.group is None and may_name_for(asked.member, asked.member.unit_id) and asked.member.unit_id is not None,
            day=clock.local(asked.meeting.starts_at).date(),
        )


@get("/answers/{token:str}/calendar.ics")
async def calendar_file(token: str, request: AnyRequest, session: Session) -> Response[bytes]:
    """The meeting as it is now, for programs that show no invitation."""
    asked = await answers.asked_by(session, request.app.state.frame.sign, token)
    event = event_of(asked.meeting, page=f"{request.app.state.settings.address}/{asked.member.network.slug}")
    headers = {"cache-control": "private, no-cache", "content-disposition": 'attachment; filename="meeting.ics"'}
    return Response(ical.file(event, language=asked.member.person.locale), media_type="text/calendar", headers=headers)


@post("/answers/{token:str}", machine=True)
async def answer(token: str, request: AnyRequest, session: Session) -> Response[Any]:
    """The link is the proof, so that it works where cookies do not."""
    asked = await answers.asked_by(session, request.app.state.frame.sign, token)
    with speaking(_language(request, asked)):
        if not answers.is_welcome(asked.meeting):
            raise Conflict(_("Träffen är över eller inställd och går inte att svara på."))
        form = await read(request, AnswerForm)
        await answers.answer(session, asked.meeting, by=asked.member, answer=form.data.answer)
        flash = _("Ditt svar är sparat: %(answer)s.", answer=str(answers.WORDS[form.data.answer]))
    return redirect(request, request.url.path, flash=flash)


def _language(request: AnyRequest, asked: answers.Asked) -> str:
    """That of the letter, unless somebody has chosen another in this browser."""
    return current_locale() if "language" in request.cookies else asked.member.person.locale


public = Router(path="/", route_handlers=[show, calendar_file, answer])

"""People comment, attach, answer, correct themselves; the coordinator hides, locks and concludes."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from portal.comments import actions, conclusions
from portal.comments.models import Comment, CommentForm, EditForm
from portal.demo.days import meeting_day
from portal.demo.shapes import Gathering, Paper, Reported, Say, Talk
from portal.demo.stage import Stage
from portal.files import actions as files
from portal.files.inspection import inspect
from portal.moderation import actions as moderation
from portal.moderation.models import Reason, ReasonForm

NOTICED_AFTER = timedelta(minutes=11)
HIDDEN_AFTER = timedelta(minutes=37)
REPORTED_AFTER = timedelta(minutes=26)


def put_talk(stage: Stage, talk: Talk, *, moderator: str, gatherings: Sequence[Gathering]) -> None:
    """Plan all that is said in the talk and done to it, each at its moment."""
    since = _day(stage, talk, gatherings)
    for say in talk.says:
        moment = stage.ago(say.ago, say.at, since=since)
        stage.put(moment, _post, talk.about, say)
        if say.corrected:
            stage.put(moment + NOTICED_AFTER, _correct, talk.about, say)
        if say.reported is not None:
            stage.put(moment + REPORTED_AFTER, _report, talk.about, say.name, say.reported)
        if say.hidden is not None:
            stage.put(moment + HIDDEN_AFTER, _hide, talk.about, say.name, say.hidden, moderator)
    if talk.locked is not None:
        ago, at = talk.locked
        stage.put(stage.ago(ago, at, since=since), _lock, talk.about, moderator)
    if talk.concluded is not None:
        name, ago, at = talk.concluded
        stage.put(stage.ago(ago, at, since=since), _conclude, talk.about, name, moderator)


def _day(stage: Stage, talk: Talk, gatherings: Sequence[Gathering]) -> date:
    offset = next((each.offset for each in gatherings if each.key == talk.since), 0)
    return meeting_day(stage.today, offset) if talk.since else stage.today


async def _post(stage: Stage, about: str, say: Say) -> None:
    parent_id = stage.comments[say.to].id if say.to else None
    file = [await _attach(stage, about, say.paper, say.by)] if say.paper else []
    alt = [say.paper.alt] if say.paper else []
    form = CommentForm(body=say.body, key=uuid4(), parent_id=parent_id, file=file, alt=alt)
    posted = await actions.post(stage.session, stage.record(about).id, by=stage.members[say.by], form=form)
    if say.name:
        stage.comments[say.name] = await stage.session.get_one(Comment, posted.id)


async def _attach(stage: Stage, about: str, paper: Paper, by: str) -> int:
    with TemporaryDirectory(dir=stage.files) as folder:
        path = Path(folder) / "coming"
        path.write_bytes(paper.made())
        file = await inspect(path, paper.name, scanner="")
        kept = await files.keep(stage.session, stage.record(about), by=stage.members[by], file=file, folder=stage.files)
    return kept.id


async def _correct(stage: Stage, about: str, say: Say) -> None:
    comment = stage.comments[say.name]
    form = EditForm(body=say.corrected, version=comment.version)
    await actions.edit(stage.session, comment, stage.record(about), by=stage.members[say.by], form=form)


async def _report(stage: Stage, about: str, name: str, reported: Reported) -> None:
    form = ReasonForm(reason=reported.reason, words=reported.words)
    await moderation.report(stage.session, stage.comments[name], stage.record(about), by=stage.members[reported.by], form=form)


async def _hide(stage: Stage, about: str, name: str, reason: Reason, by: str) -> None:
    form = ReasonForm(reason=reason)
    await moderation.hide(stage.session, stage.comments[name], stage.record(about), by=stage.members[by], form=form)


async def _lock(stage: Stage, about: str, by: str) -> None:
    await moderation.lock(stage.session, stage.record(about), by=stage.members[by], locked=True)


async def _conclude(stage: Stage, about: str, name: str, by: str) -> None:
    await conclusions.draw(stage.session, stage.comments[name], stage.record(about), by=stage.members[by])

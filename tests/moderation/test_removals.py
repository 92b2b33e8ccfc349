"""Who is stopped from one thread still reads it, is told why, and writes in every other."""

import asyncio
from uuid import uuid4

from sqlalchemy import func, select, text
from sqlmodel import col

from portal.app import Portal
from portal.comments.models import Comment
from portal.db import Session
from portal.moderation.actions import remove
from portal.moderation.models import Reason, ReasonForm
from portal.networks.models import Membership
from portal.records.models import Record
from tests.making import make_finding
from tests.moderation.conftest import Enter, Talk, verbs

WORDS = "Den här tanken får jag inte skicka, men den finns kvar."
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database() AND query LIKE '%member AS (%'"
)


def said(body: str = "Jag igen") -> dict[str, str]:
    return {"body": body, "key": str(uuid4())}


async def test_a_removed_member_reads_but_does_not_write_and_the_page_says_why(talk: Talk, session: Session, browser: Enter):
    other = await make_finding(session, talk.cast.contact, title="En annan tråd")
    ingela, tomas, maja = [await browser(each) for each in (talk.cast.coordinator, talk.cast.deputy, talk.cast.contact)]
    path, person = f"/granby/records/{talk.record.id}/removals", str(talk.cast.deputy.person_id)
    await ingela.post(path, {"person": person, "reason": "insult", "words": "Lugna ner dig"})
    shown = (await tomas.get(talk.page)).text
    assert "Du kan läsa men inte skriva i den här tråden: kränkande – Lugna ner dig" in shown
    assert "data-composer" not in shown
    assert "Det gör jag." in shown
    refused = await tomas.post(f"/granby/records/{talk.record.id}/comments", said(WORDS))
    assert (refused.status_code, WORDS in refused.text) == (403, True)
    assert (await tomas.post(f"/granby/comments/{talk.comment.id}", {"body": "Nytt", "version": "1"})).status_code == 403
    assert (await tomas.post(f"/granby/records/{other.id}/comments", said())).status_code == 303
    assert "Du kan inte skriva i en tråd" in (await tomas.get("/granby")).text
    assert "Lugna ner dig" not in (await maja.get(talk.page)).text
    assert "Tomas Ekvall" in (await ingela.get("/granby/moderation")).text
    await ingela.post(f"{path}/{person}/ending")
    assert (await tomas.post(f"/granby/records/{talk.record.id}/comments", said())).status_code == 303
    assert await verbs(session) == ["member.removed", "member.readmitted"]


async def test_twice_is_once_and_who_leads_the_network_cannot_be_stopped(talk: Talk, session: Session, browser: Enter):
    ingela, path = await browser(talk.cast.coordinator), f"/granby/records/{talk.record.id}/removals"
    for member, status in ((talk.cast.deputy, 303), (talk.cast.deputy, 303), (talk.cast.coordinator, 403), (talk.cast.outsider, 404)):
        answer = await ingela.post(path, {"person": str(member.person_id), "reason": "insult"})
        assert (member.role, answer.status_code) == (member.role, status)
    await ingela.post(f"{path}/{talk.cast.head.person_id}/ending")
    assert await verbs(session) == ["member.removed"]


async def test_who_is_stopped_while_her_comment_waits_for_the_thread_does_not_post_it(
    talk: Talk, session: Session, portal: Portal, browser: Enter
):
    tomas, record = await browser(talk.cast.deputy), talk.record
    async with portal.sessions() as leading:
        member, reason = await leading.get_one(Membership, talk.cast.deputy.id), ReasonForm(reason=Reason.insult)
        await remove(leading, await leading.get_one(Record, record.id), by=talk.cast.coordinator, member=member, form=reason)
        posting = asyncio.create_task(tomas.post(f"/granby/records/{record.id}/comments", said(WORDS)))
        while not await session.scalar(WAITING) and not posting.done():
            await asyncio.sleep(0.01)
            await session.rollback()
        await leading.commit()
    refused = await posting
    assert (refused.status_code, WORDS in refused.text) == (403, True)
    assert await session.scalar(select(func.count()).select_from(Comment).where(col(Comment.body) == WORDS)) == 0

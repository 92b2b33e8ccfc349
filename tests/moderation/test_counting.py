"""What is counted: a thread by all that stands in it, and what is new by what has words to read."""

import re
from datetime import timedelta

import pytest

from portal import clock
from portal.comments.following import unseen
from portal.comments.statements import LAST
from portal.db import Session
from tests.moderation.conftest import Enter, Talk

WHY = {"reason": "personal_data", "words": "Ett privat nummer", "typed": "Ta bort texten"}


def counted(page: str, after: str) -> list[str]:
    """How many comments the page says there are, behind these words of it."""
    return re.findall(r"(\d+) kommentar(?:er)?<", page.partition(after)[2].partition("</section>")[0])


@pytest.mark.parametrize("deed", ["hiding", "redaction"])
async def test_a_comment_that_has_lost_its_words_is_new_to_nobody(talk: Talk, session: Session, browser: Enter, deed: str):
    follows, does_not = await browser(talk.cast.contact), await browser(talk.cast.reader)
    with clock.fixed(clock.now() - timedelta(hours=2)):
        await follows.get(talk.page)
    for someone in (follows, does_not):
        assert counted((await someone.get("/granby")).text, 'id="news"') == ["2"]
    await (await browser(talk.cast.coordinator)).post(talk.of(deed), WHY)
    for someone in (follows, does_not):
        assert counted((await someone.get("/granby")).text, 'id="news"') == ["1"]
    page = (await follows.get(talk.page)).text
    elsewhere = await unseen(session, talk.cast.contact, talk.record, talk.record.created_at, first=LAST, end=LAST)
    assert elsewhere is not None
    assert elsewhere.at == talk.answer.created_at
    assert page.index(f'id="c{talk.comment.id}"') < page.index('id="new"') < page.index(f'id="c{talk.answer.id}"')


@pytest.mark.parametrize("deed", ["hiding", "redaction"])
async def test_the_list_counts_a_thread_as_its_heading_does(talk: Talk, browser: Enter, deed: str):
    ingela = await browser(talk.cast.coordinator)
    await ingela.post(talk.of(deed), WHY)
    assert counted((await ingela.get("/granby/findings")).text, talk.record.heading) == ["2"]
    assert counted((await ingela.get(talk.page)).text, 'id="thread-title"') == ["2"]

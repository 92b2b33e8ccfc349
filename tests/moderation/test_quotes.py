"""M13 and A31: a quote is words in a comment of its own, so whoever removes words is told where they have been quoted."""

import re

from portal.db import Session
from portal.records.models import Audience
from tests.making import make_comment, make_finding
from tests.moderation.conftest import NUMBER, Enter, Talk

WHY = {"reason": "personal_data", "words": ""}


def quoting(page: str) -> list[int]:
    listed = page.partition('aria-labelledby="quoting"')[2].partition("</section>")[0]
    return [int(each) for each in re.findall(r'class="what" href="/granby/comments/(\d+)"', listed)]


async def test_m13_a31_who_removes_words_sees_which_comments_quote_them_wherever_she_may_read(talk: Talk, session: Session, browser: Enter):
    cast, ingela = talk.cast, await browser(talk.cast.coordinator)
    other = await make_finding(session, cast.contact, title="En annan tråd")
    whole = await make_comment(session, talk.record, cast.head, f"> **Tomas Ekvall:** Ring Fredriksdotter på {NUMBER}\n\nDet gör jag.")
    part = await make_comment(session, other, cast.contact, f"Så här:\n> {NUMBER}\n\nUndrar Maja.")
    nested = await make_comment(
        session, talk.record, cast.contact, f"> **Bengt:**\n> > **Tomas Ekvall:** Ring fredriksdotter på {NUMBER}\n> Jaha."
    )
    changed = await make_comment(session, talk.record, cast.contact, f"> på {NUMBER}\n\nTack!")
    maja = await browser(cast.contact)
    await session.commit()
    assert (await maja.post(f"/granby/comments/{changed.id}", {"body": "Tack!", "version": "1"})).status_code == 303
    await make_comment(session, talk.record, cast.contact, "> **Bengt:** Det gör jag.\n\nFint.")
    await make_comment(session, talk.record, cast.contact, f"Numret {NUMBER} står ovan.")
    elsewhere = await make_finding(session, cast.head, title="Enhetens egen")
    elsewhere.audience = Audience.unit
    unreadable = await make_comment(session, elsewhere, cast.head, f"> Ring Fredriksdotter på {NUMBER}")
    await session.commit()

    first = await ingela.get(talk.of("redaction"))
    assert "citat i andra kommentarer" in first.text
    confirm = await ingela.post(talk.of("redaction"), WHY)
    readable = [unreadable.id] if (await ingela.get(f"/granby/comments/{unreadable.id}")).status_code == 303 else []
    assert quoting(confirm.text) == [whole.id, part.id, nested.id, changed.id, *readable]
    assert f'href="/granby/comments/{part.id}/redaction"' in confirm.text

    for each in (whole, part, nested, changed):
        await ingela.post(f"/granby/comments/{each.id}/redaction", WHY | {"typed": "ta bort texten"})
    assert quoting((await ingela.post(talk.of("redaction"), WHY)).text) == readable


async def test_where_nobody_quotes_nothing_is_listed(talk: Talk, session: Session, browser: Enter):
    ingela = await browser(talk.cast.coordinator)
    assert "Ingen kommentar citerar texten ordagrant." in (await ingela.get(talk.of("redaction"))).text
    assert "quoting" not in (await ingela.post(talk.of("redaction"), WHY)).text


async def test_no_comment_is_written_so_that_nobody_can_remove_words(talk: Talk, session: Session, browser: Enter):
    """Lines of a quote looked at one by one may be more than a comment may be."""
    many = await make_comment(session, talk.record, talk.cast.head, "\n".join(["> a"] * 1_100 + [f"> {NUMBER}"]))
    bomb = await make_comment(session, talk.record, talk.cast.head, f"> **Bengt:**- - - - - - - - - Ring Fredriksdotter på {NUMBER}")
    await session.commit()
    assert quoting((await (await browser(talk.cast.coordinator)).post(talk.of("redaction"), WHY)).text) == [many.id, bomb.id]

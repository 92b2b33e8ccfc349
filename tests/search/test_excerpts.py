"""What a result shows of a long text."""

import time

from sqlalchemy import text

from portal.app import Portal
from portal.db import Session
from portal.search import queries
from portal.search.excerpts import Wanted
from tests.authz.world import make_picture
from tests.factories import Cast
from tests.making import make_comment, make_finding

FOUND = """
INSERT INTO passage (record_id, attachment_id, heading, words, at, search)
SELECT record_id, id, name, :words, created_at, portal_terms('sist') FROM attachment
"""


def test_words_are_marked_as_they_stand_and_what_stands_around_them_is_safe():
    wanted = Wanted("Samråden är", ["samråd", "land"])
    assert wanted.marked("<b>SAMRÅDET</b> ärvs i länderna, landet är samrått") == (
        "&lt;b&gt;<mark>SAMRÅDET</mark>&lt;/b&gt; ärvs i länderna, <mark>landet</mark> <mark>är</mark> samrått"
    )
    assert wanted.around(f"{'ord ' * 50}samrådet\n\n sist{' ord' * 50}") == f"… {('ord ' * 50)[-110:]}samrådet sist{(' ord' * 50)[:97]} …"
    assert wanted.around("Inget av det.") == "Inget av det."


async def test_others_are_served_while_the_results_of_a_hostile_search_are_cut(cast: Cast, session: Session, portal: Portal):
    """Twenty long texts, of which none says any of many words as they were typed: what the event loop's own thread spends on them."""
    record = await make_finding(session, cast.contact)
    comment = await make_comment(session, record, cast.contact, "Se bilagorna.")
    for _each in range(20):
        file = make_picture(record, cast.contact)
        file.comment_id, file.posted_at = comment.id, comment.created_at
        session.add(file)
    await session.flush()
    long = " ".join(f"ord{n}a" for n in range(10_000))
    await session.execute(text(FOUND), {"words": f"{long} sist"})
    await session.commit()
    typed = "sist or " + " or ".join(f"{chr(97 + n % 26)}{n:02}" for n in range(30))
    began = time.thread_time()
    found = await queries.search(session, cast.contact, typed)
    spent = time.thread_time() - began
    assert (len(found.hits), {"<mark>sist</mark>" in hit.excerpt for hit in found.hits}) == (20, {True})
    assert spent < 0.15

"""The one statement that posts a comment: what may refuse it, and all that it leaves behind, in one round trip."""

import re
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any

import asyncpg
from sqlalchemy import bindparam, exists, text
from sqlmodel import col

from portal.db import Session
from portal.jobs import enqueuing
from portal.live.log import CHANNEL
from portal.reading import Statement
from portal.records import queries as records
from portal.records.models import Record
from portal.records.queries import Reader

# Who is to be told of a comment that answers or names somebody is found by a job, once there has been time to read, edit or hide it.
TELL = "comment"
PAUSE = timedelta(minutes=2)

# What decides is locked, in this order: the membership, the thread, the comment that is answered. A row that had to be waited
# for is read as it is then, not as it was when the statement began; the same holds for the stream's number. Rows beside it, such
# as a removal, are not: see `row`. Only the same key, sent twice at once, is not seen: the second one inserts nothing, takes no
# number and is answered by asking again.
# A comment that is held stands after what its author had before her, in no stream, search or count, until it is approved.
_POST = f"""
    WITH member AS (
        SELECT id FROM membership
        WHERE id = :member AND role = :role AND starts_on <= :today AND (ends_on IS NULL OR ends_on >= :today) FOR SHARE
    ),
    room AS (
        SELECT thread.stream_id, thread.locked_at FROM thread, member WHERE thread.record_id = :record AND {{readable}} FOR UPDATE OF thread
    ),
    answered AS (
        SELECT comment.id, comment.parent_id, coalesce(comment.hidden_at, comment.redacted_at) AS hidden_at
        FROM comment, room WHERE comment.id = :answered AND comment.record_id = :record AND comment.held_at IS NULL FOR SHARE OF comment
    ),
    removed AS (SELECT FROM thread_removal WHERE record_id = :record AND person_id = :author),
    known AS (SELECT id, fingerprint FROM comment WHERE author_id = :author AND key = :key),
    lately AS (
        SELECT count(*) AS posts FROM (SELECT FROM comment WHERE author_id = :author AND created_at > :lately LIMIT :most) AS found
    ),
    ruling AS (
        SELECT room.stream_id, coalesce(answered.parent_id, answered.id) AS parent_id, known.id AS known_id, known.fingerprint, CASE
            WHEN known.id IS NOT NULL THEN 'known'
            WHEN room.locked_at IS NOT NULL THEN 'locked'
            WHEN NOT CAST(:may AS boolean) THEN 'not allowed'
            WHEN EXISTS (SELECT FROM removed) THEN 'removed'
            WHEN lately.posts >= :most THEN 'too many'
            WHEN CAST(:answered AS bigint) IS NOT NULL AND answered.id IS NULL THEN 'answers nothing'
            WHEN answered.hidden_at IS NOT NULL THEN 'answers hidden'
            WHEN CAST(:html AS text) IS NULL THEN 'too complex'
            ELSE 'posted' END AS word
        FROM room CROSS JOIN lately LEFT JOIN answered ON true LEFT JOIN known ON true
    ),
    stream AS (
        SELECT live_stream.id, live_stream.last_seq + CASE WHEN CAST(:held AS boolean) THEN 0 ELSE 1 END AS seq
        FROM live_stream JOIN ruling ON ruling.stream_id = live_stream.id AND ruling.word = 'posted' FOR UPDATE OF live_stream
    ),
    posted AS (
        INSERT INTO comment
            (record_id, parent_id, seq, author_id, membership_id, key, fingerprint, body, html, version, created_at, held_at, hidden_words, search)
        SELECT :record, ruling.parent_id, stream.seq, :author, :member, :key, :fingerprint, :body, :html, 1, :now,
            CASE WHEN CAST(:held AS boolean) THEN CAST(:now AS timestamptz) END, '', to_tsvector('swedish', :folded) || to_tsvector('english', portal_clean(:words))
        FROM ruling, stream
        ON CONFLICT (author_id, key) DO NOTHING RETURNING id, parent_id, seq
    ),
    said AS (SELECT * FROM posted WHERE NOT CAST(:held AS boolean)),
    numbered AS (UPDATE live_stream SET last_seq = said.seq FROM said, stream WHERE live_stream.id = stream.id),
    counted AS (UPDATE thread SET comments = comments + 1 FROM said WHERE thread.record_id = :record),
    logged AS (
        INSERT INTO live_event (stream_id, seq, kind, ref, actor_id, at)
        SELECT stream.id, said.seq, 'comment.posted', said.id, :author, :now FROM said, stream
    ),
    drafted AS (
        SELECT comment_draft.person_id, comment_draft.record_id, comment_draft.parent_id FROM comment_draft, posted
        WHERE comment_draft.person_id = :author AND comment_draft.record_id = :record
            AND comment_draft.parent_id = coalesce(CAST(:answered AS bigint), 0) FOR UPDATE OF comment_draft
    ),
    forgotten AS (
        DELETE FROM comment_draft USING drafted WHERE comment_draft.person_id = drafted.person_id
            AND comment_draft.record_id = drafted.record_id AND comment_draft.parent_id = drafted.parent_id
    ),
    told AS (
        INSERT INTO activity (at, verb, actor_id, network_id, record_id, data)
        SELECT :now, 'comment.posted', :author, CAST(:network AS bigint), :record, jsonb_build_object('comment', said.id) FROM said
    ){{asked}}
    SELECT CAST(:nth AS int) AS nth, ruling.word, ruling.known_id, ruling.fingerprint, posted.id, posted.parent_id, posted.seq,
        CASE WHEN said.id IS NOT NULL THEN pg_notify('{CHANNEL}', 'e:' || ruling.stream_id) END AS rung,
        CASE WHEN posted.id IS NOT NULL THEN pg_notify(
            '{CHANNEL}', 's:' || CAST(:network AS bigint) || CASE WHEN said.id IS NULL THEN '\\:moderation' ELSE '\\:activity' END
        ) END AS signalled
    FROM ruling LEFT JOIN posted ON true LEFT JOIN said ON true
"""

_LOCKS = re.compile(r"FOR (UPDATE|SHARE)( OF \w+)?")
_MATTER = "json_build_object('comment', said.id, 'at', CAST(:now AS timestamptz))"


class Posting:
    """The statement for one kind of reader; her comment `tells` if it may concern somebody."""

    def __init__(self, reader: Reader, tells: bool) -> None:
        asked = f", asked AS ({enqueuing(TELL, _MATTER, 'said')})" if tells else ""
        readable = exists().where(col(Record.id) == bindparam("record"), records.readable(reader)).compile()
        statement = _POST.format(readable=readable, asked=asked)
        self._waits = Statement(text(statement))
        # A draft that is just being kept must go all the same: passed over it would stay, so here it is an error.
        skipping = _LOCKS.sub(r"\g<0> SKIP LOCKED", statement)
        self._at_once = Statement(text(skipping.replace("OF comment_draft SKIP LOCKED", "OF comment_draft NOWAIT")))
        self._constants = {name: value for name, value in readable.params.items() if value is not None}
        if tells:
            self._constants["pause"] = PAUSE

    async def row(self, session: Session, **given: Any) -> Any:
        """The ruling, and the comment if it was posted; None without a thread that this member may read.

        Who comes while others are being posted is posted with all who have come since, in one transaction: at the commit they would
        have waited for each other. Only what has to wait for nobody is done so, so nobody's thread holds up another; the rest is
        ruled by itself, as is what must not be posted, and what belongs to a transaction that the session has begun.
        """
        if not session.has_begun:
            posted = await session.readings.in_one_round(self, given, partial(self._posted, session), session.let_go)
            if posted is not None:
                return posted
        # What was committed while she waited, such as her removal from the thread, is not seen by the statement that waits. So that one may
        # do nothing; the one that posts comes after it, in the same trip, and begins when all that decides is held.
        twice = [self._constants | given | {"nth": 0, "may": False}, self._constants | given | {"nth": 1}]
        found = await self._waits.rows_of_all(session, twice)
        return next((row for row in found if row["nth"] == 1), None)

    async def _posted(self, session: Session, asked: Sequence[dict[str, Any]]) -> Sequence[Any]:
        """For each its row if it could be posted at once, else None."""
        given = [self._constants | each | {"nth": nth} for nth, each in enumerate(asked)]
        try:
            found = await self._at_once.rows_of_all(session, given)
        except asyncpg.PostgresError:  # one is wrong, and nothing is done; alone it is that one's error
            found = []
        posted = {row["nth"]: row for row in found if row["id"] is not None}
        return [posted.get(nth) for nth in range(len(asked))]


posting = lru_cache(Posting)

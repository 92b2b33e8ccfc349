"""What a thread's page asks of the database, in SQL for reading.rows."""

from collections.abc import Sequence

from portal.comments.markup import Shown
from portal.comments.queries import FILES, SHOWN_COMMENT
from portal.reading import AS_OF, Question

SHOWN = 50
LAST = 2**31 - 1


def _nothing(columns: Sequence[str]) -> str:
    return ", ".join(f"NULL AS {name}" for name in columns)


HEAD = """
    SELECT thread.stream_id, thread.locked_at, thread.comments, live_epoch.epoch, live_stream.last_seq,
        answered.id AS reply_id, person.name AS reply_name, draft.body AS draft, draft.saved_at,
        thread_removal.reason AS removal_reason, thread_removal.words AS removal_words,
        (SELECT count(*) FROM comment WHERE record_id = $1 AND held_at IS NOT NULL AND hidden_at IS NULL AND redacted_at IS NULL) AS held,
        EXISTS (SELECT FROM comment WHERE record_id = $1 AND held_at IS NOT NULL) AS has_held,
        (SELECT count(*) FROM attachment WHERE record_id = $1 AND network_id = $4 AND uploader_id = $5 AND posted_at IS NULL) AS unposted,
        conclusion.comment_id AS concluded, reading.read_at, reading.before_at, live_event.at AS said_at, following.level,
        following.level IS NULL AND (
            EXISTS (SELECT FROM record WHERE id = $1 AND created_by_id = $3)
            OR EXISTS (SELECT FROM comment WHERE record_id = $1 AND author_id = $3)
            OR EXISTS (SELECT FROM comment_mention JOIN comment ON comment.id = comment_id WHERE record_id = $1 AND person_id = $3)
        ) AS concerned
    FROM live_epoch, thread
    JOIN live_stream ON live_stream.id = thread.stream_id
    LEFT JOIN LATERAL (
        SELECT body, saved_at, parent_id FROM comment_draft
        WHERE record_id = thread.record_id AND person_id = $3 AND parent_id >= 0 AND parent_id = coalesce($2, parent_id) ORDER BY saved_at DESC LIMIT 1
    ) AS draft ON true
    LEFT JOIN comment AS answered ON answered.id = coalesce($2, draft.parent_id) AND answered.record_id = thread.record_id
        AND answered.held_at IS NULL
    LEFT JOIN person ON person.id = answered.author_id
    LEFT JOIN conclusion ON conclusion.record_id = thread.record_id
    LEFT JOIN reading ON reading.record_id = thread.record_id AND reading.person_id = $3
    LEFT JOIN following ON following.record_id = thread.record_id AND following.person_id = $3
    LEFT JOIN live_event ON live_event.stream_id = thread.stream_id AND live_event.seq = live_stream.last_seq
    LEFT JOIN thread_removal ON thread_removal.record_id = thread.record_id AND thread_removal.person_id = $3
    WHERE thread.record_id = $1
"""
MY_HEAD = Question(HEAD, ["bigint"] * 5)
# Of these columns the same holds for everybody.
ROOM = ("stream_id", "locked_at", "comments", "epoch", "last_seq", "held", "has_held", "concluded", "said_at", "as_of")
HEAD_COLUMNS = (
    "stream_id", "locked_at", "comments", "epoch", "last_seq", "reply_id", "reply_name", "draft", "saved_at", "removal_reason",
    "removal_words", "held", "has_held", "unposted", "concluded", "read_at", "before_at", "said_at", "level", "concerned", "as_of",
)  # fmt: skip
SOME_FILES = "EXISTS (SELECT FROM attachment WHERE network_id = $4 AND record_id = $1 AND comment_id IS NOT NULL)"
# The head in a row of its own, then the exchanges that end before $6, all as they are at one moment: what is said later comes as an
# event, and only so. How many are asked for stands in the text, so that the plan PostgreSQL makes for every call knows it. The replies
# are found in one search, and the files of each comment are only asked for where the thread has any: a quarter of the time in PostgreSQL.
THREAD = f"""
    WITH head AS (SELECT told.*, {AS_OF} FROM ({HEAD}) AS told),
    top AS (
        SELECT * FROM comment
        WHERE record_id = $1 AND parent_id IS NULL AND (held_at IS NULL OR author_id = coalesce($7, author_id))
            AND seq < least($6, (SELECT last_seq + 1 FROM head))
        ORDER BY seq DESC FETCH FIRST {SHOWN + 1} ROWS WITH TIES
    ),
    shown AS (
        SELECT * FROM top UNION ALL
        SELECT * FROM comment WHERE parent_id = ANY (ARRAY(SELECT id FROM top)) AND seq <= (SELECT last_seq FROM head)
    )
    SELECT head.*, {_nothing(Shown._fields)} FROM head
    UNION ALL
    SELECT {_nothing(HEAD_COLUMNS)}, told.* FROM (
        {SHOWN_COMMENT.format(comments="shown", files=f"CASE WHEN {SOME_FILES} THEN {FILES} END")} WHERE c.held_at IS NULL OR c.author_id = coalesce($7, c.author_id)
    ) AS told
    ORDER BY seq NULLS FIRST, id
"""
NTH = "SELECT seq FROM comment WHERE record_id = $1 AND parent_id IS NULL AND held_at IS NULL AND seq > $2 ORDER BY seq OFFSET $3 LIMIT 1"

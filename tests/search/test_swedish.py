"""What people type, what is written, and whether the one finds the other: on a real PostgreSQL."""

from collections.abc import AsyncIterator
from itertools import permutations
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from portal.characters import searchable
from portal.search.swedish import SQL
from tests.postgres import Server

HERE = Path(__file__).parent
# The space says that the word is whole: nothing is found only because it begins in the same way.
FOUND = "SELECT portal_terms($1) @@ portal_query($2)"
NOT_FOUND = """
SELECT written, typed FROM unnest($1::text[], $2::text[]) AS pair (written, typed)
WHERE NOT portal_terms(written) @@ portal_query(typed || ' ')
"""


def lines(name: str) -> list[tuple[str, str]]:
    """The lines `word|other word` of a file."""
    parted = [line.partition("|") for line in (HERE / name).read_text().splitlines()]
    return [(left, right) for left, _, right in parted]


@pytest.fixture(scope="session")
async def database(server: Server) -> AsyncIterator[asyncpg.Connection]:
    await server.aexecute("CREATE DATABASE swedish")
    connection = await asyncpg.connect(server.url("swedish").replace("+asyncpg", ""))
    for statement in SQL:
        await connection.execute(statement)
    yield connection
    await connection.close()


async def misses(database: asyncpg.Connection, wanted: list[tuple[str, str]]) -> list[tuple[str, str]]:
    rows = await database.fetch(NOT_FOUND, [left for left, _ in wanted], [right for _, right in wanted])
    return [(row["written"], row["typed"]) for row in rows]


async def test_all_forms_of_a_word_find_each_other(database: asyncpg.Connection) -> None:
    families: dict[str, set[str]] = {}
    for inflected, base in lines("words.psv"):
        families.setdefault(base, {base}).add(inflected)
    assert len(families) >= 200
    wanted = [pair for family in families.values() for pair in permutations(sorted(family), 2)]
    assert await misses(database, wanted) == []


async def test_all_forms_of_a_word_have_one_swedish_stem(database: asyncpg.Connection) -> None:
    rows = await database.fetch(
        """
        SELECT base, array_agg(DISTINCT to_tsvector('swedish', portal_fold(word))::text) AS stems
        FROM unnest($1::text[], $2::text[]) AS line (inflected, base), unnest(ARRAY[inflected, base]) AS word
        GROUP BY base
        """,
        *zip(*lines("words.psv"), strict=True),
    )
    assert [(row["base"], row["stems"]) for row in rows if len(row["stems"]) > 1] == []


async def test_words_that_only_look_alike_do_not_find_each_other(database: asyncpg.Connection) -> None:
    strangers = lines("strangers.psv")
    assert len(strangers) >= 30
    turned = [(right, left) for left, right in strangers]
    assert await misses(database, strangers + turned) == strangers + turned


@pytest.mark.parametrize("written", ["samrådet", "förslaget", "beslutet", "mötena", "frågan", "konferensen", "programmet"])
async def test_snowball_alone_would_miss_them(database: asyncpg.Connection, written: str) -> None:
    base = dict(lines("words.psv"))[written]
    assert not await database.fetchval("SELECT to_tsvector('swedish', $1) @@ plainto_tsquery('swedish', $2)", written, base)
    assert await database.fetchval(FOUND, written, base)


async def test_stop_words_stay_stop_words(database: asyncpg.Connection) -> None:
    stop = "mycket vilket vilken ingen eller efter under över sedan utan sådan mellan"
    assert await database.fetchval("SELECT to_tsvector('swedish', $1)::text", stop) == ""
    assert await database.fetchval("SELECT portal_fold($1)", stop) == stop


@pytest.mark.parametrize("word", ["våren", "överens", "samman"])
async def test_other_words_do_not_become_stop_words(database: asyncpg.Connection, word: str) -> None:
    assert await database.fetchval("SELECT to_tsvector('swedish', portal_fold($1)) <> ''", word)


DOCUMENT = (
    "Kommunernas yttranden över Europeiska kommissionens förslag till avloppsdirektiv skickades efter samrådet. "
    "The public consultation closes on 28 September; see COM(2026) 123 and förordning 2026/1388. "
    "Frågor/svar: anna@strandvik.se, EU-nätverket."
)


@pytest.mark.parametrize(
    "typed",
    [
        "yttrande",
        "YTTRANDET ÖVER FÖRSLAGET",
        "samråd om förslaget",
        "kommun samråd europeisk",
        "avloppsdirektivet",
        "consultations",
        "samrådets consultation",
        "public samråd",
        '"public consultation"',
        '"kommissionens förslag"',
        "samråd -remiss",
        "samråd -remissen -budgetar",
        "yttrande -samr",
        "remiss or samråd",
        "budget eller remiss ELLER yttrande",
        "svar",
        "1388",
        "2026/1388",
        "COM(2026) 123",
        "anna@strandvik.se",
        "nätverk",
        "EU-nätverk",
        "avl",
        "public consul",
        "samråd eu-nät",
    ],
)
async def test_a_document_is_found_by(database: asyncpg.Connection, typed: str) -> None:
    assert await database.fetchval(FOUND, DOCUMENT, typed)


@pytest.mark.parametrize(
    "typed",
    [
        "remiss",
        "yttrande remiss",
        '"consultation public"',
        "samråd -yttrande",
        "samråd -yttrandena",
        "consultation -closing",
        "-remiss",
        "avl ",
        "-samr",
        "",
        " ",
        "i",
    ],
)
async def test_a_document_is_not_found_by(database: asyncpg.Connection, typed: str) -> None:
    assert not await database.fetchval(FOUND, DOCUMENT, typed)


async def test_only_the_last_word_may_be_unfinished(database: asyncpg.Connection) -> None:
    assert await database.fetchval(FOUND, "fondue", "fond")
    assert not await database.fetchval(FOUND, "fondue", "fond ")
    assert await database.fetchval(FOUND, "ett samråd om fondue", "samråd fond")
    assert not await database.fetchval(FOUND, "samrådsmöte om fonden", "samr fond")
    assert not await database.fetchval(FOUND, "europaväg", "eu")


@pytest.mark.parametrize("word", ["samrådet", "förvaltningarnas", "medlemsländerna", "programmet", "ansökningar", "mötena"])
async def test_a_word_is_found_all_the_time_while_it_is_typed(database: asyncpg.Connection, word: str) -> None:
    typed = [word[:length] for length in range(3, len(word) + 1)]
    assert [part for part in typed if not await database.fetchval(FOUND, word, part)] == []


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("ÅTGÄRDSPLAN FÖR ÖVERSIKT", "åtgärdsplan översikt"),
        ("a\u030atga\u0308rd", "åtgärd"),
        ("åtgärd", "A\u030aTGA\u0308RD"),
        ("sam\u00adråd", "samråd"),
        ("samråd", "sam\u200brå\ufeffd"),
        ("remiss\u2060svaret", "remissvar remissvaret eller remisssvar"),
        ("och/eller samråd/remiss", "remissen"),
    ],
)
async def test_what_is_not_seen_is_not_searched(database: asyncpg.Connection, written: str, typed: str) -> None:
    assert await database.fetchval(FOUND, written, typed)


async def test_different_letters_stay_different(database: asyncpg.Connection) -> None:
    assert not await database.fetchval(FOUND, "vård", "vard ")
    assert not await database.fetchval(FOUND, "ö", "o ")


HOSTILE = [
    "a & | b",
    ":* ((",
    "%_\\",
    "((a+)+",
    "'",
    "''':*",
    '"',
    '"a',
    "\\",
    "!!",
    "<->",
    "- -- -",
    "or or",
    '-"a b" or',
    "a:*ABCD",
    "a\x00b",
]


@pytest.mark.parametrize("typed", [*HOSTILE, "samråd & " * 2_000, "å" * 10_000, "i och att det " * 700, '"' * 10_000])
async def test_any_input_is_a_query(database: asyncpg.Connection, typed: str) -> None:
    assert await database.fetchval("SELECT portal_query($1) IS NOT NULL", searchable(typed))
    assert await database.fetchval("SELECT portal_terms($1) IS NOT NULL", searchable(typed))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(st.one_of(st.sampled_from(" \"-orn:*&|!()<>\\'\x00\ud800åéß"), st.characters()), max_size=60))
async def test_any_generated_input_is_a_query(database: asyncpg.Connection, typed: str) -> None:
    assert await database.fetchval("SELECT portal_query($1) IS NOT NULL", searchable(typed))


async def test_a_query_ends_somewhere(database: asyncpg.Connection) -> None:
    assert await database.fetchval("SELECT numnode(portal_query($1))", "samråd " * 2_000) < 400


async def test_nothing_is_a_query_too(database: asyncpg.Connection) -> None:
    assert await database.fetchval("SELECT portal_query(NULL)::text || portal_terms(NULL)::text || portal_fold(NULL)") == ""


async def test_a_text_of_any_length_can_be_indexed(database: asyncpg.Connection) -> None:
    numbers = [f"{number:x}".translate(str.maketrans("0123456789", "ghijklmnop")) for number in range(100_000)]
    longest = "samrådet " + " ".join(f"å{number}-ä{number}-ö{number}" for number in numbers)
    with pytest.raises(asyncpg.ProgramLimitExceededError):
        await database.fetchval("SELECT to_tsvector('swedish', $1)", longest)
    assert await database.fetchval(FOUND, longest, "samråd")


async def test_the_functions_may_stand_in_an_index(database: asyncpg.Connection) -> None:
    rows = await database.fetch("SELECT proname, provolatile, proparallel FROM pg_proc WHERE proname LIKE 'portal\\_%' ORDER BY 1")
    names = ["portal_clean", "portal_fold", "portal_query", "portal_terms"]
    assert [tuple(row) for row in rows] == [(name, b"i", b"s") for name in names]


async def test_the_migrations_make_these_functions(database: asyncpg.Connection, server: Server, template: str) -> None:
    definitions = "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'portal\\_%' ORDER BY 1"
    migrated = await asyncpg.connect(server.url(template).replace("+asyncpg", ""))
    try:
        assert await migrated.fetch(definitions) == await database.fetch(definitions)
    finally:
        await migrated.close()


@pytest.mark.parametrize("statement", SQL)
def test_a_migration_can_run_the_statements_as_they_are(statement: str) -> None:
    assert text(statement).compile().params == {}

"""The migrations make what the models say, and the queue's tables are those its library wants."""

import asyncio
import json
from datetime import UTC, datetime

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from portal import queueing
from portal.ground import migrate
from portal.tables import metadata
from tests.postgres import Server

# Schema 0009: a finding, and consultations on initiatives that have an English title and none.
BEFORE_ENGLISH_TITLES = """
SET session_replication_role = replica;
INSERT INTO network (id, slug, name, municipality, purpose, word_department, word_coordinator, meetings_least, meetings_most, guests_comment, guests_wait, language, contact, created_at)
VALUES (1, 'granby', 'Granby', '', '', '', '', 1, 1, false, false, 'sv', '', now());
INSERT INTO person (id, name, phone, locale, theme, shortcuts, created_at) VALUES (1, 'Ingela', '', 'sv', '', true, now());
INSERT INTO record (id, network_id, kind, title, path, audience, handling, created_by_id, created_at, updated_by_id, updated_at, version)
SELECT n, 1, 'consultation', 'Titel ' || n, '/' || n, 'network', 'working', 1, now(), 1, now(), 1 FROM generate_series(1, 3) n;
INSERT INTO initiative (id, reference, title_sv, title_en, summary_sv, summary_en, topics, documents, act_type, lead_dg, created_at)
SELECT n + 10, '', 'Titel ' || n, CASE n WHEN 2 THEN 'Title 2' ELSE '' END, '', '', '[]', '[]', '', '', now() FROM generate_series(2, 3) n;
INSERT INTO consultation (record_id, network_id, initiative_id, triage, reason)
SELECT n, 1, n + 10, 'to_assess', '' FROM generate_series(2, 3) n
"""

# Schema 0011: feeds that programs have read, one that nobody has read and one that has ended; and a window of an initiative.
BEFORE_SCOPES = """
SET session_replication_role = replica;
INSERT INTO feed (id, membership_id, name, token_hash, created_at, read_at, read_by, revoked_at)
SELECT n, 1, 'Nr ' || n, decode(lpad(n::text, 2, '0'), 'hex'), now(), CASE WHEN n < 5 THEN timestamptz '2026-11-01 12:00+00' END, agent,
CASE n WHEN 4 THEN now() END FROM unnest(ARRAY['Google-Calendar-Importer', 'Microsoft Exchange/15.20', 'curl/8', 'curl/8', '']) WITH ORDINALITY AS read(agent, n);
INSERT INTO initiative (id, reference, title_sv, title_en, summary_sv, summary_en, topics, documents, act_type, lead_dg, created_at)
VALUES (1, '', 'Titel', '', '', '', '[]', '[]', '', '', timestamptz '2026-10-01 12:00+00');
INSERT INTO feedback_window (initiative_id, key, stage, tz, published_text, source_status) VALUES (1, '1', 'draft_act', 'Europe/Brussels', '', '')
"""
# Schema 0024: a meeting's notes, of which one section has several texts in it, and another more rare letters than PostgreSQL keeps words
# of.
BEFORE_PASSAGES = """
SET session_replication_role = replica;
INSERT INTO record (id, network_id, kind, title, title_en, path, audience, handling, created_by_id, created_at, updated_by_id, updated_at, version)
VALUES (1, 1, 'meeting', 'Titel', '', '/1', 'network', 'working', 1, now(), 1, now(), 1);
INSERT INTO draft_text (id, record_id, purpose, created_at) VALUES (1, 1, 'notes', now());
INSERT INTO section (id, text_id, position, heading, body, version, updated_by_id, updated_at)
SELECT n, 1, n, 'Nr ' || n, CAST(said AS jsonb), 1, 1, now() FROM unnest(CAST(:bodies AS text[])) WITH ORDINALITY AS body(said, n)
"""
READ = "SELECT feed_id, program, agent, read_at, status FROM feed_reading ORDER BY feed_id"


def differences(connection: Connection) -> list[object]:
    def is_ours(_item: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        return kind != "table" or not (queueing.is_own_table(name or "") or name == "alembic_version")

    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_ours})
    return list(compare_metadata(context, metadata))


def test_revisions_are_in_the_order_of_their_numbers():
    script = ScriptDirectory.from_config(Config(toml_file=migrate.ROOT / "pyproject.toml"))
    assert [each.revision for each in script.walk_revisions()][::-1] == migrate.revisions()


async def test_migrations_from_empty_make_the_tables_of_the_models(server: Server):
    url = await asyncio.to_thread(server.create_database, "migrated")
    assert await migrate.upgrade(url)
    assert not await migrate.upgrade(url)
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
        revision = await connection.run_sync(migrate.current)
    await engine.dispose()
    await asyncio.to_thread(server.drop_database, "migrated")
    assert found == []
    assert revision == migrate.newest()


async def test_consultations_that_are_there_already_get_their_titles_in_english(server: Server):
    url = await asyncio.to_thread(server.create_database, "titled")
    await migrate.upgrade(url, "0009")
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        for statement in BEFORE_ENGLISH_TITLES.split(";"):
            await connection.execute(text(statement))
    await migrate.upgrade(url)
    async with engine.connect() as connection:
        found = (await connection.execute(text("SELECT title, title_en FROM record ORDER BY id"))).all()
        called = (await connection.scalars(text("SELECT id FROM record WHERE search @@ portal_query('samråden') ORDER BY id"))).all()
    await engine.dispose()
    await asyncio.to_thread(server.drop_database, "titled")
    assert found == [("Titel 1", ""), ("Titel 2", "Title 2"), ("Titel 3", "")]
    assert called == [1, 2, 3]


async def test_what_has_read_a_feed_and_when_a_window_was_made_is_known_after_as_before(server: Server):
    url = await asyncio.to_thread(server.create_database, "scoped")
    await migrate.upgrade(url, "0011")
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        for statement in BEFORE_SCOPES.split(";"):
            await connection.execute(text(statement))
    await migrate.upgrade(url)
    async with engine.connect() as connection:
        read = (await connection.execute(text(READ))).all()
        feeds = (await connection.execute(text("SELECT DISTINCT scope, alarm, tag, changed_at FROM feed"))).all()
        windows = (await connection.execute(text("SELECT sequence, changed_at FROM feedback_window"))).all()
    await engine.dispose()
    await asyncio.to_thread(server.drop_database, "scoped")
    noon = datetime(2026, 11, 1, 12, tzinfo=UTC)
    agents = {"google": "Google-Calendar-Importer", "outlook": "Microsoft Exchange/15.20", "other": "curl/8"}
    assert read == [(n, program, agent, noon, 0) for n, (program, agent) in enumerate(agents.items(), 1)]
    assert feeds == [("meetings", "none", "", None)]
    assert windows == [(0, datetime(2026, 10, 1, 12, tzinfo=UTC))]


async def test_texts_that_are_there_already_are_found_by_their_words_each_once(server: Server):
    letters = "".join(map(chr, range(0x10428, 0x10450)))
    rare = " ".join(
        f"{letters[n % 40 :]}{letters[n // 40 % 40 :]}arna-{letters[n // 3 % 40 :]}{letters[n % 37 :]}erna" for n in range(1400)
    )
    bodies = [json.dumps({"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": each} for each in texts]}]})
              for texts in (["Samrådet", "bordlades."], ["Taxonomin", rare])]  # fmt: skip
    url = await asyncio.to_thread(server.create_database, "said")
    await migrate.upgrade(url, "0024")
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        for statement in BEFORE_PASSAGES.split(";"):
            await connection.execute(text(statement), {"bodies": bodies} if ":bodies" in statement else {})
    await migrate.upgrade(url)
    async with engine.connect() as connection:
        words = (await connection.scalars(text("SELECT left(words, 30) FROM passage ORDER BY section_id"))).all()
        found = (await connection.scalars(text("SELECT section_id FROM passage WHERE search @@ portal_query('taxonomi')"))).all()
    await engine.dispose()
    await asyncio.to_thread(server.drop_database, "said")
    assert words == ["Samrådet bordlades.", f"Taxonomin {letters[:20]}"]
    assert found == [2]

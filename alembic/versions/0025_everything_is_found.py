"""What hangs on a record is found by its words: sections, decisions, action items, corrections and
files. A record is found by its own again

Until now a record with a joint text was found by that in place of its description. Files that are there already are found by name.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

SOURCES = {
    "section_id": "section",
    "item_id": "agenda_item",
    "action_id": "action_item",
    "amendment_id": "amendment",
    "attachment_id": "attachment",
}
# Strict, since otherwise each text is found twice: in the list that it stands in, and by itself.
SAID = "coalesce((SELECT string_agg(said #>> '{}', ' ') FROM jsonb_path_query(section.body, 'strict $.**.text') AS said), '')"
KNOWN = (
    f"SELECT draft_text.record_id, section.id, heading, left({SAID}, 100000), updated_at FROM section JOIN draft_text ON draft_text.id = text_id",
    "SELECT meeting_id, agenda_item.id, agenda_item.title, decision, updated_at FROM agenda_item JOIN record ON record.id = meeting_id WHERE decision <> ''",
    "SELECT meeting_id, id, '', what, created_at FROM action_item",
    "SELECT meeting_id, id, '', body, at FROM amendment",
    "SELECT record_id, id, name, alt, created_at FROM attachment",
)
# A file's name is found in its parts as well. Of rare letters PostgreSQL does not keep 100,000.
FOUND_BY = (
    "setweight(portal_terms(heading || ' ' || regexp_replace(heading, '[\\W_]+', ' ', 'g')), 'B')"
    " || portal_terms(CASE WHEN octet_length(words) > 200000 THEN left(words, 50000) ELSE words END)"
)
DESCRIBED = (
    ("place || E'\\n' || purpose", "meeting", "meeting.record_id = record.id"),
    (
        "concat_ws(E'\\n', initiative.title_en, summary_sv, summary_en, reference)",
        "consultation JOIN initiative ON initiative.id = initiative_id",
        "consultation.record_id = record.id",
    ),
)


def upgrade() -> None:
    op.create_table(
        "passage",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        *(sa.Column(source, sa.BigInteger(), nullable=True) for source in SOURCES),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("search", postgresql.TSVECTOR(), nullable=True),
        sa.CheckConstraint(f"num_nonnulls({', '.join(SOURCES)}) = 1", name=op.f("ck_passage_source")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_passage_record_id_record"), ondelete="CASCADE"),
        *(
            sa.ForeignKeyConstraint([source], [f"{of}.id"], name=op.f(f"fk_passage_{source}_{of}"), ondelete="CASCADE")
            for source, of in SOURCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage")),
        *(sa.UniqueConstraint(source, name=op.f(f"uq_passage_{source}")) for source in SOURCES),
    )
    for source, known in zip(SOURCES, KNOWN, strict=True):
        op.execute(f"INSERT INTO passage (record_id, {source}, heading, words, at) {known}")
    op.execute(f"UPDATE passage SET search = {FOUND_BY}")
    for words, of, its in DESCRIBED:
        described = f"setweight(portal_terms(record.title), 'A') || setweight(portal_terms({words}), 'B')"
        op.execute(
            f"UPDATE record SET search = {described} FROM {of} WHERE {its} AND EXISTS (SELECT FROM draft_text WHERE draft_text.record_id = record.id)"
        )
    op.create_index(op.f("ix_passage_record_id"), "passage", ["record_id"])
    op.create_index("ix_passage_search", "passage", ["search"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("passage")

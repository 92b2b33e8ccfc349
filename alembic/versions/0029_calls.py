"""Calls for proposals are shared by all networks, and watched by some; their last days stand in calendars

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# As revision 0023 wrote it, but for calls, which are nobody's alone.
FUNCTION = """
CREATE OR REPLACE FUNCTION calendar_has_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed RECORD;
    network bigint := 0;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
    IF TG_TABLE_NAME = 'meeting' THEN
        SELECT network_id INTO network FROM record WHERE id = changed.record_id;
    ELSIF TG_TABLE_NAME IN ('attendance', 'invited') THEN
        SELECT network_id INTO network FROM record WHERE id = changed.meeting_id;
    ELSIF TG_TABLE_NAME = 'working_group_place' THEN
        SELECT network_id INTO network FROM working_group WHERE id = changed.group_id;
    ELSIF TG_TABLE_NAME NOT IN ({shared}) THEN
        network := changed.network_id;
    END IF;
    IF network IS NULL OR EXISTS (
        SELECT FROM calendar_change WHERE network_id = network AND xmin = pg_current_xact_id()::xid
    ) THEN
        RETURN NULL;
    END IF;
    DELETE FROM calendar_change WHERE id IN (SELECT id FROM calendar_change WHERE network_id = network FOR UPDATE SKIP LOCKED);
    INSERT INTO calendar_change (network_id) VALUES (network);
    RETURN NULL;
END
$$
"""
DEEDS = ("insert", "delete", "update")


def upgrade() -> None:
    op.create_table(
        "funding_call",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("title_sv", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("gives", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tz", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_call")),
        sa.UniqueConstraint("key", name=op.f("uq_funding_call_key")),
    )
    op.create_index(op.f("ix_funding_call_closes_at"), "funding_call", ["closes_at"])
    op.create_table(
        "watched_call",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("network_id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["funding_call.id"], name=op.f("fk_watched_call_call_id_funding_call")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_watched_call_network_id_network")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_watched_call_record_id_record")),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_watched_call")),
        sa.UniqueConstraint("network_id", "call_id", name=op.f("uq_watched_call_network_id_call_id")),
    )
    op.create_index(op.f("ix_watched_call_call_id"), "watched_call", ["call_id"])
    op.execute(FUNCTION.replace("{shared}", "'feedback_window', 'funding_call'"))
    for table in ("funding_call", "watched_call"):
        _watch(table, "true")
    _watch_records("'meeting', 'consultation', 'call'")


def _watch(table: str, rows: str) -> None:
    """`rows` says which of the table's rows calendars are made from ({} is the row)."""
    old, new = rows.replace("{}", "OLD"), rows.replace("{}", "NEW")
    for deed, when in (("insert", new), ("delete", old), ("update", f"OLD.* IS DISTINCT FROM NEW.* AND ({old} OR {new})")):
        name = f"calendar_has_changed_by_{deed}"
        op.execute(f"CREATE TRIGGER {name} AFTER {deed} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION calendar_has_changed()")


def _watch_records(kinds: str) -> None:
    for deed in DEEDS:
        op.execute(f"DROP TRIGGER calendar_has_changed_by_{deed} ON record")
    _watch("record", f"{{}}.kind IN ({kinds})")


def downgrade() -> None:
    _watch_records("'meeting', 'consultation'")
    op.drop_table("watched_call")
    op.drop_table("funding_call")
    op.execute(FUNCTION.replace("{shared}", "'feedback_window'"))
